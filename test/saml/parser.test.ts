import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { plainText } from '../../src/saml/xml/text.ts'
import { attributeOf, childElements, ownText, type XmlElement } from '../../src/saml/xml/tree.ts'
import { expectRefusal } from './support.ts'

function parse(xml: string | Buffer, limits = defaultLimits): XmlElement {
  return parseXml(decodeXml(Buffer.from(xml as string)), limits)
}

const textIn = (xml: string) => plainText(ownText(parse(xml)))
const valueIn = (xml: string) => plainText(attributeOf(parse(xml), 'v') ?? 'absent')

describe('saml/xml parser', () => {
  describe('reads what XML 1.0 and Namespaces in XML 1.0 say', () => {
    it('resolves the five entities and character references, in text and in values', () => {
      expect(textIn('<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x42;&#xe9;&#x1F600;</a>')).to.equal(
        '&<>"\'ABé😀',
      )
      expect(valueIn('<a v="&amp;&lt;&gt;&quot;&apos;&#65;&#x42;"/>')).to.equal('&<>"\'AB')
    })

    it('resolves a reference once: what comes out of it is text, never markup', () => {
      expect(textIn('<a>&amp;lt;b/&#38;gt;&#60;!--</a>')).to.equal('&lt;b/&gt;<!--')
    })

    it('makes line feeds of line ends, but keeps a carriage return that is referenced', () => {
      expect(textIn('<a>1\r\n2\r3\n4&#13;5</a>')).to.equal('1\n2\n3\n4\r5')
    })

    it('makes spaces of white space in values, but keeps what is referenced', () => {
      expect(valueIn('<a v="1\r\n2\t3\n4\r5&#10;6&#9;7&#13;8"/>')).to.equal('1 2 3 4 5\n6\t7\r8')
    })

    it('takes values in either quote, with the other inside', () => {
      expect(valueIn(`<a v='say "x"'/>`)).to.equal('say "x"')
      expect(valueIn(`<a v="it's"/>`)).to.equal("it's")
    })

    it('takes white space where a tag may have it', () => {
      expect(valueIn('<a\n v\t=\r\n"1" ></a\n>')).to.equal('1')
    })

    it('gives elements the default namespace and attributes none', () => {
      const root = parse('<a xmlns="urn:a" b="1"><c xmlns=""/></a>')
      expect(root.namespace).to.equal('urn:a')
      expect(root.attributes.map((it) => it.namespace)).to.deep.equal([''])
      expect(childElements(root).map((it) => it.namespace)).to.deep.equal([''])
    })

    it('lets the nearest declaration of a prefix win, and takes it back after the end tag', () => {
      const root = parse(
        '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c/></p:b><p:d/><p:e xmlns:p="urn:3"/><p:f/></p:a>',
      )
      const names = (element: XmlElement): string[] => [
        `${element.localName} ${element.namespace}`,
        ...childElements(element).flatMap(names),
      ]
      expect(names(root)).to.deep.equal([
        'a urn:1',
        'b urn:2',
        'c urn:2',
        'd urn:1',
        'e urn:3',
        'f urn:1',
      ])
    })

    it('resolves an attribute’s prefix by a declaration that comes after it', () => {
      expect(parse('<a p:b="1" xmlns:p="urn:p"/>').attributes[0]?.namespace).to.equal('urn:p')
    })

    it('knows the prefix xml without a declaration', () => {
      expect(parse('<a xml:lang="en"/>').attributes[0]?.namespace).to.equal(
        'http://www.w3.org/XML/1998/namespace',
      )
    })

    for (const declaration of [
      '<?xml version="1.0"?>',
      "<?xml version='1.0' encoding='utf-8'?>\n",
      '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\r\n',
    ])
      it(`takes the declaration ${declaration.trim()}`, () => {
        expect(parse(`${declaration}<a/>\n`).localName).to.equal('a')
      })

    it('decodes values and keeps no slice of the document in them', () => {
      expect(textIn('<a>Ångström 日本 😀</a>')).to.equal('Ångström 日本 😀')
    })
  })

  describe('refuses', () => {
    const refused: [Reason, string, string | Buffer][] = [
      ['forbiddenMarkup', 'a comment', '<a><!-- x --></a>'],
      ['forbiddenMarkup', 'a comment before the root', '<!-- x --><a/>'],
      ['forbiddenMarkup', 'a comment after the root', '<a/><!-- x -->'],
      ['forbiddenMarkup', 'a processing instruction', '<a>b<?c d?></a>'],
      ['forbiddenMarkup', 'a processing instruction after the root', '<a/><?c d?>'],
      [
        'forbiddenMarkup',
        'a second XML declaration',
        '<?xml version="1.0"?><?xml version="1.0"?><a/>',
      ],
      ['forbiddenMarkup', 'XML 1.1', '<?xml version="1.1"?><a/>'],
      [
        'forbiddenMarkup',
        'another declared encoding',
        '<?xml version="1.0" encoding="UTF-7"?><a/>',
      ],
      ['forbiddenMarkup', 'a CDATA section', '<a><![CDATA[x]]></a>'],
      ['forbiddenMarkup', 'a DOCTYPE', '<!DOCTYPE a><a/>'],
      ['forbiddenMarkup', 'a DOCTYPE with an entity', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
      ['forbiddenMarkup', 'a DOCTYPE inside', '<a><!DOCTYPE b></a>'],
      ['forbiddenMarkup', 'an element name beyond ASCII', '<é/>'],
      ['forbiddenMarkup', 'an element name that goes on beyond ASCII', '<aé/>'],
      ['forbiddenMarkup', 'an attribute name beyond ASCII', '<a é="1"/>'],
      ['forbiddenMarkup', 'a relative namespace URI', '<a xmlns="relative"/>'],
      ['forbiddenMarkup', 'a namespace URI of dots', '<a xmlns:p="../x"/>'],
      ['forbiddenMarkup', 'a namespace URI with a space', '<a xmlns:p="urn:a b"/>'],
      ['forbiddenMarkup', 'a namespace URI beyond ASCII', '<a xmlns:p="urn:é"/>'],
      ['forbiddenMarkup', 'xmlns:p=""', '<a xmlns:p=""/>'],
      ['forbiddenMarkup', 'a declaration of the prefix xml', '<a xmlns:xml="urn:x"/>'],
      ['forbiddenMarkup', 'a declaration of the prefix xmlns', '<a xmlns:xmlns="urn:x"/>'],
      [
        'forbiddenMarkup',
        'the XML namespace under another prefix',
        '<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>',
      ],
      [
        'forbiddenMarkup',
        'the XMLNS namespace as default',
        '<a xmlns="http://www.w3.org/2000/xmlns/"/>',
      ],
      ['forbiddenMarkup', 'an element in the XML namespace', '<a><xml:b/></a>'],
      ['notWellFormed', 'nothing', ''],
      ['notWellFormed', 'white space alone', ' \n'],
      ['notWellFormed', 'text alone', 'text'],
      ['notWellFormed', 'text before the root', 'x<a/>'],
      ['notWellFormed', 'text after the root', '<a/>x'],
      ['notWellFormed', 'a second root', '<a/><b/>'],
      ['notWellFormed', 'an end that does not come', '<a><b></b>'],
      ['notWellFormed', 'a start tag that does not end', '<a'],
      ['notWellFormed', 'a value that does not end', '<a b="c></a>'],
      ['notWellFormed', 'an end tag of another element', '<a><b></a></b>'],
      ['notWellFormed', 'an end tag of a longer name', '<a></ab>'],
      ['notWellFormed', 'an end tag of a shorter name', '<ab></a>'],
      [
        'notWellFormed',
        'an end tag of another prefix',
        '<p:a xmlns:p="urn:a" xmlns:q="urn:a"></q:a>',
      ],
      ['notWellFormed', 'an undeclared element prefix', '<p:a/>'],
      ['notWellFormed', 'an undeclared attribute prefix', '<a p:b="1"/>'],
      ['notWellFormed', 'a prefix after its scope', '<a><p:b xmlns:p="urn:p"/><p:c/></a>'],
      ['notWellFormed', 'the prefix xmlns on an element', '<xmlns:a/>'],
      ['notWellFormed', 'two attributes of one name', '<a b="1" b="2"/>'],
      [
        'notWellFormed',
        'two attributes of one expanded name',
        '<a p:b="1" q:b="2" xmlns:p="urn:x" xmlns:q="urn:x"/>',
      ],
      ['notWellFormed', 'a prefix declared twice', '<a xmlns:p="urn:x" xmlns:p="urn:y"/>'],
      ['notWellFormed', 'the default namespace declared twice', '<a xmlns="urn:x" xmlns="urn:x"/>'],
      ['notWellFormed', 'an unquoted value', '<a b=c/>'],
      ['notWellFormed', 'an attribute without value', '<a b/>'],
      ['notWellFormed', 'attributes without space between', '<a b="1"c="2"/>'],
      ['notWellFormed', 'a space before the name', '< a/>'],
      ['notWellFormed', 'a space inside "/>"', '<a / >'],
      ['notWellFormed', 'a name that begins with a digit', '<1a/>'],
      ['notWellFormed', 'two colons in a name', '<p:a:b xmlns:p="urn:p"/>'],
      ['notWellFormed', 'an empty local name', '<p: xmlns:p="urn:p"/>'],
      ['notWellFormed', 'an empty prefix', '<:a/>'],
      ['notWellFormed', '"<" in a value', '<a b="<"/>'],
      ['notWellFormed', '"]]>" in text', '<a>]]></a>'],
      ['notWellFormed', 'a bare ampersand', '<a>b & c</a>'],
      ['notWellFormed', 'an ampersand at the end of a value', '<a b="&"/>'],
      ['notWellFormed', 'an unknown entity', '<a>&nbsp;</a>'],
      ['notWellFormed', 'an entity of an object’s own name', '<a>&constructor;</a>'],
      ['notWellFormed', 'a reference to NUL', '<a>&#0;</a>'],
      ['notWellFormed', 'a reference to a control', '<a>&#x1F;</a>'],
      ['notWellFormed', 'a reference to a surrogate', '<a>&#xD800;</a>'],
      ['notWellFormed', 'a reference beyond Unicode', '<a>&#x110000;</a>'],
      ['notWellFormed', 'a reference to U+FFFE', '<a>&#xFFFE;</a>'],
      ['notWellFormed', 'an endless reference', `<a>&#${'0'.repeat(40)}65;</a>`],
      ['notWellFormed', 'a signed reference', '<a>&#-65;</a>'],
      ['notWellFormed', 'a control in text', '<a>\u0001</a>'],
      ['notWellFormed', 'a control in a value', '<a b="\u000b"/>'],
      ['notWellFormed', 'NUL', '<a>\u0000</a>'],
      ['notWellFormed', 'U+FFFF', '<a>\uffff</a>'],
      ['notWellFormed', 'UTF-16 without mark', Buffer.from('<a/>', 'utf16le')],
      ['notUtf8', 'a byte order mark', '\ufeff<a/>'],
      ['notUtf8', 'UTF-16 with mark', Buffer.from('\ufeff<a/>', 'utf16le')],
      ['notUtf8', 'an invalid byte', Buffer.from('<a>\xff</a>', 'latin1')],
      ['notUtf8', 'an overlong form', Buffer.from('<a>\xc0\xbc</a>', 'latin1')],
      ['notUtf8', 'a surrogate in UTF-8', Buffer.from('<a>\xed\xa0\x80</a>', 'latin1')],
    ]
    for (const [reason, what, xml] of refused)
      it(`${what}: ${reason}`, () => {
        expectRefusal(reason, () => parse(xml))
      })

    it('names line and column, counted in characters, and nothing of the text', () => {
      const { evidence } = expectRefusal('forbiddenMarkup', () =>
        parse('<a>\n<secret>Ångström<!-- x --></secret></a>'),
      )
      expect(evidence.actual).to.equal('a comment at line 2, column 17')
    })
  })

  describe('limits', () => {
    const limits = {
      ...defaultLimits,
      maxDepth: 3,
      maxElements: 4,
      maxAttributesPerElement: 2,
      maxNamespacesPerElement: 2,
      maxNodes: 6,
    }
    const cases: [string, string, string][] = [
      ['depth', '<a><b><c/></b></a>', '<a><b><c><d/></c></b></a>'],
      ['elements', '<a><b/><b/><b/></a>', '<a><b/><b/><b/><b/></a>'],
      ['attributes an element', '<a b="" c=""/>', '<a b="" c="" d=""/>'],
      [
        'namespaces an element',
        '<a xmlns="urn:1" xmlns:b="urn:2"/>',
        '<a xmlns="urn:1" xmlns:b="urn:2" xmlns:c="urn:3"/>',
      ],
      [
        'elements and attributes',
        '<a a="" b=""><b a="" b=""/></a>',
        '<a a="" b=""><b a="" b=""/><c/></a>',
      ],
    ]
    for (const [what, just, over] of cases)
      it(`lets just as many ${what} pass, and refuses one more`, () => {
        expect(parse(just, limits).localName).to.equal('a')
        expectRefusal('tooComplex', () => parse(over, limits))
      })
  })
})
