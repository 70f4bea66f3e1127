import { badRequest, quoted, unsupportedQuery } from '../error.ts'

/** A piece of a `$filter` with its place: the number of its first character, from 1. */
export type Token = { readonly at: number } & (
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'time'; readonly value: number }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: '(' | ')' | ',' | 'end' }
)

/** Characters of a filter, at most. */
export const longestFilter = 8192

const word = /[A-Za-z_][A-Za-z0-9_]*/y
/** OData ABNF `dateTimeOffsetValue`, with seconds. */
const time = /(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,12}))?(Z|[+-]\d{2}:\d{2})/y
const number = /-?\d+(?:\.\d+)?/y
/** OData ABNF `string`: a quote in it is doubled. */
const quotedText = /'((?:[^']|'')*)'/y
/** What may follow a word, a number or a time. */
const boundary = /[\s(),]|$/y

/** Splits a filter. Throws 400, with the place, for what no filter has, or one that is too long. */
export function tokensOf(filter: string): readonly Token[] {
  if (filter.length > longestFilter) {
    badRequest(
      '$filter',
      `The $filter has ${filter.length} characters; ${longestFilter} are the most.`,
    )
  }
  const tokens: Token[] = []
  let next = 0

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = next
    const match = pattern.exec(filter)
    if (match !== null) next += match[0].length
    return match
  }

  while (next < filter.length) {
    const at = next + 1
    const character = filter[next] ?? ''
    if (character === ' ' || character === '\t') {
      next += 1
    } else if (character === '(' || character === ')' || character === ',') {
      next += 1
      tokens.push({ kind: character, at })
    } else if (character === "'") {
      const match = take(quotedText)
      if (match === null)
        return syntaxError(at, 'a text begins and does not end: its quote is missing')
      mustEnd(at, match[0])
      tokens.push({ kind: 'text', value: (match[1] ?? '').replaceAll("''", "'"), at })
    } else {
      tokens.push(bare(at))
    }
  }
  tokens.push({ kind: 'end', at: filter.length + 1 })
  return tokens

  /** A word, a time or a number. */
  function bare(at: number): Token {
    const name = take(word)
    if (name !== null) {
      if (filter[next] === '/') unsupportedPath(at, filter.slice(at - 1))
      mustEnd(at, name[0])
      return { kind: 'word', text: name[0], at }
    }
    const moment = take(time)
    if (moment !== null) {
      mustEnd(at, moment[0])
      const value = instantOf(moment)
      if (value !== null) return { kind: 'time', value, at }
      return syntaxError(at, `${moment[0]} is no point in time`)
    }
    const digits = take(number)
    if (digits !== null) {
      mustEnd(at, digits[0])
      return { kind: 'number', text: digits[0], at }
    }
    return syntaxError(
      at,
      `the character ${quoted(String.fromCodePoint(filter.codePointAt(at - 1) ?? 0))} has no meaning here`,
    )
  }

  function mustEnd(at: number, taken: string): void {
    boundary.lastIndex = next
    if (boundary.test(filter)) return
    syntaxError(at, `white space is missing after ${quoted(taken)}`)
  }
}

/** 400: the filter cannot be read. */
export function syntaxError(at: number, what: string): never {
  return badRequest('$filter', `Invalid filter clause: at character ${at}, ${what}.`)
}

function unsupportedPath(at: number, rest: string): never {
  const path = quoted(/^[^\s(),]*/.exec(rest)?.[0] ?? '')
  const message = `The $filter at character ${at} has ${path}: paths, any and all are not supported.`
  return unsupportedQuery('$filter', message)
}

/** Milliseconds; a finer part is cut off. Null for the 30th of February and its like. */
function instantOf([, ...parts]: RegExpExecArray): number | null {
  const [
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction = '',
    zone = '',
  ] = parts
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}`
  const asIfUtc = Date.parse(`${local}Z`)
  // Date.parse lets the 30th of February be the second of March.
  if (Number.isNaN(asIfUtc) || new Date(asIfUtc).toISOString() !== `${local}Z`) return null
  const value = Date.parse(`${local}${zone}`)
  return Number.isNaN(value) ? null : value
}
