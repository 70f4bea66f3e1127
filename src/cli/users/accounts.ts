import type { User } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { discoverRealm, type Realm } from '../../realm/discover.ts'
import type { Credentials } from '../../signin/password/ports.ts'
import type { Storage } from '../../storage/storage.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { UsageError } from '../usageError.ts'

/** Opens the database, finds the user, works, and closes it. Throws UsageError for a user who is not there. */
export async function withUser(
  surroundings: Surroundings,
  upn: string,
  work: (storage: Storage, user: User) => Promise<void>,
): Promise<void> {
  const storage = await surroundings.openStorage({ readonly: false })
  try {
    const user = await storage.directory.userByPrincipalName(upn)
    if (user === null) {
      throw new UsageError(
        printable(`There is no user ${upn} here. List them: homerealm users list`),
      )
    }
    await work(storage, user)
  } finally {
    await storage.close()
  }
}

/** How the user's domain signs in. */
export async function realmKindOf(
  { directory }: Storage,
  { userPrincipalName }: User,
): Promise<Realm['kind']> {
  const domain = principalNameDomain(userPrincipalName) ?? ''
  return (await discoverRealm(directory, domain)).kind
}

/** A user of a list, and what they have. */
export type Listed = Awaited<ReturnType<typeof listed>>[number]

/** The users with a mark, in the order of their ids; those who are deleted are left out. */
export async function listed(storage: Storage, mark: 'totp' | 'breakGlass') {
  const rows = []
  for (const each of await storage.credentials.credentialsWith(mark)) {
    const user = await storage.directory.user(each.userId)
    if (user === null) continue
    const domain = await realmKindOf(storage, user)
    const obstacles = obstaclesTo(user, domain, each)
    rows.push({
      userPrincipalName: user.userPrincipalName,
      accountEnabled: user.accountEnabled,
      domain,
      hasPassword: each.passwordHash !== null,
      passwordSetAt: each.passwordSetAt === null ? null : isoSeconds(each.passwordSetAt),
      hasTotp: each.totpSecret !== null,
      recoveryCodes: each.recoveryCodes.length,
      isBreakGlass: each.isBreakGlass,
      totpEnabledAt: each.totpEnabledAt === null ? null : isoSeconds(each.totpEnabledAt),
      couldSignInByPassword: obstacles.length === 0,
      obstacles,
    })
  }
  return rows
}

/** Why the user could not sign in with a password today. */
function obstaclesTo(
  user: User,
  domain: Realm['kind'],
  { passwordHash }: Pick<Credentials, 'passwordHash'>,
): readonly string[] {
  return [
    ...(user.accountEnabled ? [] : ['the account is disabled']),
    ...(domain === 'managed' ? [] : [`the domain is ${domain}`]),
    ...(passwordHash === null ? ['no password is set'] : []),
  ]
}

/** As a table shows it. */
export function secondFactorOf({
  hasTotp,
  recoveryCodes,
}: Pick<Listed, 'hasTotp' | 'recoveryCodes'>): string {
  return hasTotp ? `yes, ${recoveryCodes} recovery codes left` : 'none'
}
