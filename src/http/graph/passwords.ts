import type { Passwords } from '../../admin/graph/ports.ts'
import type { Clock } from '../../lib/clock.ts'
import { changeCredentials } from '../../signin/password/credentials.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import type { CredentialStores } from '../../signin/password/ports.ts'
import { passwordProblems } from '../../signin/password/rules.ts'
import { hashPassword, keepPassword } from '../../signin/password/service.ts'
import type { SessionStore } from '../../signin/ports.ts'

/** The passwords of users for the Graph door: set by the code and the rules of `homerealm users set-password`. */
export function directoryPasswords(
  stores: CredentialStores & { readonly sessions: SessionStore },
  hasher: PasswordHasher,
  clock: Clock,
): Passwords {
  return {
    async prepare(userPrincipalName, password) {
      const hashed = await hashPassword(userPrincipalName, password, { hasher })
      if ('problem' in hashed) return { problem: passwordProblems[hashed.problem] }
      return {
        async keep(user, mustChange) {
          await keepPassword(user, hashed.passwordHash, { mustChange, now: clock() }, stores)
          await stores.sessions.endSessionsOfUser(user.id, null)
        },
      }
    },

    async setMustChange(user, mustChange) {
      await changeCredentials(stores.credentials, user.id, (before) =>
        before.passwordHash === null ? null : { ...before, mustChangePassword: mustChange },
      )
    },
  }
}
