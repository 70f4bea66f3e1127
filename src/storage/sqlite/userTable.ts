import type Database from 'better-sqlite3'
import { changedProperties } from '../../directory/directoryError.ts'
import { StaleWrite } from '../../directory/errors.ts'
import { importedProperties } from '../../directory/imports.ts'
import type { UserChange, UserFilter } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import { domainOfKey, isStorable, mustBeStorable } from '../text.ts'
import { type Columns, rowCodec } from './columns.ts'
import { keepingUnique } from './constraints.ts'

export const userColumns: Columns<User> = {
  id: 'plain',
  userPrincipalName: 'plain',
  onPremisesImmutableId: 'plain',
  accountEnabled: 'flag',
  displayName: 'plain',
  mailNickname: 'plain',
  mail: 'plain',
  givenName: 'plain',
  surname: 'plain',
  jobTitle: 'plain',
  department: 'plain',
  officeLocation: 'plain',
  mobilePhone: 'plain',
  usageLocation: 'plain',
  createdDateTime: 'plain',
  lastModifiedDateTime: 'plain',
}
export const userRows = rowCodec(userColumns)
const assignments = userRows.names.map((name) => `${name} = ?`).join(', ')

export interface UserTable {
  byId(id: string): User | null
  byImmutableId(onPremisesImmutableId: string): User | null
  byPrincipalName(userPrincipalName: string): User | null
  /** At most `limit` users in the order of their UPN, beginning after the one with this UPN (`null`: at the start). */
  page(domain: string | null, after: string | null, limit: number): User[]
  count(filter: UserFilter): number
  /** All or none. Throws `UniqueViolation` and `StaleWrite`. */
  write(changes: readonly UserChange[]): void
}

/** The table `users`; its statements are prepared once. `keyOf` gives the form in which UPNs are compared. */
export function userTable(db: Database.Database, keyOf: (upn: string) => string): UserTable {
  const select = `SELECT ${userRows.list} FROM users`
  const byId = db.prepare(`${select} WHERE id = ?`)
  const byImmutableId = db.prepare(`${select} WHERE onPremisesImmutableId = ?`)
  const byKey = db.prepare(`${select} WHERE userPrincipalNameKey = ?`)
  const pageOfAll = db.prepare(
    `${select} WHERE userPrincipalNameKey > ? ORDER BY userPrincipalNameKey LIMIT ?`,
  )
  const pageOfDomain = db.prepare(
    `${select} WHERE domain = ? AND userPrincipalNameKey > ? ORDER BY userPrincipalNameKey LIMIT ?`,
  )
  const countAll = db.prepare('SELECT count(*) FROM users').pluck()
  const countDomain = db.prepare('SELECT count(*) FROM users WHERE domain = ?').pluck()
  const noAnchor = 'onPremisesImmutableId IS NULL'
  const countAllWithout = db.prepare(`SELECT count(*) FROM users WHERE ${noAnchor}`).pluck()
  const countDomainWithout = db
    .prepare(`SELECT count(*) FROM users WHERE domain = ? AND ${noAnchor}`)
    .pluck()
  const insert = db.prepare(
    `INSERT INTO users (${userRows.list}, userPrincipalNameKey, domain) VALUES (${userRows.placeholders}, ?, ?)`,
  )
  const vacate = db.prepare(
    'UPDATE users SET onPremisesImmutableId = NULL, userPrincipalNameKey = ? WHERE id = ?',
  )
  const update = db.prepare(
    `UPDATE users SET ${assignments}, userPrincipalNameKey = ?, domain = ?
     WHERE id = ? AND lastModifiedDateTime = ?`,
  )

  const remove = db.prepare('DELETE FROM users WHERE id = ? AND lastModifiedDateTime = ?')

  /** What is written here comes from no import. */
  const forgetOrigin = db.prepare(
    `INSERT INTO value_origins (userId, property, importId, line) VALUES (?, ?, NULL, NULL)
     ON CONFLICT (userId, property) DO UPDATE SET importId = NULL, line = NULL`,
  )

  const found = (row: unknown): User | null => (row === undefined ? null : userRows.record(row))

  /**
   * Frees the unique values that an update is about to give up, so that users can swap theirs within one write, in any order. The
   * stand-in key begins with a character that no UPN has.
   */
  function vacateIfMoving({ before, user }: UserChange & { kind: 'update' }): void {
    const moves =
      before.onPremisesImmutableId !== user.onPremisesImmutableId ||
      keyOf(before.userPrincipalName) !== keyOf(user.userPrincipalName)
    if (moves) vacate.run(`\n${user.id}`, user.id)
  }

  function writeOne(change: UserChange): void {
    const { user } = change
    if (change.kind === 'delete') {
      const { changes } = remove.run(user.id, user.lastModifiedDateTime)
      if (changes === 0) throw new StaleWrite(user.id, user.userPrincipalName)
      return
    }
    mustBeStorable('userPrincipalName', user.userPrincipalName)
    mustBeStorable('onPremisesImmutableId', user.onPremisesImmutableId)
    const key = keyOf(user.userPrincipalName)
    const values = [...userRows.values(user), key, domainOfKey(key)]
    keepingUnique(user.userPrincipalName, () => {
      if (change.kind === 'create') {
        insert.run(values)
        return
      }
      const { changes } = update.run([...values, user.id, change.before.lastModifiedDateTime])
      if (changes === 0) throw new StaleWrite(user.id, user.userPrincipalName)
      for (const { property } of changedProperties(change.before, user, importedProperties)) {
        forgetOrigin.run(user.id, property)
      }
    })
  }

  const writeAll = db.transaction((changes: readonly UserChange[]) => {
    for (const change of changes) if (change.kind === 'update') vacateIfMoving(change)
    // Who goes makes room for others, wherever in the list.
    for (const change of changes) if (change.kind === 'delete') writeOne(change)
    for (const change of changes) if (change.kind !== 'delete') writeOne(change)
  })

  return {
    byId: (id) => found(byId.get(id)),
    byImmutableId: (value) => (isStorable(value) ? found(byImmutableId.get(value)) : null),
    byPrincipalName: (upn) => (isStorable(upn) ? found(byKey.get(keyOf(upn))) : null),
    page(domain, after, limit) {
      const start = after === null ? '' : keyOf(after)
      const rows =
        domain === null ? pageOfAll.all(start, limit) : pageOfDomain.all(domain, start, limit)
      return rows.map((row) => userRows.record(row))
    },
    count({ domain, withoutImmutableId = false }) {
      const [all, ofDomain] = withoutImmutableId
        ? [countAllWithout, countDomainWithout]
        : [countAll, countDomain]
      return Number(domain === undefined ? all.get() : ofDomain.get(domain))
    },
    write: (changes) => writeAll.immediate(changes),
  }
}
