import type { Act, AuditAction, AuditRecord, AuditValues, RecordedAct } from './audit.ts'
import { newerAbout, standsInTheWay, takenBackBy, withCulprits } from './auditObstacles.ts'
import { forbid } from './directoryError.ts'
import { changeGroup, changeMembers, deleteGroup, restoreGroup } from './groupChanges.ts'
import type { Group } from './groups.ts'
import type { DirectoryStore } from './ports.ts'
import { type User, userDefaults } from './types.ts'
import { changeUser, deleteUser, lenientAnchors, restoreUser } from './userChanges.ts'

type Undo = (tx: DirectoryStore, record: AuditRecord, act: RecordedAct) => Promise<unknown>

/** How each kind of change is taken back. The others have a way of their own, or none. */
const undos: Partial<Readonly<Record<AuditAction, Undo>>> = {
  userCreated: undoUserCreated,
  userChanged: undoUserChanged,
  userDeleted: undoUserDeleted,
  groupCreated: undoGroupCreated,
  groupChanged: undoGroupChanged,
  groupMembersChanged: undoMembersChanged,
  groupDeleted: undoGroupDeleted,
}

/** Whether `undoChange` takes this kind of change back. */
export function isUndoable(action: AuditAction): boolean {
  return undos[action] !== undefined
}

/** Why a kind of change cannot be taken back here. */
const otherWays: Partial<Readonly<Record<AuditAction, string>>> = {
  usersImported: 'homerealm users undo takes an import back',
  importUndone: 'import the file again',
  domainsChanged: 'homerealm domains undo takes a change of domains back',
}

/**
 * Takes a recorded change of a user or a group back, inside the caller's transaction; that is a change itself, whose record names this
 * one. Only what the record changed is brought back. Throws DirectoryError: `changeNotFound`; `changeUndone`; `changeNotUndoable`;
 * `changedSince`, which names the newer change; and the rules that the former values would break now.
 */
export async function undoChange(
  tx: DirectoryStore,
  id: number,
  { at, who, door }: Act,
): Promise<AuditRecord> {
  const record = await tx.audit.record(id)
  if (record === null) return forbid('changeNotFound', 'id', `There is no record ${id}.`)
  const by = await takenBackBy(tx.audit, id)
  if (by !== null) {
    forbid('changeUndone', 'id', `Record ${id} was undone already, by record ${by.id}.`)
  }
  const undo = undos[record.action]
  if (undo === undefined) {
    const why = otherWays[record.action] ?? 'what was there before is not kept'
    forbid('changeNotUndoable', 'id', `Record ${id} (${record.action}) is not undone here: ${why}.`)
  }
  await withCulprits(tx, record, () => undo(tx, record, { at, who, door, undoes: id }))
  const [newest] = await tx.audit.latest(1)
  if (newest?.undoes !== id) {
    forbid('changedSince', 'id', `Nothing that record ${id} did is left to take back.`)
  }
  return record
}

async function undoUserCreated(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const user = await existing(tx, record, await tx.user(record.target.id))
  await mustBeAsLeft(tx, record, user)
  const [newer] = await newerAbout(tx.audit, record)
  if (newer !== undefined) standsInTheWay(record, newer)
  const [group] = await tx.groups.groupsOf(user.id)
  const hadGroups = Array.isArray(record.after?.memberOf)
  if (group !== undefined && !hadGroups) {
    const message = `${user.userPrincipalName} is a member of ${group.displayName} since: take that back first (homerealm audit --target ${group.id}).`
    forbid('changedSince', 'id', message)
  }
  await deleteUser(tx, user, act)
}

async function undoUserChanged(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const user = await existing(tx, record, await tx.user(record.target.id))
  await mustBeAsLeft(tx, record, user)
  // Nothing is made.
  const newId = () => user.id
  await changeUser(tx, user, record.before ?? {}, { ...act, newId, anchors: lenientAnchors })
}

async function undoUserDeleted(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const { memberOf, ...former } = record.before ?? {}
  await mustBeGone(tx, record, await tx.user(record.target.id))
  await restoreUser(tx, { ...userDefaults, ...former } as User, texts(memberOf), act)
}

async function undoGroupCreated(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const group = await existing(tx, record, await tx.groups.group(record.target.id))
  await mustBeAsLeft(tx, record, group)
  const [newer] = await newerAbout(tx.audit, record)
  if (newer !== undefined) standsInTheWay(record, newer)
  await deleteGroup(tx, group, act)
}

async function undoGroupChanged(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const group = await existing(tx, record, await tx.groups.group(record.target.id))
  await mustBeAsLeft(tx, record, group)
  await changeGroup(tx, group, record.before ?? {}, act)
}

async function undoMembersChanged(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const group = await existing(tx, record, await tx.groups.group(record.target.id))
  const [added, removed] = [texts(record.after?.added), texts(record.before?.removed)]
  const touched = new Set([...added, ...removed])
  for (const newer of await newerAbout(tx.audit, record)) {
    const ids = [...texts(newer.after?.added), ...texts(newer.before?.removed)]
    if (ids.some((id) => touched.has(id))) standsInTheWay(record, newer)
  }
  for (const id of removed) {
    if ((await tx.user(id)) !== null) continue
    const [newer] = await tx.audit.latest(1, { targetId: id })
    if (newer !== undefined) standsInTheWay(record, newer)
  }
  await changeMembers(tx, group, { add: removed, remove: added }, act)
}

async function undoGroupDeleted(tx: DirectoryStore, record: AuditRecord, act: RecordedAct) {
  const { members, ...former } = record.before ?? {}
  await mustBeGone(tx, record, await tx.groups.group(record.target.id))
  await restoreGroup(tx, former as unknown as Group, texts(members), act)
}

/** The target as it is now. */
async function existing<T extends object>(
  tx: DirectoryStore,
  record: AuditRecord,
  found: T | null,
): Promise<T> {
  if (found !== null) return found
  const [newer] = (await newerAbout(tx.audit, record)).toReversed()
  if (newer !== undefined) standsInTheWay(record, newer)
  return forbid('changedSince', 'id', `${record.target.name} is gone since record ${record.id}.`)
}

async function mustBeGone(
  tx: DirectoryStore,
  record: AuditRecord,
  found: object | null,
): Promise<void> {
  if (found === null) return
  const [newer] = await newerAbout(tx.audit, record)
  if (newer !== undefined) standsInTheWay(record, newer)
  forbid('changedSince', 'id', `${record.target.name} is here again since record ${record.id}.`)
}

/** Every value that the record set must still be there. */
async function mustBeAsLeft(
  tx: DirectoryStore,
  record: AuditRecord,
  found: User | Group,
): Promise<void> {
  const now: AuditValues = { ...found }
  for (const [property, value] of Object.entries(record.after ?? {})) {
    if (!(property in now) || JSON.stringify(now[property]) === JSON.stringify(value)) continue
    const newer = (await newerAbout(tx.audit, record)).filter(
      ({ before, after }) => property in { ...before, ...after },
    )
    const last = newer.at(-1)
    if (last !== undefined) standsInTheWay(record, last)
    const origin = await tx.originOf(found.id, property as keyof User)
    const what = `${record.target.name}: ${property} was changed since record ${record.id}`
    const message =
      origin === null
        ? `${what}. Bring it back by hand.`
        : `${what}, by import ${origin.importId} (${origin.file}, line ${origin.line}). Take that back first: homerealm users undo ${origin.importId}`
    forbid('changedSince', 'id', message)
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
