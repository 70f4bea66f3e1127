import { asciiLowerCase } from '../../directory/characters.ts'

/** An attribute as filters and paths name it (RFC 7644 section 3.10), all in lower case. */
export interface AttributePath {
  /** The URN before the name; null for the core schema, whose URN may be left out. */
  readonly schema: string | null
  readonly name: string
  readonly sub: string | null
}

/** `attrPath` of RFC 7644 section 3.4.2.2; the URN ends at the last colon. */
const pattern = /^(?:(urn:[^\s"]+):)?(\$?[A-Za-z][\w-]*)(?:\.(\$?[A-Za-z][\w-]*))?$/i

/** Null for what is no attribute path. */
export function readAttributePath(text: string): AttributePath | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const [, schema, name = '', sub] = match
  return {
    schema: schema === undefined ? null : asciiLowerCase(schema),
    name: asciiLowerCase(name),
    sub: sub === undefined ? null : asciiLowerCase(sub),
  }
}

/** The path as a text in lower case: what attributes are looked up by. `core` is the URN that may be left out. */
export function attributeKey({ schema, name, sub }: AttributePath, core: string): string {
  const prefix = schema === null || schema === asciiLowerCase(core) ? '' : `${schema}:`
  return `${prefix}${name}${sub === null ? '' : `.${sub}`}`
}
