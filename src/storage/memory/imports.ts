import type { AuditRecord } from '../../directory/audit.ts'
import { importUndoneAudit } from '../../directory/importAudit.ts'
import { importedChange } from '../../directory/importChanges.ts'
import {
  type ImportRecord,
  type ImportStore,
  type Obstacle,
  type Origin,
  toldObstacles,
} from '../../directory/imports.ts'
import { originsByProperty } from '../../directory/origins.ts'
import type { User } from '../../directory/types.ts'
import { compareTexts, domainOfKey } from '../text.ts'
import type { Place as Home, Turn } from './directory.ts'
import type { DirectoryRecords, Place } from './directoryRecords.ts'
import { memoryStage } from './importStage.ts'
import { addAudit } from './people.ts'

/** The imports of a directory in memory. */
export function memoryImports(home: Home, turn: Turn): ImportStore {
  return {
    imports: async () => home.records.imports.toReversed(),
    async origins(userId) {
      const { records } = home
      const since = [...(records.origins.get(userId) ?? [])].map(
        ([property, place]) => [property, originAt(records, place)] as const,
      )
      return originsByProperty(originAt(records, records.made.get(userId)), new Map(since))
    },
    stage: async () => memoryStage(home, turn),
    undo: (id, by) =>
      turn(() => {
        const record = home.records.imports.find((each) => each.id === id)
        if (record === undefined) return { kind: 'unknown' }
        if (record.undoneAt !== null) return { kind: 'alreadyUndone', record }
        const obstacles = obstaclesOf(home.records, record)
        if (obstacles.length > 0) {
          const told = obstacles.slice(0, toldObstacles)
          return { kind: 'refused', obstacles: told, count: obstacles.length }
        }
        const draft = home.records.copy()
        const done = bringBack(draft, id)
        const undone = { ...record, undoneAt: by.at, undoneBy: by.who }
        draft.imports[draft.imports.indexOf(record)] = undone
        const isIts = ({ action, target }: AuditRecord) =>
          action === 'usersImported' && target.id === String(id)
        const undoes = draft.audit.find(isIts)?.id ?? null
        addAudit(draft, importUndoneAudit(undone, by, done, undoes))
        home.records = draft
        return { kind: 'undone', record: undone, ...done }
      }),
    async *changes(id) {
      const { records } = home
      for (const [userId, { before, line, lastModifiedDateTime: leftAt }] of byUser(
        records.importChanges.get(id) ?? new Map(),
      )) {
        const present = records.users.get(userId) ?? null
        const after = asLeft(records, userId, id, leftAt)
        yield importedChange({ line, before, after, present, leftAt })
      }
      const leftAt = records.imports.find((each) => each.id === id)?.at ?? null
      for (const [userId, { importId, line }] of byUser(records.made)) {
        const present = records.users.get(userId)
        if (importId !== id || present === undefined) continue
        const after = asLeft(records, userId, id, leftAt)
        yield importedChange({ line, before: null, after, present, leftAt })
      }
    },
  }
}

function byUser<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareTexts(a, b))
}

/** The user as an import left it: as it is now, or as the next import found it; null when another door came between. */
function asLeft(
  records: DirectoryRecords,
  userId: string,
  id: number,
  leftAt: number | null,
): User | null {
  const later = records.imports.find(
    (each) => each.id > id && records.importChanges.get(each.id)?.has(userId),
  )
  const found = later && records.importChanges.get(later.id)?.get(userId)?.before
  const isLeft = (user: User | undefined) => user?.lastModifiedDateTime === leftAt
  return [records.users.get(userId), found].find(isLeft) ?? null
}

function originAt(records: DirectoryRecords, place: Place | null | undefined): Origin | null {
  const record = records.imports.find(({ id }) => id === place?.importId)
  if (!place || record === undefined) return null
  return { importId: record.id, file: record.file, at: record.at, line: place.line }
}

function obstaclesOf(records: DirectoryRecords, record: ImportRecord): readonly Obstacle[] {
  const obstacles: Obstacle[] = []
  const { id } = record
  const changes = records.importChanges.get(id) ?? new Map()
  const add = (
    kind: Obstacle['kind'],
    subject: User,
    line: number | null,
    culprit: { readonly id: string; readonly at: number | null },
  ) => {
    const by = laterChange(records, culprit.id, id)
    const { userPrincipalName } = subject
    obstacles.push({ kind, userPrincipalName, line, at: culprit.at, by })
  }
  for (const [userId, place] of records.made) {
    const user = records.users.get(userId)
    if (place.importId === id && user && user.lastModifiedDateTime !== record.at) {
      add('changedSince', user, place.line, { id: userId, at: user.lastModifiedDateTime })
    }
    const isMember = [...records.members.values()].some((members) => members.has(userId))
    if (place.importId === id && user && isMember) {
      add('joinedSince', user, place.line, { id: userId, at: null })
    }
  }
  for (const later of records.imports.filter((each) => each.id > id && each.undoneAt === null)) {
    for (const [userId, { line, made, before }] of records.importChanges.get(later.id) ?? []) {
      if (line === null && made?.importId === id) {
        add('goneSince', before, made.line, { id: userId, at: null })
      }
    }
  }
  for (const [userId, { before, line, lastModifiedDateTime }] of changes) {
    const user = records.users.get(userId)
    if (line !== null && user === undefined)
      add('goneSince', before, line, { id: userId, at: null })
    if (user && user.lastModifiedDateTime !== lastModifiedDateTime) {
      add('changedSince', user, line, { id: userId, at: user.lastModifiedDateTime })
    }
    const { onPremisesImmutableId: anchor, userPrincipalName } = before
    const holders = [
      anchor === null ? undefined : records.userByImmutableId.get(anchor),
      records.userByKey.get(records.keyOf(userPrincipalName)),
    ]
    for (const holder of holders) {
      const isOther = holder && holder.id !== userId && !changes.has(holder.id)
      if (isOther && records.made.get(holder.id)?.importId !== id) {
        add('valueTaken', before, line, { id: holder.id, at: holder.lastModifiedDateTime })
      }
    }
    if (!records.domains.has(domainOfKey(records.keyOf(userPrincipalName)))) {
      add('domainGone', before, line, { id: userId, at: null })
    }
  }
  return obstacles
}

/** The newest import after `id` that changed or made the user. */
function laterChange(records: DirectoryRecords, userId: string, id: number): Origin | null {
  for (const later of records.imports.toReversed()) {
    if (later.id <= id || later.undoneAt !== null) continue
    const change = records.importChanges.get(later.id)?.get(userId)
    const line = change === undefined ? null : (change.line ?? 0)
    if (line !== null) return originAt(records, { importId: later.id, line })
  }
  const made = records.made.get(userId)
  return made !== undefined && made.importId > id ? originAt(records, made) : null
}

function bringBack(records: DirectoryRecords, id: number) {
  let removed = 0
  for (const [userId, place] of [...records.made]) {
    if (place.importId !== id) continue
    records.removeUser(userId)
    removed += 1
  }
  const changes = [...(records.importChanges.get(id) ?? [])]
  for (const [userId] of changes) records.removeUser(userId)
  records.writeUsers(changes.map(([, { before }]) => ({ kind: 'create', user: before })))
  for (const [userId, { made, origins }] of changes) {
    if (made !== null) records.made.set(userId, made)
    records.origins.set(userId, origins)
  }
  const broughtBack = changes.filter(([, { line }]) => line === null).length
  return { removed, restored: changes.length - broughtBack, broughtBack }
}
