import { type AttributePath, readAttributePath } from '../attributePath.ts'
import { limits } from '../names.ts'
import { Scanner, type Token } from './scanner.ts'

/** RFC 7644 section 3.4.2.2, table 3. */
export const comparisons = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type Comparison = (typeof comparisons)[number]
export type FilterValue = string | number | boolean | null

/** A filter as it was written. Positions are those of the attribute, from 1, for errors. */
export type Filter =
  | {
      readonly kind: 'compare'
      readonly path: AttributePath
      readonly op: Comparison
      readonly value: FilterValue
      readonly position: number
    }
  | { readonly kind: 'present'; readonly path: AttributePath; readonly position: number }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  /** `emails[type eq "work"]`: one value of the attribute fulfils all of `filter`, whose paths are sub-attributes. */
  | {
      readonly kind: 'values'
      readonly path: AttributePath
      readonly filter: Filter
      readonly position: number
    }

/** The path of a PATCH operation (RFC 7644 section 3.5.2): an attribute, or the values of one that fulfil a filter. */
export interface PatchPath {
  readonly path: AttributePath
  readonly filter: Filter | null
}

/** Reads a filter (RFC 7644 section 3.4.2.2, figure 1) strictly. Throws ScimError `invalidFilter` with the position. */
export function parseFilter(text: string): Filter {
  const parser = new Parser(new Scanner(text, 'invalidFilter'))
  const filter = parser.either(0, false)
  parser.mustEnd()
  return filter
}

/** Reads the path of a PATCH operation. Throws ScimError `invalidPath` with the position. */
export function parsePatchPath(text: string): PatchPath {
  const scanner = new Scanner(text, 'invalidPath')
  const parser = new Parser(scanner)
  const { path } = parser.attribute()
  if (!scanner.isBracket('[')) {
    parser.mustEnd()
    return { path, filter: null }
  }
  const filter = parser.selection(0)
  const sub = parser.subAttribute()
  parser.mustEnd()
  return { path: { ...path, sub }, filter }
}

/** Recursive descent; `not` binds closest, then `and`, then `or`. */
class Parser {
  readonly #scanner: Scanner
  #terms = 0

  constructor(scanner: Scanner) {
    this.#scanner = scanner
  }

  either(depth: number, isInside: boolean): Filter {
    return this.#joined('or', () => this.#joined('and', () => this.#factor(depth, isInside)))
  }

  /** The filter in brackets after an attribute. */
  selection(depth: number): Filter {
    this.#scanner.takeBracket('[')
    const filter = this.either(depth + 1, true)
    this.#scanner.takeBracket(']')
    return filter
  }

  /** `.value` directly after a bracket; null when nothing of the kind stands there. */
  subAttribute(): string | null {
    const { now } = this.#scanner
    if (now.kind !== 'word' || !now.text.startsWith('.')) return null
    const path = readAttributePath(now.text.slice(1))
    if (path === null || path.schema !== null || path.sub !== null) {
      this.#scanner.fail('this is no name of a sub-attribute')
    }
    this.#scanner.take()
    return path.name
  }

  attribute(): { readonly path: AttributePath; readonly token: Token } {
    const path =
      this.#scanner.now.kind === 'word' ? readAttributePath(this.#scanner.now.text) : null
    if (path === null) this.#scanner.fail('expected the name of an attribute')
    return { path, token: this.#scanner.take() }
  }

  mustEnd(): void {
    if (this.#scanner.now.kind !== 'end') this.#scanner.fail('expected the end')
  }

  #joined(kind: 'and' | 'or', read: () => Filter): Filter {
    const first = read()
    const more: Filter[] = []
    while (this.#scanner.isWord(kind)) {
      this.#scanner.take()
      more.push(read())
    }
    return more.length === 0 ? first : { kind, filters: [first, ...more] }
  }

  #factor(depth: number, isInside: boolean): Filter {
    if (depth > limits.filterDepth) {
      this.#scanner.fail(`parentheses go deeper than ${limits.filterDepth} levels`)
    }
    const isNot = this.#scanner.isWord('not') && this.#scanner.following.text === '('
    if (isNot) this.#scanner.take()
    if (this.#scanner.isBracket('(')) {
      this.#scanner.take()
      const filter = this.either(depth + 1, isInside)
      this.#scanner.takeBracket(')')
      return isNot ? { kind: 'not', filter } : filter
    }
    return this.#expression(depth, isInside)
  }

  #expression(depth: number, isInside: boolean): Filter {
    this.#terms += 1
    if (this.#terms > limits.filterTerms) {
      this.#scanner.fail(`there are more than ${limits.filterTerms} comparisons`)
    }
    const { path, token } = this.attribute()
    const { position } = token
    if (!this.#scanner.isBracket('[')) return this.#comparison(path, position)
    if (isInside) this.#scanner.fail('a value filter stands in no other')
    if (path.sub !== null)
      this.#scanner.fail('a value filter follows an attribute, not a part of it')
    const filter = this.selection(depth)
    const sub = this.subAttribute()
    if (sub === null) return { kind: 'values', path, filter, position }
    // Not in the grammar, and in use: emails[type eq "work"].value eq "a@b.example".
    const compared = this.#comparison({ schema: null, name: sub, sub: null }, position)
    return { kind: 'values', path, filter: { kind: 'and', filters: [filter, compared] }, position }
  }

  #comparison(path: AttributePath, position: number): Filter {
    const operator = this.#scanner.take()
    const name = operator.text.toLowerCase()
    if (operator.kind === 'word' && name === 'pr') return { kind: 'present', path, position }
    const op = comparisons.find((each) => each === name)
    if (operator.kind !== 'word' || op === undefined) {
      this.#scanner.fail(`expected one of ${comparisons.join(', ')}, pr`, operator)
    }
    return { kind: 'compare', path, op, value: this.#value(), position }
  }

  /** `compValue`: a JSON text, number, true, false or null. */
  #value(): FilterValue {
    const token = this.#scanner.take()
    if (token.kind === 'text' || token.kind === 'word') {
      try {
        const value: unknown = JSON.parse(token.text)
        if (value === null || typeof value !== 'object') return value as FilterValue
      } catch {}
    }
    return this.#scanner.fail('expected "text" in quotes, a number, true, false or null', token)
  }
}
