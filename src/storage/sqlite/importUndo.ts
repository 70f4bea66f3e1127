import type { Act } from '../../directory/audit.ts'
import { importUndoneAudit } from '../../directory/importAudit.ts'
import type { ImportRecord, Obstacle, Origin, UndoOutcome } from '../../directory/imports.ts'
import { toldObstacles } from '../../directory/imports.ts'
import { auditInsert } from './auditStore.ts'
import { explaining } from './failures.ts'
import { allUserColumns, recordCodec } from './importApply.ts'
import { exec } from './importTables.ts'
import { type Connection, connectAgain } from './open.ts'
import { patiently } from './patience.ts'

/** `before` of a change as columns again. */
const beforeColumns = allUserColumns.map((name) => `c.before ->> '${name}' AS ${name}`).join(', ')

/** What the import's changes would bring back, as rows of `users`. */
const formerUsers = `(SELECT c.line AS changeLine, ${beforeColumns} FROM import_changes c WHERE c.importId = $id)`

/** What stands in the way, each with the user and, when it is a change, the time of it. */
const obstacles: readonly (readonly [Obstacle['kind'], string])[] = [
  [
    'changedSince',
    `SELECT u.id AS userId, u.userPrincipalName, u.importLine AS line, u.lastModifiedDateTime AS at
     FROM users u WHERE u.importId = $id AND u.lastModifiedDateTime <> $at`,
  ],
  [
    'joinedSince',
    `SELECT u.id AS userId, u.userPrincipalName, u.importLine AS line, NULL AS at
     FROM users u WHERE u.importId = $id AND EXISTS (SELECT 1 FROM group_members m WHERE m.userId = u.id)`,
  ],
  [
    'changedSince',
    `SELECT u.id AS userId, u.userPrincipalName, c.line AS line, u.lastModifiedDateTime AS at
     FROM import_changes c JOIN users u ON u.id = c.userId
     WHERE c.importId = $id AND u.lastModifiedDateTime IS NOT c.lastModifiedDateTime`,
  ],
  [
    'goneSince',
    `SELECT c.userId AS userId, c.before ->> 'userPrincipalName' AS userPrincipalName, c.line AS line,
       NULL AS at
     FROM import_changes c
     WHERE c.importId = $id AND c.line IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = c.userId)`,
  ],
  [
    'goneSince',
    `SELECT c.userId AS userId, c.before ->> 'userPrincipalName' AS userPrincipalName,
       c.before ->> 'importLine' AS line, NULL AS at
     FROM import_changes c JOIN imports i ON i.id = c.importId
     WHERE c.importId > $id AND c.line IS NULL AND i.undoneAt IS NULL
       AND c.before ->> 'importId' = $id`,
  ],
  [
    'valueTaken',
    `SELECT u.id AS userId, f.userPrincipalName, f.changeLine AS line, u.lastModifiedDateTime AS at
     FROM ${formerUsers} f JOIN users u ON u.onPremisesImmutableId = f.onPremisesImmutableId
     WHERE u.id <> f.id AND u.importId IS NOT $id
       AND NOT EXISTS (SELECT 1 FROM import_changes o WHERE o.importId = $id AND o.userId = u.id)`,
  ],
  [
    'valueTaken',
    `SELECT u.id AS userId, f.userPrincipalName, f.changeLine AS line, u.lastModifiedDateTime AS at
     FROM ${formerUsers} f JOIN users u ON u.userPrincipalNameKey = f.userPrincipalNameKey
     WHERE u.id <> f.id AND u.importId IS NOT $id
       AND NOT EXISTS (SELECT 1 FROM import_changes o WHERE o.importId = $id AND o.userId = u.id)`,
  ],
  [
    'domainGone',
    `SELECT f.id AS userId, f.userPrincipalName, f.changeLine AS line, NULL AS at FROM ${formerUsers} f
     WHERE NOT EXISTS (SELECT 1 FROM domains d WHERE d.id = f.domain)`,
  ],
]

