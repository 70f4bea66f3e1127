import { asciiLowerCase } from '../../directory/characters.ts'
import type { User } from '../../directory/types.ts'
import { readAttributePath } from './attributePath.ts'
import { isObject, type ScimObject, type ScimValue } from './json.ts'
import { urns } from './names.ts'
import { mustHaveSchema } from './schemasOf.ts'
import { bad } from './scimError.ts'
import { userTarget } from './userAttributes.ts'
import { type AnchorPlace, UserWrite } from './userWrite.ts'

/**
 * Reads a user as POST and PUT send it (RFC 7644 sections 3.3, 3.5.1). `before` is null for POST. What is not kept is ignored, but for
 * unknown names in our own extension: a slip there would lose an ImmutableId. Throws ScimError.
 */
export function readUser(
  body: ScimObject,
  before: User | null,
  anchorPlace: AnchorPlace,
): UserWrite {
  mustHaveSchema(body, urns.user)
  const write = new UserWrite(before, anchorPlace)
  const userName = body.get('username')
  if (typeof userName !== 'string' || userName === '') {
    bad('invalidValue', 'userName: every user must have one, such as name@customer.com.')
  }
  mustAgree(body, anchorPlace)
  for (const [name, value] of body) writeMember(write, name, value, 'resource')
  if (before !== null) write.clearUnmentioned()
  return write
}

/**
 * Writes one member of a resource, or of the value of a PATCH without path, whose names may be paths (`name.givenName`,
 * `urn:...:User:department`).
 */
export function writeMember(
  write: UserWrite,
  name: string,
  value: ScimValue,
  from: 'resource' | 'patch',
): void {
  const path = readAttributePath(name)
  const target = path === null ? ({ kind: 'unknown' } as const) : userTarget(path)
  switch (target.kind) {
    case 'complex':
      if (isObject(value)) {
        for (const [part, each] of value) writeMember(write, target.prefix + part, each, from)
      } else if (value !== null) {
        bad('invalidValue', `${name}: it must be an object.`)
      }
      return
    case 'kept':
      // Of a list's parts only `value` is kept (`emails.value`).
      if (target.sub !== null && target.sub !== 'value') return
      // A resource that has none of it leaves it alone; a PATCH would take it away.
      if (from === 'resource' && isEmpty(value) && target.attribute.isRequired === true) return
      write.assign(target.attribute, value)
      return
    case 'externalId':
      write.assignExternalId(value)
      return
    case 'password':
      write.assignPassword(value)
      return
    case 'ignored':
    case 'readOnly':
      return
    case 'unknown':
      unknownName(name, from)
  }
}

function isEmpty(value: ScimValue): boolean {
  return value === null || value === ''
}

function unknownName(name: string, from: 'resource' | 'patch'): void {
  const shown = name.length > 120 ? `${name.slice(0, 120)}...` : name
  // By its text: a name of ours with a space in it is no path, and a slip all the same.
  if (asciiLowerCase(name).startsWith(`${urns.homerealm.toLowerCase()}:`)) {
    bad('invalidValue', `${shown}: the extension has no such attribute (see /Schemas).`)
  }
  if (from === 'patch') bad('invalidPath', `${shown}: there is no such attribute (see /Schemas).`)
}

/** One ImmutableId, if it comes in both places. */
function mustAgree(body: ScimObject, anchorPlace: AnchorPlace): void {
  const extension = body.get(urns.homerealm.toLowerCase())
  const anchor = isObject(extension) ? extension.get('immutableid') : undefined
  const externalId = body.get('externalid')
  if (anchorPlace === 'extension' || anchor === undefined || externalId === undefined) return
  if (anchor !== externalId) {
    bad(
      'invalidValue',
      'externalId is the ImmutableId for this client, and the extension has another one.',
    )
  }
}
