import type { Act, AuditStore, KeepRecord } from '../directory/audit.ts'
import type { User } from '../directory/types.ts'
import { auditedApps, auditedKeys } from '../oidc/audited.ts'
import { auditedCredentials } from '../signin/password/audited.ts'
import type { Storage } from '../storage/storage.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * The storage of a command, or of the server, that records what is changed in it beside the directory, whose own rules record
 * theirs: credentials, apps and keys.
 * @param act who does it, given whose credentials they are; null for apps and keys
 */
export function auditedStorage(
  storage: Storage,
  act: (whose: User | null) => Act,
  keep: KeepRecord = (record) => storage.directory.audit.add(record),
): Storage {
  const { directory } = storage
  return {
    ...storage,
    credentials: auditedCredentials(storage.credentials, { directory, keep, act }),
    apps: auditedApps(storage.apps, { keep, act: () => act(null) }),
    keys: auditedKeys(storage.keys, { keep, act: () => act(null) }),
  }
}

/**
 * Keeps a record, or tells it: the change has been made, and what the command has to say of it (a secret, shown this once) must
 * not be lost because an import holds the directory just then.
 */
export function keepOrTell(
  audit: Pick<AuditStore, 'add'>,
  { complain, exit }: Pick<Surroundings, 'complain' | 'exit'>,
): KeepRecord {
  return async (record) => {
    try {
      await audit.add(record)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      complain(`This change was made, and could not be recorded in the audit: ${why}`)
      complain(`Keep its record yourself: ${JSON.stringify(record)}`)
      exit(1)
    }
  }
}
