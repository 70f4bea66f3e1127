import { nameIdFormats } from '../honest.ts'
import { assertions, type Fault, FaultUnavailable } from './fault.ts'
import { elementText, inAssertion, insertedBefore, rewritten } from './text.ts'

const group = 'NameID and attributes'

/** Another NameID, genuinely signed. */
function sent(name: string, title: string, change: (nameId: string) => string): Fault {
  return {
    name,
    title,
    group,
    before: assertions(({ nameId }) => ({
      nameId: nameId && { ...nameId, value: changed(nameId.value) },
    })),
  }
  function changed(nameId: string): string {
    const other = change(nameId)
    if (other !== nameId) return other
    throw new FaultUnavailable(`The NameID ${nameId} is the same that way.`)
  }
}

/** One attribute more, with the forged NameID for its value, genuinely signed. */
function attribute(name: string, title: string, attributeName: string): Fault {
  return {
    name,
    title,
    group,
    before: (spec, { forgedNameId }) =>
      assertions(({ attributes }) => ({
        attributes: [...attributes, { name: attributeName, values: [forgedNameId] }],
      }))(spec),
  }
}

const bytesOf = (nameId: string) => Buffer.from(nameId, 'base64')
const guidText = (nameId: string): string => {
  const bytes = bytesOf(nameId)
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
  const hex = order.map((i) => (bytes[i] ?? 0).toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Who the assertion is about: near misses of the right NameID, NameIDs of odd shape, attributes that pose as one. */
export const identityFaults: readonly Fault[] = [
  sent('nameid-swapped-case', 'NameID with upper and lower case swapped', (it) =>
    it.replace(/[a-z]/gi, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    ),
  ),
  sent('nameid-unpadded', 'NameID without the padding of base64', (it) => it.replace(/=+$/, '')),
  sent('nameid-base64url', 'NameID in the alphabet of base64url', (it) =>
    it.replaceAll('+', '-').replaceAll('/', '_'),
  ),
  sent('nameid-hex', 'NameID as hexadecimal', (it) => bytesOf(it).toString('hex')),
  sent('nameid-guid-text', 'NameID as the text of its GUID', guidText),
  sent('nameid-url-encoded', 'NameID URL-encoded', encodeURIComponent),
  sent('nameid-homograph', 'NameID with a Cyrillic letter that looks Latin', (it) =>
    it.replace(/[HOEAeoac]/, (letter) => 'НОЕАеоас'['HOEAeoac'.indexOf(letter)] ?? letter),
  ),
  sent(
    'nameid-zero-width',
    'NameID with a zero-width space inside',
    (it) => `${it.slice(0, 4)}\u200b${it.slice(4)}`,
  ),
  sent('nameid-tab', 'NameID with a tab inside', (it) => `${it.slice(0, 4)}\t${it.slice(4)}`),
  sent('nameid-decomposed', 'NameID with a letter in two code points', (it) => `${it}A\u030a`),
  sent('nameid-bom', 'NameID that begins with a byte order mark', (it) => `\ufeff${it}`),
  sent('nameid-257', 'NameID of 257 characters', (it) => it.padEnd(257, 'A')),
  sent('nameid-of-nobody', 'NameID of nobody here', () => '00000000000000000000AA=='),
  sent('nameid-empty', 'An empty NameID', () => ''),
  sent('nameid-proto', 'NameID "__proto__"', () => '__proto__'),
  {
    name: 'nameid-other',
    title: 'NameID of somebody else here, genuinely signed: they sign in',
    group: 'Honest variants',
    before: (spec, { forgedNameId }) =>
      assertions(({ nameId }) => ({ nameId: nameId && { ...nameId, value: forgedNameId } }))(spec),
  },
  {
    name: 'nameid-format-email',
    title: 'NameID of format emailAddress',
    group,
    before: assertions(({ nameId }) => ({
      nameId: nameId && {
        ...nameId,
        format: nameIdFormats.unspecified.replace('unspecified', 'emailAddress'),
      },
    })),
  },
  {
    name: 'nameid-two',
    title: 'Two NameIDs in the Subject',
    group,
    before: inAssertion((xml) => {
      const nameId = elementText(xml, 'saml2:NameID')
      return insertedBefore(nameId, nameId.replace(/>[^<]*</, '>somebody-else<'))(xml)
    }),
  },
  {
    name: 'nameid-child-element',
    title: 'NameID with an element inside',
    group,
    before: inAssertion(
      rewritten(
        /(<saml2:NameID[^>]*>)([^<]*)/,
        (_all, start = '', value = '') =>
          `${start}${value}<x:More xmlns:x="urn:example:more">.evil.example</x:More>`,
      ),
    ),
  },
  {
    name: 'nameid-missing-but-attribute',
    title: 'No NameID, but an attribute called nameID',
    group,
    before: (spec, { facts }) =>
      assertions(({ attributes }) => ({
        nameId: null,
        attributes: [...attributes, { name: 'nameID', values: [facts.user.nameId] }],
      }))(spec),
  },
  {
    name: 'attribute-name-missing',
    title: 'An attribute without Name',
    group,
    before: inAssertion(rewritten(/ Name="firstName"/, () => '')),
  },
  attribute('attribute-name-empty', 'An attribute with an empty Name', ''),
  attribute('attribute-proto', 'An attribute called __proto__', '__proto__'),
  attribute('attribute-constructor', 'An attribute called constructor', 'constructor'),
  attribute('attribute-nameid', 'An attribute called nameID', 'nameID'),
  attribute('attribute-issuer', 'An attribute called issuer', 'issuer'),
  attribute('attribute-in-response-to', 'An attribute called inResponseTo', 'inResponseTo'),
  attribute(
    'attribute-immutable-id',
    'An attribute called onPremisesImmutableId',
    'onPremisesImmutableId',
  ),
]
