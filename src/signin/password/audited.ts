import type { Act, AuditValues, KeepRecord } from '../../directory/audit.ts'
import { changedProperties } from '../../directory/directoryError.ts'
import type { DirectoryReader } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { isoSeconds } from '../../lib/clock.ts'
import type { CredentialStore, Credentials } from './ports.ts'

/**
 * The same store, with one record in the audit for every change that an admin would want to know of: what a user has, never a secret
 * or a hash. A code that was used is none, a recovery code is.
 *
 * Credentials live in another database than the audit, so the record is written right after the change: a process that dies between
 * the two leaves a change without a record, never a record without its change.
 */
export function auditedCredentials(
  store: CredentialStore,
  { directory, keep, act }: AuditedCredentials,
): CredentialStore {
  return {
    ...store,
    async changeCredentials(userId, change, by) {
      const seen: { values: readonly [AuditValues, AuditValues] | null } = { values: null }
      await store.changeCredentials(userId, (before) => {
        const after = change(before)
        // It may run again: the last run is the one that counts.
        seen.values = after && [valuesOf(before), valuesOf(after)]
        return after
      })
      if (seen.values === null) return
      const [before, after] = seen.values
      const changes = changedProperties(before, after, Object.keys(after))
      if (changes.length === 0) return
      const user = await directory.user(userId)
      await keep({
        ...(by ?? act(user)),
        action: 'credentialsChanged',
        target: { kind: 'user', id: userId, name: user?.userPrincipalName ?? userId },
        before: Object.fromEntries(changes.map((each) => [each.property, each.old])),
        after: Object.fromEntries(changes.map((each) => [each.property, each.new])),
        undoes: null,
      })
    },
  }
}

interface AuditedCredentials {
  readonly directory: Pick<DirectoryReader, 'user'>
  readonly keep: KeepRecord
  /** Who does it, given whose credentials they are. */
  readonly act: (whose: User | null) => Act
}

function valuesOf(credentials: Credentials | null): AuditValues {
  const time = (at: number | null | undefined) => (at ? isoSeconds(at) : null)
  return {
    passwordSetAt: time(credentials?.passwordSetAt),
    mustChangePassword: credentials?.mustChangePassword ?? false,
    secondFactorSince: time(credentials?.totpEnabledAt),
    recoveryCodesLeft: credentials?.recoveryCodes.length ?? 0,
    requireMfa: credentials?.requireMfa ?? false,
    isBreakGlass: credentials?.isBreakGlass ?? false,
  }
}
