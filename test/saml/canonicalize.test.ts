import { createRequire } from 'node:module'
import { expect } from 'chai'
import fc from 'fast-check'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { type Canonicalization, canonicalize } from '../../src/saml/xml/canonicalize.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { childElements, type XmlElement } from '../../src/saml/xml/tree.ts'
import { randomDocument } from './randomDocument.ts'
import { expectRefusal } from './support.ts'

// the xmldom that xml-crypto brings: nodes of another version must not be handed to it
const { DOMParser } = createRequire(createRequire(import.meta.url).resolve('xml-crypto'))(
  '@xmldom/xmldom',
) as typeof import('@xmldom/xmldom')

const strictDom = new DOMParser({
  errorHandler: (level: string, message: string) => {
    throw new Error(`xmldom ${level}: ${message}`)
  },
} as never)

const parse = (xml: string) => parseXml(decodeXml(Buffer.from(xml)), defaultLimits)
const utf8 = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')
const maxNamespaceBytes = 100_000

function ours(
  apex: XmlElement,
  kind: Canonicalization['kind'] = 'exclusive',
  ...prefixes: string[]
): string {
  return utf8(
    canonicalize(apex, { kind, inclusivePrefixes: new Set(prefixes) }, null, maxNamespaceBytes),
  )
}

/** The element reached by going down to the first child so many times. */
function descend(root: XmlElement, levels: number): XmlElement {
  const [first] = childElements(root)
  return levels === 0 || first === undefined ? root : descend(first, levels - 1)
}

