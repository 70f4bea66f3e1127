import type { Filter } from '../../src/admin/scim/filter/parse.ts'
import { pathText } from './randomFilter.ts'

type Json = Readonly<Record<string, unknown>>

/** Attributes that are compared byte for byte, in lower case. */
const exact = /:immutableid$|^id$|^externalid$/
const times = /^meta\.(?:created|lastmodified)$/

/** Whether a resource, as the door shows it, fulfils a filter: RFC 7644 section 3.4.2.2 in its simplest reading, from the JSON alone. */
export function fulfils(resource: Json, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => fulfils(resource, each))
    case 'or':
      return filter.filters.some((each) => fulfils(resource, each))
    case 'not':
      return !fulfils(resource, filter.filter)
    case 'values':
      return elements(valueAt(resource, pathText(filter.path))).some((each) =>
        fulfils(each, filter.filter),
      )
    default: {
      const key = pathText(filter.path)
      const { name, sub, schema } = filter.path
      const whole = schema === null ? valueAt(resource, name) : undefined
      const isSeveral = Array.isArray(whole) || /^(?:emails|phonenumbers|groups)$/.test(name)
      const values = isSeveral
        ? elements(whole).map((each) => valueAt(each, sub ?? 'value'))
        : [valueAt(resource, key)]
      return values.some((value) => holds(value ?? null, filter, key))
    }
  }
}

function holds(
  value: unknown,
  filter: Extract<Filter, { kind: 'compare' | 'present' }>,
  key: string,
): boolean {
  if (filter.kind === 'present') return value !== null
  const fold = (each: unknown): unknown => {
    if (typeof each !== 'string') return each
    if (times.test(key)) return Date.parse(each)
    return exact.test(key) ? each : each.toLowerCase()
  }
  const [left, right] = [fold(value), fold(filter.value)]
  if (filter.op === 'eq') return left === right
  if (filter.op === 'ne') return left !== right
  if (left === null || right === null) return false
  const [a, b] = [left as string, right as string]
  switch (filter.op) {
    case 'co':
      return a.includes(b)
    case 'sw':
      return a.startsWith(b)
    case 'ew':
      return a.endsWith(b)
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
  }
}

function elements(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** By a path in lower case. */
function valueAt(resource: Json, path: string): unknown {
  for (const [name, value] of Object.entries(resource)) {
    const key = name.toLowerCase()
    if (key === path || `urn:ietf:params:scim:schemas:core:2.0:user:${key}` === path) return value
    const joint = key.startsWith('urn:') ? ':' : '.'
    if (path.startsWith(`${key}${joint}`)) return valueAt(value as Json, path.slice(key.length + 1))
  }
  return undefined
}
