import { expect } from 'chai'
import { canonicalize, exclusive } from '../../src/saml/xml/canonicalize.ts'
import { childElements } from '../../src/saml/xml/tree.ts'
import { parse } from './resign.ts'
import { expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
const canonical = (xml: string) => canonicalize(parse(xml), exclusive, null, 1e6)

describe('saml/xml canonical form, to the letter', () => {
  it('has the nearest of several meanings of a prefix, listed or inclusive', () => {
    const root = parse(
      '<a xmlns:p="urn:1" xmlns="urn:a"><b xmlns:p="urn:2" xmlns="urn:b"><c/></b></a>',
    )
    const [b] = childElements(root)
    const [c] = b === undefined ? [] : childElements(b)
    if (c === undefined) throw new Error('no element')
    const whole = '<c xmlns="urn:b" xmlns:p="urn:2"></c>'
    const listed = { kind: 'exclusive', inclusivePrefixes: new Set(['p']) } as const
    const inclusive = { kind: 'inclusive', inclusivePrefixes: new Set<string>() } as const
    expect(canonicalize(c, listed, null, 1e6)).to.equal(whole)
    expect(canonicalize(c, inclusive, null, 1e6)).to.equal(whole)
  })

  it('may write as many bytes of namespaces as the limit says, and no more: tooComplex', () => {
    const root = parse('<p:a xmlns:p="urn:p"/>')
    expect(canonicalize(root, exclusive, null, 6)).to.equal('<p:a xmlns:p="urn:p"></p:a>')
    expectRefusal('tooComplex', () => canonicalize(root, exclusive, null, 5))
  })
})

describe('saml/xml reading, to the letter', () => {
  it('takes an XML declaration with white space of every kind wherever it may stand', () => {
    for (const gap of [' ', '  ', '\t', '\r\n', '\n \t'])
      for (const declaration of [
        `<?xml${gap}version${gap}=${gap}"1.0"${gap}?>`,
        `<?xml${gap}version='1.0'${gap}encoding${gap}=${gap}'utf-8'?>`,
        `<?xml version="1.0"${gap}encoding="UTF-8"${gap}standalone${gap}=${gap}"yes"${gap}?>`,
        `<?xml version="1.0"${gap}standalone='no'?>`,
      ])
        expect(canonical(`${declaration}<a/>`), JSON.stringify(declaration)).to.equal('<a></a>')
  })

  it('refuses an XML declaration that lacks white space, or has other words', () => {
    for (const declaration of [
      '<?xmlversion="1.0"?>',
      '<?xmlx<?xml version="1.0"?>',
      '<?xml version="1.0"encoding="utf-8"?>',
      '<?xml version="1.0" encoding="utf-8"standalone="yes"?>',
      '<?xml version="1.0" standalone="yes" encoding="utf-8"?>',
      '<?xml versionx="1.0"?>',
      '<?xml version=x"1.0"?>',
      '<?xml version="1.0" encodingx="utf-8"?>',
      '<?xml version="1.0" encoding=x"utf-8"?>',
      '<?xml version="1.0" standalonex="yes"?>',
      '<?xml version="1.0" standalone=x"yes"?>',
      '<?xml version="1.0" x?>',
    ])
      expectRefusal('forbiddenMarkup', () => parse(`${declaration}<a/>`))
  })

  it('escapes characters that are written as numbers like those that are written by name', () => {
    const numbers = '&#60;&#x3c;&#38;&#x26;&#62;&#34;&#39;'
    expect(canonical(`<a>${numbers}</a>`)).to.equal('<a>&lt;&lt;&amp;&amp;&gt;"\'</a>')
    expect(canonical(`<a b="${numbers}"/>`)).to.equal('<a b="&lt;&lt;&amp;&amp;>&quot;\'"></a>')
    expect(canonical('<a>&#38;lt;b/&#62;</a>')).to.equal('<a>&amp;lt;b/&gt;</a>')
  })

  it('takes whole references only', () => {
    for (const name of [
      '&#65z;',
      '&#x41g;',
      '&z#65;',
      '&#;',
      '&#x;',
      '&#X41;',
      '&#123456789;',
      '&AMP;',
    ])
      for (const xml of [`<a>${name}</a>`, `<a b="${name}"/>`])
        expectRefusal('notWellFormed', () => parse(xml))
  })

  it('takes namespace names that are absolute URIs from their first character on', () => {
    for (const name of ['../urn:a', ' urn:a', 'é:a', '1a:b', ':a'])
      expectRefusal('forbiddenMarkup', () => parse(`<p:a xmlns:p="${name}"/>`))
  })

  it('takes brackets before ">" unless there are two', () => {
    expect(canonical('<a>]></a>')).to.equal('<a>]&gt;</a>')
    expect(canonical('<a>x]>] ]></a>')).to.equal('<a>x]&gt;] ]&gt;</a>')
    for (const text of [']]>', 'x]]>', ']]]>y', '&amp;]]>'])
      expectRefusal('notWellFormed', () => parse(`<a>${text}</a>`))
  })

  it('takes references to the first and the last of every range of characters, and to none between', () => {
    const character = (code: number) => {
      const bytes = canonical(`<a>&#x${code.toString(16)};&#${code};</a>`).slice(3, -4)
      return Buffer.from(bytes, 'latin1').toString('utf8')
    }
    for (const code of [0x20, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0x10000, 0x10ffff])
      expect(character(code), code.toString(16)).to.equal(String.fromCodePoint(code).repeat(2))
    for (const code of [0, 8, 0xb, 0xc, 0xe, 0x1f, 0xd800, 0xdfff, 0xfffe, 0xffff, 0x110000])
      expectRefusal('notWellFormed', () => character(code))
  })
})
