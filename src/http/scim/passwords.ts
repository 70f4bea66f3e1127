import type { ScimPasswords } from '../../admin/scim/context.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import { isoSeconds } from '../../lib/clock.ts'
import { credentialsOf } from '../../signin/password/credentials.ts'
import type { PasswordHasher } from '../../signin/password/hash.ts'
import type { CredentialStores } from '../../signin/password/ports.ts'
import { passwordProblems } from '../../signin/password/rules.ts'
import { hashPassword, keepPassword } from '../../signin/password/service.ts'
import type { SessionStore } from '../../signin/ports.ts'

/** Passwords by SCIM: set by the code and the rules of `homerealm users set-password`, sessions ended, and recorded in the audit. */
export function scimPasswords(
  stores: CredentialStores & {
    readonly sessions: SessionStore
    readonly directory: Pick<DirectoryStore, 'audit'>
  },
  hasher: PasswordHasher,
): ScimPasswords {
  return {
    async prepare(userPrincipalName, password) {
      const hashed = await hashPassword(userPrincipalName, password, { hasher })
      if ('problem' in hashed) return { problem: passwordProblems[hashed.problem] }
      return {
        async keep(user, act) {
          const { passwordSetAt } = await credentialsOf(stores.credentials, user.id)
          const set = { mustChange: false, now: act.at }
          await keepPassword(user, hashed.passwordHash, set, stores)
          await stores.sessions.endSessionsOfUser(user.id, null)
          await stores.directory.audit.add({
            ...act,
            action: 'credentialsChanged',
            target: { kind: 'user', id: user.id, name: user.userPrincipalName },
            before: { passwordSetAt: passwordSetAt === null ? null : isoSeconds(passwordSetAt) },
            after: { passwordSetAt: isoSeconds(act.at) },
            undoes: null,
          })
        },
      }
    },
  }
}
