import { Refusal, refuse } from '../../aadsts/reasons.ts'
import type { DirectoryReader } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { hours, type Instant } from '../../lib/clock.ts'
import { fingerprint } from '../../lib/secrets.ts'
import { discoverRealmOfEmail } from '../../realm/discover.ts'
import { changeCredentials, credentialsOf, passwordStamp } from './credentials.ts'
import type { PasswordHasher, Place } from './hash.ts'
import {
  admitAttempt,
  type Counter,
  forgiveAttempts,
  nameOwner,
  originOf,
  passwordCounters,
  type Sender,
  withdrawAttempt,
} from './lockout.ts'
import type { AttemptStore, CredentialStore, Credentials, FamiliarBrowsers } from './ports.ts'
import { MAX_SENT, type PasswordProblem, passwordProblem } from './rules.ts'

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
 * name and a user without password alike, with the same work; with `accountLocked` (50053) after too many, with
 * `tooManyRequests` when one address fails for many names, or too many wait; with `userDisabled` only who knew the password;
 * with `realmUnknown` or `emailMalformed` where no password is asked for. `passwordHash` is the one that the password was right for.
 */
export async function checkPassword(
  sent: { readonly username: string; readonly password: string },
  sender: Sender,
  now: Instant,
  parts: PasswordParts,
): Promise<{
  readonly user: User
  readonly credentials: Credentials
  readonly passwordHash: string
}> {
  const { directory, credentials, attempts, familiarBrowsers } = parts
  const realm = await discoverRealmOfEmail(directory, sent.username)
  if (realm.kind !== 'managed') {
    refuse('realmUnknown', { expected: 'a managed domain', actual: `${realm.kind} domain` })
  }
  const user = await directory.userByPrincipalName(sent.username)
  // Looked up for nobody, too, so that an unknown name costs the same.
  const stored = await credentialsOf(credentials, user?.id ?? '')
  const origin = await originOf(user?.id ?? '', sender, now, familiarBrowsers)
  const counters = passwordCounters(principalNameKey(sent.username), origin)

  const admission = await admitAttempt(attempts, counters, now)
  if (!admission.isAdmitted) refuse(admission.reason, { expected: 'fewer failed attempts' })
  const place = { address: origin.address, isFamiliar: origin.familiarBrowser !== null }
  const { passwordHash } = stored
  const isRight = await verified(sent.password, user && passwordHash, { place, counters }, parts)
  if (!isRight || user === null || passwordHash === null) {
    refuse('passwordWrong', {
      expected: `the password of a user of ${realm.domain.id}`,
      actual: user === null ? 'no such user' : passwordHash ? 'another' : 'none is set',
    })
  }
  await forgiveAttempts(attempts, counters)
  if (!user.accountEnabled) {
    refuse('userDisabled', { expected: 'accountEnabled true', actual: 'accountEnabled false' })
  }
  const renewed = parts.hasher.isOutdated(passwordHash)
    ? await renewHash(user.id, sent.password, passwordHash, parts)
    : null
  return { user, credentials: stored, passwordHash: renewed ?? passwordHash }
}

/** An attempt that is turned away at the line was none: it counts nowhere. */
async function verified(
  password: string,
  stored: string | null,
  at: { readonly place: Place; readonly counters: readonly Counter[] },
  { hasher, attempts }: Pick<PasswordParts, 'hasher' | 'attempts'>,
): Promise<boolean> {
  try {
    // One that is too long to be anybody's is not hashed whole.
    return password.length > MAX_SENT
      ? await hasher.verify('', null, at.place)
      : await hasher.verify(password, stored, at.place)
  } catch (error) {
    if (error instanceof Refusal) await withdrawAttempt(attempts, at.counters)
    throw error
  }
}

