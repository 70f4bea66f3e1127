import type Database from 'better-sqlite3'
import type { Condition, Found, Position, Query } from '../../directory/query.ts'
import {
  type ConditionTarget,
  conditionSql,
  conjuncts,
  lowerAscii,
  type Sql,
} from './conditions.ts'
import { turnOfItsOwn } from './turns.ts'

/** Rows that are looked at before others get a turn; fewer, the more each is compared with. */
const pieceSize = 2000
const fewestRows = 100
/** Comparisons of a piece, about: a few milliseconds of work. */
const pieceComparisons = 20_000

export interface FoundTable<T, P extends string> extends ConditionTarget<P> {
  readonly table: string
  /** The columns of a record. */
  readonly list: string
  readonly record: (row: unknown) => T
  /** Of such a property there are a few records with one value at most, and an index finds them. */
  readonly few: readonly P[]
  /** The properties that have an index in their order, the usual one first. Only one that a bound keeps null out of may be null. */
  readonly orders: readonly P[]
  /** What a record's place in an order is made of. */
  readonly position: (record: T, order: P) => { readonly value: string; readonly id: string }
}

interface Way<P extends string> {
  readonly order: P
  readonly column: string
  readonly collation: 'NOCASE' | 'BINARY'
  readonly bounds: readonly Sql[]
  /** One, or none for all records. */
  readonly condition: readonly Sql[]
  /** No index finds the records: the list must be read through. */
  readonly inPieces: boolean
  /** Rows of a piece. */
  readonly pieceSize: number
}

/** Lists of one table by conditions (`Found`). `run` does a piece of work, waiting for locks as the connection does. */
export function findIn<T, P extends string, O extends P>(
  db: Database.Database,
  shape: FoundTable<T, P>,
  run: <R>(work: () => R) => Promise<R>,
): Found<T, Query<P, O>> {
  const { table, list } = shape
  return {
    async page({ where, orderBy, descending = false, after = null, skip = 0, limit }) {
      const way = wayOf(shape, where, (after?.order as P | undefined) ?? orderBy)
      if (orderBy !== null && way.order !== orderBy) {
        throw new RangeError(`a page in the order of ${orderBy} cannot follow one of ${way.order}`)
      }
      const rows: unknown[] = []
      let left = skip
      const direction = { ...way, descending, inPieces: way.inPieces || skip > way.pieceSize }
      for await (const piece of piecesOf(direction, after)) {
        const hits = left === 0 ? 0 : await countOf(way, piece)
        if (left > 0 && hits <= left) {
          left -= hits
          continue
        }
        const { text, values } = allOf([...way.bounds, ...piece, ...way.condition])
        const sql = `SELECT ${list} FROM ${table} WHERE ${text} ORDER BY ${orderText(direction)} LIMIT ? OFFSET ?`
        const wanted = [limit + 1 - rows.length, left]
        rows.push(...(await run(() => db.prepare(sql).all(...values, ...wanted))))
        left = 0
        if (rows.length > limit) break
      }
      const items = rows.slice(0, limit).map(shape.record)
      const last = items.at(-1)
      const hasMore = rows.length > limit && last !== undefined
      const { order } = way
      return { items, next: hasMore ? { order, ...shape.position(last, order) } : null }
    },

    async count(where) {
      const way = wayOf(shape, where, null)
      if (where === null) await turnOfItsOwn()
      let count = 0
      for await (const piece of piecesOf({ ...way, descending: false }, null)) {
        count += await countOf(way, piece)
      }
      return count
    },
  }

  function countOf(way: Way<P>, piece: readonly Sql[]): Promise<number> {
    const { text, values } = allOf([...way.bounds, ...piece, ...way.condition])
    const statement = `SELECT count(*) FROM ${table} WHERE ${text}`
    return run(() =>
      Number(
        db
          .prepare(statement)
          .pluck()
          .get(...values),
      ),
    )
  }

  /** The list as ranges of its order of `pieceSize` rows each, or as one; others get a turn after each. */
  async function* piecesOf(
    way: Way<P> & { readonly descending: boolean },
    after: Position | null,
  ): AsyncGenerator<readonly Sql[]> {
    const { column, bounds, descending, inPieces } = way
    const compared = `${column} COLLATE ${way.collation}`
    // The first comparison is what SQLite finds the place in the index by; of a pair with collations it does not see that.
    const beside = (sign: '<' | '>', orEqual: '' | '=', { value, id }: PlaceOf): Sql => ({
      text: `${compared} ${sign}= ? AND (${compared}, id) ${sign}${orEqual} (?, ?)`,
      values: [value, value, id],
    })
    const behind = (end: PlaceOf) => beside(descending ? '<' : '>', '', end)
    const upTo = (end: PlaceOf) => beside(descending ? '>' : '<', '=', end)
    let start: readonly Sql[] = after === null ? [] : [behind(after)]
    while (inPieces) {
      await turnOfItsOwn()
      const { text, values } = allOf([...bounds, ...start])
      const sql = `SELECT ${column} AS value, id FROM ${table} WHERE ${text} ORDER BY ${orderText(way)} LIMIT 1 OFFSET ${way.pieceSize - 1}`
      const end = await run(() => db.prepare(sql).get(...values) as PlaceOf | undefined)
      if (end === undefined) break
      yield [...start, upTo(end)]
      start = [behind(end)]
    }
    yield start
  }
}