describe('saml/xml canonicalization', () => {
  describe('exclusive (Exclusive XML Canonicalization 1.0)', () => {
    const cases: [string, string, string][] = [
      ['writes empty elements with an end tag', '<a/>', '<a></a>'],
      [
        'drops the XML declaration and white space around the root',
        '<?xml version="1.0"?>\n<a/>\n',
        '<a></a>',
      ],
      ['keeps white space inside', '<a>\r\n <b/>\t</a>', '<a>\n <b></b>\t</a>'],
      [
        'escapes text',
        '<a>&amp;&lt;&gt;>&quot;"&#13;&#9;</a>',
        '<a>&amp;&lt;&gt;&gt;""&#xD;\t</a>',
      ],
      [
        'escapes values',
        `<a b='&amp;&lt;&gt;&quot;"&#13;&#9;&#10;'/>`,
        '<a b="&amp;&lt;>&quot;&quot;&#xD;&#x9;&#xA;"></a>',
      ],
      ['writes characters for references', '<a>&#xe9;&#x1F600;</a>', '<a>é😀</a>'],
      [
        'orders attributes by namespace, then name, those without first',
        '<a xmlns:z="urn:1" xmlns:y="urn:2" y:a="1" z:b="2" z:a="3" c="4" B="5" xml:lang="en"/>',
        '<a xmlns:y="urn:2" xmlns:z="urn:1" B="5" c="4" xml:lang="en" z:a="3" z:b="2" y:a="1"></a>',
      ],
      [
        'writes a namespace where it is used, not where it is declared',
        '<a xmlns:p="urn:p" xmlns:q="urn:q"><p:b/><c><p:d/></c></a>',
        '<a><p:b xmlns:p="urn:p"></p:b><c><p:d xmlns:p="urn:p"></p:d></c></a>',
      ],
      [
        'writes a namespace once on the way down',
        '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:p" p:c="1"/></p:a>',
        '<p:a xmlns:p="urn:p"><p:b p:c="1"></p:b></p:a>',
      ],
      [
        'writes a prefix anew when it changes, and again when it changes back',
        '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b><p:d/></p:a>',
        '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d></p:d></p:a>',
      ],
      [
        'undeclares the default namespace where it was written',
        '<a xmlns="urn:a"><b xmlns=""><c xmlns="urn:a"/></b></a>',
        '<a xmlns="urn:a"><b xmlns=""><c xmlns="urn:a"></c></b></a>',
      ],
      [
        'does not undeclare a default namespace that was never written',
        '<p:a xmlns="urn:a" xmlns:p="urn:p"><b xmlns=""/></p:a>',
        '<p:a xmlns:p="urn:p"><b></b></p:a>',
      ],
      [
        'escapes an ampersand in a namespace',
        '<a xmlns="urn:?b&amp;c"/>',
        '<a xmlns="urn:?b&amp;c"></a>',
      ],
    ]
    for (const [what, xml, canonical] of cases)
      it(what, () => {
        expect(ours(parse(xml))).to.equal(canonical)
      })

    it('takes an inner element out of its context', () => {
      const root = parse('<a xmlns="urn:a" xmlns:p="urn:p" xmlns:q="urn:q"><b p:c="1"/></a>')
      expect(ours(descend(root, 1))).to.equal('<b xmlns="urn:a" xmlns:p="urn:p" p:c="1"></b>')
    })

    it('writes prefixes of the PrefixList at the apex, from wherever they are in force', () => {
      const root = parse('<a xmlns:p="urn:p" xmlns:q="urn:q"><b xmlns:r="urn:r"><c/></b></a>')
      expect(ours(descend(root, 2), 'exclusive', 'p', 'r', 'none')).to.equal(
        '<c xmlns:p="urn:p" xmlns:r="urn:r"></c>',
      )
    })

    it('writes #default of the PrefixList like any prefix', () => {
      const root = parse('<a xmlns="urn:a" xmlns:p="urn:p"><p:b><p:c xmlns=""/></p:b></a>')
      expect(ours(descend(root, 1), 'exclusive', '')).to.equal(
        '<p:b xmlns="urn:a" xmlns:p="urn:p"><p:c xmlns=""></p:c></p:b>',
      )
    })

    it('leaves out the one element it is told to', () => {
      const root = parse('<a>1<b>2</b>3</a>')
      const form = { kind: 'exclusive', inclusivePrefixes: new Set<string>() } as const
      expect(canonicalize(root, form, descend(root, 1), maxNamespaceBytes)).to.equal('<a>13</a>')
    })

    it('refuses namespaces that it would have to repeat beyond bounds', () => {
      const root = parse(`<a xmlns:p="urn:${'x'.repeat(1000)}">${'<p:b/>'.repeat(101)}</a>`)
      expectRefusal('tooComplex', () => ours(root))
    })
  })

  describe('inclusive (Canonical XML 1.0 and 1.1)', () => {
    it('writes every namespace in force at the apex, then what changes', () => {
      const root = parse(
        '<a xmlns="urn:a" xmlns:p="urn:p"><b xmlns:q="urn:q"><c xmlns="" xmlns:p="urn:p"/></b></a>',
      )
      expect(ours(descend(root, 1), 'inclusive')).to.equal(
        '<b xmlns="urn:a" xmlns:p="urn:p" xmlns:q="urn:q"><c xmlns=""></c></b>',
      )
    })

    it('refuses xml: attributes above the apex, which it would have to inherit', () => {
      const root = parse('<a xml:lang="en"><b/></a>')
      expect(ours(root, 'inclusive')).to.equal('<a xml:lang="en"><b></b></a>')
      expectRefusal('forbiddenMarkup', () => ours(descend(root, 1), 'inclusive'))
    })
  })

  describe('on generated documents', () => {
    it('agrees with xml-crypto, byte for byte', () => {
      fc.assert(
        fc.property(randomDocument, (xml) => {
          const peer = strictDom.parseFromString(xml, 'text/xml').documentElement
          expect(ours(parse(xml))).to.equal(
            new ExclusiveCanonicalization().process(peer as never, {}).toString(),
          )
        }),
        { numRuns: 400 },
      )
    })

    for (const kind of ['exclusive', 'inclusive'] as const)
      it(`is a fixed point: ${kind} form parses, and is its own canonical form`, () => {
        fc.assert(
          fc.property(randomDocument, (xml) => {
            const once = ours(parse(xml), kind)
            expect(ours(parse(once), kind)).to.equal(once)
          }),
          { numRuns: 200 },
        )
      })

    it('gives an inner element the same form in its document and alone', () => {
      fc.assert(
        fc.property(randomDocument, fc.nat({ max: 3 }), (xml, levels) => {
          const inner = ours(descend(parse(xml), levels))
          expect(ours(parse(inner))).to.equal(inner)
        }),
        { numRuns: 200 },
      )
    })
  })
})
