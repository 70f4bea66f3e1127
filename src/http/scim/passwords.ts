import type { ScimPasswords } from '../../admin/scim/context.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import type { CredentialStores } from '../../signin/password/ports.ts'
import { passwordProblems } from '../../signin/password/rules.ts'
import { hashPassword, keepPassword } from '../../signin/password/service.ts'
import type { SessionStore } from '../../signin/ports.ts'

/** Passwords by SCIM: set by the code and the rules of `homerealm users set-password`, in the client's name, and sessions ended. */
export function scimPasswords(
  stores: CredentialStores & { readonly sessions: SessionStore },
  hasher: PasswordHasher,
): ScimPasswords {
  const { credentials } = stores
  return {
    async prepare(userPrincipalName, password) {
      const hashed = await hashPassword(userPrincipalName, password, { hasher })
      if ('problem' in hashed) return { problem: passwordProblems[hashed.problem] }
      return {
        async keep(user, act) {
          const inItsName: CredentialStores = {
            ...stores,
            credentials: {
              ...credentials,
              changeCredentials: (id, change) => credentials.changeCredentials(id, change, act),
            },
          }
          const set = { mustChange: false, now: act.at }
          await keepPassword(user, hashed.passwordHash, set, inItsName)
          await stores.sessions.endSessionsOfUser(user.id, null)
        },
      }
    },
  }
}
