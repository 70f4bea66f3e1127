import type { Condition, GroupProperty, UserProperty } from '../../../directory/query.ts'
import { attributeKey } from '../attributePath.ts'
import { bad } from '../scimError.ts'
import { compare } from './matches.ts'
import type { Comparison, Filter } from './parse.ts'

/** What an attribute is to the store, by its kind. */
export type Field<P extends string> =
  | { readonly kind: 'text' | 'flag' | 'time'; readonly property: P }
  /** A multi-valued attribute of which one value is kept: `value`, and sub-attributes that are always the same. */
  | { readonly kind: 'single'; readonly property: P; readonly fixed: FixedParts }
  /** A multi-valued attribute whose `value` is the id of another record. */
  | {
      readonly kind: 'reference'
      readonly op: 'memberOf' | 'hasMember'
      readonly fixed: FixedParts
    }
  | { readonly kind: 'externalId'; readonly client: string }
  | { readonly kind: 'fixed'; readonly value: string }
  | { readonly kind: 'secret' }

export type FixedParts = Readonly<Record<string, string | boolean>>

/** What a type of resource can be filtered by: fields by attribute key (attributePath.ts). */
export interface Fields<P extends string> {
  readonly core: string
  readonly byKey: ReadonlyMap<string, Field<P>>
}

/** What is known without looking (`emails.type eq "work"`) is true or false. */
type Folded<P extends string> = Condition<P> | boolean
type Compared = Extract<Filter, { kind: 'compare' | 'present' }>

/**
 * The condition by which the store finds what a filter asks for; true for all, false for nothing. Throws ScimError `invalidFilter` for an
 * attribute that is not kept, or cannot be compared so, and `sensitive` for a password.
 */
export function conditionOf<P extends UserProperty | GroupProperty>(
  filter: Filter,
  fields: Fields<P>,
): Condition<P> | boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.filters.map((each) => conditionOf(each, fields)),
      )
    case 'not':
      return negated(conditionOf(filter.filter, fields))
    case 'values': {
      const field = fieldOf(filter, attributeKey(filter.path, fields.core), fields)
      return ofValues(field, filter.filter, filter.position)
    }
    case 'present':
    case 'compare':
      return ofTerm(filter, fields)
  }
}

function ofTerm<P extends string>(filter: Compared, fields: Fields<P>): Folded<P> {
  const { path, position } = filter
  const whole = fields.byKey.get(attributeKey({ ...path, sub: null }, fields.core))
  if (whole?.kind === 'single' || whole?.kind === 'reference') {
    // `emails eq` compares the values (RFC 7644 section 3.4.2.2), `emails.type eq` one part of any of them.
    const part = { schema: null, name: path.sub ?? 'value', sub: null }
    return ofValues(whole, { ...filter, path: part }, position)
  }
  const field = fieldOf(filter, attributeKey(path, fields.core), fields)
  if (field.kind === 'secret') bad('sensitive', 'Nobody is found by a password.')
  if (field.kind === 'externalId') return ofExternalId(field.client, filter)
  if (field.kind === 'fixed') {
    return filter.kind === 'present' || compare(field.value, filter.op, filter.value)
  }
  if (field.kind === 'single' || field.kind === 'reference')
    return ofValues(field, filter, position)
  if (filter.kind === 'present') return { op: 'ne', property: field.property, value: null }
  return ofComparison(field.kind, field.property, filter)
}

function ofComparison<P extends string>(
  kind: 'text' | 'flag' | 'time',
  property: P,
  { op, value, position }: Extract<Filter, { kind: 'compare' }>,
): Condition<P> {
  if (value === null) {
    if (op === 'eq' || op === 'ne') return { op, property, value }
    return unfit(position, 'null is compared by eq and ne')
  }
  if (kind === 'flag') {
    if (typeof value !== 'boolean' || (op !== 'eq' && op !== 'ne')) {
      unfit(position, 'it is true or false, and is compared by eq and ne')
    }
    return { op, property, value }
  }
  if (typeof value !== 'string') unfit(position, 'it is compared with a text in quotes')
  if (kind === 'time') {
    const time = instantOf(value)
    if (time === null || op === 'co' || op === 'sw' || op === 'ew') {
      unfit(
        position,
        'it is a time such as "2026-01-15T09:30:00Z", and is compared by eq, ne, gt, ge, lt, le',
      )
    }
    return { op, property, value: time }
  }
  const search = searches.get(op)
  if (search !== undefined) return { op: search, property, value }
  return { op: op as Exclude<Comparison, 'co' | 'sw' | 'ew'>, property, value }
}

