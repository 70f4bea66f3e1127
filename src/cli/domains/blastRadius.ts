import type { DomainState } from '../../directory/domainRecords.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { Domain } from '../../directory/types.ts'
import { domainAndAncestors, principalNameDomain } from '../../directory/upn.ts'
import { type Instant, isoSeconds } from '../../lib/clock.ts'
import { dayOf } from '../../signin/ports.ts'
import type { Storage } from '../../storage/storage.ts'

/** Whom a change of domains meets. */
export interface BlastRadius {
  readonly domains: readonly DomainRadius[]
  /** Accounts marked as break-glass that could sign in with a password after the change. */
  readonly breakGlassLeft: readonly string[]
  /** The others that are marked, and why they could not. */
  readonly breakGlassLost: readonly { readonly userPrincipalName: string; readonly why: string }[]
}

export interface DomainRadius {
  readonly domain: string
  /** Null when it is new, or gone. */
  readonly before: Domain | null
  readonly after: Domain | null
  readonly users: number
  readonly withoutImmutableId: number
  /** In the last seven days. */
  readonly signins: number
  readonly lastSigninAt: Instant | null
}

const days = 7

/** Looks at the directory as it is now; `before` and `after` are the records that the change touches. */
export async function blastRadius(
  storage: Pick<Storage, 'directory' | 'credentials' | 'signinCounts'>,
  change: { readonly before: DomainState; readonly after: DomainState },
  now: Instant,
): Promise<BlastRadius> {
  const { directory, signinCounts } = storage
  const counted = await signinCounts.signinsSince(dayOf(now) - 89)
  const names = [...change.before.domains, ...change.after.domains].map(({ id }) => id)
  const domains: DomainRadius[] = []
  for (const domain of [...new Set(names)].sort()) {
    const signins = counted.filter((each) => each.domain === domain)
    const recent = signins.filter((each) => each.day > dayOf(now) - days)
    const lastAt = Math.max(...signins.map((each) => each.lastAt))
    domains.push({
      domain,
      before: change.before.domains.find(({ id }) => id === domain) ?? null,
      after: change.after.domains.find(({ id }) => id === domain) ?? null,
      users: await directory.countUsers({ domain }),
      withoutImmutableId: await directory.countUsers({ domain, withoutImmutableId: true }),
      signins: recent.reduce((sum, { count }) => sum + count, 0),
      lastSigninAt: Number.isFinite(lastAt) ? lastAt : null,
    })
  }
  return { domains, ...(await breakGlassAfter(storage, change)) }
}

/** Break-glass accounts, by whether they could still sign in when the change is done. */
async function breakGlassAfter(
  { directory, credentials }: Pick<Storage, 'directory' | 'credentials'>,
  change: { readonly before: DomainState; readonly after: DomainState },
): Promise<Pick<BlastRadius, 'breakGlassLeft' | 'breakGlassLost'>> {
  const left: string[] = []
  const lost: { userPrincipalName: string; why: string }[] = []
  for (const { userId, passwordHash } of await credentials.credentialsWith('breakGlass')) {
    const user = await directory.user(userId)
    if (user === null) continue
    const { userPrincipalName } = user
    const domain = await domainAfter(directory, change, principalNameDomain(userPrincipalName))
    const why = !user.accountEnabled
      ? 'disabled'
      : passwordHash === null
        ? 'no password'
        : domain?.isVerified !== true
          ? 'its domain is not verified'
          : domain.authenticationType === 'Federated'
            ? `${domain.id} is federated`
            : null
    if (why === null) left.push(userPrincipalName)
    else lost.push({ userPrincipalName, why })
  }
  return { breakGlassLeft: left, breakGlassLost: lost }
}

async function domainAfter(
  directory: DirectoryStore,
  { before, after }: { readonly before: DomainState; readonly after: DomainState },
  name: string | null,
): Promise<Domain | null> {
  for (const candidate of name === null ? [] : domainAndAncestors(name)) {
    const made = after.domains.find(({ id }) => id === candidate)
    if (made !== undefined) return made
    if (before.domains.some(({ id }) => id === candidate)) continue
    const stands = await directory.domain(candidate)
    if (stands !== null) return stands
  }
  return null
}

/** The radius in words, a line for each domain and one for the break-glass accounts. */
export function radiusLines(radius: BlastRadius, names: ReadonlyMap<string, string>): string[] {
  return [
    ...radius.domains.map((each) => `  ${domainLine(each, names)}`),
    `  break-glass accounts that remain: ${radius.breakGlassLeft.join(', ') || 'NONE'}`,
    ...radius.breakGlassLost.map(
      ({ userPrincipalName, why }) => `    ${userPrincipalName} could not sign in: ${why}`,
    ),
  ]
}

function domainLine(radius: DomainRadius, names: ReadonlyMap<string, string>): string {
  const { domain, before, after, users, withoutImmutableId, signins, lastSigninAt } = radius
  const signin = (each: Domain | null) =>
    each === null
      ? 'nothing'
      : each.federationId === null
        ? 'Managed'
        : `Federated by ${names.get(each.federationId) ?? 'another federation'}`
  const [then, now] = [signin(before), signin(after)]
  const people =
    after?.federationId && withoutImmutableId > 0
      ? `${counted(users, 'user')}, ${withoutImmutableId} of them WITHOUT IMMUTABLEID, who could not sign in`
      : `${counted(users, 'user')}, ${withoutImmutableId} without ImmutableId`
  const last =
    lastSigninAt === null
      ? 'no sign-in in 90 days'
      : `${counted(signins, 'sign-in')} in ${days} days, the last at ${isoSeconds(lastSigninAt)}`
  return `${domain}: ${then === now ? then : `${then} -> ${now}`}; ${people}; ${last}`
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** Told when the change is done while nobody is left who could mend it from a browser; null otherwise. */
export function lockoutWarning({ breakGlassLeft }: BlastRadius): string | null {
  if (breakGlassLeft.length > 0) return null
  return 'WARNING: NOBODY COULD SIGN IN AS AN ADMIN when the identity provider fails: no break-glass account with a password is left in a managed domain. Make one: homerealm users break-glass add UPN, homerealm users set-password UPN.'
}
