import type { User } from '../../directory/types.ts'
import type { UserInput } from '../../directory/users.ts'
import { isArray, isObject, type ScimObject, type ScimValue } from './json.ts'
import { bad } from './scimError.ts'
import { type KeptAttribute, keptAttributes } from './userAttributes.ts'
import { externalIdValue, flagValue, isEmptyText, textValue } from './values.ts'

/** Where the client writes the ImmutableId: into our extension, or as `externalId`. */
export type AnchorPlace = 'extension' | 'externalId'

type Written = string | boolean | null

/** What one request writes of a user, collected attribute by attribute. */
export class UserWrite {
  /** Undefined: as it is. */
  externalId: string | null | undefined = undefined
  password: string | undefined = undefined
  readonly #before: User | null
  readonly #anchorPlace: AnchorPlace
  readonly #written = new Map<keyof UserInput, Written>()

  constructor(before: User | null, anchorPlace: AnchorPlace) {
    this.#before = before
    this.#anchorPlace = anchorPlace
  }

  /** Undefined properties are left as they are. */
  get input(): Partial<UserInput> {
    return Object.fromEntries(this.#written)
  }

  /** As it would be after what was written so far. */
  now(property: keyof UserInput): Written {
    const written = this.#written.get(property)
    return written === undefined ? (this.#before?.[property] ?? null) : written
  }

  assign(attribute: KeptAttribute, value: ScimValue): void {
    const { path, kind, property } = attribute
    if (property === 'onPremisesImmutableId') this.#mustSayMore(path, value)
    if (kind === 'values') this.#put(attribute, textOfValues(attribute, value))
    else this.#put(attribute, (kind === 'flag' ? flagValue : textValue)(path, value))
  }

  assignExternalId(value: ScimValue): void {
    if (this.#anchorPlace === 'externalId') this.#mustSayMore('externalId', value)
    if (this.#anchorPlace === 'extension') this.externalId = externalIdValue(value)
    // What an ImmutableId may be is for the rules of the directory.
    else this.#written.set('onPremisesImmutableId', textValue('externalId', value))
  }

  assignPassword(value: ScimValue): void {
    if (value === null || value === '') return
    this.password = typeof value === 'string' ? value : bad('invalidValue', 'password: a text.')
  }

  /** Takes an attribute away. */
  clear(attribute: KeptAttribute): void {
    this.#put(attribute, null)
  }

  /** PUT: what the resource does not mention is taken away, but for what must stay. */
  clearUnmentioned(): void {
    for (const attribute of keptAttributes) {
      const stays = 'staysWithoutMention' in attribute || 'isRequired' in attribute
      if (!stays && !this.#written.has(attribute.property)) this.clear(attribute)
    }
  }

  /** An ImmutableId is taken away on purpose, or not at all: without it a person is locked out. */
  #mustSayMore(path: string, value: ScimValue): void {
    if (!isEmptyText(value) || this.now('onPremisesImmutableId') === null) return
    bad(
      'invalidValue',
      `${path}: it is empty. Send null, or remove it, to take the ImmutableId away.`,
    )
  }

  #put({ path, property, isRequired }: KeptAttribute, value: Written): void {
    if (value === null && isRequired === true) {
      // RFC 7644 section 3.5.2.2.
      bad('mutability', `${path}: every user has one; it cannot be taken away.`)
    }
    this.#written.set(property, value)
  }
}

/** The one value that is kept of several: the primary one or that of the right type. Null when there is none. */
export function textOfValues(attribute: KeptAttribute, given: ScimValue): string | null {
  const chosen = chosenValue(attribute, given)
  return chosen === null ? null : textValue(attribute.path, chosen.get('value') ?? null)
}

/** As above: the whole value, or null when none of them is of the kind that is kept; `strictly`: a type that is not kept is no e-mail either. */
export function chosenValue(
  { path, fixed = {} }: KeptAttribute,
  given: ScimValue,
  strictly = false,
): ScimObject | null {
  const values = (isArray(given) ? given : given === null ? [] : [given]).map((each) => {
    if (isObject(each)) return each
    return typeof each === 'string'
      ? new Map([['value', each]])
      : bad('invalidValue', `${path}: each must be an object with a value.`)
  })
  const isPrimary = (value: ScimObject) => flagValue(path, value.get('primary') ?? null) === true
  if (values.filter(isPrimary).length > 1) {
    bad('invalidValue', `${path}: only one can be primary.`)
  }
  const typeOf = (value: ScimObject) => {
    const type = value.get('type')
    return typeof type === 'string' ? type.toLowerCase() : null
  }
  const takesPrimary = fixed.primary === true
  return (
    (takesPrimary ? values.find(isPrimary) : undefined) ??
    values.find((value) => typeOf(value) === fixed.type) ??
    values.find((value) => typeOf(value) === null) ??
    (takesPrimary && !strictly ? values[0] : undefined) ??
    null
  )
}
