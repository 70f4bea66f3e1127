import type Database from 'better-sqlite3'
import type { StagedOutcome, StagedRow } from '../../directory/imports.ts'
import type { User } from '../../directory/types.ts'
import { rowCodec, type SqlValue } from './columns.ts'
import { userColumns } from './userTable.ts'

export const userCodec = rowCodec(userColumns)

/** What a staged row is found to do. SQLite keeps 0 and 1 in no bytes, so that a row which becomes `none` stays as long as it is. */
export const action = { create: 0, none: 1, update: 2 } as const

/** Which unique values an update gives up, as bits of `moves`. */
export const moves = { immutableId: 1, principalName: 2 } as const

/** In the order of texts no UPN or ImmutableId stands behind it. */
export const afterAllTexts = '\u{10FFFF}'

/** Properties that are numbers in SQL; all others are texts. */
const numbers: ReadonlySet<string> = new Set<keyof User>([
  'accountEnabled',
  'createdDateTime',
  'lastModifiedDateTime',
])

/**
 * The tables of an import on its way; strict, since SQLite would make the number 123 of the ImmutableId 00123 in a column that is not
 * declared to be text (https://sqlite.org/datatype3.html#type_affinity). They are temporary: SQLite keeps them in a file of its own that is gone with the connection,
 * however the process ends, and they take no lock of the directory.
 */
export function createStagingTables(db: Database.Database): void {
  const columns = userCodec.names
    .map((name) => `${name} ${numbers.has(name) ? 'INTEGER' : 'TEXT'}`)
    .join(', ')
  db.exec(`
    CREATE TEMP TABLE staged (
      line INTEGER PRIMARY KEY,
      key TEXT,
      given INTEGER NOT NULL,
      generated INTEGER NOT NULL DEFAULT 0,
      problems TEXT,
      warnings TEXT,
      cells TEXT,
      action INTEGER NOT NULL DEFAULT ${action.create},
      moves INTEGER NOT NULL DEFAULT 0,
      changes TEXT,
      ${columns}
    ) STRICT;
    CREATE TEMP TABLE settled (line INTEGER PRIMARY KEY) STRICT;
    CREATE TEMP TABLE missing (userId TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE wanting (line INTEGER PRIMARY KEY, holderId TEXT, holder TEXT) STRICT;
    CREATE TEMP TABLE repeated_values (
      property TEXT, value TEXT, count INTEGER, firstLines TEXT, PRIMARY KEY (property, value)
    ) STRICT, WITHOUT ROWID;
  `)
}

/** What every row has, and what few have: every value that is handed over costs. */
const commonNames = ['line', 'key', 'given', ...userCodec.names]
const rareNames = ['generated', 'problems', 'warnings', 'cells']

/** The statement that puts a row into `staged`, and its values. */
export function stagingInsert(
  db: Database.Database,
  keyOf: (upn: string) => string,
): (row: StagedRow) => void {
  const insertInto = (names: readonly string[]) =>
    db.prepare(
      `INSERT INTO staged (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    )
  const insert = insertInto(commonNames)
  const insertRare = insertInto([...commonNames, ...rareNames])
  return (row) => {
    const key = row.user.userPrincipalName === '' ? null : keyOf(row.user.userPrincipalName)
    const common = [row.line, key, row.given, ...userCodec.values(row.user)]
    const problems = jsonOrNull(row.problems)
    const warnings = jsonOrNull(row.warnings)
    if (problems === null && warnings === null && row.cells === null && !row.isAnchorGenerated) {
      insert.run(common)
      return
    }
    const cells = row.cells === null ? null : JSON.stringify(row.cells)
    insertRare.run([...common, row.isAnchorGenerated ? 1 : 0, problems, warnings, cells])
  }
}

/** Nothing for an empty list: most rows have neither problems nor warnings. */
export function jsonOrNull(list: readonly unknown[] | null): string | null {
  return list === null || list.length === 0 ? null : JSON.stringify(list)
}

interface StagedColumns {
  readonly line: number
  readonly given: number
  readonly generated: number
  readonly problems: string | null
  readonly warnings: string | null
  readonly cells: string | null
  readonly action: (typeof action)[keyof typeof action]
  readonly changes: string | null
}

function list<T>(json: string | null): readonly T[] {
  return json === null ? [] : (JSON.parse(json) as T[])
}

/** The user among a row's columns. */
export function userOf(row: Readonly<Record<string, unknown>>, prefix = ''): User {
  const own = Object.fromEntries(userCodec.names.map((name) => [name, row[prefix + name]]))
  return userCodec.record(own)
}

export function stagedRow(row: unknown): StagedRow {
  const { line, given, generated, problems, warnings, cells } = row as StagedColumns
  return {
    line,
    user: userOf(row as Record<string, unknown>),
    given,
    isAnchorGenerated: generated === 1,
    problems: problems === null ? null : list(problems),
    warnings: list(warnings),
    cells: cells === null ? null : list(cells),
  }
}

/** Of a staged row with its user's columns as `u_id`, `u_userPrincipalName` ... when it changes nothing. */
export function stagedOutcome(row: unknown): StagedOutcome {
  const columns = row as StagedColumns
  const kinds = {
    [action.create]: 'created',
    [action.none]: 'unchanged',
    [action.update]: 'changed',
  } as const
  const kind = kinds[columns.action]
  const prefix = columns.problems === null && kind === 'unchanged' ? 'u_' : ''
  return {
    line: columns.line,
    kind: columns.problems === null ? kind : 'rejected',
    user: userOf(row as Record<string, unknown>, prefix),
    changes: list(columns.changes),
    problems: list(columns.problems),
    warnings: list(columns.warnings),
    cells: columns.cells === null ? null : list(columns.cells),
  }
}

/** Runs a statement with named values; for texts that are put together from the lists above. */
export function exec(db: Database.Database, sql: string, values: Record<string, SqlValue> = {}) {
  return db.prepare(sql).run(values)
}
