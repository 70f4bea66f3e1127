import type { Condition, Found, Page, Position, Query } from '../../directory/query.ts'
import { type Call, contextOf } from './call.ts'
import { parseFilter } from './filter/parse.ts'
import type { FilterProperties } from './filter/properties.ts'
import {
  type OptionName,
  type Options,
  readCount,
  readOptions,
  readOrder,
  readSelect,
  readTop,
} from './options.ts'
import type { GraphAnswer } from './ports.ts'
import { positionOf, skipTokenOf } from './position.ts'

/** Records of a page without `$top`, as Graph has them. */
export const usualPage = 100

const listOptions: readonly OptionName[] = [
  '$select',
  '$filter',
  '$top',
  '$orderby',
  '$count',
  '$skipToken',
]

/** What kind of records a list has. */
export interface ListForm<T, P extends string, O extends P> {
  /** Of Graph: `user`. */
  readonly resource: string
  readonly properties: readonly string[]
  readonly filters: FilterProperties<P>
  readonly orders: readonly O[]
  readonly found: Found<T, Query<P, O>>
  /** `@odata.context` fragment. */
  readonly fragment: (select: readonly string[] | null) => string
  readonly shape: (record: T, select: readonly string[] | null) => object
}

/** `GET` of a list that the store answers by condition, order and position. */
export async function foundList<T, P extends string, O extends P>(
  call: Call,
  form: ListForm<T, P, O>,
  always: Condition<P> | null = null,
): Promise<GraphAnswer> {
  const options = readOptions(call.request.query, listOptions)
  const select = readSelect(options, form.resource, form.properties)
  const order = readOrder(options, form.orders)
  const limit = readTop(options, usualPage)
  const isCounted = readCount(options)
  const where = both(always, filterOf(options, form.filters))
  const page = await form.found.page({
    where,
    orderBy: order?.property ?? null,
    descending: order?.descending ?? false,
    after: startOf(call, options),
    limit,
  })
  return listAnswer(call, options, {
    fragment: form.fragment(select),
    page: { items: page.items.map((each) => form.shape(each, select)), next: page.next },
    // The number stands on the first page alone: it would be worked out again for each.
    count: isCounted && !options.has('$skipToken') ? await form.found.count(where) : null,
  })
}

/** `GET .../$count`: the number alone, as text. */
export async function foundCount<T, P extends string, O extends P>(
  call: Call,
  { filters, found }: Pick<ListForm<T, P, O>, 'filters' | 'found'>,
): Promise<GraphAnswer> {
  const options = readOptions(call.request.query, ['$filter'])
  const count = await found.count(filterOf(options, filters))
  return { status: 200, headers: {}, body: String(count) }
}

/** `GET` of a list that is short enough to be read whole, in the order of a key. */
export function wholeList<T>(
  call: Call,
  records: readonly T[],
  form: {
    readonly resource: string
    readonly properties: readonly string[]
    readonly key: (record: T) => string
    readonly fragment: (select: readonly string[] | null) => string
    readonly shape: (record: T, select: readonly string[] | null) => object
  },
): GraphAnswer {
  const options = readOptions(call.request.query, ['$select', '$top', '$count', '$skipToken'])
  const select = readSelect(options, form.resource, form.properties)
  const limit = readTop(options, usualPage)
  const after = startOf(call, options)?.id ?? ''
  const sorted = [...records].sort((a, b) => (form.key(a) < form.key(b) ? -1 : 1))
  const rest = sorted.filter((each) => form.key(each) > after)
  const items = rest.slice(0, limit)
  const last = rest.length > limit ? items.at(-1) : undefined
  const id = last === undefined ? null : form.key(last)
  return listAnswer(call, options, {
    fragment: form.fragment(select),
    page: {
      items: items.map((each) => form.shape(each, select)),
      next: id === null ? null : { order: 'id', value: id, id },
    },
    count: readCount(options) && !options.has('$skipToken') ? records.length : null,
  })
}

export function listAnswer(
  call: Call,
  options: Options,
  list: {
    readonly fragment: string
    readonly page: Page<object>
    readonly count: number | null
  },
): GraphAnswer {
  const { fragment, page, count } = list
  const body = {
    '@odata.context': contextOf(call, fragment),
    ...(count !== null && { '@odata.count': count }),
    ...(page.next !== null && { '@odata.nextLink': nextLink(call, options, page.next) }),
    value: page.items,
  }
  return { status: 200, headers: {}, body }
}

/** Where the page begins; null for the first one. */
export function startOf(call: Call, options: Options): Position | null {
  const token = options.get('$skipToken')
  return token === undefined
    ? null
    : positionOf(token, listName(call, options), call.parts.positions)
}

function nextLink(call: Call, options: Options, next: Position): string {
  const { publicUrl, positions } = call.parts
  const token = skipTokenOf(next, listName(call, options), positions)
  const all = new Map([...options, ['$skipToken', token]])
  const query = [...all].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `${publicUrl}/v1.0${call.request.path}?${query}`
}

/** What decides which records a list has, and in which order. */
function listName({ request }: Call, options: Options): string {
  const parts = [request.path, options.get('$filter') ?? null, options.get('$orderby') ?? null]
  return JSON.stringify(parts)
}

function filterOf<P extends string>(
  options: Options,
  filters: FilterProperties<P>,
): Condition<P> | null {
  const filter = options.get('$filter')
  return filter === undefined ? null : parseFilter(filter, filters)
}

function both<P extends string>(
  first: Condition<P> | null,
  second: Condition<P> | null,
): Condition<P> | null {
  if (first === null || second === null) return first ?? second
  return { op: 'and', conditions: [first, second] }
}
