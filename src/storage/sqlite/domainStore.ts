import type { DomainChange, DomainOwnership, DomainRecords } from '../../directory/domainRecords.ts'
import { isStorable, mustBeStorable } from '../text.ts'
import { type Columns, rowCodec, upsert } from './columns.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

const ownershipColumns: Columns<DomainOwnership> = {
  domain: 'plain',
  code: 'plain',
  proof: 'plain',
  verifiedAt: 'plain',
  verifiedBy: 'plain',
  isRoot: 'flag',
}
const changeColumns: Columns<DomainChange> = {
  id: 'plain',
  at: 'plain',
  who: 'plain',
  action: 'plain',
  domains: 'json',
  before: 'json',
  after: 'json',
  undoneBy: 'plain',
}

/** Ownership and history of domains on one connection, inside its transaction when it has one. */
export function sqliteDomainRecords(connection: Connection): DomainRecords {
  const { db } = connection
  const ownershipCodec = rowCodec(ownershipColumns)
  const changeCodec = rowCodec(changeColumns)
  const selectOwnership = `SELECT ${ownershipCodec.list} FROM domain_ownership`
  const selectChange = `SELECT ${changeCodec.list} FROM domain_changes`
  const ownership = db.prepare(`${selectOwnership} WHERE domain = ?`)
  const ownerships = db.prepare(`${selectOwnership} ORDER BY domain`)
  const putOwnership = upsert(db, 'domain_ownership', ownershipCodec)
  const deleteOwnership = db.prepare('DELETE FROM domain_ownership WHERE domain = ?')
  const deleteDomain = db.prepare('DELETE FROM domains WHERE id = ?')
  const addChange = db.prepare(
    `INSERT INTO domain_changes (at, who, action, domains, before, after, undoneBy)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const change = db.prepare(`${selectChange} WHERE id = ?`)
  const changes = db.prepare(`${selectChange} ORDER BY id DESC`)
  const markUndone = db.prepare('UPDATE domain_changes SET undoneBy = ? WHERE id = ?')
  const run = <T>(work: () => T): Promise<T> => patiently(connection, work)
  const deleteBoth = db.transaction((id: string) => {
    deleteDomain.run(id)
    deleteOwnership.run(id)
  })

  return {
    ownership: (domain) =>
      run(() => {
        const row = isStorable(domain) ? ownership.get(domain) : undefined
        return row === undefined ? null : ownershipCodec.record(row)
      }),
    ownerships: () => run(() => ownerships.all().map((row) => ownershipCodec.record(row))),
    putOwnership: (record) =>
      run(() => {
        mustBeStorable('domain', record.domain)
        putOwnership.run(ownershipCodec.values(record))
      }),
    deleteDomain: (id) => run(() => deleteBoth(id)),
    addChange: (given) =>
      run(() => {
        const { at, who, action, undoneBy } = given
        const [domains, before, after] = [given.domains, given.before, given.after].map((each) =>
          JSON.stringify(each),
        )
        const { lastInsertRowid } = addChange.run(
          ...[at, who, action, domains, before, after, undoneBy],
        )
        return Number(lastInsertRowid)
      }),
    change: (id) =>
      run(() => {
        const row = change.get(id)
        return row === undefined ? null : changeCodec.record(row)
      }),
    changes: () => run(() => changes.all().map((row) => changeCodec.record(row))),
    markUndone: (id, undoneBy) => run(() => void markUndone.run(undoneBy, id)),
  }
}
