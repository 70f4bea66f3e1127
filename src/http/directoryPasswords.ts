import { type Passwords, refuseBreakGlass } from '../admin/passwords.ts'
import type { Act } from '../directory/audit.ts'
import type { User } from '../directory/types.ts'
import { changeCredentials } from '../signin/password/credentials.ts'
import type { PasswordHasher } from '../signin/password/hash.ts'
import type { CredentialStores } from '../signin/password/ports.ts'
import { passwordProblems } from '../signin/password/rules.ts'
import { hashPassword, keepPassword } from '../signin/password/service.ts'
import type { SessionStore } from '../signin/ports.ts'

/** Passwords through the doors of apps: set by the code and the rules of `homerealm users set-password`, as the app's act, and sessions ended. */
export function directoryPasswords(
  stores: CredentialStores & { readonly sessions: SessionStore },
  hasher: PasswordHasher,
): Passwords {
  const { credentials, sessions } = stores
  return {
    async prepare(userPrincipalName, password) {
      const hashed = await hashPassword(userPrincipalName, password, { hasher })
      if ('problem' in hashed) return { problem: passwordProblems[hashed.problem] }
      return {
        async keep(user, mustChange, act) {
          const set = { mustChange, now: act.at }
          await keepPassword(user, hashed.passwordHash, set, { ...stores, ...inItsName(user, act) })
          await sessions.endSessionsOfUser(user.id, null)
        },
      }
    },

    async setMustChange(user, mustChange, act) {
      await changeCredentials(inItsName(user, act).credentials, user.id, (before) =>
        before.passwordHash === null ? null : { ...before, mustChangePassword: mustChange },
      )
    },

    isBreakGlass: async (userId) => (await credentials.credentials(userId))?.isBreakGlass === true,

    breakGlassUsers: async () =>
      (await credentials.credentialsWith('breakGlass')).map(({ userId }) => userId),
  }

  /** Passwords are kept after the user is written: an account that became break-glass in between keeps its own. */
  function inItsName(
    user: Pick<User, 'id' | 'userPrincipalName'>,
    act: Act,
  ): Pick<CredentialStores, 'credentials'> {
    return {
      credentials: {
        ...credentials,
        changeCredentials: (id, change) =>
          credentials.changeCredentials(
            id,
            (before) => (before?.isBreakGlass ? refuseBreakGlass(user) : change(before)),
            act,
          ),
      },
    }
  }
}
