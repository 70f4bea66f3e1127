import { type ImportedChange, importedChange } from '../../directory/importChanges.ts'
import type { User } from '../../directory/types.ts'
import { userCodec, userOf } from './importTables.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

const pageSize = 500

const ofUser = userCodec.names.map((name) => `u.${name} AS now_${name}`).join(', ')

interface Row extends Record<string, unknown> {
  readonly userId: string
  readonly line: number | null
  readonly before: string | null
  /** What the import left; null for a user that it removed. */
  readonly leftAt: number | null
}

/** What an import did, read page by page: first who was changed or removed, then who was made. */
export async function* importChanges(
  connection: Connection,
  id: number,
): AsyncGenerator<ImportedChange> {
  const { db } = connection
  const touched = db.prepare<[number, string], Row>(
    `SELECT c.userId, c.line, c.before, c.lastModifiedDateTime AS leftAt, ${ofUser}
     FROM import_changes c LEFT JOIN users u ON u.id = c.userId
     WHERE c.importId = ? AND c.userId > ? ORDER BY c.userId LIMIT ${pageSize}`,
  )
  const made = db.prepare<[number, string], Row>(
    `SELECT u.id AS userId, u.importLine AS line, NULL AS before, i.at AS leftAt, ${ofUser}
     FROM users u JOIN imports i ON i.id = u.importId
     WHERE u.importId = ? AND u.id > ? ORDER BY u.id LIMIT ${pageSize}`,
  )
  const later = db
    .prepare<[string, number], string>(
      'SELECT before FROM import_changes WHERE userId = ? AND importId > ? ORDER BY importId LIMIT 1',
    )
    .pluck()

  function changeOf(row: Row): ImportedChange {
    const { line, leftAt } = row
    const before = row.before === null ? null : formerUser(row.before)
    const now = row.now_id === null ? null : userOf(row, 'now_')
    const next = later.get(row.userId, id)
    // As it was left: the user of now, or what a later import found.
    const left = [now, next === undefined ? null : formerUser(next)].find(
      (user) => user !== null && user.lastModifiedDateTime === leftAt,
    )
    return importedChange({ line, before, after: left ?? null, present: now, leftAt })
  }

  for (const pages of [touched, made]) {
    for (let after = ''; ; ) {
      const page = await patiently(connection, () =>
        pages.all(id, after).map((row) => [row.userId, changeOf(row)] as const),
      )
      for (const [, change] of page) yield change
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) break
      after = last[0]
    }
  }
}

function formerUser(before: string): User {
  return userOf(JSON.parse(before))
}
