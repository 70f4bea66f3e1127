import fc from 'fast-check'

/** A text as it stands in a document, and what a reader must make of it. */
export interface Written {
  readonly written: string
  readonly meant: string
}

/** Markup, what is no character of XML, and what xmldom takes for line ends as if this were XML 1.1. */
const notPlain = new Set([
  '<',
  '&',
  ']',
  '"',
  "'",
  '\ufffe',
  '\uffff',
  '\u0085',
  '\u2028',
  '\u2029',
])

function asItIs(text: string): Written {
  const clean = [...text].filter((it) => it >= ' ' && !notPlain.has(it)).join('')
  return { written: clean, meant: clean }
}

const plain = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).map(asItIs)

/** Any character of XML, as a decimal or hexadecimal reference, with zeros in front or not. */
const reference = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(0x9, 0xa, 0xd, 0x20, 0x22, 0x26, 0x27, 0x3c, 0x3e, 0x7f, 0x85, 0xa0),
      fc.integer({ min: 0x20, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0xfffd }),
      fc.integer({ min: 0x10000, max: 0x10ffff }),
    ),
    fc.constantFrom(
      (code: number) => `&#${code};`,
      (code: number) => `&#0${code};`,
      (code: number) => `&#x${code.toString(16)};`,
      (code: number) => `&#x${code.toString(16).toUpperCase()};`,
      (code: number) => `&#x00${code.toString(16)};`,
    ),
  )
  .map(([code, write]) => ({ written: write(code), meant: String.fromCodePoint(code) }))

const named = fc.constantFrom<Written>(
  { written: '&amp;', meant: '&' },
  { written: '&lt;', meant: '<' },
  { written: '&gt;', meant: '>' },
  { written: '&quot;', meant: '"' },
  { written: '&apos;', meant: "'" },
  { written: '>', meant: '>' },
)

/** Line ends and tabs: XML 1.0 section 2.11 in text, section 3.3.3 in attributes. A blank after CR keeps it from meeting a LF. */
const spacesOfText = fc.constantFrom<Written>(
  { written: '\r\n', meant: '\n' },
  { written: '\r ', meant: '\n ' },
  { written: '\n', meant: '\n' },
  { written: '\t', meant: '\t' },
)
const spacesOfValues = fc.constantFrom<Written>(
  { written: '\r\n', meant: ' ' },
  { written: '\r ', meant: '  ' },
  { written: '\n', meant: ' ' },
  { written: '\t', meant: ' ' },
)

function several(spaces: fc.Arbitrary<Written>): fc.Arbitrary<Written> {
  const piece = fc.oneof({ weight: 3, arbitrary: plain }, reference, named, spaces)
  return fc.array(piece, { maxLength: 5 }).map((pieces) => ({
    written: pieces.map(({ written }) => written).join(''),
    meant: pieces.map(({ meant }) => meant).join(''),
  }))
}

/** For the content of an element. */
export const randomText: fc.Arbitrary<Written> = several(spacesOfText)
/** For an attribute, between quotes of either kind. */
export const randomValue: fc.Arbitrary<Written> = several(spacesOfValues)
