import type { Passwords } from '../admin/passwords.ts'
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
          const inItsName: CredentialStores = {
            ...stores,
            credentials: {
              ...credentials,
              changeCredentials: (id, change) => credentials.changeCredentials(id, change, act),
            },
          }
          await keepPassword(user, hashed.passwordHash, { mustChange, now: act.at }, inItsName)
          await sessions.endSessionsOfUser(user.id, null)
        },
      }
    },

    async setMustChange({ id }, mustChange, act) {
      const inItsName: typeof credentials = {
        ...credentials,
        changeCredentials: (userId, change) => credentials.changeCredentials(userId, change, act),
      }
      await changeCredentials(inItsName, id, (before) =>
        before.passwordHash === null ? null : { ...before, mustChangePassword: mustChange },
      )
    },

    isBreakGlass: async (userId) => (await credentials.credentials(userId))?.isBreakGlass === true,

    breakGlassUsers: async () =>
      (await credentials.credentialsWith('breakGlass')).map(({ userId }) => userId),
  }
}
