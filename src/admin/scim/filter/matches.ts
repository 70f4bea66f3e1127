import { asciiLowerCase } from '../../../directory/characters.ts'
import type { Comparison, Filter, FilterValue } from './parse.ts'

/** One value of a multi-valued attribute: its sub-attributes by their names in lower case. */
export type Element = ReadonlyMap<string, string | boolean | null>

/** Whether one value fulfils the filter in brackets of a path. What is not there is null. Texts are compared without ASCII case. */
export function matches(filter: Filter, element: Element): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => matches(each, element))
    case 'or':
      return filter.filters.some((each) => matches(each, element))
    case 'not':
      return !matches(filter.filter, element)
    case 'values':
      return false
    case 'present':
      return (element.get(filter.path.name) ?? null) !== null
    case 'compare':
      return compare(element.get(filter.path.name) ?? null, filter.op, filter.value)
  }
}

/** Whether a comparison with a value that is fixed holds; what cannot be compared is unequal. */
export function compare(
  actual: string | boolean | null,
  op: Comparison,
  wanted: FilterValue,
): boolean {
  const [left, right] = [folded(actual), folded(wanted)]
  if (op === 'eq') return left === right
  if (op === 'ne') return left !== right
  if (typeof left !== 'string' || typeof right !== 'string') return false
  return texts[op](left, right)
}

const texts: Readonly<
  Record<Exclude<Comparison, 'eq' | 'ne'>, (left: string, right: string) => boolean>
> = {
  co: (left, right) => left.includes(right),
  sw: (left, right) => left.startsWith(right),
  ew: (left, right) => left.endsWith(right),
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
}

function folded(value: FilterValue): FilterValue {
  return typeof value === 'string' ? asciiLowerCase(value) : value
}

/** The sub-attributes that a filter in brackets names. */
export function namesIn(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(namesIn)
    case 'not':
      return namesIn(filter.filter)
    default:
      return [filter.path.name]
  }
}
