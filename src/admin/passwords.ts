import type { Act } from '../directory/audit.ts'
import { forbid } from '../directory/directoryError.ts'
import type { DirectoryStore } from '../directory/ports.ts'
import type { User } from '../directory/types.ts'
import { principalNameDomain } from '../directory/upn.ts'

/** A new password that keeps the rules, not yet anybody's. */
export interface PreparedPassword {
  keep(user: Pick<User, 'id' | 'userPrincipalName'>, mustChange: boolean, act: Act): Promise<void>
}

/** The credentials of users, which are no part of the directory, as far as apps have to do with them. */
export interface Passwords {
  /** The sentence that says what is wrong with a password; or the password, ready to be kept once the user is written. */
  prepare(
    userPrincipalName: string,
    password: string,
  ): Promise<{ readonly problem: string } | PreparedPassword>
  /** Whether the next sign-in leads to the page that sets a new one. */
  setMustChange(
    user: Pick<User, 'id' | 'userPrincipalName'>,
    mustChange: boolean,
    act: Act,
  ): Promise<void>
  isBreakGlass(userId: string): Promise<boolean>
  /** The ids of all users that are marked so. */
  breakGlassUsers(): Promise<readonly string[]>
}

/**
 * Break-glass accounts are for the day when everything else is wrong: no app changes or removes one, whatever it was granted, so that
 * neither a stolen key nor a clean-up at the other side takes the last way in. The command line does. Throws DirectoryError
 * `accountIsBreakGlass`.
 */
export async function mustNotBeBreakGlass(
  { isBreakGlass }: Pick<Passwords, 'isBreakGlass'>,
  user: Pick<User, 'id' | 'userPrincipalName'>,
): Promise<void> {
  if (await isBreakGlass(user.id)) refuseBreakGlass(user)
}

/** Throws DirectoryError `accountIsBreakGlass`. */
export function refuseBreakGlass({ userPrincipalName }: Pick<User, 'userPrincipalName'>): never {
  const message = `${userPrincipalName} is a break-glass account. Apps do not change or remove it; an administrator does, by homerealm users on the command line.`
  return forbid('accountIsBreakGlass', 'id', message)
}

/**
 * The same for domains that an app federates: nobody there signs in with a password any more. The message has numbers and no names,
 * since whoever may change domains need not know users. Throws DirectoryError `accountIsBreakGlass`.
 */
export async function mustHaveNoBreakGlass(
  tx: Pick<DirectoryStore, 'user'>,
  { breakGlassUsers }: Pick<Passwords, 'breakGlassUsers'>,
  domains: readonly string[],
): Promise<void> {
  for (const id of domains.length === 0 ? [] : await breakGlassUsers()) {
    const user = await tx.user(id)
    const domain = user && principalNameDomain(user.userPrincipalName)
    if (domain === null || !domains.includes(domain)) continue
    const message = `${domain} has a break-glass account, which could not sign in any more. Apps do not federate its domain; an administrator does, by homerealm domains federate on the command line.`
    forbid('accountIsBreakGlass', 'domains', message)
  }
}
