import type { AuditFilter, AuditRecord, AuditStore } from '../../directory/audit.ts'
import { isStorable } from '../text.ts'
import type { SqlValue } from './columns.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

/** Records that are read at once. */
const pageSize = 500

interface Row extends Omit<AuditRecord, 'target' | 'before' | 'after'> {
  readonly targetKind: AuditRecord['target']['kind']
  readonly targetId: string
  readonly targetName: string
  readonly before: string | null
  readonly after: string | null
}

/** What each part of a filter asks of a row. */
const filters: Readonly<Record<keyof AuditFilter, string>> = {
  after: 'id > ?',
  since: 'at >= ?',
  until: 'at <= ?',
  who: 'who = ?',
  door: 'door = ?',
  targetId: 'targetId = ?',
}

/** The audit on one connection, inside its transaction when it has one. */
export function sqliteAudit(connection: Connection): AuditStore {
  const { db } = connection
  const insert = auditInsert(connection)
  const byId = db.prepare('SELECT * FROM audit WHERE id = ?')
  const byUndone = db.prepare('SELECT * FROM audit WHERE undoes = ? ORDER BY id DESC LIMIT 1')
  const run = <T>(work: () => T): Promise<T> => patiently(connection, work)
  const found = (row: unknown) => (row === undefined ? null : recordOf(row))

  function read(filter: AuditFilter, order: 'ASC' | 'DESC', limit: number): AuditRecord[] {
    const given = Object.entries(filter).filter(([, value]) => value !== undefined)
    const where = given.map(([name]) => filters[name as keyof AuditFilter])
    const values = given.map(([, value]) => value as SqlValue)
    if (values.some((value) => typeof value === 'string' && !isStorable(value))) return []
    const sql = `SELECT * FROM audit WHERE ${['1', ...where].join(' AND ')} ORDER BY id ${order} LIMIT ?`
    return db
      .prepare(sql)
      .all(...values, limit)
      .map(recordOf)
  }

  return {
    add: (record) => run(() => insert(record)),
    record: (id) => run(() => found(byId.get(id))),
    undoneBy: (id) => run(() => found(byUndone.get(id))),
    async *records(filter = {}) {
      let after = filter.after ?? 0
      for (;;) {
        const page = await run(() => read({ ...filter, after }, 'ASC', pageSize))
        yield* page
        const last = page.at(-1)
        if (last === undefined || page.length < pageSize) return
        after = last.id
      }
    },
    latest: (limit, filter = {}) => run(() => read(filter, 'DESC', limit).reverse()),
  }
}

/** The statement that adds a record, for a transaction that is open on the connection; gives its id. */
export function auditInsert({
  db,
}: Pick<Connection, 'db'>): (record: Omit<AuditRecord, 'id'>) => number {
  const insert = db.prepare(
    `INSERT INTO audit (at, who, door, action, targetKind, targetId, targetName, before, after, undoes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return ({ at, who, door, action, target, before, after, undoes }) => {
    const { kind, id, name } = target
    const values = [jsonOrNull(before), jsonOrNull(after), undoes]
    const added = insert.run(at, who, door, action, kind, id, name, ...values)
    return Number(added.lastInsertRowid)
  }
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

function recordOf(row: unknown): AuditRecord {
  const { targetKind: kind, targetId: id, targetName: name, before, after, ...rest } = row as Row
  return {
    ...rest,
    target: { kind, id, name },
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  }
}
