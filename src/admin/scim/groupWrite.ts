import { attributeKey, readAttributePath } from './attributePath.ts'
import type { Filter } from './filter/parse.ts'
import { isObject, type ScimObject, type ScimValue } from './json.ts'
import { urns } from './names.ts'
import { type PatchOperation, readPatch } from './patch.ts'
import { mustHaveSchema } from './schemasOf.ts'
import { bad } from './scimError.ts'
import { externalIdValue, memberIds, textValue } from './values.ts'

/** What one request writes of a group. */
export interface GroupWrite {
  displayName: string | undefined
  /** Undefined: as it is. */
  externalId: string | null | undefined
  /** Those who were members before and are not in `remove` stay, unless `replacesMembers`. */
  replacesMembers: boolean
  readonly add: Set<string>
  readonly remove: Set<string>
}

/** Reads a group as POST and PUT send it; PUT without `members` empties it (RFC 7644 section 3.5.1). Throws ScimError. */
export function readGroup(body: ScimObject): GroupWrite {
  mustHaveSchema(body, urns.group)
  const write = { ...emptyWrite(), replacesMembers: true }
  const name = body.get('displayname')
  // That it says something is a rule of the directory.
  if (typeof name !== 'string') bad('invalidValue', 'displayName: every group must have one.')
  write.displayName = name
  const externalId = body.get('externalid')
  if (externalId !== undefined) write.externalId = externalIdValue(externalId)
  for (const id of memberIds(body.get('members') ?? null)) write.add.add(id)
  return write
}

/** Reads a PATCH of a group, operation after operation, in Okta's and in Entra's dialects. Throws ScimError. */
export function patchGroup(body: ScimObject): GroupWrite {
  const write = emptyWrite()
  for (const operation of readPatch(body)) {
    const { op, path, pathText, value } = operation
    if (path === null) {
      // Okta sends the id along with a new name: what the server writes is no change.
      for (const [name, each] of isObject(value) ? value : []) {
        const named = readAttributePath(name)
        const key = named === null ? name : attributeKey(named, urns.group)
        if (!readOnly.has(key)) apply(write, op, key, name, each)
      }
    } else if (path.filter !== null) {
      applyToSome(write, operation, path.filter, attributeKey(path.path, urns.group))
    } else {
      const key = attributeKey(path.path, urns.group)
      if (readOnly.has(key)) bad('mutability', `${pathText}: it is written by the server.`)
      apply(write, op, key, pathText, value)
    }
  }
  return write
}

const readOnly: ReadonlySet<string> = new Set(['id', 'meta', 'schemas'])

function emptyWrite(): GroupWrite {
  return {
    displayName: undefined,
    externalId: undefined,
    replacesMembers: false,
    add: new Set(),
    remove: new Set(),
  }
}

function apply(
  write: GroupWrite,
  op: PatchOperation['op'],
  key: string,
  shown: string,
  value: ScimValue | undefined,
): void {
  switch (key) {
    case 'displayname': {
      const name = op === 'remove' ? null : textValue('displayName', value ?? null)
      if (name === null) bad('mutability', 'displayName: every group has one.')
      write.displayName = name
      return
    }
    case 'externalid':
      write.externalId = op === 'remove' ? null : externalIdValue(value ?? null)
      return
    case 'members':
    case 'members.value':
      applyMembers(write, op, value)
      return
  }
  bad('invalidPath', `${shown}: groups have no such attribute (see /Schemas).`)
}

function applyMembers(
  write: GroupWrite,
  op: PatchOperation['op'],
  value: ScimValue | undefined,
): void {
  // Entra removes by value, Okta by path; without either all go.
  const isAll = op === 'replace' || (op === 'remove' && (value === undefined || value === null))
  if (isAll) {
    write.replacesMembers = true
    write.add.clear()
    write.remove.clear()
  }
  const ids = memberIds(value ?? null)
  if (op === 'remove') drop(write, ids)
  else {
    for (const id of ids) {
      write.add.add(id)
      write.remove.delete(id)
    }
  }
}

/** `members[value eq "id"]`: members are chosen by their ids, one or several by `or`. */
function applyToSome(
  write: GroupWrite,
  { op, pathText }: PatchOperation,
  filter: Filter,
  key: string,
): void {
  if (key !== 'members') bad('invalidPath', `${pathText}: it has no values to choose from.`)
  if (op !== 'remove') {
    bad('invalidPath', `${pathText}: a member can be removed; add others by the path members.`)
  }
  drop(write, chosenIds(filter, pathText))
}

function drop(write: GroupWrite, ids: readonly string[]): void {
  for (const id of ids) {
    write.add.delete(id)
    write.remove.add(id)
  }
}

function chosenIds(filter: Filter, pathText: string): readonly string[] {
  if (filter.kind === 'or') return filter.filters.flatMap((each) => chosenIds(each, pathText))
  const isById =
    filter.kind === 'compare' &&
    filter.op === 'eq' &&
    filter.path.name === 'value' &&
    filter.path.sub === null
  if (isById && typeof filter.value === 'string') return [filter.value]
  return bad('invalidPath', `${pathText}: members are chosen by value eq "id", several by or.`)
}
