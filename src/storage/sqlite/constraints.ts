import Database from 'better-sqlite3'
import { type UniqueProperty, UniqueViolation } from '../../directory/errors.ts'

/** The unique columns, as SQLite names them in `UNIQUE constraint failed: ...`, and the property each stands for. */
const uniqueColumns: ReadonlyMap<string, UniqueProperty> = new Map([
  ['users.id', 'id'],
  ['users.userPrincipalNameKey', 'userPrincipalName'],
  ['users.onPremisesImmutableId', 'onPremisesImmutableId'],
  ['federations.issuerUri', 'issuerUri'],
  ['pending_requests.id', 'id'],
  ['apps.identifierUri', 'identifierUri'],
  ['groups.id', 'id'],
  ['groups.displayName', 'groupName'],
  ['external_ids.client, external_ids.kind, external_ids.externalId', 'externalId'],
])
const uniqueCodes: ReadonlySet<string> = new Set([
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
])

/** Runs one write of the record that people know as `subject`; a broken uniqueness becomes a `UniqueViolation`. */
export function keepingUnique<T>(subject: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (error instanceof Database.SqliteError && uniqueCodes.has(error.code)) {
      const property = uniqueColumns.get(error.message.replace('UNIQUE constraint failed: ', ''))
      if (property) throw new UniqueViolation(property, subject)
    }
    throw error
  }
}

/** Whether a write failed because a record it points to is not there, or one that it removes is still pointed to. */
export function brokeReference(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY'
}
