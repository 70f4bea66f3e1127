import { StaleWrite, UnknownMember } from '../../directory/errors.ts'
import type {
  ExternalIds,
  Group,
  GroupChange,
  GroupStore,
  Membership,
} from '../../directory/groups.ts'
import type { GroupProperty } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import { isStorable, mustBeStorable } from '../text.ts'
import { type Columns, rowCodec } from './columns.ts'
import { keepingUnique } from './constraints.ts'
import { type FoundTable, findIn } from './findRecords.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'
import { turnOfItsOwn } from './turns.ts'

const columns: Columns<Group> = {
  id: 'plain',
  displayName: 'plain',
  description: 'plain',
  createdDateTime: 'plain',
  lastModifiedDateTime: 'plain',
}
const codec = rowCodec(columns)

const foundGroups: FoundTable<Group, GroupProperty> = {
  kind: 'group',
  table: 'groups',
  list: codec.list,
  record: codec.record,
  few: ['id', 'displayName'],
  orders: ['displayName'],
  position: ({ displayName, id }) => ({ value: displayName, id }),
  comparisons: {
    id: { as: 'exact', column: 'id' },
    displayName: { as: 'text', column: 'displayName' },
    description: { as: 'text', column: 'description' },
    createdDateTime: { as: 'value', column: 'createdDateTime' },
    lastModifiedDateTime: { as: 'value', column: 'lastModifiedDateTime' },
  },
}

/** Reads users by the columns of theirs that a statement selects. */
export interface UserReading {
  readonly list: string
  readonly record: (row: unknown) => User
}

/** Members that are read in one go. */
const memberPage = 1000

/** Groups on one connection, inside its transaction when it has one. */
export function sqliteGroups(connection: Connection, users: UserReading): GroupStore {
  const { db } = connection
  const select = `SELECT ${codec.list} FROM groups`
  const byId = db.prepare(`${select} WHERE id = ?`)
  const byName = db.prepare(`${select} WHERE displayName = ?`)
  const insert = db.prepare(`INSERT INTO groups (${codec.list}) VALUES (${codec.placeholders})`)
  const update = db.prepare(
    `UPDATE groups SET ${codec.names.map((name) => `${name} = ?`).join(', ')}
     WHERE id = ? AND lastModifiedDateTime = ?`,
  )
  const remove = db.prepare('DELETE FROM groups WHERE id = ? AND lastModifiedDateTime = ?')
  const userColumns = users.list.replace(/\w+/g, 'u.$&')
  const ofGroup = 'FROM group_members m JOIN users u ON u.id = m.userId WHERE m.groupId = ?'
  const members = db.prepare(
    `SELECT ${userColumns} ${ofGroup} AND m.userId > ? ORDER BY m.userId LIMIT ?`,
  )
  const countMembers = db.prepare(`SELECT count(*) ${ofGroup}`).pluck()
  const hasUser = db.prepare('SELECT 1 FROM users WHERE id = ?').pluck()
  const addMember = db.prepare(
    'INSERT OR IGNORE INTO group_members (groupId, userId) VALUES (?, ?)',
  )
  const removeMember = db.prepare('DELETE FROM group_members WHERE groupId = ? AND userId = ?')
  const ofUser = db.prepare(
    `${select} WHERE id IN (
       SELECT m.groupId FROM group_members m JOIN users u ON u.id = m.userId WHERE m.userId = ?
     ) ORDER BY displayName`,
  )
  const wasGroup = db
    .prepare(
      `SELECT EXISTS (SELECT 1 FROM groups WHERE id = ?)
           OR EXISTS (SELECT 1 FROM audit WHERE targetId = ? AND targetKind = 'group')`,
    )
    .pluck()
  const run = <T>(work: () => T): Promise<T> => patiently(connection, work)
  const found = (row: unknown): Group | null => (row === undefined ? null : codec.record(row))

  const writeOne = db.transaction((change: GroupChange): void => {
    const { group } = change
    mustBeStorable('displayName', group.displayName)
    mustBeStorable('description', group.description)
    keepingUnique(group.displayName, () => {
      if (change.kind === 'create') {
        insert.run(codec.values(group))
        return
      }
      const { changes } =
        change.kind === 'delete'
          ? remove.run(group.id, group.lastModifiedDateTime)
          : update.run([...codec.values(group), group.id, change.before.lastModifiedDateTime])
      if (changes === 0) throw new StaleWrite(group.id, group.displayName)
    })
  })

  const changeMembers = db.transaction((groupId: string, { add, remove: leaving }: Membership) => {
    const isThere = byId.get(groupId) !== undefined
    for (const userId of add) {
      const exists = isThere && isStorable(userId) && hasUser.get(userId)
      if (!exists) throw new UnknownMember(groupId, userId)
    }
    const changed = (statement: typeof addMember, ids: readonly string[]) =>
      ids.filter((id) => isStorable(id) && statement.run(groupId, id).changes > 0)
    return { remove: changed(removeMember, leaving), add: changed(addMember, add) }
  })

  return {
    found: findIn(db, foundGroups, run),
    group: (id) => run(() => (isStorable(id) ? found(byId.get(id)) : null)),
    groupByName: (name) => run(() => (isStorable(name) ? found(byName.get(name)) : null)),
    write: (change) => run(() => writeOne.immediate(change)),
    // Of a large group each takes a while.
    async members(groupId, { after = null, limit = Number.POSITIVE_INFINITY } = {}) {
      const found: User[] = []
      for (let last = after ?? ''; ; ) {
        await turnOfItsOwn()
        const size = Math.min(memberPage, limit - found.length)
        const page = await run(() => members.all(groupId, last, size).map(users.record))
        found.push(...page)
        const end = page.at(-1)
        if (end === undefined || page.length < memberPage || found.length >= limit) return found
        last = end.id
      }
    },
    async countMembers(groupId) {
      await turnOfItsOwn()
      return run(() => Number(countMembers.get(groupId)))
    },
    changeMembers: (groupId, membership) => run(() => changeMembers.immediate(groupId, membership)),
    groupsOf: (userId) => run(() => ofUser.all(userId).map((row) => codec.record(row))),
    idsOfGroups: (ids) => run(() => new Set(ids.filter((id) => wasGroup.get(id, id) === 1))),
  }
}

