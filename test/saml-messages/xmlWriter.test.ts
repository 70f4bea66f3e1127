import { expect } from 'chai'
import fc from 'fast-check'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { plainText } from '../../src/saml/xml/text.ts'
import { attributeOf, ownText } from '../../src/saml/xml/tree.ts'
import { element } from '../../src/saml/xmlWriter.ts'

const read = (xml: string) => parseXml(decodeXml(Buffer.from(xml)), defaultLimits)

/** Any text that XML can carry, with a lot of what must be escaped in it. */
const xmlText = fc
  .array(fc.oneof(fc.constantFrom(...'&<>"\'\t\n\r ]]>'), fc.string({ unit: 'binary' })))
  .map((parts) =>
    parts.join('').replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, ''),
  )

describe('XML of our own', () => {
  it('is read back by the strict parser as the same text and the same attribute value', () => {
    fc.assert(
      fc.property(xmlText, xmlText, (text, value) => {
        const root = read(element('a', { b: value }, text).xml)
        expect(plainText(ownText(root))).to.equal(text)
        expect(plainText(attributeOf(root, 'b') ?? '')).to.equal(value)
        expect(root.attributes).to.have.length(1)
        expect(root.children.every((child) => typeof child === 'string')).to.equal(true)
      }),
      { numRuns: 300 },
    )
  })

  it('leaves out attributes that are null, and keeps empty ones', () => {
    expect(element('a', { b: null, c: '' }).xml).to.equal('<a c=""/>')
  })

  it('writes elements in elements as they are, and strings as text', () => {
    expect(element('a', {}, element('b', {}, '<c/>'), 'd').xml).to.equal(
      '<a><b>&lt;c/&gt;</b>d</a>',
    )
  })

  it('is not made of characters that XML has not', () => {
    for (const character of ['\0', '\x0b', '\x1f', '\ufffe', '\uffff', '\ud800', '\udfff']) {
      expect(() => element('a', {}, character), JSON.stringify(character)).to.throw(TypeError)
      expect(() => element('a', { b: character }), JSON.stringify(character)).to.throw(TypeError)
    }
  })
})
