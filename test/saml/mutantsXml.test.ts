import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { describe as describeElement } from '../../src/saml/xml/tree.ts'
import { parse } from './resign.ts'
import { expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('saml/xml refusals, to the letter', () => {
  const elements = (count: number) => `<a>${'<b/>'.repeat(count)}</a>`
  const attributes = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, i) => ` ${prefix}${i}="urn:x"`).join('')
  const wideElements = `<r>${`<a${attributes(30, 'b')}/>`.repeat(162)}</r>`

  const cases: [Reason, string, string, string][] = [
    ['notWellFormed', '\uFFFE<a/>', 'a character of XML', 'a noncharacter at line 1, column 1'],
    ['notWellFormed', '<a>\u0001</a>', 'a character of XML', 'a control code at line 1, column 4'],
    [
      'notWellFormed',
      '<a b="\u0001"/>',
      'a character of XML',
      'a control code at line 1, column 7',
    ],
    ['notWellFormed', '<a b="<"/>', 'a character of XML', '"<" at line 1, column 7'],
    [
      'notWellFormed',
      '<a',
      'white space, ">" or "/>"',
      'the end of the document at line 1, column 3',
    ],
    ['notWellFormed', '<a>b', 'an end tag', 'the end of the document at line 1, column 5'],
    [
      'notWellFormed',
      '<a b="c',
      'the end of the value',
      'the end of the document at line 1, column 8',
    ],
    ['notWellFormed', '', 'the root element', 'the end of the document at line 1, column 1'],
    ['notWellFormed', 'a', 'the root element', 'something else at line 1, column 1'],
    [
      'notWellFormed',
      '<a>\nb]]></a>',
      'text as XML allows it',
      '"]]>" in text at line 2, column 2',
    ],
    [
      'notWellFormed',
      '<a>&b</a>',
      'text as XML allows it',
      '"&" that begins no reference at line 1, column 4',
    ],
    [
      'notWellFormed',
      '<a>&;</a>',
      'text as XML allows it',
      'an entity that is none of the five of XML at line 1, column 4',
    ],
    [
      'notWellFormed',
      '<a>&#0;</a>',
      'text as XML allows it',
      'a reference to no character of XML at line 1, column 4',
    ],
    ['notWellFormed', '<p:a/>', 'a declared prefix', 'another at line 1, column 1'],
    [
      'notWellFormed',
      '<a></b>',
      'the end tag of the open element',
      'something else at line 1, column 4',
    ],
    [
      'notWellFormed',
      '<a></a b>',
      'the end tag of the open element',
      'something else at line 1, column 4',
    ],
    [
      'notWellFormed',
      '<a b="" b=""/>',
      'each attribute once',
      'a second of one name at line 1, column 9',
    ],
    [
      'notWellFormed',
      '<a xmlns:b="urn:b" xmlns:b="urn:b"/>',
      'each prefix declared once',
      'a second declaration at line 1, column 20',
    ],
    [
      'forbiddenMarkup',
      '<a xmlns:xml="urn:b"/>',
      'prefixes that are not reserved',
      'a declaration of one at line 1, column 4',
    ],
    ['forbiddenMarkup', '<é/>', 'names of ASCII letters', 'another name at line 1, column 1'],
    [
      'forbiddenMarkup',
      '<a/><!---->',
      'nothing after the root element',
      'a comment at line 1, column 5',
    ],
    ['forbiddenMarkup', '<![CDATA[a]]>', 'a name', 'a CDATA section at line 1, column 1'],
    ['forbiddenMarkup', '<!DOCTYPE a><a/>', 'a name', 'a DOCTYPE at line 1, column 1'],
    ['forbiddenMarkup', '<?a ?><a/>', 'a name', 'a processing instruction at line 1, column 1'],
    ['tooComplex', elements(2500), 'at most 2500 elements', 'more at line 1, column 10000'],
    ['tooComplex', wideElements, 'at most 5000 elements and attributes', 'more at line 1'],
    [
      'tooComplex',
      `<a${attributes(33, 'b')}/>`,
      'at most 32 attributes an element',
      'more at line 1',
    ],
    [
      'tooComplex',
      `<a${attributes(65, 'xmlns:b')}/>`,
      'at most 64 namespaces an element',
      'more at line 1',
    ],
    ['tooComplex', '<a>'.repeat(49), 'at most 48 levels', 'more at line 1, column 145'],
  ]
  for (const [reason, xml, expected, actual] of cases)
    it(`${reason} says where and what: ${actual}`, () => {
      const { evidence } = expectRefusal(reason, () => parse(xml))
      expect(evidence.expected).to.equal(expected)
      expect(evidence.actual).to.satisfy(
        (it: string) => it === actual || it.startsWith(`${actual},`),
      )
    })

  it('take what is exactly at the limit', () => {
    parse(elements(2499))
    parse(`<a${attributes(32, 'b')}/>`)
    parse(`<a${attributes(64, 'xmlns:b')}/>`)
    parse(`${'<a>'.repeat(48)}${'</a>'.repeat(48)}`)
    const nodes = { ...defaultLimits, maxNodes: 3 }
    parseXml(decodeXml(Buffer.from('<a b="" c=""/>')), nodes)
    expectRefusal('tooComplex', () =>
      parseXml(decodeXml(Buffer.from('<a b="" c=""><d/></a>')), nodes),
    )
  })

  it('end a document where it ends, whatever stood there before it', () => {
    for (const size of [100, 16_383, 16_384, 16_385]) {
      const whole = `<a b="${'c'.repeat(size - 17)}">text</a >`
      parse(whole)
      for (let end = whole.length - 12; end < whole.length; end++)
        expectRefusal('notWellFormed', () => parse(whole.slice(0, end)))
      parse(whole)
    }
  })

  it('name an element by 48 characters at most', () => {
    expect(describeElement(parse(`<p:${'a'.repeat(48)} xmlns:p="urn:p"/>`))).to.equal(
      'a'.repeat(48),
    )
    expect(describeElement(parse(`<${'a'.repeat(49)}/>`))).to.equal(`${'a'.repeat(48)}...`)
  })
})
