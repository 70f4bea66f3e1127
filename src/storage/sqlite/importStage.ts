import type { ImportStage } from '../../directory/imports.ts'
import { explaining } from './failures.ts'
import { applyImport } from './importApply.ts'
import { matchesOf } from './importMatches.ts'
import { chooseMissing, countsOf, heldValues, outcomesOf, repeatedValues } from './importQueries.ts'
import {
  action,
  createStagingTables,
  jsonOrNull,
  moves,
  stagingInsert,
  userCodec,
} from './importTables.ts'
import { type Connection, connectAgain } from './open.ts'
import { patiently } from './patience.ts'
import { commitSteadily } from './steadyCommit.ts'

/**
 * What SQLite may keep of the directory in memory, in bytes: little while rows are staged, since a sort takes as much again; then what
 * the index needs that is written all over. With what the program needs itself it comes to some 280 MB (docs/benchmarks.md).
 */
const cacheWhileStaging = 12 * 1024 * 1024
const cacheWhileWriting = 32 * 1024 * 1024
const cacheOfStage = 8 * 1024 * 1024

/** A stage on a connection of its own, so that readers and sign-ins of this process go on beside it. */
export function importStage(
  main: Connection,
  keyOf: (userPrincipalName: string) => string,
  onClose: (own: Connection) => void,
): { readonly own: Connection; readonly stage: ImportStage } {
  const own = connectAgain(main)
  const { db } = own
  db.pragma('temp_store = FILE')
  db.pragma(`temp.cache_size = -${cacheOfStage / 1024}`)
  db.pragma('temp.journal_mode = OFF')
  db.pragma(`cache_size = -${cacheWhileStaging / 1024}`)
  createStagingTables(db)
  const insert = stagingInsert(db, keyOf)
  const addAll = db.transaction((rows: Parameters<ImportStage['add']>[0]) => {
    for (const row of rows) insert(row)
  })
  const addProblem = db.prepare(
    `UPDATE staged SET problems = json_insert(coalesce(problems, '[]'), '$[#]', json(?)) WHERE line = ?`,
  )
  const unchanged = db.prepare(
    `UPDATE staged SET action = ${action.none}, generated = 0, warnings = ? WHERE line = ?`,
  )
  const planned = db.prepare(
    `UPDATE staged SET action = ${action.update}, moves = ?, generated = ?, warnings = ?, changes = ?,
       ${userCodec.names.map((name) => `${name} = ?`).join(', ')} WHERE line = ?`,
  )
  const run = <T>(work: () => T): T => explaining(own.file, work)

  const stage: ImportStage = {
    add: async (rows) => run(() => addAll(rows)),
    repeated: () => repeatedValues(db, run),
    reject: async (problems) =>
      run(() => {
        for (const { line, problem } of problems) addProblem.run(JSON.stringify(problem), line)
      }),
    async hold(forWriting) {
      await patiently(own, () => db.exec(forWriting ? 'BEGIN IMMEDIATE' : 'BEGIN'))
      db.pragma(`cache_size = -${cacheWhileWriting / 1024}`)
    },
    matches: (matchOn) => matchesOf(db, run, matchOn),
    plan: async (updates) =>
      run(() => {
        for (const each of updates) {
          if (each.changes.length === 0) {
            unchanged.run(jsonOrNull(each.warnings), each.line)
            continue
          }
          const changed = new Set(each.changes.map(({ property }) => property))
          const moving =
            (changed.has('onPremisesImmutableId') ? moves.immutableId : 0) |
            (changed.has('userPrincipalName') ? moves.principalName : 0)
          planned.run([
            moving,
            each.isAnchorGenerated ? 1 : 0,
            jsonOrNull(each.warnings),
            jsonOrNull(each.changes),
            ...userCodec.values(each.user),
            each.line,
          ])
        }
      }),
    chooseMissing: async (domain, keep) => run(() => chooseMissing(db, domain, keep)),
    missing: async (limit) =>
      run(() =>
        db
          .prepare<[number], string>(
            `SELECT u.userPrincipalName FROM missing m JOIN users u ON u.id = m.userId
             ORDER BY u.userPrincipalNameKey LIMIT ?`,
          )
          .pluck()
          .all(limit),
      ),
    held: (matchOn) => heldValues(db, run, matchOn),
    counts: async () => run(() => countsOf(db)),
    outcomes: (filter, limit = Number.MAX_SAFE_INTEGER) => outcomesOf(db, run, filter, limit),
    apply: (record, progress) => applyImport(own, record, progress),
    commit: () => commitSteadily(own),
    async close() {
      onClose(own)
      // What was not committed is rolled back by this, and the stage is gone.
      db.close()
    },
  }
  return { own, stage }
}
