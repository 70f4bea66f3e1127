/**
 * Makes signed responses for the tests of saml/ with xml-crypto: another canonicalizer and another parser than the verifier's.
 */
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  X509Certificate,
} from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { SignedXml } from 'xml-crypto'
import type { SigningCertificate } from '../../src/saml/types.ts'

/** The time at which all of these tests take place, unless they say otherwise. */
export const now = Date.parse('2026-01-15T09:30:00Z')

export interface Signer {
  readonly privateKey: string
  readonly certificate: SigningCertificate
}

type KeyKind = 'rsa' | 'P-256' | 'P-384' | 'P-521'

/** A new key with a self-signed certificate around it. */
export async function makeSigner(
  name: string,
  kind: KeyKind = 'rsa',
  validity: { notBefore: string; notAfter: string } = {
    notBefore: '2025-01-01T00:00:00Z',
    notAfter: '2035-01-01T00:00:00Z',
  },
): Promise<Signer> {
  const algorithm =
    kind === 'rsa'
      ? {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
        }
      : { name: 'ECDSA', namedCurve: kind, hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date(validity.notBefore),
    notAfter: new Date(validity.notAfter),
    signingAlgorithm: algorithm,
    keys,
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`,
    certificate: signingCertificate(Buffer.from(certificate.rawData)),
  }
}

/** A configured certificate as the federation would hand it to the verifier. */
function signingCertificate(der: Buffer): SigningCertificate {
  const certificate = new X509Certificate(der)
  const { publicKey: key } = certificate
  const details = key.asymmetricKeyDetails ?? {}
  return {
    thumbprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    base64: der.toString('base64'),
    subject: certificate.subject,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    key,
    keyType: key.asymmetricKeyType === 'ec' ? 'ec' : 'rsa',
    keyBits: details.modulusLength ?? 256,
  }
}

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

export interface SigningOptions {
  readonly signatureAlgorithm?: string
  readonly digestAlgorithm?: string
  readonly canonicalizationAlgorithm?: string
  readonly inclusivePrefixes?: string[]
  readonly keyInfo?: string | null
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
}

/** Signature algorithms that xml-crypto has not, with what node:crypto wants to know about each. */
const moreSignatureAlgorithms = new Map<string, [hash: string, options: object]>([
  [`${more}rsa-sha384`, ['sha384', {}]],
  ...['sha256', 'sha384', 'sha512'].flatMap((hash): [string, [string, object]][] => [
    [`http://www.w3.org/2007/05/xmldsig-more#${hash}-rsa-MGF1`, [hash, pss]],
    [`${more}ecdsa-${hash}`, [hash, { dsaEncoding: 'ieee-p1363' }]],
  ]),
])

function teachAlgorithms(signature: SignedXml): void {
  for (const [identifier, [hash, options]] of moreSignatureAlgorithms)
    signature.SignatureAlgorithms[identifier] = class {
      getSignature = (info: unknown, key: unknown) =>
        signBytes(hash, Buffer.from(String(info)), { key: String(key), ...options }).toString(
          'base64',
        )
      verifySignature = () => false
      getAlgorithmName = () => identifier
    } as never
  signature.HashAlgorithms[`${more}sha384`] = class {
    getHash = (xml: string) => createHash('sha384').update(xml, 'utf8').digest('base64')
    getAlgorithmName = () => `${more}sha384`
  } as never
}

