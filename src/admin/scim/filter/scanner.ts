import { limits } from '../names.ts'
import { bad, type ScimType } from '../scimError.ts'

export interface Token {
  readonly kind: 'bracket' | 'text' | 'word' | 'end'
  readonly text: string
  /** Of its first character, from 1. */
  readonly position: number
}

const tokenPattern = / *(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s"()[\]]+))/y
/** What may stand directly before a word, a text or `(`: RFC 7644 has a space around all operators. */
const openers = new Set([undefined, ' ', '(', '['])

/**
 * The tokens of a filter or path. Throws ScimError of the given type when it is too long or has a character that begins no token.
 */
export class Scanner {
  readonly #tokens: readonly Token[]
  readonly #fault: ScimType
  #next = 0

  constructor(text: string, fault: 'invalidFilter' | 'invalidPath') {
    this.#fault = fault
    if (text.length > limits.filterLength) {
      bad(fault, `It has ${text.length} characters; ${limits.filterLength} are the most.`)
    }
    this.#tokens = this.#scan(text)
  }

  get now(): Token {
    return this.#tokens[this.#next] ?? this.#end
  }

  get following(): Token {
    return this.#tokens[this.#next + 1] ?? this.#end
  }

  take(): Token {
    const token = this.now
    this.#next += 1
    return token
  }

  isWord(word: string): boolean {
    return this.now.kind === 'word' && this.now.text.toLowerCase() === word
  }

  isBracket(text: string): boolean {
    return this.now.kind === 'bracket' && this.now.text === text
  }

  takeBracket(text: string): void {
    if (!this.isBracket(text)) this.fail(`expected ${text}`)
    this.#next += 1
  }

  /** Throws: what is wrong, at the token that comes next unless another is named. */
  fail(what: string, { text, position }: Token = this.now): never {
    const found = text === '' ? 'the end' : text.length > 60 ? `${text.slice(0, 60)}...` : text
    return bad(this.#fault, `At character ${position} (${found}): ${what}.`)
  }

  get #end(): Token {
    return this.#tokens.at(-1) ?? { kind: 'end', text: '', position: 1 }
  }

  #scan(text: string): readonly Token[] {
    const tokens: Token[] = []
    const whole = text.trimEnd()
    tokenPattern.lastIndex = 0
    while (tokenPattern.lastIndex < whole.length) {
      const start = tokenPattern.lastIndex
      const match = tokenPattern.exec(whole)
      if (match === null) {
        const position = start + 1
        this.fail('it does not belong here, or a quote is not closed', {
          kind: 'word',
          text: whole.slice(start),
          position,
        })
      }
      const [, bracket, quoted, word] = match
      const body = bracket ?? quoted ?? word ?? ''
      const at = tokenPattern.lastIndex - body.length
      const kind = bracket !== undefined ? 'bracket' : quoted !== undefined ? 'text' : 'word'
      const token: Token = { kind, text: body, position: at + 1 }
      if (!isApart(token, whole[at - 1], tokens.at(-1))) {
        this.fail('a space is missing before it', token)
      }
      tokens.push(token)
    }
    tokens.push({ kind: 'end', text: '', position: whole.length + 1 })
    return tokens
  }
}

function isApart(token: Token, before: string | undefined, last: Token | undefined): boolean {
  if (token.kind === 'bracket' && token.text !== '(') return true
  if (openers.has(before)) return true
  if (token.text === '(') return last?.text.toLowerCase() === 'not'
  return before === ']' && token.text.startsWith('.')
}
