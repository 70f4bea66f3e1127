import type { UserCondition } from '../../src/directory/query.ts'

/** A condition as the text of a `$filter`, with every parenthesis that there can be. */
export function printed(condition: UserCondition): string {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.conditions.map((each) => `(${printed(each)})`).join(` ${condition.op} `)
    case 'not':
      return `not(${printed(condition.condition)})`
    case 'in':
      return `${condition.property} in (${condition.values.map((each) => literal(each, false)).join(', ')})`
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return `${condition.op}(${condition.property}, ${literal(condition.value, false)})`
    case 'externalId':
    case 'memberOf':
    case 'hasMember':
      throw new Error('no filter says that')
    default:
      return `${condition.property} ${condition.op} ${literal(condition.value, condition.property.endsWith('DateTime'))}`
  }
}

function literal(value: string | number | boolean | null, isTime: boolean): string {
  if (isTime) return new Date(Number(value)).toISOString()
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}