/** Signs the Response or Assertion of a document, its Signature after the Issuer, in the manner of Okta. */
export function sign(
  xml: string,
  element: 'Response' | 'Assertion',
  signer: Signer,
  options: SigningOptions = {},
): string {
  const canonicalization = options.canonicalizationAlgorithm ?? exclusive
  const keyInfo = options.keyInfo === undefined ? signer.certificate.base64 : options.keyInfo
  const signature = new SignedXml({
    privateKey: signer.privateKey,
    signatureAlgorithm: options.signatureAlgorithm ?? rsaSha256,
    canonicalizationAlgorithm: canonicalization,
    getKeyInfoContent: () =>
      keyInfo === null
        ? null
        : `<ds:X509Data><ds:X509Certificate>${inLines(keyInfo)}</ds:X509Certificate></ds:X509Data>`,
    idAttribute: 'ID',
  })
  teachAlgorithms(signature)
  signature.addReference({
    xpath: `//*[local-name(.)='${element}']`,
    digestAlgorithm: options.digestAlgorithm ?? sha256,
    transforms: [enveloped, canonicalization],
    inclusiveNamespacesPrefixList: options.inclusivePrefixes ?? ['xs'],
  })
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: {
      reference: `//*[local-name(.)='${element}']/*[local-name(.)='Issuer']`,
      action: 'after',
    },
  })
  return signature.getSignedXml()
}

function inLines(base64: string): string {
  return `\n${base64.replace(/.{64}/g, '$&\n')}`
}

export interface ResponseParts {
  readonly nameId?: string
  readonly issuer?: string
  readonly attributes?: string
  readonly subject?: string
  readonly responseAttributes?: string
  readonly beforeAssertion?: string
  readonly responseId?: string
  readonly assertionId?: string
}

export const issuer = 'http://www.okta.com/exk1'
export const acs = 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2'
export const aliceId = 'q2w3e4r5t6y7u8i9o0pASg=='

/** An unsigned Okta-shaped response (entra.md section 7). */
export function oktaResponse(parts: ResponseParts = {}): string {
  const idp = parts.issuer ?? issuer
  return `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="${acs}" ID="${parts.responseId ?? 'id1001'}" InResponseTo="_1f0e" IssueInstant="2026-01-15T09:29:58.123Z" Version="2.0" xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${idp}</saml2:Issuer><saml2p:Status xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>${parts.beforeAssertion ?? ''}${oktaAssertion(parts)}</saml2p:Response>`
}

/** The assertion of that response, with its own namespace declarations. */
export function oktaAssertion(parts: ResponseParts = {}): string {
  const idp = parts.issuer ?? issuer
  const subject =
    parts.subject ??
    `<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${parts.nameId ?? aliceId}</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="_1f0e" NotOnOrAfter="2026-01-15T09:34:58.123Z" Recipient="${acs}"/></saml2:SubjectConfirmation>`
  return `<saml2:Assertion ID="${parts.assertionId ?? 'id2002'}" IssueInstant="2026-01-15T09:29:58.123Z" Version="2.0" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${idp}</saml2:Issuer><saml2:Subject xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${subject}</saml2:Subject><saml2:Conditions NotBefore="2026-01-15T09:24:58.123Z" NotOnOrAfter="2026-01-15T09:34:58.123Z" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:AudienceRestriction><saml2:Audience>urn:federation:MicrosoftOnline</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="2026-01-15T09:20:11.000Z" SessionIndex="_1f0e" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${parts.attributes ?? oktaAttributes}</saml2:AttributeStatement></saml2:Assertion>`
}

export function attribute(name: string, ...values: string[]): string {
  const texts = values.map(
    (value) =>
      `<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml2:AttributeValue>`,
  )
  return `<saml2:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified">${texts.join('')}</saml2:Attribute>`
}

const oktaAttributes = [
  attribute('IDPEmail', 'alice@customer.com'),
  attribute('firstName', 'Alice'),
  attribute('lastName', 'Ångström'),
  attribute('email', 'alice@customer.com'),
  attribute('groups', 'Everyone', 'Finance &amp; Control'),
].join('')

/** A response with both signatures, assertion first, as Okta makes it. */
export function signedResponse(
  signer: Signer,
  parts: ResponseParts = {},
  options: SigningOptions = {},
): string {
  return sign(sign(oktaResponse(parts), 'Assertion', signer, options), 'Response', signer, options)
}

/** A decryption key of the server, and the public half for the sender. */
export function makeDecryptionKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}
