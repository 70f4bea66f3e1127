import { createHash } from 'node:crypto'
import type {
  Condition,
  Found,
  GroupProperty,
  Position,
  Query,
  UserProperty,
} from '../../directory/query.ts'
import { attributeKey, readAttributePath } from './attributePath.ts'
import { conditionOf, type Fields } from './filter/conditions.ts'
import { parseFilter } from './filter/parse.ts'
import { limits, urns } from './names.ts'
import { bad } from './scimError.ts'

/** What a client asks of a list (RFC 7644 section 3.4.2, RFC 9865), by query or by SearchRequest. */
export interface ListRequest {
  readonly filter: string | null
  readonly sortBy: string | null
  readonly sortOrder: string | null
  /** From 1. */
  readonly startIndex: number | null
  readonly count: number | null
  /** Empty asks for the first page by cursor; null for paging by index. */
  readonly cursor: string | null
  readonly attributes: readonly string[]
  readonly excludedAttributes: readonly string[]
}

/** Nothing asked for. */
export const noQuery: ListRequest = {
  filter: null,
  sortBy: null,
  sortOrder: null,
  startIndex: null,
  count: null,
  cursor: null,
  attributes: [],
  excludedAttributes: [],
}

/** How a type of resource is listed. */
export interface Listing<T, P extends UserProperty | GroupProperty, O extends P> {
  readonly fields: Fields<P>
  readonly found: Found<T, Query<P, O>>
  /** What it can be sorted by: properties by attribute key. */
  readonly orders: ReadonlyMap<string, O>
  /** The orders that it may come in without `sortBy`. */
  readonly usualOrders: readonly P[]
  /** What cursors belong to: client and type of resource. */
  readonly scope: string
  readonly present: (records: readonly T[]) => Promise<readonly unknown[]>
}

/** A cursor, as JSON in base64url. It says where a page of this very query ended, and what the client may see anyway. */
interface Cursor {
  readonly query: string
  readonly position: Position
  readonly total: number
}

/** The body of a ListResponse. Throws ScimError. */
export async function list<T, P extends UserProperty | GroupProperty, O extends P>(
  request: ListRequest,
  listing: Listing<T, P, O>,
): Promise<Readonly<Record<string, unknown>>> {
  const order = orderOf(request, listing)
  const condition =
    request.filter === null ? true : conditionOf(parseFilter(request.filter), listing.fields)
  return request.cursor === null
    ? byIndex(request, listing, condition, order)
    : byCursor(request, request.cursor, listing, condition, order)
}

interface Order<O> {
  readonly orderBy: O | null
  readonly descending: boolean
}

async function byIndex<T, P extends UserProperty | GroupProperty, O extends P>(
  request: ListRequest,
  { found, present }: Listing<T, P, O>,
  condition: Condition<P> | boolean,
  order: Order<O>,
) {
  const startIndex = Math.max(request.startIndex ?? 1, 1)
  const limit = Math.min(Math.max(request.count ?? limits.defaultPageSize, 0), limits.pageSize)
  if (condition === false) return listResponse([], 0, { startIndex })
  const where = condition === true ? null : condition
  const skip = startIndex - 1
  const page = limit === 0 ? null : await found.page({ where, ...order, skip, limit })
  const items = page?.items ?? []
  // Who asks whether there is somebody (the probe of identity providers) is answered by the page alone.
  const isAll = page !== null && page.next === null && (items.length > 0 || skip === 0)
  const total = isAll ? skip + items.length : await found.count(where)
  return listResponse(await present(items), total, { startIndex })
}

async function byCursor<T, P extends UserProperty | GroupProperty, O extends P>(
  request: ListRequest,
  text: string,
  { found, present, scope, usualOrders }: Listing<T, P, O>,
  condition: Condition<P> | boolean,
  order: Order<O>,
) {
  if (request.startIndex !== null) {
    bad('invalidValue', 'startIndex and cursor exclude each other: send one of them.')
  }
  const limit = request.count ?? limits.defaultPageSize
  if (limit < 1 || limit > limits.pageSize) {
    bad('invalidCount', `count: with a cursor it is from 1 to ${limits.pageSize}.`)
  }
  const query = createHash('sha256')
    .update(JSON.stringify([scope, request.filter, order.orderBy, order.descending]))
    .digest('base64url')
  const start =
    text === ''
      ? null
      : readCursor(text, query, order.orderBy === null ? usualOrders : [order.orderBy])
  if (condition === false) return listResponse([], 0, {})
  const where = condition === true ? null : condition
  const after = start?.position ?? null
  const { items, next } = await found.page({ where, ...order, after, limit })
  const total = start?.total ?? (next === null ? items.length : await found.count(where))
  const nextCursor =
    next === null ? {} : { nextCursor: writeCursor({ query, position: next, total }) }
  return listResponse(await present(items), total, nextCursor)
}

function listResponse(
  resources: readonly unknown[],
  totalResults: number,
  paging: { readonly startIndex?: number; readonly nextCursor?: string },
) {
  const itemsPerPage = resources.length
  return {
    schemas: [urns.listResponse],
    totalResults,
    itemsPerPage,
    ...paging,
    Resources: resources,
  }
}

function orderOf<T, P extends UserProperty | GroupProperty, O extends P>(
  { sortBy, sortOrder }: ListRequest,
  { orders, fields }: Listing<T, P, O>,
): Order<O> {
  const direction = sortOrder?.toLowerCase() ?? 'ascending'
  if (direction !== 'ascending' && direction !== 'descending') {
    bad('invalidValue', 'sortOrder: it is ascending or descending.')
  }
  const descending = direction === 'descending'
  // Without an order of its own a list comes in the one that answers fastest, which is the same from page to page.
  if (sortBy === null) return { orderBy: null, descending: false }
  const path = readAttributePath(sortBy)
  const orderBy = path === null ? undefined : orders.get(attributeKey(path, fields.core))
  if (orderBy !== undefined) return { orderBy, descending }
  return bad('invalidValue', `sortBy: it is one of ${[...orders.keys()].join(', ')}.`)
}

function writeCursor({ query, position, total }: Cursor): string {
  const { order, value, id } = position
  return Buffer.from(JSON.stringify([query, order, value, id, total])).toString('base64url')
}

function readCursor(text: string, query: string, orders: readonly string[]): Cursor {
  const [of, order, value, id, total] = parsed(text)
  const isSound =
    typeof order === 'string' &&
    orders.includes(order) &&
    typeof value === 'string' &&
    typeof id === 'string' &&
    Number.isSafeInteger(total)
  if (!isSound || of !== query) {
    bad('invalidCursor', 'The cursor is not one of this query. Begin again with an empty one.')
  }
  return { query, position: { order, value, id }, total: Number(total) }
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
