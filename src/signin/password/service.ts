import { refuse } from '../../aadsts/reasons.ts'
import type { DirectoryReader } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { hours, type Instant } from '../../lib/clock.ts'
import { fingerprint } from '../../lib/secrets.ts'
import { discoverRealmOfEmail } from '../../realm/discover.ts'
import { changeCredentials, credentialsOf } from './credentials.ts'
import type { PasswordHasher } from './hash.ts'
import { admitAttempt, attemptKey, forgiveAttempts } from './lockout.ts'
import type { AttemptStore, CredentialStore, Credentials, FamiliarBrowsers } from './ports.ts'
import { MAX_PASSWORD, type PasswordProblem, passwordProblem } from './rules.ts'

/** A browser stays familiar this long after the last sign-in. */
export const FAMILIAR_LIFETIME = hours(24 * 180)

export interface PasswordParts {
  readonly directory: Pick<DirectoryReader, 'domain' | 'federation' | 'userByPrincipalName'>
  readonly credentials: CredentialStore
  readonly attempts: AttemptStore
  readonly familiarBrowsers: FamiliarBrowsers
  readonly hasher: PasswordHasher
}

/**
 * Checks a name and a password of a managed domain. Refuses with `passwordWrong` (AADSTS50126) a wrong password, an unknown
 * name and a user without password alike, with the same work; with `accountLocked` (50053) after too many; with `userDisabled`
 * only who knew the password; with `realmUnknown` or `emailMalformed` where no password is asked for.
 */
export async function checkPassword(
  sent: { readonly username: string; readonly password: string },
  /** Handle of the familiar-browser cookie; null when there is none. */
  browserHandle: string | null,
  now: Instant,
  parts: PasswordParts,
): Promise<{ readonly user: User; readonly credentials: Credentials }> {
  const { directory, credentials, attempts, familiarBrowsers, hasher } = parts
  const realm = await discoverRealmOfEmail(directory, sent.username)
  if (realm.kind !== 'managed') {
    refuse('realmUnknown', { expected: 'a managed domain', actual: `${realm.kind} domain` })
  }
  const user = await directory.userByPrincipalName(sent.username)
  // Looked up for nobody, too, so that an unknown name costs the same.
  const stored = await credentialsOf(credentials, user?.id ?? '')
  const browser = browserHandle && fingerprint(browserHandle)
  const isFamiliar =
    browser !== null && (await familiarBrowsers.isFamiliar(user?.id ?? '', browser, now))
  const key = attemptKey(principalNameKey(sent.username), isFamiliar ? browser : null)

  const { isAdmitted } = await admitAttempt(attempts, key, now)
  if (!isAdmitted) refuse('accountLocked', { expected: 'fewer failed attempts' })
  // One that is too long to be anybody's is not hashed whole.
  const isTooLong = sent.password.length > MAX_PASSWORD * 2
  const isRight = isTooLong
    ? await hasher.verify('', null)
    : await hasher.verify(sent.password, user && stored.passwordHash)
  if (!isRight || user === null) {
    refuse('passwordWrong', {
      expected: `the password of a user of ${realm.domain.id}`,
      actual: user === null ? 'no such user' : stored.passwordHash ? 'another' : 'none is set',
    })
  }
  await forgiveAttempts(attempts, key)
  if (!user.accountEnabled) {
    refuse('userDisabled', { expected: 'accountEnabled true', actual: 'accountEnabled false' })
  }
  if (stored.passwordHash !== null && hasher.isOutdated(stored.passwordHash)) {
    await renewHash(user.id, sent.password, stored.passwordHash, parts)
  }
  return { user, credentials: stored }
}

/** The cost of new hashes has changed: this password's follows, unless it was changed meanwhile. */
async function renewHash(
  userId: string,
  password: string,
  old: string,
  { credentials, hasher }: PasswordParts,
): Promise<void> {
  const passwordHash = await hasher.hash(password)
  await changeCredentials(credentials, userId, (before) =>
    before.passwordHash === old ? { ...before, passwordHash } : null,
  )
}

/** Whoever guesses from elsewhere cannot lock this browser out from here on. */
export async function rememberBrowser(
  userId: string,
  browserHandle: string,
  now: Instant,
  { familiarBrowsers }: Pick<PasswordParts, 'familiarBrowsers'>,
): Promise<void> {
  await familiarBrowsers.rememberBrowser(
    userId,
    fingerprint(browserHandle),
    now + FAMILIAR_LIFETIME,
  )
}

/** What is wrong with a new password; null when it was set. */
export async function setPassword(
  user: Pick<User, 'id' | 'userPrincipalName'>,
  password: string,
  set: { readonly mustChange: boolean; readonly now: Instant; readonly isNew?: boolean },
  { credentials, hasher }: Pick<PasswordParts, 'credentials' | 'hasher'>,
): Promise<PasswordProblem | null> {
  const problem = passwordProblem(password, user.userPrincipalName)
  if (problem !== null) return problem
  const { passwordHash: old } = await credentialsOf(credentials, user.id)
  if (set.isNew && old !== null && (await hasher.verify(password, old))) {
    return 'same'
  }
  const passwordHash = await hasher.hash(password)
  await changeCredentials(credentials, user.id, (before) => ({
    ...before,
    passwordHash,
    passwordSetAt: set.now,
    mustChangePassword: set.mustChange,
  }))
  return null
}
