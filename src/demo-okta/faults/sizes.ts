import { assertions, type Fault } from './fault.ts'
import { type Edit, inAssertion, insertedAfter, insertedBefore, lastReplaced } from './text.ts'

const group = 'Size'

/** More than a limit allows, genuinely signed. */
const tooMuch = (name: string, title: string, edit: Edit): Fault => ({
  name,
  title,
  group,
  before: inAssertion(edit),
})

const inStatement = (addition: string): Edit =>
  insertedBefore('</saml2:AttributeStatement>', addition)
const inValue = (content: string): Edit =>
  inStatement(
    `<saml2:Attribute Name="more"><saml2:AttributeValue>${content}</saml2:AttributeValue></saml2:Attribute>`,
  )
/** So many texts, one after the other. */
const numbered = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join('')

/** Each is over one limit. Okta’s honest responses stay far below all of them. */
export const sizeFaults: readonly Fault[] = [
  tooMuch(
    'too-deep',
    'Elements forty-nine levels deep',
    inValue('<d>'.repeat(44) + '</d>'.repeat(44)),
  ),
  tooMuch(
    'too-many-elements',
    'More than two thousand five hundred elements',
    inValue('<e/>'.repeat(2500)),
  ),
  tooMuch(
    'too-many-attributes',
    'Thirty-three attributes on one element',
    inValue(`<e${numbered(33, (i) => ` a${i}=""`)}/>`),
  ),
  tooMuch(
    'too-many-namespaces',
    'Sixty-five namespaces on one element',
    inValue(`<e${numbered(65, (i) => ` xmlns:p${i}="urn:p${i}"`)}/>`),
  ),
  tooMuch(
    'too-many-nodes',
    'More than five thousand elements and attributes',
    inValue(`<e${numbered(30, (i) => ` a${i}=""`)}/>`.repeat(165)),
  ),
  {
    name: 'too-large',
    title: 'More than 256 KiB',
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml) =>
      lastReplaced(
        '</saml2p:Response>',
        `${' '.repeat(256 * 1024 - Buffer.byteLength(xml) + 1)}</saml2p:Response>`,
      )(xml),
  },
  {
    name: 'attribute-value-large',
    title: 'An attribute value of 100 000 characters',
    group: 'Honest variants',
    before: assertions(({ attributes }) => ({
      attributes: [...attributes, { name: 'photo', values: ['A'.repeat(100_000)] }],
    })),
  },
  tooMuch(
    'too-deep-empty',
    'Forty-nine levels in the Subject',
    insertedAfter('<saml2:Subject>', `${'<d>'.repeat(46)}${'</d>'.repeat(46)}`),
  ),
]