/** Brings back what an import changed, in one transaction. See `ImportStore.undo`. */
export async function undoImport(main: Connection, id: number, by: Act): Promise<UndoOutcome> {
  const own = connectAgain(main)
  const { db } = own
  try {
    await patiently(own, () => db.exec('BEGIN IMMEDIATE'))
    return explaining(own.file, () => {
      const row = db.prepare(`SELECT ${recordCodec.list} FROM imports WHERE id = ?`).get(id)
      if (row === undefined) return { kind: 'unknown' }
      const record = recordCodec.record(row)
      if (record.undoneAt !== null) return { kind: 'alreadyUndone', record }
      const found = obstaclesOf(own, record)
      if (found.count > 0) return { kind: 'refused', ...found }
      const done = bringBack(own, id)
      const { at, who } = by
      exec(db, 'UPDATE imports SET undoneAt = $at, undoneBy = $who WHERE id = $id', { at, who, id })
      const undone = { ...record, undoneAt: at, undoneBy: who }
      const undoes = db.prepare<[string], number>(
        `SELECT id FROM audit WHERE targetId = ? AND action = 'usersImported' ORDER BY id LIMIT 1`,
      )
      const audited = undoes.pluck().get(String(id)) ?? null
      auditInsert(own)(importUndoneAudit(undone, by, done, audited))
      db.exec('COMMIT')
      return { kind: 'undone', record: undone, ...done }
    })
  } finally {
    db.close()
  }
}

function obstaclesOf({ db }: Connection, { id, at, createdCount }: ImportRecord) {
  // Users that were made and are gone without a later import that tells: another door removed them.
  const madeAndThere = Number(
    db.prepare('SELECT count(*) FROM users WHERE importId = ?').pluck().get(id),
  )
  const later = db.prepare<[string, number]>(
    `SELECT i.id AS importId, i.file, i.at, coalesce(c.line, 0) AS line
     FROM import_changes c JOIN imports i ON i.id = c.importId
     WHERE c.userId = ? AND c.importId > ? AND i.undoneAt IS NULL
     ORDER BY c.importId DESC LIMIT 1`,
  )
  const made = db.prepare<[string, number]>(
    `SELECT i.id AS importId, i.file, i.at, u.importLine AS line
     FROM users u JOIN imports i ON i.id = u.importId WHERE u.id = ? AND i.id > ?`,
  )
  const told: Obstacle[] = []
  let count = 0
  let goneTold = 0
  for (const [kind, sql] of obstacles) {
    const values = { id, at }
    const used = Object.fromEntries(
      Object.entries(values).filter(([name]) => sql.includes(`$${name}`)),
    )
    const found = Number(db.prepare(`SELECT count(*) FROM (${sql})`).pluck().get(used))
    count += found
    if (kind === 'goneSince') goneTold += found
    if (found === 0 || told.length >= toldObstacles) continue
    const rows = db.prepare(`${sql} LIMIT ${toldObstacles - told.length}`).all(used) as (Omit<
      Obstacle,
      'kind' | 'by'
    > & { userId: string })[]
    for (const { userId, ...row } of rows) {
      const by = (later.get(userId, id) ?? made.get(userId, id) ?? null) as Origin | null
      told.push({ ...row, kind, by })
    }
  }
  const gone = createdCount - madeAndThere
  if (gone > 0 && goneTold === 0) {
    count += gone
    told.push({
      userPrincipalName: `${gone} of the users that it made`,
      line: null,
      kind: 'goneSince',
      by: null,
      at: null,
    })
  }
  return { obstacles: told, count }
}

function bringBack({ db }: Connection, id: number) {
  const removed = exec(db, 'DELETE FROM users WHERE importId = $id', { id }).changes
  const changed = `SELECT userId FROM import_changes WHERE importId = $id AND line IS NOT NULL`
  exec(
    db,
    `UPDATE users SET onPremisesImmutableId = NULL, userPrincipalNameKey = char(10) || id
     WHERE id IN (${changed})`,
    { id },
  )
  const assignments = allUserColumns
    .filter((name) => name !== 'id')
    .map((name) => `${name} = f.${name}`)
    .join(', ')
  const restored = exec(
    db,
    `UPDATE users SET ${assignments} FROM ${formerUsers} f
     WHERE users.id = f.id AND f.changeLine IS NOT NULL`,
    { id },
  ).changes
  const broughtBack = exec(
    db,
    `INSERT INTO users (${allUserColumns.join(', ')})
     SELECT ${allUserColumns.join(', ')} FROM ${formerUsers} WHERE changeLine IS NULL`,
    { id },
  ).changes
  exec(
    db,
    'DELETE FROM value_origins WHERE userId IN (SELECT userId FROM import_changes WHERE importId = $id)',
    { id },
  )
  exec(
    db,
    `INSERT INTO value_origins (userId, property, importId, line)
     SELECT c.userId, o.value ->> 0, o.value ->> 1, o.value ->> 2
     FROM import_changes c, json_each(c.origins) o WHERE c.importId = $id`,
    { id },
  )
  return { removed, restored, broughtBack }
}
