import type { Choices } from './choices.ts'
import { allAttributes, cut, inserted, replaced, type Span, startTags } from './markup.ts'
import type { Mutators } from './mutator.ts'

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'

/** Values that some verifier somewhere has treated in a special way. */
const values = [
  '',
  '#',
  '1.1',
  '2.0',
  'constructor',
  '__proto__',
  'xpointer(/)',
  '#xpointer(/)',
  `${ds}rsa-sha1`,
  `${ds}hmac-sha1`,
  `${ds}enveloped-signature`,
  `${ds}base64`,
  `${more}hmac-sha256`,
  `${more}rsa-sha256`,
  `${more}rsa-sha512`,
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/TR/1999/REC-xslt-19991116',
  '2036-01-15T09:34:58.123Z',
]
const names = ['ID', 'Id', 'id', 'xml:id', 'URI', 'Algorithm', 'Value', 'Version', 'x', 'ds:ID']
const namespaces = [
  '',
  'urn:x',
  'urn:oasis:names:tc:SAML:2.0:assertion',
  'urn:oasis:names:tc:SAML:2.0:protocol',
  'urn:oasis:names:tc:SAML:1.0:assertion',
  ds,
  'http://www.w3.org/XML/1998/namespace',
]
const prefixes = ['', ':saml2', ':saml2p', ':ds', ':xs', ':x', ':xml', ':xmlns']

const isDeclaration = (name: string) => name === 'xmlns' || name.startsWith('xmlns:')

/** Attributes and namespace declarations: taken away, copied, changed, added. */
export const attributeMutators: Mutators = {
  'attribute: delete': (xml, choose) =>
    withOne(xml, choose, allAttributes(xml), (it) => replaced(xml, it, '')),
  'attribute: copy elsewhere': (xml, choose) =>
    withOne(xml, choose, allAttributes(xml), (it) => written(xml, choose, cut(xml, it))),
  'attribute: swap the values of two': (xml, choose) => {
    const all = allAttributes(xml)
    const [one, other] = [choose.ofAny(all), choose.ofAny(all)]
    if (one === undefined || other === undefined || one.start === other.start) return xml
    const [first, second] = one.start < other.start ? [one, other] : [other, one]
    const isSecondDone = replaced(xml, second.value, cut(xml, first.value))
    return replaced(isSecondDone, first.value, cut(xml, second.value))
  },
  'attribute: value of another': (xml, choose) => {
    const all = allAttributes(xml)
    const [one, other] = [choose.ofAny(all), choose.ofAny(all)]
    return one && other ? replaced(xml, one.value, cut(xml, other.value)) : xml
  },
  'attribute: special value': (xml, choose) =>
    withOne(xml, choose, allAttributes(xml), (it) => replaced(xml, it.value, choose.of(values))),
  'attribute: edit its value': (xml, choose) =>
    withOne(xml, choose, allAttributes(xml), ({ value }) =>
      inserted(
        xml,
        value.start + choose.below(value.end - value.start + 1),
        choose.of([' ', 'x', '&#32;', '&#xA;', '&amp;', '\n', '/']),
      ),
    ),
  'attribute: rename': (xml, choose) =>
    withOne(xml, choose, allAttributes(xml), ({ start, name }) =>
      replaced(xml, { start, end: start + name.length }, choose.of(names)),
    ),
  'attribute: add': (xml, choose) =>
    written(xml, choose, `${choose.of(names)}="${choose.of(values)}"`),
  'namespace: declare': (xml, choose) =>
    written(xml, choose, `xmlns${choose.of(prefixes)}="${choose.of(namespaces)}"`),
  'namespace: change': (xml, choose) =>
    withOne(xml, choose, declarations(xml), (it) => replaced(xml, it.value, choose.of(namespaces))),
  'namespace: delete': (xml, choose) =>
    withOne(xml, choose, declarations(xml), (it) => replaced(xml, it, '')),
  'namespace: declare many': (xml, choose) =>
    written(
      xml,
      choose,
      Array.from({ length: 2 ** choose.below(8) }, (_, i) => `xmlns:n${i}="urn:${i}"`).join(' '),
    ),
  'prefix: change': (xml, choose) =>
    withOne(xml, choose, startTags(xml), ({ start, end }) =>
      replaced(
        xml,
        { start, end },
        xml
          .slice(start, end)
          .replace(/^<(?:[^\s<>/:]+:)?/, `<${choose.of(prefixes).slice(1)}:`)
          .replace('<:', '<'),
      ),
    ),
}

function declarations(xml: string) {
  return allAttributes(xml).filter(({ name }) => isDeclaration(name))
}

function withOne<T>(
  xml: string,
  choose: Choices,
  all: readonly T[],
  change: (it: T) => string,
): string {
  const it = choose.ofAny(all)
  return it === undefined ? xml : change(it)
}

/** The document with an attribute more in some start tag: before the others or after them. */
function written(xml: string, choose: Choices, attribute: string): string {
  return withOne(xml, choose, startTags(xml), (tag: Span) => {
    const text = cut(xml, tag)
    const nameEnd = tag.start + (/^<[^\s/>]+/.exec(text)?.[0].length ?? 1)
    const tagEnd = tag.end - (text.endsWith('/>') ? 2 : 1)
    return inserted(xml, choose.isHeads() ? nameEnd : tagEnd, ` ${attribute}`)
  })
}
