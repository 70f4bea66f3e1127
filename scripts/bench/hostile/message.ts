import { createPrivateKey, hash, sign } from 'node:crypto'
import { oktaResponse } from '../../../src/demo-okta/honest.ts'
import { buildResponse } from '../../../src/demo-okta/response.ts'
import type { MessageLimits } from '../../../src/saml/types.ts'
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { parseXml } from '../../../src/saml/xml/parse.ts'
import { idpKey, parties, startedAt } from '../scene.ts'

/** Where a family puts its content; everything else is as in an honest Okta response, so that it comes as far as possible. */
export interface HostileParts {
  /** More attributes, and namespace declarations, of the Response's start tag. */
  readonly responseAttributes?: string
  /** Elements in the Signature's KeyInfo, or further KeyInfo after it. */
  readonly keyInfo?: string
  readonly afterKeyInfo?: string
  /** Further Reference elements in SignedInfo. */
  readonly references?: string
  readonly prefixList?: string
  /** In place of the Assertion. */
  readonly assertion?: string
  /** Inside the AttributeValue of the Assertion. */
  readonly content?: string
  /** In the place of the honest Subject's confirmation, and of the honest Audience. */
  readonly confirmations?: string
  readonly audiences?: string
  /** After the document's end tag. */
  readonly tail?: string
}

/**
 * Who made it: someone without any key (`forged`: an invented signature value); someone who keeps the SignedInfo of a genuine response of
 * their own, and so gets as far as the digest (`stolen`); or the identity provider itself, gone bad (`signed`).
 */
export type Maker = 'forged' | 'stolen' | 'signed'

const requestId = '_0d1f7f1e-8c6b-4b52-9d0e-5f0a3a1c9e11'
const responseId = 'id1001'
export const hostileRequestIds: readonly string[] = [requestId]

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const ec = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const invented = Buffer.alloc(256, 7).toString('base64')

/** A response of one family as XML, by one maker. `limits` are those under which a signer's canonicalizer reads it. */
export function hostileXml(parts: HostileParts, maker: Maker, limits: MessageLimits): string {
  if (maker === 'signed') return signedByIdp(parts, limits)
  if (maker === 'forged' || parts.references !== undefined || parts.prefixList !== undefined)
    return document(parts, signature(parts, invented, signedInfo(parts, 'AAAA')))
  const { info, value } = genuine()
  return document(parts, signature(parts, value, info))
}

/** SignedInfo and value of a response that the identity provider signed for the attacker, with the ID that every document here has. */
function genuine(): { info: string; value: string } {
  const info = signedInfo({}, digestOf(Buffer.from('<an/>')))
  return { info, value: signatureValue(info) }
}

function signedByIdp(parts: HostileParts, limits: MessageLimits): string {
  const unsigned = document(parts, '')
  const root = parseXml(Buffer.from(unsigned, 'utf8').toString('latin1'), limits)
  const inclusivePrefixes = new Set((parts.prefixList ?? 'xs').split(' '))
  const canonical = canonicalize(root, { kind: 'exclusive', inclusivePrefixes }, null, 2 ** 30)
  const info = signedInfo(parts, digestOf(Buffer.from(canonical, 'latin1')))
  return document(parts, signature(parts, signatureValue(info), info))
}

function digestOf(bytes: Buffer): string {
  return hash('sha256', bytes, 'buffer').toString('base64')
}

const privateKey = createPrivateKey(idpKey.privateKeyPem)

function signatureValue(canonicalSignedInfo: string): string {
  return sign('sha256', Buffer.from(canonicalSignedInfo), privateKey).toString('base64')
}

/** In canonical form already, so that it is signed as it stands. */
function signedInfo({ references = '', prefixList = 'xs' }: HostileParts, digest: string): string {
  return `<ds:SignedInfo xmlns:ds="${ds}"><ds:CanonicalizationMethod Algorithm="${ec}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod><ds:Reference URI="#${responseId}"><ds:Transforms><ds:Transform Algorithm="${ds}enveloped-signature"></ds:Transform><ds:Transform Algorithm="${ec}"><ec:InclusiveNamespaces xmlns:ec="${ec}" PrefixList="${prefixList}"></ec:InclusiveNamespaces></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>${references}</ds:SignedInfo>`
}

function signature(parts: HostileParts, value: string, info: string): string {
  const certificate = `<ds:X509Data><ds:X509Certificate>${idpKey.certificateBase64}</ds:X509Certificate></ds:X509Data>`
  return `<ds:Signature xmlns:ds="${ds}">${info}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>${parts.keyInfo ?? certificate}</ds:KeyInfo>${parts.afterKeyInfo ?? ''}</ds:Signature>`
}

/** An honest response of the demo's Okta, unsigned, with the family's parts put in. */
function document(parts: HostileParts, responseSignature: string): string {
  const { responseAttributes = '', content = '', tail = '' } = parts
  let xml = template
    .replace('<saml2p:Response ', () => `<saml2p:Response ${responseAttributes} `)
    .replace('</saml2:Issuer>', () => `</saml2:Issuer>${responseSignature}`)
    .replace('the-content', () => content)
  if (parts.assertion !== undefined)
    xml = xml.replace(/<saml2:Assertion .*<\/saml2:Assertion>/s, () => parts.assertion ?? '')
  if (parts.confirmations !== undefined)
    xml = xml.replace(
      /<saml2:SubjectConfirmation .*<\/saml2:SubjectConfirmation>/s,
      () => parts.confirmations ?? '',
    )
  if (parts.audiences !== undefined)
    xml = xml.replace(/<saml2:Audience>.*<\/saml2:Audience>/s, () => parts.audiences ?? '')
  return xml + tail
}

const template = buildResponse({
  ...oktaResponse({
    now: startedAt,
    responseId,
    assertionId: 'id2002',
    issuer: parties.issuer,
    acs: parties.acs,
    audience: parties.entityId,
    inResponseTo: requestId,
    user: {
      login: parties.userPrincipalName,
      nameId: parties.nameId,
      firstName: 'Alice',
      lastName: 'the-content',
      email: parties.userPrincipalName,
    },
    key: idpKey,
  }),
  signed: 'none',
})
