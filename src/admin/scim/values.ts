import { forbiddenInText } from '../../directory/users.ts'
import { isArray, isObject, type ScimValue } from './json.ts'
import { limits } from './names.ts'
import { bad } from './scimError.ts'

/** What a request writes into one attribute, in the form that our rules take. Each throws ScimError `invalidValue` naming the attribute. */

/** A text; null for none (null, or the empty text that identity providers send for it). */
export function textValue(attribute: string, given: ScimValue): string | null {
  const value = unwrapped(given)
  if (value === null || value === '') return null
  return typeof value === 'string' ? value : bad('invalidValue', `${attribute}: it must be a text.`)
}

/** An empty text, which says nothing of whether something is to go or its mapping has broken. */
export function isEmptyText(given: ScimValue): boolean {
  return unwrapped(given) === ''
}

/** A flag; Entra writes `"True"` and `"False"`. Null for null. */
export function flagValue(attribute: string, given: ScimValue): boolean | null {
  const value = unwrapped(given)
  if (value === null || typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  if (word === 'true' || word === 'false') return word === 'true'
  return bad('invalidValue', `${attribute}: it must be true or false.`)
}

/** What a client calls the record: kept byte for byte. */
export function externalIdValue(given: ScimValue): string | null {
  const value = textValue('externalId', given)
  if (value === null) return null
  if (value.length > limits.externalIdLength) {
    bad('invalidValue', `externalId: ${limits.externalIdLength} characters are the most.`)
  }
  if (forbiddenInText.test(value)) {
    bad('invalidValue', 'externalId: it has a character that is not allowed, such as a line break.')
  }
  return value
}

/** The ids in a list of members, or in a single one. Each is `{ "value": id }`; nested groups are not kept. */
export function memberIds(given: ScimValue): readonly string[] {
  if (given === null) return []
  return (isArray(given) ? given : [given]).map((member) => {
    const id = isObject(member) ? member.get('value') : member
    if (typeof id !== 'string' || id === '') {
      bad('invalidValue', 'members: each must have the id of a user as its value.')
    }
    const type = isObject(member) ? member.get('type') : undefined
    if (typeof type === 'string' && type.toLowerCase() === 'group') {
      bad('invalidValue', 'members: groups have users as members, and no groups.')
    }
    return id
  })
}

/** Entra's older dialect wraps single values: `[{ "value": "x" }]`. */
function unwrapped(given: ScimValue): ScimValue {
  const single = isArray(given) && given.length === 1 ? given[0] : given
  if (!isObject(single)) return single ?? null
  return single.get('value') ?? single
}
