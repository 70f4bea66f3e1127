import type { PersonThere } from '../../directory/drift/ports.ts'

type Attributes = Readonly<Record<string, unknown>>

/** Names under which an ImmutableId goes in extensions and at the top; compared without case. */
const anchorNames: readonly string[] = ['onPremisesImmutableId', 'immutableId', 'sourceAnchor']

/**
 * A SCIM 2.0 user (RFC 7643 section 4.1) as a person of the other side. The ImmutableId is read from any extension, or from the top, under
 * one of its usual names; or from the one attribute that `anchorName` names. `externalId` is read only when it is named so, since most
 * clients put an id of their own there.
 */
export function personOfScim(
  resource: unknown,
  place: number,
  anchorName: string | undefined,
): PersonThere {
  const user = attributesOf(resource)
  const names = attributesOf(attribute(user, 'name'))
  const login = textOf(attribute(user, 'userName')) ?? ''
  const problem = login === '' ? 'The resource has no userName.' : null
  return {
    place,
    login,
    email: emailOf(attribute(user, 'emails')),
    anchor: anchorOf(user, anchorName === undefined ? anchorNames : [anchorName]),
    isEnabled: attribute(user, 'active') !== false,
    firstName: textOf(attribute(names, 'givenName')),
    lastName: textOf(attribute(names, 'familyName')),
    problem,
  }
}

/** RFC 7644 section 3.4.2: the envelope of an answer. Null for what is none. */
export function readListResponse(envelope: unknown): { readonly totalResults: number } | null {
  const answer = attributesOf(envelope)
  const schemas = attribute(answer, 'schemas')
  const isList =
    Array.isArray(schemas) && schemas.includes('urn:ietf:params:scim:api:messages:2.0:ListResponse')
  const total = attribute(answer, 'totalResults')
  if (!isList) return null
  return { totalResults: typeof total === 'number' && Number.isSafeInteger(total) ? total : 0 }
}

function anchorOf(user: Attributes, names: readonly string[]): string | null {
  const extensions = Object.keys(user)
    .filter((key) => /^urn:/i.test(key))
    .map((key) => attributesOf(user[key]))
  for (const holder of [...extensions, user]) {
    for (const name of names) {
      const text = textOf(attribute(holder, name))
      if (text !== null) return text
    }
  }
  return null
}

/** The primary address, else the first. */
function emailOf(emails: unknown): string | null {
  if (!Array.isArray(emails)) return null
  const all = emails.map(attributesOf)
  const chosen = all.find((email) => attribute(email, 'primary') === true) ?? all[0]
  return chosen === undefined ? null : textOf(attribute(chosen, 'value'))
}

/** By its name without case (RFC 7643 section 2.1), own properties only. */
function attribute(holder: Attributes, name: string): unknown {
  if (Object.hasOwn(holder, name)) return holder[name]
  const wanted = name.toLowerCase()
  const key = Object.keys(holder).find((each) => each.toLowerCase() === wanted)
  return key === undefined ? undefined : holder[key]
}

function attributesOf(value: unknown): Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Attributes)
    : {}
}

/** A text with something in it. A lone surrogate, which JSON can write and no database keep, becomes U+FFFD. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.toWellFormed() : null
}
