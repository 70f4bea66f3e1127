import type { Act } from '../directory/audit.ts'
import { forbid } from '../directory/directoryError.ts'
import type { User } from '../directory/types.ts'

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
  setMustChange(user: Pick<User, 'id'>, mustChange: boolean, act: Act): Promise<void>
  isBreakGlass(userId: string): Promise<boolean>
}

/**
 * Break-glass accounts are for the day when everything else is wrong: no app changes or removes one, whatever it was granted, so that
 * neither a stolen key nor a clean-up at the other side takes the last way in. The command line does. Throws DirectoryError
 * `accountIsBreakGlass`.
 */
export async function mustNotBeBreakGlass(
  { isBreakGlass }: Pick<Passwords, 'isBreakGlass'>,
  { id, userPrincipalName }: Pick<User, 'id' | 'userPrincipalName'>,
): Promise<void> {
  if (!(await isBreakGlass(id))) return
  const message = `${userPrincipalName} is a break-glass account. Apps do not change or remove it; an administrator does, by homerealm users on the command line.`
  forbid('accountIsBreakGlass', 'id', message)
}