const tables = { user: 'users', group: 'groups' } as const

/** What provisioning clients call users and groups, on one connection. */
export function sqliteExternalIds(connection: Connection): ExternalIds {
  const { db } = connection
  const ofRecord = db
    .prepare('SELECT externalId FROM external_ids WHERE client = ? AND kind = ? AND id = ?')
    .pluck()
  const forget = db.prepare('DELETE FROM external_ids WHERE client = ? AND kind = ? AND id = ?')
  const insert = db.prepare(
    'INSERT INTO external_ids (client, kind, externalId, id) VALUES (?, ?, ?, ?)',
  )
  // A name whose record is gone is free again.
  const free = Object.fromEntries(
    Object.entries(tables).map(([kind, table]) => [
      kind,
      db.prepare(
        `DELETE FROM external_ids WHERE client = ? AND kind = ? AND externalId = ?
         AND id NOT IN (SELECT id FROM ${table})`,
      ),
    ]),
  )
  const set = db.transaction(
    (client: string, kind: 'user' | 'group', id: string, externalId: string | null) => {
      forget.run(client, kind, id)
      if (externalId === null) return
      mustBeStorable('externalId', externalId)
      free[kind]?.run(client, kind, externalId)
      keepingUnique(externalId, () => insert.run(client, kind, externalId, id))
    },
  )
  const run = <T>(work: () => T): Promise<T> => patiently(connection, work)

  return {
    of: (client, kind, ids) =>
      run(() => {
        const pairs = ids.map((id) => [id, ofRecord.get(client, kind, id)] as const)
        return new Map(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined))
      }),
    set: (client, kind, id, externalId) => run(() => set.immediate(client, kind, id, externalId)),
  }
}