/** The cost of new hashes has changed: this password's follows. Null when it was replaced meanwhile, or the line is full. */
async function renewHash(
  userId: string,
  password: string,
  old: string,
  { credentials, hasher }: PasswordParts,
): Promise<string | null> {
  const passwordHash = await hasher.hash(password).catch((error: unknown) => {
    if (error instanceof Refusal) return null
    throw error
  })
  if (passwordHash === null) return null
  const outcome = { isRenewed: false }
  await changeCredentials(credentials, userId, (before) => {
    outcome.isRenewed = before.passwordHash === old
    return outcome.isRenewed ? { ...before, passwordHash } : null
  })
  return outcome.isRenewed ? passwordHash : null
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

/**
 * What is wrong with a password that an admin gives a user; null when it was set. The old one goes with all that hung on it: locks,
 * and the browsers that were familiar (whoever knew it could have made many of them, each with guesses of its own).
 */
export async function setPassword(
  user: Pick<User, 'id' | 'userPrincipalName'>,
  password: string,
  set: { readonly mustChange: boolean; readonly now: Instant },
  parts: Pick<PasswordParts, 'credentials' | 'hasher' | 'attempts' | 'familiarBrowsers'>,
): Promise<PasswordProblem | null> {
  const hashed = await hashPassword(user.userPrincipalName, password, parts)
  if ('problem' in hashed) return hashed.problem
  await keepPassword(user, hashed.passwordHash, set, parts)
  return null
}

/** The hash of a password that `userPrincipalName` may have, or what is wrong with it: the first half of `setPassword`. */
export async function hashPassword(
  userPrincipalName: string,
  password: string,
  { hasher }: Pick<PasswordParts, 'hasher'>,
): Promise<{ readonly passwordHash: string } | { readonly problem: PasswordProblem }> {
  const problem = passwordProblem(password, userPrincipalName)
  return problem === null ? { passwordHash: await hasher.hash(password) } : { problem }
}

/** Makes a hash the user's password: the second half of `setPassword`. */
export async function keepPassword(
  user: Pick<User, 'id' | 'userPrincipalName'>,
  passwordHash: string,
  set: { readonly mustChange: boolean; readonly now: Instant },
  parts: Pick<PasswordParts, 'credentials' | 'attempts' | 'familiarBrowsers'>,
): Promise<void> {
  await changeCredentials(parts.credentials, user.id, (before) => ({
    ...before,
    passwordHash,
    passwordSetAt: set.now,
    mustChangePassword: set.mustChange,
  }))
  await parts.attempts.forgetAttempts(nameOwner(principalNameKey(user.userPrincipalName)))
  await parts.attempts.forgetAttempts(user.id)
  await parts.familiarBrowsers.forgetBrowsers(user.id)
}

/**
 * The user's own new password, in place of the one whose stamp (`passwordStamp`) is `provenBy`: the new hash, or what is wrong with
 * the password. Refuses with `requestExpired` when another has taken its place; of several at once one succeeds.
 */
export async function replacePassword(
  user: Pick<User, 'id' | 'userPrincipalName'>,
  password: string,
  at: { readonly provenBy: string | null; readonly now: Instant },
  parts: Pick<PasswordParts, 'credentials' | 'hasher' | 'familiarBrowsers'>,
): Promise<{ readonly passwordHash: string } | { readonly problem: PasswordProblem }> {
  const { credentials, hasher } = parts
  const problem = passwordProblem(password, user.userPrincipalName)
  if (problem !== null) return { problem }
  const { passwordHash: old } = await credentialsOf(credentials, user.id)
  if (old !== null && (await hasher.verify(password, old))) return { problem: 'same' }
  const passwordHash = await hasher.hash(password)
  await changeCredentials(credentials, user.id, (before) => {
    if (passwordStamp(before) !== at.provenBy) {
      refuse('requestExpired', { expected: 'the password that was proven', actual: 'another' })
    }
    return { ...before, passwordHash, passwordSetAt: at.now, mustChangePassword: false }
  })
  await parts.familiarBrowsers.forgetBrowsers(user.id)
  return { passwordHash }
}
