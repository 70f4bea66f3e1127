/**
 * Classes of bytes for the parser, as tables of 256 entries. Bytes from 0x80 on are parts of UTF-8 sequences, already known to
 * be well-formed.
 */
function table(classes: readonly (readonly [bytes: string, value: number])[]): Uint8Array {
  const entries = new Uint8Array(256)
  for (const [bytes, value] of classes)
    for (let i = 0; i < bytes.length; i++) entries[bytes.charCodeAt(i)] = value
  return entries
}

const range = (first: number, last: number): string =>
  String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, i) => first + i))

/** C0 controls that are no Char of XML 1.0 (production 2): all but tab, line feed and carriage return. */
const controls = range(0, 8) + range(0x0b, 0x0c) + range(0x0e, 0x1f)
const letters = `${range(0x41, 0x5a)}${range(0x61, 0x7a)}_`
const digits = range(0x30, 0x39)

export const plain = 0
/** Ends a run of text. */
export const markup = 1
/** Makes the run or value go through the slow path: references, line ends, characters that canonical form escapes. */
export const special = 2
export const illegal = 3
/** Either kind of quote; in an attribute value it ends it or is special. */
export const quote = 4

/** Classes inside character data. */
export const textClass = table([
  [controls, illegal],
  ['<', markup],
  ['&>\r', special],
])

const notPlain = [...textClass.keys()]
  .filter((byte) => textClass[byte] !== plain)
  .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)

/** A run of plain character data, from `lastIndex`. Most text is one, and an expression finds its end faster than a loop. */
export const plainRun = new RegExp(`[^${notPlain.join('')}]*`, 'y')

/** Classes inside an attribute value (production 10). */
export const valueClass = table([
  [controls, illegal],
  ['<', illegal],
  ['&\t\n\r', special],
  ['"\'', quote],
])

export const nameStart = 1
export const nameInner = 2

/**
 * Names (production 4 without the colon: NCName of Namespaces in XML 1.0), ASCII only. SAML, XML Signature and XML Encryption have
 * no other names; a document with others is refused.
 */
export const nameClass = table([
  [letters, nameStart],
  [`${digits}-.`, nameInner],
])

/** Whether a byte string is an NCName of ASCII characters. */
export function isNcName(text: string): boolean {
  if (text.length === 0 || nameClass[text.charCodeAt(0)] !== nameStart) return false
  for (let i = 1; i < text.length; i++) if (!nameClass[text.charCodeAt(i)]) return false
  return true
}

export function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Char of XML 1.0 (production 2), for character references. */
export function isXmlChar(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d
  if (codePoint < 0xd800) return true
  return (
    (codePoint >= 0xe000 && codePoint <= 0xfffd) || (codePoint >= 0x10000 && codePoint <= 0x10ffff)
  )
}
