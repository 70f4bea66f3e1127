import { setImmediate as nextTurn } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type {
  HeldValue,
  MatchOn,
  OutcomeFilter,
  RepeatedValue,
  StagedCounts,
  StagedOutcome,
} from '../../directory/imports.ts'
import { action, exec, moves, stagedOutcome, userCodec } from './importTables.ts'

/** Rows of one page, and of one step of work: a few milliseconds, after which others get their turn. */
export const pageSize = 500

/** The column of `users` and that of `staged` that a property is found by. */
export const columnOf: Readonly<
  Record<MatchOn, { readonly users: string; readonly staged: string }>
> = {
  userPrincipalName: { users: 'userPrincipalNameKey', staged: 'key' },
  onPremisesImmutableId: { users: 'onPremisesImmutableId', staged: 'onPremisesImmutableId' },
}

const filters: Readonly<Record<OutcomeFilter, string>> = {
  created: `problems IS NULL AND action = ${action.create}`,
  changed: `problems IS NULL AND action = ${action.update}`,
  rejected: 'problems IS NOT NULL',
  accepted: 'problems IS NULL',
  withWarnings: 'problems IS NULL AND warnings IS NOT NULL',
}

export async function* repeatedValues(
  db: Database.Database,
  run: <T>(work: () => T) => T,
): AsyncGenerator<readonly RepeatedValue[]> {
  run(() => db.exec('CREATE INDEX temp.staged_by_key ON staged (key)'))
  await nextTurn()
  run(() => db.exec('CREATE INDEX temp.staged_by_anchor ON staged (onPremisesImmutableId)'))
  await nextTurn()
  for (const property of ['userPrincipalName', 'onPremisesImmutableId'] as const) {
    const column = columnOf[property].staged
    run(() =>
      exec(
        db,
        `INSERT INTO repeated_values (property, value, count)
         SELECT '${property}', ${column}, count(*) FROM staged
         WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING count(*) > 1`,
      ),
    )
    run(() =>
      exec(
        db,
        `UPDATE repeated_values SET firstLines = (SELECT json_group_array(line) FROM
           (SELECT line FROM staged WHERE ${column} = value ORDER BY line LIMIT 6))
         WHERE property = '${property}'`,
      ),
    )
    const page = db.prepare<[number]>(
      `SELECT s.line, s.${property} AS value, r.count, r.firstLines
       FROM staged s JOIN repeated_values r ON r.property = '${property}' AND r.value = s.${column}
       WHERE s.line > ? ORDER BY s.line LIMIT ${pageSize}`,
    )
    const hasAny = db.prepare(
      `SELECT 1 FROM repeated_values WHERE property = '${property}' LIMIT 1`,
    )
    if (run(() => hasAny.get()) === undefined) continue
    for (let after = 0; ; ) {
      const rows = run(() => page.all(after)) as (Omit<RepeatedValue, 'firstLines'> & {
        firstLines: string
      })[]
      const last = rows.at(-1)
      if (last === undefined) break
      yield rows.map((row) => ({
        ...row,
        property,
        firstLines: JSON.parse(row.firstLines) as number[],
      }))
      after = last.line
      await nextTurn()
    }
  }
}

/** An empty directory has nothing to compare a million rows with. */
export function hasUsers(db: Database.Database): boolean {
  return db.prepare('SELECT 1 FROM users LIMIT 1').get() !== undefined
}

export function chooseMissing(db: Database.Database, domain: string, keep: readonly string[]) {
  const unlisted = `domain = $domain
    AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.key = users.userPrincipalNameKey)
    AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.action = ${action.update} AND s.id = users.id)`
  exec(db, `CREATE INDEX temp.staged_by_user ON staged (id) WHERE action = ${action.update}`)
  exec(db, `INSERT INTO missing SELECT id FROM users WHERE ${unlisted}`, { domain })
  const spared = db.prepare('DELETE FROM missing WHERE userId = ?')
  const kept = keep.filter((id) => spared.run(id).changes > 0)
  const one = (sql: string, ...values: string[]) =>
    Number(
      db
        .prepare(sql)
        .pluck()
        .get(...values),
    )
  const upn = db
    .prepare<[string], string>('SELECT userPrincipalName FROM users WHERE id = ?')
    .pluck()
  return {
    missing: one('SELECT count(*) FROM missing'),
    all: one('SELECT count(*) FROM users WHERE domain = ?', domain),
    kept: kept.map((id) => upn.get(id) ?? id),
  }
}

