import type { Passwords } from '../../admin/graph/ports.ts'
import type { Act } from '../../directory/audit.ts'
import { changeCredentials } from '../../signin/password/credentials.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import type { CredentialStore, CredentialStores } from '../../signin/password/ports.ts'
import { passwordProblems } from '../../signin/password/rules.ts'
import { hashPassword, keepPassword } from '../../signin/password/service.ts'
import type { SessionStore } from '../../signin/ports.ts'

export interface PasswordStores extends Omit<CredentialStores, 'credentials'> {
  readonly sessions: SessionStore
  /** The credentials, for changes that are recorded as this act. */
  readonly credentialsBy: (act: Act) => CredentialStore
}

/** The passwords of users for the Graph door: set by the code and the rules of `homerealm users set-password`. */
export function directoryPasswords(stores: PasswordStores, hasher: PasswordHasher): Passwords {
  const { credentialsBy, sessions, ...rest } = stores
  return {
    async prepare(userPrincipalName, password) {
      const hashed = await hashPassword(userPrincipalName, password, { hasher })
      if ('problem' in hashed) return { problem: passwordProblems[hashed.problem] }
      return {
        async keep(user, mustChange, act) {
          const parts = { ...rest, credentials: credentialsBy(act) }
          await keepPassword(user, hashed.passwordHash, { mustChange, now: act.at }, parts)
          await sessions.endSessionsOfUser(user.id, null)
        },
      }
    },

    async setMustChange(user, mustChange, act) {
      await changeCredentials(credentialsBy(act), user.id, (before) =>
        before.passwordHash === null ? null : { ...before, mustChangePassword: mustChange },
      )
    },
  }
}
