import type { AuditFilter, AuditRecord, AuditStore } from '../../directory/audit.ts'
import { StaleWrite, UniqueViolation, UnknownMember } from '../../directory/errors.ts'
import type { ExternalIds, Group, GroupStore } from '../../directory/groups.ts'
import type { Found, GroupProperty, UserProperty, UserQuery } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import { compareTexts, mustBeStorable } from '../text.ts'
import type { Place, Turn } from './directory.ts'
import type { DirectoryRecords } from './directoryRecords.ts'
import { findAmong, folded } from './find.ts'

/** Users by conditions. */
export function memoryFoundUsers(place: Place): Found<User, UserQuery> {
  return findAmong<User, UserProperty, 'userPrincipalName' | 'displayName'>(
    {
      all: () => place.records.users.values(),
      idOf: ({ id }) => id,
      comparable: (user, property) => {
        if (property === 'userPrincipalName') return place.records.keyOf(user[property])
        return compared(property, user[property], isExact(property))
      },
      given: (property, value, partial) => {
        if (property === 'userPrincipalName' && !partial) return place.records.keyOf(String(value))
        return compared(property, value, isExact(property)) ?? ''
      },
      externalIdOf: (client, { id }) => externalIdOf(place.records, client, 'user', id),
      areJoined: ({ id }, group) => place.records.members.get(group)?.has(id) === true,
    },
    ['userPrincipalName', 'displayName'],
  )
}

function isExact(property: string): boolean {
  return property === 'id' || property === 'onPremisesImmutableId'
}

function compared(_property: string, value: string | number | boolean | null, exact: boolean) {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' && !exact ? folded(value) : value
}

/** Groups in memory, with the records of the directory. */
export function memoryGroups(place: Place, turn: Turn): GroupStore {
  const named = (displayName: string) =>
    [...place.records.groups.values()].find(
      (group) => folded(group.displayName) === folded(displayName),
    ) ?? null
  const membersOf = (groupId: string): User[] =>
    [...(place.records.members.get(groupId) ?? [])]
      .map((id) => place.records.users.get(id))
      .filter((user) => user !== undefined)
      .sort((a, b) => compareTexts(a.id, b.id))

  return {
    found: findAmong<Group, GroupProperty, 'displayName'>(
      {
        all: () => place.records.groups.values(),
        idOf: ({ id }) => id,
        comparable: (group, property) => compared(property, group[property], isExact(property)),
        given: (property, value) => compared(property, value, isExact(property)) ?? '',
        externalIdOf: (client, { id }) => externalIdOf(place.records, client, 'group', id),
        areJoined: ({ id }, user) => place.records.members.get(id)?.has(user) === true,
      },
      ['displayName'],
    ),
    group: async (id) => place.records.groups.get(id) ?? null,
    groupByName: async (displayName) => named(displayName),
    write: (change) =>
      turn(() => {
        const { group } = change
        mustBeStorable('displayName', group.displayName)
        mustBeStorable('description', group.description)
        const stored = place.records.groups.get(group.id)
        if (change.kind === 'create' && stored !== undefined) {
          throw new UniqueViolation('id', group.displayName)
        }
        if (change.kind !== 'create') {
          const seen = change.kind === 'update' ? change.before : group
          if (stored?.lastModifiedDateTime !== seen.lastModifiedDateTime) {
            throw new StaleWrite(group.id, group.displayName)
          }
        }
        if (change.kind === 'delete') {
          place.records.groups.delete(group.id)
          place.records.members.delete(group.id)
          return
        }
        const namesake = named(group.displayName)
        if (namesake !== null && namesake.id !== group.id) {
          throw new UniqueViolation('groupName', group.displayName)
        }
        place.records.groups.set(group.id, group)
      }),
    members: async (groupId, { after = null, limit } = {}) =>
      membersOf(groupId)
        .filter(({ id }) => compareTexts(id, after ?? '') > 0)
        .slice(0, limit),
    countMembers: async (groupId) => membersOf(groupId).length,
    changeMembers: (groupId, { add, remove }) =>
      turn(() => {
        const { groups, members, users } = place.records
        for (const id of add) {
          if (!groups.has(groupId) || !users.has(id)) throw new UnknownMember(groupId, id)
        }
        const ids = new Set(members.get(groupId))
        const removed = remove.filter((id) => ids.delete(id))
        const added = add.filter((id) => !ids.has(id) && ids.add(id))
        members.set(groupId, ids)
        return { add: added, remove: removed }
      }),
    groupsOf: async (userId) =>
      [...place.records.groups.values()]
        .filter(({ id }) => place.records.members.get(id)?.has(userId))
        .filter(() => place.records.users.has(userId))
        .sort((a, b) => compareTexts(folded(a.displayName), folded(b.displayName))),
    idsOfGroups: async (ids) => {
      const { groups, audit } = place.records
      const former = audit.filter(({ target }) => target.kind === 'group')
      const all = new Set([...groups.keys(), ...former.map(({ target }) => target.id)])
      return new Set(ids.filter((id) => all.has(id)))
    },
  }
}

