import type { Model } from './model.ts'
import { changeMembers, deleteGroup, groupProblems, renameGroup } from './modelGroups.ts'
import { undoImport } from './modelImport.ts'
import {
  kept,
  type ModelGroup,
  type ModelRecord,
  type Outcome,
  type Person,
  refused,
} from './modelTypes.ts'
import type { Property } from './pool.ts'

const door = 'commandLine'
const changedSince = refused('changedSince')

/** Takes a record back, as docs/audit.md says. */
export function undoRecord(model: Model, record: ModelRecord): Outcome {
  const { action, target } = record
  if (action === 'usersImported') {
    return undoImport(model, model.imports.find((each) => each === target) ?? null)
  }
  if (isTakenBack(model, record)) return refused('changeUndone')
  const person = target as Person
  const group = target as ModelGroup
  switch (action) {
    case 'userCreated':
      return undoUserCreated(model, record, person)
    case 'userChanged':
      if (!person.isHere || !isAsLeft(record, person)) return changedSince
      return model.changeUser(person, { door, input: record.before ?? {} }, record)
    case 'userDeleted':
      return person.isHere ? changedSince : bringBack(model, record, person)
    case 'groupCreated':
      if (!group.isHere || newerAbout(model, record).length > 0) return changedSince
      return deleteGroup(model, group, door, record)
    case 'groupChanged': {
      const after = record.after as object as ModelGroup
      const isLeft =
        group.displayName === after.displayName && group.description === after.description
      if (!group.isHere || !isLeft) return changedSince
      return renameGroup(model, group, door, record.before as object, record)
    }
    case 'groupMembersChanged':
      return group.isHere ? undoMembers(model, record, group) : changedSince
    case 'groupDeleted':
      return bringGroupBack(model, record, group)
  }
  return refused('changeNotUndoable')
}

function isTakenBack(model: Model, record: ModelRecord): boolean {
  const by = model.log.findLast(({ undoes }) => undoes === record)
  return by !== undefined && !isTakenBack(model, by)
}

/** Later changes of the same target that stand; passwords are no part of what is taken back. */
function newerAbout(model: Model, record: ModelRecord): ModelRecord[] {
  const place = model.log.indexOf(record)
  return model.log
    .slice(place + 1)
    .filter(
      (each) =>
        each.target === record.target &&
        each.action !== 'credentialsChanged' &&
        !(each.undoes !== null && model.log.indexOf(each.undoes) >= place) &&
        !isTakenBack(model, each),
    )
}

function isAsLeft({ after }: ModelRecord, { values }: Person): boolean {
  return Object.entries(after ?? {}).every(([name, value]) => values[name as Property] === value)
}

function undoUserCreated(model: Model, record: ModelRecord, person: Person): Outcome {
  const hasJoined = model.groupsOf(person).length > 0 && record.came === undefined
  const isUntouched = person.isHere && isAsLeft(record, person)
  if (!isUntouched || hasJoined || newerAbout(model, record).length > 0) return changedSince
  return model.deleteUser(person, door, record)
}

function bringBack(model: Model, record: ModelRecord, person: Person): Outcome {
  const values = record.before as Person['values']
  const problems = [...model.ownProblems(values), ...model.takenProblems(values, null)]
  if (problems.length > 0) return refused(...problems)
  Object.assign(person, { values, isHere: true, stamp: model.stamp(), madeBy: null })
  const came = new Set([...(record.went as Set<ModelGroup>)].filter(({ isHere }) => isHere))
  for (const { members } of came) members.add(person)
  const action = 'userCreated'
  model.record({ action, door, target: person, before: null, after: values, came, undoes: record })
  return kept
}

function undoMembers(model: Model, record: ModelRecord, group: ModelGroup): Outcome {
  const came = [...(record.came ?? [])] as Person[]
  const went = [...(record.went ?? [])] as Person[]
  const isTouched = (each: ModelRecord) =>
    [...came, ...went].some((person) => each.came?.has(person) || each.went?.has(person))
  const newer = newerAbout(model, record).filter((each) => each.action === 'groupMembersChanged')
  if (newer.some(isTouched)) return changedSince
  const gone = went.filter(({ isHere }) => !isHere)
  if (gone.some((person) => model.log.some(({ target }) => target === person))) return changedSince
  const count = model.log.length
  const outcome = changeMembers(model, group, door, { add: went, remove: came }, record)
  return outcome.kept && model.log.length === count ? changedSince : outcome
}

function bringGroupBack(model: Model, record: ModelRecord, group: ModelGroup): Outcome {
  if (group.isHere) return changedSince
  const { displayName, description } = record.before as object as ModelGroup
  const problems = groupProblems(model.groups, displayName, group)
  if (problems.length > 0) return refused(...problems)
  const came = new Set([...(record.went as Set<Person>)].filter(({ isHere }) => isHere))
  Object.assign(group, { displayName, description, isHere: true, members: new Set(came) })
  const nothing = { before: null, after: null }
  model.record({ action: 'groupCreated', door, target: group, ...nothing, came, undoes: record })
  return kept
}
