import type { User } from '../../directory/types.ts'
import { readAttributePath } from './attributePath.ts'
import { type Element, matches, namesIn } from './filter/matches.ts'
import { type Filter, parsePatchPath } from './filter/parse.ts'
import { isArray, isObject, type ScimObject, type ScimValue } from './json.ts'
import { type PatchOperation, readPatch } from './patch.ts'
import { writeMember } from './readUser.ts'
import { bad } from './scimError.ts'
import { type KeptAttribute, keptAttributes, userTarget } from './userAttributes.ts'
import { type AnchorPlace, chosenValue, textOfValues, UserWrite } from './userWrite.ts'
import { textValue } from './values.ts'

/** Reads a PATCH of a user, operation after operation, in Okta's and in Entra's dialects. Throws ScimError. */
export function patchUser(body: ScimObject, before: User, anchorPlace: AnchorPlace): UserWrite {
  const write = new UserWrite(before, anchorPlace)
  for (const operation of readPatch(body)) apply(write, operation)
  return write
}

function apply(write: UserWrite, operation: PatchOperation): void {
  const { op, path, pathText, value } = operation
  if (path === null) {
    // Okta's and Entra's: the members are attributes, or paths of them.
    for (const [name, each] of isObject(value) ? value : []) applyMember(write, op, name, each)
    return
  }
  const target = userTarget(path.path)
  if (target.kind === 'readOnly') bad('mutability', `${pathText}: it is written by the server.`)
  if (target.kind === 'ignored') return
  if (target.kind === 'kept' && target.attribute.kind === 'values') {
    applyToValues(write, operation, target.attribute, path.filter, target.sub)
    return
  }
  if (path.filter !== null) {
    bad('invalidPath', `${pathText}: it has no values that could be chosen from.`)
  }
  if (op === 'remove') remove(write, operation, target)
  else if (value !== undefined) writeMember(write, pathText, value, 'patch')
}

function applyMember(
  write: UserWrite,
  op: PatchOperation['op'],
  name: string,
  value: ScimValue,
): void {
  const plain = name.includes('[') ? null : readAttributePath(name)
  const target = plain === null ? null : userTarget(plain)
  const isOfValues = target?.kind === 'kept' && target.attribute.kind === 'values'
  if (name.includes('[') || isOfValues) {
    apply(write, { op, path: parsePatchPath(name), pathText: name, value })
  } else {
    writeMember(write, name, value, 'patch')
  }
}

function remove(
  write: UserWrite,
  { pathText }: PatchOperation,
  target: ReturnType<typeof userTarget>,
): void {
  switch (target.kind) {
    case 'kept':
      write.clear(target.attribute)
      return
    case 'complex':
      for (const attribute of keptAttributes) {
        const isPart = attribute.path.toLowerCase().startsWith(target.prefix)
        if (isPart && !('isRequired' in attribute)) write.clear(attribute)
      }
      return
    case 'externalId':
      write.assignExternalId(null)
      return
    case 'unknown':
      bad('invalidPath', `${pathText}: there is no such attribute (see /Schemas).`)
  }
  if (target.kind === 'password') bad('mutability', 'password: it can be set, and not taken away.')
}

/** One operation on e-mails or telephone numbers, of which one value is kept. */
function applyToValues(
  write: UserWrite,
  { op, pathText, value = null }: PatchOperation,
  attribute: KeptAttribute,
  filter: Filter | null,
  sub: string | null,
): void {
  // Type, primary and display of the value that is kept are always the same.
  if (sub !== null && sub !== 'value') return
  const now = write.now(attribute.property)
  if (filter !== null && !isChosen(filter, attribute, now)) {
    // A value of a type that is not kept is ignored; one that is looked for by itself must be there.
    if (op !== 'remove' && namesIn(filter).includes('value')) {
      bad('noTarget', `${pathText}: no value is like that.`)
    }
    return
  }
  if (op === 'remove') {
    const isOther = value !== null && textOfValues(attribute, value) !== now
    if (!isOther) write.clear(attribute)
    return
  }
  if (sub === 'value') {
    write.assign(attribute, [new Map([['value', textValue(attribute.path, value)]])])
    return
  }
  const values = isArray(value) ? value : [value]
  if (filter !== null) {
    const [single] = values
    const text = isObject(single) ? (single.get('value') ?? now) : (single ?? null)
    write.assign(attribute, [new Map([['value', textValue(attribute.path, text)]])])
    return
  }
  // What is added beside the value that is kept does not replace it.
  const chosen = chosenValue(attribute, value, op === 'add' && now !== null)
  if (chosen !== null || op === 'replace') write.assign(attribute, chosen)
}

function isChosen(
  filter: Filter,
  { fixed = {} }: KeptAttribute,
  now: string | boolean | null,
): boolean {
  const element: Element = new Map([...Object.entries(fixed), ['value', now]])
  return matches(filter, element)
}