type PlaceOf = Pick<Position, 'value' | 'id'>

/** How a list is best gone through. */
function wayOf<T, P extends string>(
  shape: FoundTable<T, P>,
  where: Condition<P> | null,
  wanted: P | null,
): Way<P> {
  const all = conjuncts(where)
  const isFew = all.some(
    (each) =>
      (each.op === 'externalId' && each.value !== null) ||
      each.op === 'hasMember' ||
      (each.op === 'eq' && each.value !== null && shape.few.includes(each.property)) ||
      (each.op === 'in' && shape.few.includes(each.property)),
  )
  const bounded = shape.orders.find((order) => all.some((each) => boundsOf(each, order).length > 0))
  const order = wanted ?? (isFew ? undefined : bounded) ?? shape.orders[0]
  if (order === undefined || !shape.orders.includes(order)) {
    throw new RangeError(`${shape.table} are not listed in the order of ${order}`)
  }
  const { as, column } = shape.comparisons[order]
  const collation = as === 'text' ? 'NOCASE' : 'BINARY'
  const bounds = isFew ? [] : all.flatMap((each) => boundsOf(each, order))
  return {
    order,
    column,
    collation,
    bounds: bounds.map(({ text, value }) => ({
      text: `${column} COLLATE ${collation} ${text} ?`,
      values: [value],
    })),
    condition: where === null ? [] : [conditionSql(where, shape)],
    inPieces: !isFew && where !== null,
    pieceSize: Math.max(
      fewestRows,
      Math.min(pieceSize, Math.floor(pieceComparisons / comparisonsIn(where))),
    ),
  }
}

/** What each row is compared with, about; at least 1. */
function comparisonsIn(where: Condition<string> | null): number {
  if (where === null) return 1
  if (where.op === 'not') return comparisonsIn(where.condition)
  if (where.op !== 'and' && where.op !== 'or') return 1
  return where.conditions.reduce((sum, each) => sum + comparisonsIn(each), 1)
}

/** What a condition says about where in an order its records stand; that it says no more than that does not matter. */
function boundsOf<P extends string>(
  condition: Condition<P>,
  order: P,
): readonly { readonly text: string; readonly value: string }[] {
  if (!('property' in condition) || condition.property !== order) return []
  if (!('value' in condition) || typeof condition.value !== 'string') return []
  const value = lowerAscii(condition.value)
  if (condition.op === 'startsWith') {
    const end = successor(value)
    return [{ text: '>=', value }, ...(end === null ? [] : [{ text: '<', value: end }])]
  }
  if (condition.op === 'eq')
    return [
      { text: '>=', value },
      { text: '<=', value },
    ]
  if (condition.op === 'gt' || condition.op === 'ge') return [{ text: '>=', value }]
  if (condition.op === 'lt' || condition.op === 'le') return [{ text: '<=', value }]
  return []
}

/** The first text, by code points, after all that begin with this one; null when there is none. */
function successor(prefix: string): string | null {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const next = (last.codePointAt(0) ?? 0) + 1
    // Surrogates stand for no character of their own.
    const kept = next === 0xd800 ? 0xe000 : next
    if (kept <= 0x10ffff) return `${points.join('')}${String.fromCodePoint(kept)}`
  }
  return null
}

function allOf(parts: readonly Sql[]): Sql {
  return {
    text: ['1', ...parts.map(({ text }) => text)].join(' AND '),
    values: parts.flatMap(({ values }) => values),
  }
}

function orderText({
  column,
  collation,
  descending,
}: Pick<Way<string>, 'column' | 'collation'> & { readonly descending: boolean }): string {
  const direction = descending ? 'DESC' : 'ASC'
  return `${column} COLLATE ${collation} ${direction}, id ${direction}`
}
