import type { Act, AuditRecord } from './audit.ts'
import type { ImportRecord } from './imports.ts'

type NewRecord = Omit<AuditRecord, 'id'>

/** What the audit keeps of an import: one record, whatever its size. The people stand in the import's own tables. */
export function importAudit(record: ImportRecord): NewRecord {
  const { at, who, digest, matchOn, deletedMissingOf } = record
  const { createdCount, changedCount, deletedCount, unchangedCount, rejectedCount } = record
  return {
    at,
    who,
    door: 'csv',
    action: 'usersImported',
    target: targetOf(record),
    before: null,
    after: {
      digest,
      matchOn,
      deletedMissingOf,
      createdCount,
      changedCount,
      deletedCount,
      unchangedCount,
      rejectedCount,
    },
    undoes: null,
  }
}

/** And of its undoing. `undoes` is the record of the import; null when it is older than the audit. */
export function importUndoneAudit(
  record: ImportRecord,
  { at, who, door }: Act,
  counts: { readonly removed: number; readonly restored: number; readonly broughtBack: number },
  undoes: number | null,
): NewRecord {
  const { removed, restored, broughtBack } = counts
  return {
    at,
    who,
    door,
    action: 'importUndone',
    target: targetOf(record),
    before: null,
    after: { removed, restored, broughtBack },
    undoes,
  }
}

function targetOf({ id, file }: ImportRecord) {
  return { kind: 'import', id: String(id), name: file } as const
}
