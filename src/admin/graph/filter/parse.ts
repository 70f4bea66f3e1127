import { closestWord } from '../../../directory/closest.ts'
import type { Condition } from '../../../directory/query.ts'
import { unsupportedQuery } from '../error.ts'
import { sameName } from '../options.ts'
import { comparison, type Literal, membership, textFunction } from './conditions.ts'
import type { FilterProperties, FilterProperty, Operator, TextFunction } from './properties.ts'
import { syntaxError, type Token, tokensOf } from './tokens.ts'

/** Parentheses and `not` inside each other, at most. */
export const deepestFilter = 16
/** Comparisons, functions and values of `in`, at most. */
export const mostTerms = 100

const comparisons = new Map(
  (['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const).map((name) => [name as string, name]),
)
const functions = new Map(
  (['startsWith', 'endsWith', 'contains'] as const).map((name) => [name.toLowerCase(), name]),
)

/**
 * Reads a `$filter` (OData URL conventions 4.01 section 5.1.1.1), the part of it that the directory can answer:
 *
 *     or    = and *( "or" and )
 *     and   = unary *( "and" unary )
 *     unary = "not" ( group / function ) / group / function / term
 *     group = "(" or ")"
 *     function = ("startsWith" / "endsWith" / "contains") "(" property "," text ")"
 *     term  = property ("eq" / "ne" / "gt" / "ge" / "lt" / "le") literal / property "in" "(" literal *( "," literal ) ")"
 *
 * `not` before a bare comparison is refused, since OData binds it to the property alone. Keywords, functions and properties may be written in any
 * case. Throws 400: `Request_UnsupportedQuery` for what Graph may know and this server does not,
 * `Request_BadRequest` with the place for what is no filter.
 */
export function parseFilter<P extends string>(
  filter: string,
  properties: FilterProperties<P>,
): Condition<P> {
  const tokens = tokensOf(filter)
  let next = 0
  let depth = 0
  let terms = 0

  const result = or()
  const rest = peek()
  if (rest.kind !== 'end')
    syntaxError(rest.at, `${shown(rest)} is one too many; and, or, or the end was expected`)
  return result

  function peek(): Token {
    const token = tokens[next]
    if (token === undefined) throw new Error('a filter ends with its end')
    return token
  }

  function take(): Token {
    const token = peek()
    if (token.kind !== 'end') next += 1
    return token
  }

  function takeMark(mark: '(' | ')' | ','): void {
    const token = take()
    if (token.kind !== mark)
      syntaxError(token.at, `${mark} was expected, and ${shown(token)} is there`)
  }

  function takeKeyword(name: string): boolean {
    const token = peek()
    if (token.kind !== 'word' || token.text.toLowerCase() !== name) return false
    next += 1
    return true
  }

  function or(): Condition<P> {
    const conditions = [and()]
    while (takeKeyword('or')) conditions.push(and())
    return joined('or', conditions)
  }

  function and(): Condition<P> {
    const conditions = [unary()]
    while (takeKeyword('and')) conditions.push(unary())
    return joined('and', conditions)
  }

  function unary(): Condition<P> {
    if (!takeKeyword('not')) return operand()
    const begin = peek()
    const isWhole = begin.kind === '(' || (begin.kind === 'word' && isFunction(begin.text))
    if (!isWhole)
      syntaxError(begin.at, 'not must be followed by parentheses or a function, as in not(a eq 1)')
    return deeper(begin, () => ({ op: 'not', condition: operand() }))
  }

  function operand(): Condition<P> {
    const token = take()
    if (token.kind === '(') {
      return deeper(token, () => {
        const condition = or()
        takeMark(')')
        return condition
      })
    }
    if (token.kind !== 'word')
      return syntaxError(token.at, `a property was expected, and ${shown(token)} is there`)
    return isFunction(token.text) && peek().kind === '(' ? call(token) : term(token)
  }

  function deeper(token: Token, work: () => Condition<P>): Condition<P> {
    depth += 1
    if (depth > deepestFilter)
      syntaxError(token.at, `more than ${deepestFilter} parentheses and nots are inside each other`)
    const condition = work()
    depth -= 1
    return condition
  }

  function call(token: Token & { kind: 'word' }): Condition<P> {
    const name = functions.get(token.text.toLowerCase()) as TextFunction
    takeMark('(')
    const property = propertyAt(take(), name)
    takeMark(',')
    const literal = literalAt(take())
    takeMark(')')
    countTerm(token)
    return textFunction(name, property, literal)
  }

  function term(token: Token & { kind: 'word' }): Condition<P> {
    if (peek().kind === '(') {
      const message = `The function ${token.text} at character ${token.at} of the $filter is not supported. There are startsWith, endsWith and contains.`
      return unsupportedQuery('$filter', message)
    }
    const operator = take()
    const name = operator.kind === 'word' ? operator.text.toLowerCase() : ''
    if (name === 'in') return list(propertyAt(token, 'in'))
    const op = comparisons.get(name)
    if (op !== undefined) {
      const property = propertyAt(token, op)
      countTerm(token)
      return comparison(op, property, literalAt(take()))
    }
    propertyAt(token, 'eq')
    if (operator.kind !== 'word')
      return syntaxError(
        operator.at,
        `an operator such as eq was expected, and ${shown(operator)} is there`,
      )
    const message = `The operator ${operator.text} at character ${operator.at} of the $filter is not supported. There are eq, ne, gt, ge, lt, le and in.`
    return unsupportedQuery('$filter', message)
  }

  function list(property: FilterProperty<P>): Condition<P> {
    const begin = peek()
    takeMark('(')
    const values: Literal[] = []
    do {
      countTerm(begin)
      values.push(literalAt(take()))
    } while (takeComma())
    takeMark(')')
    return membership(property, values)
  }

  function takeComma(): boolean {
    if (peek().kind !== ',') return false
    next += 1
    return true
  }

  function countTerm(token: Token): void {
    terms += 1
    if (terms > mostTerms)
      syntaxError(token.at, `there are more than ${mostTerms} comparisons and values`)
  }

  function propertyAt(token: Token, operator: Operator): FilterProperty<P> {
    if (token.kind !== 'word')
      return syntaxError(token.at, `a property was expected, and ${shown(token)} is there`)
    const { byName, resource } = properties
    const name = sameName(token.text, byName.keys())
    const property = name === undefined ? undefined : byName.get(name)
    if (property === undefined) {
      const near = closestWord(token.text, byName.keys())
      const advice = near === null ? '' : ` Is ${near} meant?`
      const message = `Unsupported or invalid query filter clause specified for property '${token.text.slice(0, 120)}' of resource '${resource}', at character ${token.at}.${advice}`
      return unsupportedQuery('$filter', message)
    }
    if (!property.kind.operators.includes(operator)) {
      const message = `Unsupported query filter clause: property '${name}' of resource '${resource}', at character ${token.at}, cannot be compared by ${operator}. It can by ${property.kind.operators.join(', ')}.`
      return unsupportedQuery('$filter', message)
    }
    return property
  }
}

function isFunction(text: string): boolean {
  return functions.has(text.toLowerCase())
}

function joined<P extends string>(
  op: 'and' | 'or',
  conditions: readonly Condition<P>[],
): Condition<P> {
  const [first] = conditions
  return first !== undefined && conditions.length === 1 ? first : { op, conditions }
}

function literalAt(token: Token): Literal {
  const { at } = token
  switch (token.kind) {
    case 'text':
      return { kind: 'text', value: token.value, at }
    case 'time':
      return { kind: 'time', value: token.value, at }
    case 'word': {
      const name = token.text.toLowerCase()
      if (name === 'true' || name === 'false') return { kind: 'flag', value: name === 'true', at }
      if (name === 'null') return { kind: 'null', value: null, at }
      return syntaxError(
        at,
        `${token.text.slice(0, 120)} is no value; a text stands in quotes, as in 'Alice'`,
      )
    }
    default:
      return syntaxError(at, `a value was expected, and ${shown(token)} is there`)
  }
}

function shown(token: Token): string {
  switch (token.kind) {
    case 'word':
    case 'number':
      return token.text.slice(0, 120)
    case 'text':
      return 'a text'
    case 'time':
      return 'a time'
    case 'end':
      return 'the end'
    default:
      return token.kind
  }
}
