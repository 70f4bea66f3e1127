import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { importedProperties, type MatchOn, type StagedMatch } from '../../directory/imports.ts'
import { columnOf, hasUsers, pageSize } from './importQueries.ts'
import { action, afterAllTexts, stagedRow, userCodec, userOf } from './importTables.ts'

/** The value that a row gives is the user's, or the row gives none. */
const givesWhatIs = importedProperties.map(
  (name, index) => `((s.given & ${1 << index}) = 0 OR s.${name} IS u.${name})`,
)
const anchorBit = 1 << importedProperties.indexOf('onPremisesImmutableId')

/**
 * All that a row is warned of is its ImmutableId (`planUserUpsert`): one that looks damaged, or that a new user would have none. The
 * second is nothing to a row without ImmutableId whose user has one; neither is an ImmutableId that was made for a new user.
 */
const isQuiet = `(s.warnings IS NULL AND s.generated = 0
  OR (s.given & ${anchorBit}) = 0 AND u.onPremisesImmutableId IS NOT NULL)`

/**
 * The rows of a stage and their users, in the order of what they are found by. Rows that say nothing new never leave SQLite: when a list
 * comes again, those are nearly all. They become `none` without a word.
 */
export async function* matchesOf(
  db: Database.Database,
  run: <T>(work: () => T) => T,
  matchOn: MatchOn,
): AsyncGenerator<readonly StagedMatch[]> {
  if (!run(() => hasUsers(db))) return
  const { users, staged } = columnOf[matchOn]
  const bound = db
    .prepare<[string], string>(
      `SELECT ${staged} FROM staged WHERE ${staged} > ? ORDER BY ${staged} LIMIT 1 OFFSET ${pageSize}`,
    )
    .pluck()
  const matches = `staged s CROSS JOIN users u ON u.${users} = s.${staged}
    WHERE s.${staged} > ? AND s.${staged} <= ? AND s.problems IS NULL`
  // Who finds a user by UPN does not change it, not even in case.
  const compared = matchOn === 'userPrincipalName' ? givesWhatIs.slice(1) : givesWhatIs
  const settle = db.prepare<[string, string]>(
    `INSERT INTO settled SELECT s.line FROM ${matches} AND ${isQuiet} AND ${compared.join(' AND ')}`,
  )
  const existing = userCodec.names.map((name) => `u.${name} AS u_${name}`).join(', ')
  const others = db.prepare<[string, string]>(
    `SELECT s.*, ${existing} FROM ${matches} AND s.line NOT IN settled`,
  )
  for (let after: string | null = ''; after !== null; ) {
    const start: string = after
    const end: string | null = run(() => bound.get(start)) ?? null
    const last = end ?? afterAllTexts
    run(() => settle.run(start, last))
    const rows = run(() => others.all(start, last)) as Record<string, unknown>[]
    if (rows.length > 0) {
      yield rows.map((row) => ({ row: stagedRow(row), existing: userOf(row, 'u_') }))
    }
    after = end
    await nextTurn()
  }
  await markSettled(db, run)
}

/** In the order of the lines, which is that of the stage's pages: marked as they are found, they would be written all over it. */
async function markSettled(db: Database.Database, run: <T>(work: () => T) => T): Promise<void> {
  const bound = db
    .prepare<[number], number>(
      `SELECT line FROM settled WHERE line > ? ORDER BY line LIMIT 1 OFFSET ${pageSize}`,
    )
    .pluck()
  const mark = db.prepare<[number, number]>(
    `UPDATE staged SET action = ${action.none}, warnings = NULL, generated = 0
     WHERE line IN (SELECT line FROM settled WHERE line > ? AND line <= ?)`,
  )
  for (let after = 0; after < Number.MAX_SAFE_INTEGER; ) {
    const start = after
    after = run(() => bound.get(start)) ?? Number.MAX_SAFE_INTEGER
    run(() => mark.run(start, after))
    await nextTurn()
  }
}
