/**
 * Signed responses for the tests of signin/, written in canonical form by hand, so that signing them takes no XML library: what is
 * digested is the text itself (Exclusive XML Canonicalization: attributes in order, no empty-element tags).
 */
import { createHash, createSign } from 'node:crypto'
import { type IdpKey, makeIdpKey } from '../../src/demo-okta/keys.ts'
import { type Instant, isoMillis, minutes } from '../../src/lib/clock.ts'
import type { EncodedMessage } from '../../src/saml/types.ts'
import {
  acs,
  aliceAnchor,
  assertionId,
  audience,
  bearer,
  issuer,
  now,
  persistent,
  requestId,
  success,
} from './verified.ts'

// Keys take a moment to make, and one pair serves all tests.
export const key: IdpKey = await makeIdpKey({ now: now - minutes(60) })
export const foreignKey: IdpKey = await makeIdpKey({ now: now - minutes(60) })

/** What a response says; a null attribute is left out. */
export interface Said {
  readonly issuer: string
  readonly status: string
  readonly destination: string | null
  readonly inResponseTo: string | null
  readonly confirmationInResponseTo: string | null
  readonly recipient: string
  readonly audience: string
  readonly notBefore: Instant
  readonly notOnOrAfter: Instant
  readonly nameId: string
  readonly nameIdFormat: string
  readonly assertionId: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly withAuthnStatement: boolean
  readonly withAssertion: boolean
  readonly signed: 'both' | 'assertion' | 'response' | 'none'
  readonly key: IdpKey
  /** Whose certificate the signatures name; nobody's when null. */
  readonly named: IdpKey | null
  /** Changes the finished text. */
  readonly tamper: (xml: string) => string
}

const sound: Said = {
  issuer,
  status: success,
  destination: acs,
  inResponseTo: requestId,
  confirmationInResponseTo: requestId,
  recipient: acs,
  audience,
  notBefore: now - minutes(5),
  notOnOrAfter: now + minutes(5),
  nameId: aliceAnchor,
  nameIdFormat: persistent,
  assertionId,
  attributes: [['IDPEmail', 'alice@customer.com']],
  withAuthnStatement: true,
  withAssertion: true,
  signed: 'both',
  key,
  named: null,
  tamper: (xml) => xml,
}

/** The sound response for Alice, but for what is given. */
export function signedMessage(given: Partial<Said> = {}): EncodedMessage {
  const said = { ...sound, ...given }
  const assertion = assertionText(said)
  const inner =
    said.signed === 'both' || said.signed === 'assertion'
      ? withSignature(assertion, said.assertionId, said)
      : assertion
  const response = responseText(said, said.withAssertion ? inner : '')
  const body =
    said.signed === 'both' || said.signed === 'response'
      ? withSignature(response, 'id1001', said)
      : response
  return { encoding: 'xml', body: said.tamper(body) }
}

function responseText(said: Said, assertion: string): string {
  return element(
    'saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"',
    {
      Destination: said.destination,
      ID: 'id1001',
      InResponseTo: said.inResponseTo,
      IssueInstant: isoMillis(now),
      Version: '2.0',
    },
    element('saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"', {}, said.issuer),
    element('saml2p:Status', {}, element('saml2p:StatusCode', { Value: said.status })),
    assertion,
  )
}

function assertionText(said: Said): string {
  const until = isoMillis(said.notOnOrAfter)
  return element(
    'saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"',
    { ID: said.assertionId, IssueInstant: isoMillis(now), Version: '2.0' },
    element('saml2:Issuer', {}, said.issuer),
    element(
      'saml2:Subject',
      {},
      element('saml2:NameID', { Format: said.nameIdFormat }, said.nameId),
      element(
        'saml2:SubjectConfirmation',
        { Method: bearer },
        element('saml2:SubjectConfirmationData', {
          InResponseTo: said.confirmationInResponseTo,
          NotOnOrAfter: until,
          Recipient: said.recipient,
        }),
      ),
    ),
    element(
      'saml2:Conditions',
      { NotBefore: isoMillis(said.notBefore), NotOnOrAfter: until },
      element('saml2:AudienceRestriction', {}, element('saml2:Audience', {}, said.audience)),
    ),
    said.withAuthnStatement
      ? element(
          'saml2:AuthnStatement',
          { AuthnInstant: isoMillis(now), SessionIndex: 'index-1' },
          element('saml2:AuthnContext', {}, element('saml2:AuthnContextClassRef', {}, 'urn:x')),
        )
      : '',
    said.attributes.length === 0
      ? ''
      : element(
          'saml2:AttributeStatement',
          {},
          ...said.attributes.map(([name, value]) =>
            element('saml2:Attribute', { Name: name }, element('saml2:AttributeValue', {}, value)),
          ),
        ),
  )
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

/** The text with an enveloped signature after its first Issuer. */
function withSignature(xml: string, id: string, { key: signer, named }: Said): string {
  const ns = ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
  const signedInfo = element(
    'ds:SignedInfo',
    {},
    element('ds:CanonicalizationMethod', { Algorithm: exclusive }),
    element('ds:SignatureMethod', {
      Algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    }),
    element(
      'ds:Reference',
      { URI: `#${id}` },
      element(
        'ds:Transforms',
        {},
        element('ds:Transform', {
          Algorithm: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
        }),
        element('ds:Transform', { Algorithm: exclusive }),
      ),
      element('ds:DigestMethod', { Algorithm: 'http://www.w3.org/2001/04/xmlenc#sha256' }),
      element('ds:DigestValue', {}, createHash('sha256').update(xml).digest('base64')),
    ),
  )
  const asDigested = signedInfo.replace('<ds:SignedInfo', `<ds:SignedInfo${ns}`)
  const value = createSign('sha256').update(asDigested).sign(signer.privateKeyPem, 'base64')
  const keyInfo =
    named === null
      ? ''
      : element(
          'ds:KeyInfo',
          {},
          element('ds:X509Data', {}, element('ds:X509Certificate', {}, named.certificateBase64)),
        )
  const signature = element(
    `ds:Signature${ns}`,
    {},
    signedInfo,
    element('ds:SignatureValue', {}, value),
    keyInfo,
  )
  return xml.replace('</saml2:Issuer>', (end) => `${end}${signature}`)
}

/** `name` may carry namespace declarations; attributes are given in canonical order. Content is XML, values are escaped. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | null>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === null ? '' : ` ${key}="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
  )
  return `<${name}${written.join('')}>${content.join('')}</${name.split(' ')[0]}>`
}
