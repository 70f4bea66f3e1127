import type { Model } from './model.ts'
import {
  type DoorName,
  kept,
  type ModelGroup,
  type ModelRecord,
  notFound,
  type Outcome,
  type Person,
  refused,
} from './modelTypes.ts'
import { groupRules } from './pool.ts'

export interface Members {
  readonly add: readonly (Person | null)[]
  readonly remove: readonly Person[]
}

/** Makes a group; by SCIM with members at once, which is a change of its own. */
export function createGroup(
  model: Model,
  door: DoorName,
  displayName: string,
  description: string | null,
  members: readonly (Person | null)[],
): Outcome {
  const problems = groupProblems(model.groups, displayName, null)
  if (problems.length > 0) return refused(...problems)
  if (members.some((person) => !person?.isHere)) return refused('members memberNotFound')
  const group: ModelGroup = {
    id: '',
    isHere: true,
    displayName,
    description,
    members: new Set(),
  }
  model.groups.push(group)
  model.record({ action: 'groupCreated', door, target: group, before: null, after: null })
  return changeMembers(model, group, door, { add: members, remove: [] })
}

export function renameGroup(
  model: Model,
  group: ModelGroup | null,
  door: DoorName,
  input: Partial<Pick<ModelGroup, 'displayName' | 'description'>>,
  undoes: ModelRecord | null = null,
): Outcome {
  if (!group?.isHere) return notFound
  const { displayName = group.displayName, description = group.description } = input
  if (displayName === group.displayName && description === group.description) return kept
  const problems = groupProblems(model.groups, displayName, group)
  if (problems.length > 0) return refused(...problems)
  const { displayName: name, description: text } = group
  const before = { displayName: name, description: text } as object
  Object.assign(group, { displayName, description })
  const after = { displayName, description } as object
  model.record({ action: 'groupChanged', door, target: group, before, after, undoes })
  return kept
}

/** Who is in already, or not in, is left alone. */
export function changeMembers(
  model: Model,
  group: ModelGroup | null,
  door: DoorName,
  { add, remove }: Members,
  undoes: ModelRecord | null = null,
): Outcome {
  if (!group?.isHere) return notFound
  const coming = add.filter((person) => person?.isHere === true) as Person[]
  if (coming.length < add.length) return refused('members memberNotFound')
  const went = new Set(remove.filter((person) => group.members.has(person)))
  for (const person of went) group.members.delete(person)
  const came = new Set(coming.filter((person) => !group.members.has(person)))
  for (const person of came) group.members.add(person)
  if (came.size + went.size === 0) return kept
  const action = 'groupMembersChanged'
  model.record({ action, door, target: group, before: null, after: null, came, went, undoes })
  return kept
}

export function deleteGroup(
  model: Model,
  group: ModelGroup | null,
  door: DoorName,
  undoes: ModelRecord | null = null,
): Outcome {
  if (!group?.isHere) return notFound
  group.isHere = false
  const went = new Set([...group.members].filter(({ isHere }) => isHere))
  group.members.clear()
  const { displayName, description } = group
  const before = { displayName, description } as object
  const action = 'groupDeleted'
  model.record({ action, door, target: group, before, after: null, went, undoes })
  return kept
}

export function groupProblems(
  groups: readonly ModelGroup[],
  name: string,
  self: ModelGroup | null,
): string[] {
  const rule = groupRules.get(name)
  const problems = rule === undefined ? [] : [`displayName ${rule}`]
  const isTaken = groups.some(
    (each) => each !== self && each.isHere && each.displayName.toLowerCase() === name.toLowerCase(),
  )
  return isTaken ? [...problems, 'displayName groupExists'] : problems
}

/** One member by one door: the command line finds people by name; to Graph who is in already, or not in, is a mistake. */
export function memberOutcome(
  model: Model,
  { door, side }: { readonly door: DoorName; readonly side: 'add' | 'remove' },
  group: ModelGroup | null,
  person: Person | null,
): Outcome {
  if (!group?.isHere) return notFound
  const isMember = person !== null && group.members.has(person)
  if (door === 'commandLine' && !person?.isHere) return notFound
  if (door === 'graph' && side === 'remove' && !(isMember && person.isHere)) return notFound
  if (door === 'graph' && side === 'add' && isMember && person.isHere) {
    return refused('alreadyMember')
  }
  const add = side === 'add' ? [person] : []
  const remove = side === 'remove' && person !== null ? [person] : []
  return changeMembers(model, group, door, { add, remove })
}
