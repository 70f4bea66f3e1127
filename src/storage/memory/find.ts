import type { Condition, Found, Query } from '../../directory/query.ts'
import { compareTexts } from '../text.ts'

/** What conditions look at, of one kind of records. */
export interface FoundRecords<T, P extends string> {
  readonly all: () => Iterable<T>
  readonly idOf: (record: T) => string
  /** The value as it is compared: folded texts, numbers; null for none. */
  readonly comparable: (record: T, property: P) => string | number | null
  /** A value from a condition in the same form; `partial` where it is only a piece or a bound. */
  readonly given: (
    property: P,
    value: string | number | boolean,
    partial: boolean,
  ) => string | number
  readonly externalIdOf: (client: string, record: T) => string | null
  readonly areJoined: (record: T, otherId: string) => boolean
}

/** Lists by conditions, by looking at every record. The usual order is the first of `orders`. */
export function findAmong<T, P extends string, O extends P>(
  records: FoundRecords<T, P>,
  orders: readonly [O, ...O[]],
): Found<T, Query<P, O>> {
  const matching = (where: Condition<P> | null) =>
    [...records.all()].filter((each) => where === null || holds(where, each, records))

  return {
    async page({ where, orderBy, descending = false, after = null, skip = 0, limit }) {
      const order = (after?.order as O | undefined) ?? orderBy ?? orders[0]
      if (orderBy !== null && order !== orderBy) {
        throw new RangeError(`a page in the order of ${orderBy} cannot follow one of ${order}`)
      }
      if (!orders.includes(order))
        throw new RangeError(`nothing is listed in the order of ${order}`)
      const sign = descending ? -1 : 1
      const placeOf = (record: T) => ({
        value: String(records.comparable(record, order)),
        id: records.idOf(record),
      })
      const compare = (a: { value: string; id: string }, b: { value: string; id: string }) =>
        sign * (compareTexts(a.value, b.value) || compareTexts(a.id, b.id))
      const listed = matching(where)
        .map((record) => ({ record, place: placeOf(record) }))
        .filter(({ place }) => after === null || compare(place, after) > 0)
        .sort((a, b) => compare(a.place, b.place))
        .slice(skip)
      const last = listed[limit - 1]
      const next = listed.length > limit && last !== undefined ? { order, ...last.place } : null
      return { items: listed.slice(0, limit).map(({ record }) => record), next }
    },
    count: async (where) => matching(where).length,
  }
}

function holds<T, P extends string>(
  condition: Condition<P>,
  record: T,
  records: FoundRecords<T, P>,
): boolean {
  switch (condition.op) {
    case 'and':
      return condition.conditions.every((each) => holds(each, record, records))
    case 'or':
      return condition.conditions.some((each) => holds(each, record, records))
    case 'not':
      return !holds(condition.condition, record, records)
    case 'externalId': {
      const own = records.externalIdOf(condition.client, record)
      return condition.value === null ? own !== null : own === condition.value
    }
    case 'memberOf':
    case 'hasMember':
      return records.areJoined(record, condition.id)
    case 'in': {
      const value = records.comparable(record, condition.property)
      return condition.values.some(
        (each) => value === records.given(condition.property, each, false),
      )
    }
    case 'startsWith':
    case 'endsWith':
    case 'contains': {
      const value = records.comparable(record, condition.property)
      const part = String(records.given(condition.property, condition.value, true))
      if (typeof value !== 'string') return false
      if (condition.op === 'contains') return value.includes(part)
      return condition.op === 'startsWith' ? value.startsWith(part) : value.endsWith(part)
    }
    default: {
      const { op, property } = condition
      const value = records.comparable(record, property)
      const isBound = op !== 'eq' && op !== 'ne'
      const given =
        condition.value === null ? null : records.given(property, condition.value, isBound)
      if (op === 'eq') return value === given
      if (op === 'ne') return value !== given
      if (value === null || given === null) return false
      const order =
        typeof value === 'string' ? compareTexts(value, String(given)) : value - Number(given)
      return { gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[op]
    }
  }
}

/** ASCII letters without their case. */
export function folded(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