const searches: ReadonlyMap<Comparison, 'contains' | 'startsWith' | 'endsWith'> = new Map([
  ['co', 'contains'],
  ['sw', 'startsWith'],
  ['ew', 'endsWith'],
])

/** xsd:dateTime with a zone (RFC 7643 section 2.3.5). */
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

function instantOf(text: string): number | null {
  const time = timePattern.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : time
}

function ofExternalId<P extends string>(client: string, filter: Compared): Condition<P> {
  const { position } = filter
  if (filter.kind === 'present') return { op: 'externalId', client, value: null }
  const { op, value } = filter
  if ((op === 'eq' || op === 'ne') && (typeof value === 'string' || value === null)) {
    const has = { op: 'externalId', client, value } as const
    // To have none is to be equal to null.
    return (op === 'ne') === (value === null) ? has : { op: 'not', condition: has }
  }
  return unfit(position, 'it is compared with a text in quotes, by eq, ne and pr')
}

/** One value of a multi-valued attribute fulfils the filter. */
function ofValues<P extends string>(field: Field<P>, filter: Filter, position: number): Folded<P> {
  if (field.kind === 'single') {
    const there = { op: 'ne', property: field.property, value: null } as const
    const inside = ofParts(filter, field.fixed, (term) =>
      term.kind === 'present' ? true : ofComparison('text', field.property, term),
    )
    return joined('and', [there, inside])
  }
  if (field.kind !== 'reference') {
    return unfit(position, 'it has no values that could be chosen from')
  }
  const inside = ofParts<P>(filter, field.fixed, (term) => {
    if (term.kind === 'compare' && term.op === 'eq' && typeof term.value === 'string') {
      return { op: field.op, id: term.value }
    }
    return unfit(term.position, 'values of it are found by eq only')
  })
  // One and the same value must fulfil it all, which conditions on ids cannot say unless it is about one id, or one of several.
  if (typeof inside === 'boolean' ? inside : !isChoice(inside)) {
    return unfit(position, 'values of it are found by eq, and several by or')
  }
  return inside
}

function isChoice<P extends string>(condition: Condition<P>): boolean {
  if (condition.op === 'or') return condition.conditions.every(isChoice)
  return condition.op === 'memberOf' || condition.op === 'hasMember'
}

/** A filter over the parts of one value: `ofValue` answers for `value`, the others are fixed. */
function ofParts<P extends string>(
  filter: Filter,
  fixed: FixedParts,
  ofValue: (term: Compared) => Folded<P>,
): Folded<P> {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.filters.map((each) => ofParts(each, fixed, ofValue)),
      )
    case 'not':
      return negated(ofParts(filter.filter, fixed, ofValue))
    case 'values':
      return unfit(filter.position, 'a value filter stands in no other')
    default: {
      const { path, position } = filter
      if (path.name === 'value' && path.sub === null && path.schema === null) return ofValue(filter)
      const part = Object.hasOwn(fixed, path.name) ? fixed[path.name] : undefined
      if (part === undefined || path.sub !== null) unfit(position, 'no such part of it is kept')
      return filter.kind === 'present' || compare(part, filter.op, filter.value)
    }
  }
}

function fieldOf<P extends string>(
  { position }: { readonly position: number },
  key: string,
  { byKey }: Fields<P>,
): Field<P> {
  return (
    byKey.get(key) ?? unfit(position, 'nothing is kept under this name that could be filtered by')
  )
}

function unfit(position: number, what: string): never {
  return bad('invalidFilter', `The attribute at character ${position}: ${what}.`)
}

function joined<P extends string>(op: 'and' | 'or', parts: readonly Folded<P>[]): Folded<P> {
  // What decides the whole by itself: false in `and`, true in `or`.
  const decisive = op === 'or'
  if (parts.includes(decisive)) return decisive
  const [first, ...more] = parts.filter((part) => typeof part !== 'boolean')
  if (first === undefined) return !decisive
  return more.length === 0 ? first : { op, conditions: [first, ...more] }
}

function negated<P extends string>(part: Folded<P>): Folded<P> {
  return typeof part === 'boolean' ? !part : { op: 'not', condition: part }
}