export async function* heldValues(
  db: Database.Database,
  run: <T>(work: () => T) => T,
  matchOn: MatchOn,
): AsyncGenerator<readonly HeldValue[]> {
  if (!run(() => hasUsers(db))) return
  const property = matchOn === 'userPrincipalName' ? 'onPremisesImmutableId' : 'userPrincipalName'
  const bit = property === 'onPremisesImmutableId' ? moves.immutableId : moves.principalName
  const { users, staged } = columnOf[property]
  const first = db.prepare<[number], number>(
    `SELECT line FROM staged WHERE line > ? ORDER BY line LIMIT 1 OFFSET ${pageSize * 20}`,
  )
  const fill = db.prepare<[number, number]>(
    `INSERT INTO wanting SELECT s.line, u.id, u.userPrincipalName
     FROM staged s CROSS JOIN users u ON u.${users} = s.${staged}
     WHERE s.line > ? AND s.line <= ? AND s.problems IS NULL AND s.action <> ${action.none}
       AND u.id <> s.id`,
  )
  for (let after = 0, end = 0; end < Number.MAX_SAFE_INTEGER; after = end) {
    const start = after
    end = run(() => first.pluck().get(start)) ?? Number.MAX_SAFE_INTEGER
    run(() => fill.run(start, end))
    await nextTurn()
  }
  run(() => db.exec('CREATE INDEX temp.staged_moving ON staged (id) WHERE moves > 0'))
  const fallen = db.prepare(
    `SELECT w.line, w.holder FROM wanting w
     WHERE NOT EXISTS (SELECT 1 FROM missing m WHERE m.userId = w.holderId)
       AND NOT EXISTS (SELECT 1 FROM staged h WHERE h.moves > 0 AND h.moves & ${bit}
         AND h.id = w.holderId AND h.problems IS NULL)
     ORDER BY w.line LIMIT ${pageSize}`,
  )
  const forget = db.prepare('DELETE FROM wanting WHERE line = ?')
  for (;;) {
    const rows = run(() => fallen.all()) as { line: number; holder: string }[]
    if (rows.length === 0) return
    run(() => {
      for (const { line } of rows) forget.run(line)
    })
    yield rows.map(({ line, holder }) => ({ line, holder, property }))
    await nextTurn()
  }
}

/** A row that changes nothing leaves its user to be read from the directory. */
export async function* outcomesOf(
  db: Database.Database,
  run: <T>(work: () => T) => T,
  filter: OutcomeFilter,
  limit: number,
): AsyncGenerator<readonly StagedOutcome[]> {
  const existing = userCodec.names.map((name) => `u.${name} AS u_${name}`).join(', ')
  const page = db.prepare<[number, number]>(
    `SELECT s.*, ${existing} FROM staged s
     LEFT JOIN users u ON s.action = ${action.none} AND u.userPrincipalNameKey = s.key
     WHERE ${filters[filter]} AND s.line > ? ORDER BY s.line LIMIT ?`,
  )
  let after = 0
  for (let left = limit; left > 0; ) {
    const rows = run(() => page.all(after, Math.min(left, pageSize))).map(stagedOutcome)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.line
    left -= rows.length
    await nextTurn()
  }
}

export function countsOf(db: Database.Database): StagedCounts {
  const counts = db
    .prepare(
      `SELECT
         count(*) FILTER (WHERE ${filters.created}) AS created,
         count(*) FILTER (WHERE ${filters.changed}) AS changed,
         count(*) FILTER (WHERE problems IS NULL AND action = ${action.none}) AS unchanged,
         count(*) FILTER (WHERE problems IS NOT NULL) AS rejected,
         count(*) FILTER (WHERE problems IS NULL AND generated = 1) AS generatedAnchors,
         coalesce(sum(json_array_length(warnings)) FILTER (WHERE problems IS NULL), 0) AS warnings,
         (SELECT count(*) FROM missing) AS deleted
       FROM staged`,
    )
    .get()
  return counts as StagedCounts
}