function externalIdOf(
  { externalIds }: DirectoryRecords,
  client: string,
  kind: 'user' | 'group',
  id: string,
): string | null {
  return externalIds.get(externalKey(client, kind, id)) ?? null
}

function externalKey(client: string, kind: 'user' | 'group', id: string): string {
  return JSON.stringify([client, kind, id])
}

/** What provisioning clients call users and groups. */
export function memoryExternalIds(place: Place, turn: Turn): ExternalIds {
  return {
    of: async (client, kind, ids) => {
      const pairs = ids.map((id) => [id, externalIdOf(place.records, client, kind, id)] as const)
      return new Map(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null))
    },
    set: (client, kind, id, externalId) =>
      turn(() => {
        mustBeStorable('externalId', externalId)
        const { externalIds, users, groups } = place.records
        const isThere = (other: string) => (kind === 'user' ? users : groups).has(other)
        for (const [key, value] of externalId === null ? [] : externalIds) {
          const [theirs, ofKind, other] = JSON.parse(key) as [string, string, string]
          if (theirs !== client || ofKind !== kind || value !== externalId || other === id) continue
          // A name whose record is gone is free again.
          if (isThere(other)) throw new UniqueViolation('externalId', value)
          externalIds.delete(key)
        }
        if (externalId === null) externalIds.delete(externalKey(client, kind, id))
        else externalIds.set(externalKey(client, kind, id), externalId)
      }),
  }
}

/** The audit in memory, with the records of the directory. */
export function memoryAudit(place: Place, turn: Turn): AuditStore {
  const read = (filter: AuditFilter = {}) =>
    place.records.audit.filter((record) => isMeant(record, filter))
  return {
    add: (record) => turn(() => addAudit(place.records, record)),
    record: async (id) => place.records.audit[id - 1] ?? null,
    undoneBy: async (id) => place.records.audit.findLast(({ undoes }) => undoes === id) ?? null,
    async *records(filter) {
      yield* read(filter)
    },
    latest: async (limit, filter) => read(filter).slice(-limit),
  }
}

/** Gives its id. */
export function addAudit({ audit }: DirectoryRecords, record: Omit<AuditRecord, 'id'>): number {
  const id = audit.length + 1
  // As a database keeps it, and so that nobody changes it by what he handed over.
  audit.push(JSON.parse(JSON.stringify({ ...record, id })) as AuditRecord)
  return id
}

function isMeant(record: AuditRecord, { after, since, until, who, door, targetId }: AuditFilter) {
  return (
    (after === undefined || record.id > after) &&
    (since === undefined || record.at >= since) &&
    (until === undefined || record.at <= until) &&
    (who === undefined || record.who === who) &&
    (door === undefined || record.door === door) &&
    (targetId === undefined || record.target.id === targetId)
  )
}
