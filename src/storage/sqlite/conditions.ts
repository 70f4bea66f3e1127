import type { Condition } from '../../directory/query.ts'
import type { SqlValue } from './columns.ts'

/**
 * How a property is compared: `text` without regard to ASCII case, `exact` byte for byte, `value` (numbers and flags), or by a column
 * of its own that keeps it in normal form.
 */
export type Comparison =
  | { readonly as: 'text' | 'exact' | 'value'; readonly column: string }
  | {
      readonly as: 'normalized'
      readonly column: string
      readonly normalize: (value: string) => string
    }

/** What conditions over one table need to know of it. */
export interface ConditionTarget<P extends string> {
  readonly kind: 'user' | 'group'
  readonly comparisons: Readonly<Record<P, Comparison>>
}

/** A piece of SQL and the values of its placeholders, in order. */
export interface Sql {
  readonly text: string
  readonly values: readonly SqlValue[]
}

const operators = { gt: '>', ge: '>=', lt: '<', le: '<=' } as const
const never: Sql = { text: '0', values: [] }
const always: Sql = { text: '1', values: [] }

/**
 * A condition as SQL. It is true where the condition holds; where it does not it is false or NULL, which no WHERE lets through, and
 * which `not` turns into true.
 */
export function conditionSql<P extends string>(
  condition: Condition<P>,
  target: ConditionTarget<P>,
): Sql {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const parts = condition.conditions.map((each) => conditionSql(each, target))
      if (parts.length === 0) return condition.op === 'and' ? always : never
      return {
        text: `(${parts.map(({ text }) => text).join(condition.op === 'and' ? ' AND ' : ' OR ')})`,
        values: parts.flatMap(({ values }) => values),
      }
    }
    case 'not': {
      const { text, values } = conditionSql(condition.condition, target)
      return { text: `NOT coalesce(${text}, 0)`, values }
    }
    case 'externalId': {
      const { client, value } = condition
      const one = value === null ? '' : ' AND externalId = ?'
      return {
        text: `id IN (SELECT id FROM external_ids WHERE client = ? AND kind = ?${one})`,
        values: [client, target.kind, ...(value === null ? [] : [value])],
      }
    }
    case 'memberOf':
      return {
        text: 'id IN (SELECT userId FROM group_members WHERE groupId = ?)',
        values: [condition.id],
      }
    case 'hasMember':
      return {
        text: 'id IN (SELECT groupId FROM group_members WHERE userId = ?)',
        values: [condition.id],
      }
    default:
      return comparisonSql(condition, target.comparisons[condition.property])
  }
}

type Comparing<P extends string> = Extract<Condition<P>, { readonly property: P }>

function comparisonSql<P extends string>(condition: Comparing<P>, comparison: Comparison): Sql {
  const { column } = comparison
  const compared = comparison.as === 'text' ? `${column} COLLATE NOCASE` : column
  if (condition.op === 'in') {
    const values = condition.values.map((value) => sqlValue(value, comparison))
    if (values.length === 0) return never
    return { text: `${compared} IN (${values.map(() => '?').join(', ')})`, values }
  }
  if (condition.op === 'eq' || condition.op === 'ne') {
    const isEqual = condition.op === 'eq'
    if (condition.value === null) {
      return { text: `${column} IS ${isEqual ? '' : 'NOT '}NULL`, values: [] }
    }
    const values = [sqlValue(condition.value, comparison)]
    return { text: `${compared} ${isEqual ? '=' : 'IS NOT'} ?`, values }
  }
  if (condition.op in operators) {
    const { op, value } = condition as Extract<typeof condition, { op: keyof typeof operators }>
    if (value === null) return never
    return { text: `${compared} ${operators[op]} ?`, values: [sqlValue(value, comparison, true)] }
  }
  return partSql(
    condition as Extract<typeof condition, { op: 'startsWith' | 'endsWith' | 'contains' }>,
    comparison,
  )
}

function partSql(
  { op, value }: { readonly op: 'startsWith' | 'endsWith' | 'contains'; readonly value: string },
  { as, column }: Comparison,
): Sql {
  if (value === '') return { text: `${column} IS NOT NULL`, values: [] }
  const folded = as === 'text' ? `lower(${column})` : column
  const part = as === 'exact' ? value : lowerAscii(value)
  if (op === 'contains') return { text: `instr(${folded}, ?) > 0`, values: [part] }
  // SQLite's substr counts code points, as the spread does.
  const length = [...part].length
  const cut =
    op === 'startsWith' ? `substr(${folded}, 1, ${length})` : `substr(${folded}, -${length})`
  return { text: `${cut} = ?`, values: [part] }
}

/** A value as its column keeps it. Of a `partial` UPN (a bound) only the case is normalized. */
function sqlValue(
  value: string | number | boolean,
  comparison: Comparison,
  partial = false,
): SqlValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number' || comparison.as !== 'normalized') return value
  return partial ? lowerAscii(value) : comparison.normalize(value)
}

/** As SQLite's `lower` and NOCASE have it. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The conditions that all must hold for this one to hold. */
export function conjuncts<P extends string>(
  condition: Condition<P> | null,
): readonly Condition<P>[] {
  if (condition === null) return []
  if (condition.op !== 'and') return [condition]
  return condition.conditions.flatMap((each) => conjuncts(each))
}
