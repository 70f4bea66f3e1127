import { CsvError } from '../csv/csvError.ts'
import type { CsvSource } from '../csv/lines.ts'

/** One item is never larger than this, nor is what stands around the items, in characters; what is, is something else than a list. */
const maxText = 256 * 1024
const maxDepth = 64

export type JsonPiece =
  | { readonly kind: 'item'; readonly value: unknown }
  /** What stands around the items of one document, which comes after them; the list is empty in it. */
  | { readonly kind: 'envelope'; readonly value: unknown }

/**
 * Takes apart JSON documents of the form `{ ..., "<list>": [item, ...], ... }`, one after the other as pages of an answer saved to one
 * file, without holding more than one item. The name of the list is compared without case, as SCIM's names are (RFC 7643 section 2.1).
 * Yields the pieces of each chunk together. Throws CsvError for what is no such JSON or not UTF-8.
 */
export async function* jsonItems(
  source: CsvSource,
  list: string,
): AsyncGenerator<readonly JsonPiece[]> {
  const splitter = new Splitter(source.name, list)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw splitter.fault('it is not UTF-8 text')
    }
  }
  for await (const chunk of source.open()) yield splitter.take(decode(chunk))
  yield splitter.take(decode())
  splitter.end()
}

const closing: ReadonlySet<string> = new Set(['}', ']'])
/** All that the splitter has to see; between them it leaps. */
const tokens = /["{}[\],:\n]/g
const stringEnd = /["\\\n]/g

class Splitter {
  readonly #file: string
  readonly #list: string
  #line = 1
  /** Open brackets around the place, without those of the item. */
  #depth = 0
  #envelope = ''
  /** The item that is being read, and how deep in it we are. */
  #item: string | null = null
  #itemDepth = 0
  #isInString = false
  #isInList = false
  #needsComma = false
  /** The string before a colon on the first level, which may be the name of the list. */
  #word = ''
  #isEscaped = false

  constructor(file: string, list: string) {
    this.#file = file
    this.#list = JSON.stringify(list).toLowerCase()
  }

  fault(message: string): CsvError {
    return new CsvError(this.#file, this.#line, message)
  }

  take(text: string): JsonPiece[] {
    const pieces: JsonPiece[] = []
    let at = 0
    while (at < text.length) {
      at = this.#isInString ? this.#string(text, at) : this.#plain(text, at, pieces)
    }
    return pieces
  }

  end(): void {
    if (this.#depth > 0 || this.#isInString) throw this.fault('the file ends in the middle of JSON')
  }

  /** Goes to the end of the string or of the text. */
  #string(text: string, start: number): number {
    let at = start
    while (at < text.length) {
      if (this.#isEscaped) {
        this.#isEscaped = false
        at++
        continue
      }
      stringEnd.lastIndex = at
      const found = stringEnd.exec(text)
      if (found === null) {
        at = text.length
      } else if (found[0] === '\n') {
        throw this.fault('a string of the JSON has a line break in it')
      } else if (found[0] === '"') {
        this.#isInString = false
        at = found.index + 1
        break
      } else {
        this.#isEscaped = true
        at = found.index + 1
      }
    }
    this.#keep(text.slice(start, at))
    return at
  }

  /** Goes behind the next token. */
  #plain(text: string, start: number, pieces: JsonPiece[]): number {
    tokens.lastIndex = start
    const found = tokens.exec(text)
    const end = found?.index ?? text.length
    const between = text.slice(start, end)
    const token = found?.[0] ?? ''
    if (token === '\n') this.#line++
    if (this.#item !== null) this.#inItem(between, token, pieces)
    else if (this.#isInList) this.#inList(between, token)
    else this.#around(between, token, pieces)
    return end + token.length
  }

  #inItem(between: string, token: string, pieces: JsonPiece[]): void {
    this.#keep(between + token)
    if (token === '"') this.#isInString = true
    else if (token === '{' || token === '[') this.#itemDepth++
    else if (closing.has(token)) {
      this.#itemDepth--
      if (this.#itemDepth > 0) return
      pieces.push({ kind: 'item', value: this.#parsed(this.#item ?? '') })
      this.#item = null
      this.#needsComma = true
    }
    if (this.#itemDepth > maxDepth) throw this.fault('the JSON is nested too deeply')
  }

  /** Between two items. */
  #inList(between: string, token: string): void {
    if (between.trim() !== '') throw this.#noList()
    if (token === '{' && !this.#needsComma) {
      this.#item = '{'
      this.#itemDepth = 1
    } else if (token === ',' && this.#needsComma) {
      this.#needsComma = false
    } else if (token === ']') {
      this.#isInList = false
      this.#depth--
      this.#keep(']')
    } else if (token !== '' && token !== '\n') {
      throw this.#noList()
    }
  }

  #around(between: string, token: string, pieces: JsonPiece[]): void {
    if (this.#depth === 0) {
      if (between.trim() !== '' || (token !== '' && token !== '\n' && token !== '{')) {
        throw this.fault('it is no JSON object')
      }
      if (token === '{') this.#depth = 1
      this.#envelope = token === '{' ? '{' : ''
      return
    }
    const isNamed = this.#depth === 1 && this.#word.trimEnd().toLowerCase() === `${this.#list}:`
    this.#keep(between + token)
    if (token === '"') {
      this.#isInString = true
      this.#word = '"'
    } else if (token === '{' || token === '[') {
      this.#depth++
      this.#isInList = token === '[' && isNamed
      this.#needsComma = false
      this.#word = ''
    } else if (token === ',') {
      this.#word = ''
    } else if (closing.has(token)) {
      this.#depth--
      this.#word = ''
    }
    if (this.#depth > maxDepth) throw this.fault('the JSON is nested too deeply')
    if (this.#depth > 0) return
    pieces.push({ kind: 'envelope', value: this.#parsed(this.#envelope) })
    this.#envelope = ''
  }

  #keep(text: string): void {
    if (this.#item !== null) this.#item += text
    else {
      this.#envelope += text
      if (this.#depth === 1 && this.#word.length < 200) this.#word += text.trim()
    }
    if ((this.#item ?? this.#envelope).length > maxText) {
      throw this.fault('one object of the JSON is far too long')
    }
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      throw this.fault('an object that ends here is no valid JSON')
    }
  }

  #noList(): CsvError {
    return this.fault(`${this.#list} is not a list of objects with commas between them`)
  }
}
