import { asciiLowerCase } from '../../directory/characters.ts'
import { limits } from './names.ts'
import { bad } from './scimError.ts'

/** A JSON document as SCIM reads it: attribute names are compared without case (RFC 7643 section 2.1), so here they are lower case. */
export type ScimValue = string | number | boolean | null | readonly ScimValue[] | ScimObject
export type ScimObject = ReadonlyMap<string, ScimValue>

/**
 * Reads a document that must be one object. Limits first: `text` is no longer than the payload; how deep and how many is looked at before
 * anything is built. A name that stands twice in one object, in whatever case, is refused: two readers would see two documents. Names from
 * outside are keys of Maps only. Throws ScimError `invalidSyntax`.
 */
export function readScimJson(text: string): ScimObject {
  const names = countNames(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    bad('invalidSyntax', 'The body is no JSON.')
  }
  const counted = { names: 0 }
  const converted = convert(value, counted)
  // What JSON.parse drops of an object is the earlier of two members with one name.
  if (counted.names !== names) bad('invalidSyntax', 'An object of the body has one name twice.')
  return isObject(converted) ? converted : bad('invalidSyntax', 'The body must be a JSON object.')
}

export function isObject(value: ScimValue | undefined): value is ScimObject {
  return value instanceof Map
}

export function isArray(value: ScimValue | undefined): value is readonly ScimValue[] {
  return Array.isArray(value)
}

/** The names of members: the colons outside texts. Refuses what is nested too deep, or has too many values. */
function countNames(text: string): number {
  let [depth, names, values] = [0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = endOfText(text, at)
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      values += 1
      if (depth > limits.jsonDepth) {
        bad('invalidSyntax', `The body is nested deeper than ${limits.jsonDepth} levels.`)
      }
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    } else if (code === 0x3a) {
      names += 1
    } else if (code === 0x2c) {
      values += 1
    }
    if (values > limits.jsonValues) {
      bad('invalidSyntax', `The body has more than ${limits.jsonValues} values.`)
    }
  }
  return names
}

/** Where the text that opens at `start` closes. */
function endOfText(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json.charCodeAt(at) !== 0x22) {
    at += json.charCodeAt(at) === 0x5c ? 2 : 1
  }
  return at
}

function convert(value: unknown, counted: { names: number }): ScimValue {
  if (Array.isArray(value)) return value.map((each) => convert(each, counted))
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null
  const object = new Map<string, ScimValue>()
  for (const [name, member] of Object.entries(value)) {
    counted.names += 1
    const key = asciiLowerCase(name)
    if (object.has(key)) bad('invalidSyntax', 'An object of the body has one name twice.')
    object.set(key, convert(member, counted))
  }
  return object
}
