import { setImmediate as nextTurn } from 'node:timers/promises'
import { importAudit } from '../../directory/importAudit.ts'
import type { ApplyMeans, ImportRecord, ImportStage } from '../../directory/imports.ts'
import { auditInsert } from './auditStore.ts'
import { type Columns, rowCodec } from './columns.ts'
import { explaining } from './failures.ts'
import { action, afterAllTexts, exec, moves, userCodec } from './importTables.ts'
import { logFlusher } from './logFlusher.ts'
import type { Connection } from './open.ts'

const recordColumns: Columns<ImportRecord> = {
  id: 'plain',
  at: 'plain',
  who: 'plain',
  file: 'plain',
  digest: 'plain',
  matchOn: 'plain',
  deletedMissingOf: 'plain',
  createdCount: 'plain',
  changedCount: 'plain',
  deletedCount: 'plain',
  unchangedCount: 'plain',
  rejectedCount: 'plain',
  undoneAt: 'plain',
  undoneBy: 'plain',
}
export const recordCodec = rowCodec(recordColumns)

/** Every column of `users`: the properties, what is derived from them, and where the user came from. */
export const allUserColumns = [
  ...userCodec.names,
  'userPrincipalNameKey',
  'domain',
  'importId',
  'importLine',
] as const

/** A user's row as JSON, so that an undo can write it as it was. */
const rowAsJson = `json_object(${allUserColumns.map((name) => `'${name}', u.${name}`).join(', ')})`
const originsAsJson = `(SELECT json_group_array(json_array(o.property, o.importId, o.line))
  FROM value_origins o WHERE o.userId = u.id)`

/** As in storage/text.ts; the key of a row that is written has one `@`. */
const domainOfKey = `substr(s.key, instr(s.key, '@') + 1)`

/** Rows that are written between two looks at the signal. */
const sliceSize = 5000

/**
 * Writes what a stage holds, inside the transaction that is open on the connection: users that go, users that change, then the new
 * ones in the order of their UPN, which is that of two of the indexes.
 */
export async function applyImport(
  connection: Connection,
  record: Parameters<ImportStage['apply']>[0],
  means: ApplyMeans,
): Promise<ImportRecord> {
  const log = logFlusher(connection.file)
  try {
    return await writePlanned(connection, record, means, () => log.flush())
  } finally {
    await log.close()
  }
}

async function writePlanned(
  { db, file }: Connection,
  record: Parameters<ImportStage['apply']>[0],
  { signal, onRows, newIds }: ApplyMeans,
  flush: () => Promise<void>,
): Promise<ImportRecord> {
  let rows = 0
  const step = async (work: () => { readonly changes: number }, counts = false): Promise<void> => {
    signal?.throwIfAborted()
    const { changes } = explaining(file, work)
    if (counts && changes > 0) {
      rows += changes
      onRows(rows)
      await flush()
    }
    await nextTurn()
  }

  const id = explaining(file, () => nextId())
  const kept: ImportRecord = { ...record, id, undoneAt: null, undoneBy: null }
  await step(() =>
    db
      .prepare(`INSERT INTO imports (${recordCodec.list}) VALUES (${recordCodec.placeholders})`)
      .run(recordCodec.values(kept)),
  )
  explaining(file, () => auditInsert({ db })(importAudit(kept)))
  await step(() =>
    exec(
      db,
      `INSERT INTO import_changes (importId, userId, line, before, origins, lastModifiedDateTime)
       SELECT $id, u.id, NULL, ${rowAsJson}, ${originsAsJson}, NULL
       FROM missing m JOIN users u ON u.id = m.userId`,
      { id },
    ),
  )
  await step(() => exec(db, 'DELETE FROM users WHERE id IN (SELECT userId FROM missing)'))

  const isUpdate = `s.problems IS NULL AND s.action = ${action.update}`
  // Who gives up a unique value gives it up before anyone takes it. No UPN begins as the stand-in does.
  await step(() =>
    exec(
      db,
      `INSERT INTO import_changes (importId, userId, line, before, origins, lastModifiedDateTime)
       SELECT $id, u.id, s.line, ${rowAsJson}, ${originsAsJson}, s.lastModifiedDateTime
       FROM staged s CROSS JOIN users u ON u.id = s.id WHERE ${isUpdate}`,
      { id },
    ),
  )
  for (const [bit, gives] of [
    [moves.immutableId, 'onPremisesImmutableId = NULL'],
    [moves.principalName, 'userPrincipalNameKey = char(10) || id'],
  ] as const) {
    await step(() =>
      exec(
        db,
        `UPDATE users SET ${gives}
         WHERE id IN (SELECT s.id FROM staged s WHERE ${isUpdate} AND s.moves & ${bit})`,
      ),
    )
  }
  const assignments = userCodec.names
    .filter((name) => name !== 'id')
    .map((name) => `${name} = s.${name}`)
    .join(', ')
  const update = db.prepare<[number, number]>(
    `UPDATE users SET ${assignments},
       userPrincipalNameKey = CASE WHEN s.moves & ${moves.principalName} THEN s.key ELSE userPrincipalNameKey END,
       domain = CASE WHEN s.moves & ${moves.principalName} THEN ${domainOfKey} ELSE users.domain END
     FROM staged s
     WHERE s.line > ? AND s.line <= ? AND ${isUpdate} AND users.id = s.id`,
  )
  const origins = db.prepare<[number, number, number]>(
    `INSERT INTO value_origins (userId, property, importId, line)
     SELECT s.id, c.value ->> 'property', ?, s.line FROM staged s, json_each(s.changes) c
     WHERE s.line > ? AND s.line <= ? AND ${isUpdate}
     ON CONFLICT (userId, property) DO UPDATE SET importId = excluded.importId, line = excluded.line`,
  )
  const changing = record.changedCount > 0 ? slices<number>('line', 0, Number.MAX_SAFE_INTEGER) : []
  for await (const [after, end] of changing) {
    await step(() => update.run(after, end), true)
    await step(() => origins.run(id, after, end))
  }

  db.function('next_id', { directOnly: true }, newIds(record.createdCount))
  const values = userCodec.names.map((name) => (name === 'id' ? 'next_id()' : `s.${name}`))
  const create = db.prepare<[number, string, string]>(
    `INSERT INTO users (${allUserColumns.join(', ')})
     SELECT ${values.join(', ')}, s.key, ${domainOfKey}, ?, s.line
     FROM staged s
     WHERE s.key > ? AND s.key <= ? AND s.problems IS NULL AND s.action = ${action.create}
     ORDER BY s.key`,
  )
  const creating = record.createdCount > 0 ? slices<string>('key', '', afterAllTexts) : []
  for await (const [after, end] of creating) {
    await step(() => create.run(id, after, end), true)
  }
  return kept

  function nextId(): number {
    return Number(db.prepare('SELECT coalesce(max(id), 0) + 1 FROM imports').pluck().get())
  }

  /** Bounds of the stage's rows in an order that has an index, from one to the next. */
  async function* slices<T extends string | number>(
    column: string,
    first: T,
    last: T,
  ): AsyncGenerator<readonly [after: T, end: T]> {
    const bound = db
      .prepare<[T], T>(
        `SELECT ${column} FROM staged WHERE ${column} > ? ORDER BY ${column} LIMIT 1 OFFSET ${sliceSize - 1}`,
      )
      .pluck()
    for (let after = first; ; ) {
      const end = explaining(file, () => bound.get(after))
      yield [after, end ?? last]
      if (end === undefined) return
      after = end
    }
  }
}
