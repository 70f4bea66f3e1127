/**
 * Values between their three forms: as written in a document, canonical (as the tree holds them), and plain (as a reader
 * outside wants them).
 */
import { isXmlChar } from './characters.ts'

/** The five entities of XML 1.0 section 4.6; there are no others without a DTD. */
const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Longest reference that is looked at, `&` and `;` not counted: `#x` and eight digits. */
const maxReferenceLength = 10
const characterReference = /^#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}))$/

/** What a value cannot contain; thrown by the readers here, and given a place by the parser. */
export class ValueFault extends Error {
  /** Where, in bytes from the start of the document. */
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const textEscapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['\r', '&#xD;'],
])
const valueEscapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['"', '&quot;'],
  ['\t', '&#x9;'],
  ['\n', '&#xA;'],
  ['\r', '&#xD;'],
])

/**
 * Character data from `start` to `end` in canonical form: references resolved, line ends made line feeds (XML 1.0 section
 * 2.11), then escaped as Canonical XML 1.0 section 2.3 says for text nodes.
 */
export function canonicalText(xml: string, start: number, end: number): string {
  let out = ''
  let from = start
  for (let at = start; at < end; at++) {
    const byte = xml.charCodeAt(at)
    if (byte !== 0x26 && byte !== 0x3e && byte !== 0x0d) continue
    if (byte === 0x26 && isCanonicalReference(xml, at, '&gt;')) continue
    out += xml.slice(from, at)
    if (byte === 0x26) {
      const reference = readReference(xml, at, end)
      out += textEscapes.get(reference.text) ?? reference.text
      at = reference.end
    } else if (byte === 0x3e) {
      if (at - 2 >= start && xml.charCodeAt(at - 1) === 0x5d && xml.charCodeAt(at - 2) === 0x5d)
        throw new ValueFault('"]]>" in text', at - 2)
      out += '&gt;'
    } else {
      if (xml.charCodeAt(at + 1) === 0x0a) at += 1
      out += '\n'
    }
    from = at + 1
  }
  return out + xml.slice(from, end)
}

/**
 * An attribute value from `start` to `end` in canonical form: normalized as XML 1.0 section 3.3.3 says for CDATA (the only type
 * there is without a DTD), then escaped as Canonical XML 1.0 section 2.3 says for attribute nodes.
 */
export function canonicalValue(xml: string, start: number, end: number): string {
  let out = ''
  let from = start
  for (let at = start; at < end; at++) {
    const byte = xml.charCodeAt(at)
    if (byte !== 0x26 && byte !== 0x22 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) continue
    if (byte === 0x26 && isCanonicalReference(xml, at, '&quot;')) continue
    out += xml.slice(from, at)
    if (byte === 0x26) {
      const reference = readReference(xml, at, end)
      out += valueEscapes.get(reference.text) ?? reference.text
      at = reference.end
    } else if (byte === 0x22) {
      out += '&quot;'
    } else {
      if (byte === 0x0d && xml.charCodeAt(at + 1) === 0x0a) at += 1
      out += ' '
    }
    from = at + 1
  }
  return out + xml.slice(from, end)
}

/**
 * Whether the reference at `at` is one that canonical form writes in the very same way: then it stays. `third` is the one that only
 * text (`&gt;`), or only attributes (`&quot;`), have. None holds a character that ends a run or a value, so none reaches beyond it.
 */
function isCanonicalReference(xml: string, at: number, third: '&gt;' | '&quot;'): boolean {
  const next = xml.charCodeAt(at + 1)
  if (next === 0x61) return xml.startsWith('&amp;', at)
  if (next === 0x6c) return xml.startsWith('&lt;', at)
  return next === third.charCodeAt(1) && xml.startsWith(third, at)
}

/** The reference whose `&` stands at `at`: its character as UTF-8 bytes, and where its `;` stands. */
function readReference(xml: string, at: number, limit: number): { text: string; end: number } {
  const window = xml.slice(at + 1, Math.min(limit, at + 2 + maxReferenceLength))
  const length = window.indexOf(';')
  if (length < 0) throw new ValueFault('"&" that begins no reference', at)
  const name = window.slice(0, length)
  const entity = entities.get(name)
  if (entity !== undefined) return { text: entity, end: at + 1 + length }
  const match = characterReference.exec(name)
  if (match === null) throw new ValueFault('an entity that is none of the five of XML', at)
  const codePoint =
    match[1] !== undefined ? Number.parseInt(match[1], 16) : Number.parseInt(match[2] ?? '', 10)
  if (!isXmlChar(codePoint)) throw new ValueFault('a reference to no character of XML', at)
  const text =
    codePoint < 0x80
      ? String.fromCharCode(codePoint)
      : Buffer.from(String.fromCodePoint(codePoint), 'utf8').toString('latin1')
  return { text, end: at + 1 + length }
}

const canonicalReference = /&(?:amp|lt|gt|quot|#x9|#xA|#xD);/g
const unescapes: ReadonlyMap<string, string> = new Map([
  ...[...textEscapes, ...valueEscapes].map(([plain, escaped]) => [escaped, plain] as const),
])

/** Canonical form resolved, still as a byte string: for comparisons inside `saml/`. */
export function unescaped(canonical: string): string {
  if (!canonical.includes('&')) return canonical
  return canonical.replace(canonicalReference, (escaped) => unescapes.get(escaped) ?? escaped)
}

/** Values up to this size are decoded through one buffer that is there already; longer ones get one of their own. */
const scratch = Buffer.allocUnsafeSlow(4096)

/**
 * A value as a reader outside wants it: resolved, decoded, and copied (a slice would keep the whole document in memory).
 */
export function plainText(canonical: string): string {
  const bytes = unescaped(canonical)
  if (bytes.length > scratch.length) return Buffer.from(bytes, 'latin1').toString('utf8')
  return scratch.toString('utf8', 0, scratch.write(bytes, 'latin1'))
}
