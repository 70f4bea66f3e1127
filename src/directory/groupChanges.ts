import type { AuditAction, AuditValues, RecordedAct } from './audit.ts'
import { DirectoryError, type DirectoryProblem, forbid } from './directoryError.ts'
import { UnknownMember } from './errors.ts'
import type { Group, Membership } from './groups.ts'
import type { DirectoryStore } from './ports.ts'
import { onlyAct } from './userChanges.ts'
import { forbiddenInText } from './users.ts'

export interface GroupInput {
  readonly displayName: string
  readonly description?: string | null
}

/** Most characters, as Graph's `group` resource has them. */
const maxLengths = { displayName: 256, description: 1024 } as const

/**
 * Makes a group without members, inside the caller's transaction, and records it. Throws DirectoryError `valueRequired`, `valueTooLong`,
 * `valueMalformed`, `groupExists`.
 */
export async function createGroup(
  tx: DirectoryStore,
  { displayName, description = null }: GroupInput,
  context: RecordedAct & { readonly newId: () => string },
): Promise<Group> {
  const { at: createdDateTime, newId } = context
  const group = {
    id: newId(),
    displayName,
    description,
    createdDateTime,
    lastModifiedDateTime: createdDateTime,
  }
  await mustBeSound(tx, group)
  await tx.groups.write({ kind: 'create', group })
  await record(tx, context, 'groupCreated', group, null, { displayName, description })
  return group
}

/** Changes what the input names; throws as `createGroup` does. `before` is the group as the transaction sees it. */
export async function changeGroup(
  tx: DirectoryStore,
  before: Group,
  input: Partial<GroupInput>,
  act: RecordedAct,
): Promise<Group> {
  const group = { ...before, ...input }
  const { displayName, description } = group
  if (displayName === before.displayName && description === before.description) return before
  await mustBeSound(tx, group)
  const changed = { ...group, lastModifiedDateTime: later(act, before) }
  await tx.groups.write({ kind: 'update', before, group: changed })
  const names = (['displayName', 'description'] as const).filter(
    (name) => before[name] !== group[name],
  )
  const values = (of: Group) => Object.fromEntries(names.map((name) => [name, of[name]]))
  await record(tx, act, 'groupChanged', changed, values(before), values(changed))
  return changed
}

/**
 * Adds and removes members. Who is in already, or not in, is left alone; nothing is written when nobody changes. Throws DirectoryError
 * `memberNotFound`.
 */
export async function changeMembers(
  tx: DirectoryStore,
  before: Group,
  membership: Membership,
  act: RecordedAct,
): Promise<Group> {
  const { add, remove } = await tx.groups.changeMembers(before.id, membership).catch(noSuchMember)
  if (add.length + remove.length === 0) return before
  const group = { ...before, lastModifiedDateTime: later(act, before) }
  await tx.groups.write({ kind: 'update', before, group })
  await record(tx, act, 'groupMembersChanged', group, { removed: remove }, { added: add })
  return group
}

/** Removes a group, and records it with its members. */
export async function deleteGroup(
  tx: DirectoryStore,
  group: Group,
  act: RecordedAct,
): Promise<void> {
  const members = await tx.groups.members(group.id)
  await tx.groups.write({ kind: 'delete', group })
  const before = { ...group, members: members.map(({ id }) => id) }
  await record(tx, act, 'groupDeleted', group, before, null)
}

/**
 * Brings a deleted group back as it was, with its id, and records it. Of its members, those who are still users here. Throws as
 * `createGroup` does.
 */
export async function restoreGroup(
  tx: DirectoryStore,
  former: Group,
  members: readonly string[],
  act: RecordedAct,
): Promise<Group> {
  await mustBeSound(tx, former)
  const group = { ...former, lastModifiedDateTime: later(act, former) }
  await tx.groups.write({ kind: 'create', group })
  const found = await Promise.all(members.map((id) => tx.user(id)))
  const add = found.filter((user) => user !== null).map(({ id }) => id)
  await tx.groups.changeMembers(group.id, { add, remove: [] })
  const { displayName, description } = group
  await record(tx, act, 'groupCreated', group, null, { displayName, description, members: add })
  return group
}

function noSuchMember(error: unknown): never {
  if (!(error instanceof UnknownMember)) throw error
  return forbid('memberNotFound', 'members', `There is no user ${error.userId}.`)
}

/** Times of one group only go forward, as those of users do. */
function later({ at }: RecordedAct, { lastModifiedDateTime }: Group): number {
  return Math.max(at, lastModifiedDateTime + 1)
}

async function mustBeSound(tx: DirectoryStore, group: Group): Promise<void> {
  const problems = [...textProblems(group)]
  const namesake = await tx.groups.groupByName(group.displayName)
  if (namesake !== null && namesake.id !== group.id) {
    const message = `There is a group ${namesake.displayName} already.`
    problems.push({ rule: 'groupExists', field: 'displayName', message })
  }
  if (problems.length > 0) throw DirectoryError.ofAll(problems)
}

function* textProblems(group: Group): Generator<DirectoryProblem> {
  for (const field of ['displayName', 'description'] as const) {
    const value = group[field]
    if (value === null) continue
    const most = maxLengths[field]
    if (value.trim() === '' && field === 'displayName') {
      yield { rule: 'valueRequired', field, message: 'It must not be empty.' }
    } else if ([...value].length > most) {
      const message = `It has ${[...value].length} characters; ${most} are the most.`
      yield { rule: 'valueTooLong', field, message }
    } else if (forbiddenInText.test(value)) {
      const message = 'It has a control character, or one that changes the direction of text.'
      yield { rule: 'valueMalformed', field, message }
    }
  }
}

async function record(
  tx: DirectoryStore,
  act: RecordedAct,
  action: AuditAction,
  { id, displayName }: Group,
  before: AuditValues | null,
  after: AuditValues | null,
): Promise<void> {
  const target = { kind: 'group', id, name: displayName } as const
  await tx.audit.add({ ...onlyAct(act), action, target, before, after })
}
