import type { Condition } from '../../../directory/query.ts'
import type { Comparison, FilterProperty, TextFunction } from './properties.ts'
import { syntaxError } from './tokens.ts'

/** A value of a filter, with its place. */
export type Literal = { readonly at: number } & (
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'time'; readonly value: number }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'null'; readonly value: null }
)

/** `property op literal`. Throws 400 for a value of another kind, and for an order against null. */
export function comparison<P extends string>(
  op: Comparison,
  property: FilterProperty<P>,
  literal: Literal,
): Condition<P> {
  if (literal.kind === 'null') {
    if (op !== 'eq' && op !== 'ne')
      syntaxError(literal.at, `null can be compared by eq and ne, and not by ${op}`)
  } else {
    mustFit(property, literal)
  }
  if ('always' in property) {
    const isSame = literal.value !== null && sameValue(property.always, literal.value)
    return always(isSame === (op === 'eq'))
  }
  return { op, property: property.property, value: literal.value }
}

/** `property in (...)`. Flags have two values, and a list of them is a choice of equals. */
export function membership<P extends string>(
  property: FilterProperty<P>,
  literals: readonly Literal[],
): Condition<P> {
  for (const literal of literals) {
    if (literal.kind === 'null')
      syntaxError(literal.at, 'null does not stand in a list; write eq null beside it')
    mustFit(property, literal)
  }
  if ('always' in property || property.kind.literal === 'flag') {
    return { op: 'or', conditions: literals.map((each) => comparison('eq', property, each)) }
  }
  const values = literals.map(({ value }) => value as string | number)
  return { op: 'in', property: property.property, values }
}

/** `startsWith(property, 'text')` and its like. */
export function textFunction<P extends string>(
  op: TextFunction,
  property: FilterProperty<P>,
  literal: Literal,
): Condition<P> {
  if (literal.kind !== 'text') return syntaxError(literal.at, `${op} wants a text in quotes`)
  if ('always' in property) throw new Error(`no property that is always the same has ${op}`)
  return { op, property: property.property, value: literal.value }
}

const wanted = {
  text: "a text in quotes, as in 'Alice'",
  time: 'a time without quotes, as in 2026-01-15T09:30:00Z',
  flag: 'true or false',
} as const

function mustFit({ kind }: FilterProperty<string>, literal: Literal): void {
  if (literal.kind !== kind.literal) syntaxError(literal.at, `${wanted[kind.literal]} was expected`)
}

function sameValue(always: string | boolean, value: string | number | boolean): boolean {
  const folded = (each: unknown) => String(each).toLowerCase()
  return folded(always) === folded(value)
}

/** A condition that all records meet, or none: every one has an id. */
function always<P extends string>(isMet: boolean): Condition<P> {
  return { op: isMet ? 'ne' : 'eq', property: 'id' as P, value: null }
}
