import { expect } from 'chai'
import { canonicalize, exclusive } from '../../src/saml/xml/canonicalize.ts'
import { attributeOf, ownText } from '../../src/saml/xml/tree.ts'
import { parse } from './resign.ts'
import { expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
const canonical = (xml: string) => canonicalize(parse(xml), exclusive, null, 1e6)

function expectMalformed(xml: string, expected: string): void {
  const { evidence } = expectRefusal('notWellFormed', () => parse(xml))
  expect(evidence.expected, xml).to.equal(expected)
}

describe('saml/xml tags, to the letter', () => {
  it('have one canonical form, however an attribute was written', () => {
    for (const written of [
      ' b="c"',
      " b='c'",
      '\tb="c"',
      '\nb="c"',
      '\r\nb="c"',
      '  b="c"',
      ' b ="c"',
      ' b= "c"',
      ' b = "c"',
      " b\t=\n'c'",
      ' b="c" ',
      ' b="&#99;"',
      " b='&#x63;'",
    ])
      for (const end of ['/>', '></a>'])
        expect(canonical(`<a${written}${end}`), written).to.equal('<a b="c"></a>')
  })

  it('have one canonical form, quotes and escapes included, beside a declaration and an attribute of another order', () => {
    expect(canonical(`<a b='say "x"'/>`)).to.equal('<a b="say &quot;x&quot;"></a>')
    expect(canonical(`<a c="1" b='&lt;&amp;'/>`)).to.equal('<a b="&lt;&amp;" c="1"></a>')
    expect(canonical(`<a p:b='1'\txmlns:p = 'urn:p'  c="2"></a>`)).to.equal(
      '<a xmlns:p="urn:p" c="2" p:b="1"></a>',
    )
    for (const space of ['\t', '\n', '\r', '\r\n', '&#32;'])
      expect(canonical(`<a b="c${space}d"/>`)).to.equal('<a b="c d"></a>')
    expect(canonical('<a b=""/>')).to.equal('<a b=""></a>')
    expect(canonical("<a b=''/>")).to.equal('<a b=""></a>')
  })

  it('end canonically, whatever white space stands in the end tag', () => {
    for (const end of ['</p:a>', '</p:a >', '</p:a\n>', '</p:a \t>'])
      expect(canonical(`<p:a xmlns:p="urn:p">b${end}`)).to.equal('<p:a xmlns:p="urn:p">b</p:a>')
  })

  it('have ">" right after "/"', () => {
    for (const xml of ['<a/x', '<a/ >', '<r><a/x</r>', '<r><a/ ></r>', '<a//>'])
      expectMalformed(xml, '">" after "/"')
  })

  it('have "=" after the name of an attribute', () => {
    for (const xml of ['<a b""c"/>', '<a b/"c"/>', '<a b "c"/>', '<a b/>'])
      expectMalformed(xml, '"=" after the name')
  })

  it('have quotes around a value, and nothing else that could end it', () => {
    for (const xml of ['<a b=&c&/>', '<a b=<c</>', '<a b=c/>', '<a b=\u0001c\u0001/>'])
      expectMalformed(xml, 'a quoted value')
  })

  it('have a declaration of 200 bytes at most before them', () => {
    const declaration = (length: number) => `<?xml version="1.0"${' '.repeat(length - 21)}?>`
    expect(canonical(`${declaration(200)}<a/>`)).to.equal('<a></a>')
    expectRefusal('forbiddenMarkup', () => parse(`${declaration(201)}<a/>`))
  })
})

describe('saml/xml tree, to the letter', () => {
  it('has no text between tags that touch', () => {
    expect(parse('<a></a>').children).to.deep.equal([])
    expect(parse('<a><b></b><c/></a>').children.map((it) => typeof it)).to.deep.equal([
      'object',
      'object',
    ])
  })

  it('has an attribute by its local name only when it is in no namespace', () => {
    const root = parse('<a xmlns:p="urn:p" p:b="1"/>')
    expect(attributeOf(root, 'b')).to.equal(null)
    expect(attributeOf(parse('<a xmlns:p="urn:p" p:b="1" b="2"/>'), 'b')).to.equal('2')
  })

  it('has text of its own only where text stands', () => {
    expect(ownText(parse('<a><b>c</b></a>'))).to.equal('')
    expect(ownText(parse('<a>1<b>c</b>2</a>'))).to.equal('12')
    expect(ownText(parse('<a/>'))).to.equal('')
  })
})
