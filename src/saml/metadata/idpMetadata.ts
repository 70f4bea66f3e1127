import { Refusal } from '../../aadsts/reasons.ts'
import { CertificateError, readSigningCertificate } from '../certificates.ts'
import { readSignInUri, SignInUriError } from '../signInUri.ts'
import { defaultLimits, type MessageLimits, type SigningCertificate } from '../types.ts'
import { decodeXml } from '../xml/bytes.ts'
import { ns } from '../xml/names.ts'
import { parseXml } from '../xml/parse.ts'
import { plainText } from '../xml/text.ts'
import {
  attributeOf,
  childrenNamed,
  describe,
  isElement,
  ownText,
  type XmlElement,
} from '../xml/tree.ts'
import { bindings, metadataNamespace as md } from './names.ts'

/** What is wrong with a metadata document, and what to do. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError'
}

/** What a federation needs to know about its identity provider; the names are those of a federation's properties. */
export interface IdpMetadata {
  /** The entityID. */
  readonly issuerUri: string
  /** Where AuthnRequests go: the HTTP-POST location, or the HTTP-Redirect one when that is all there is. */
  readonly passiveSignInUri: string
  /** The binding that belongs to `passiveSignInUri`. */
  readonly requestBinding: 'post' | 'redirect'
  readonly redirectSignInUri: string | null
  /** The HTTP-Redirect location of single logout, the binding Entra signs out by; null when there is none. */
  readonly signOutUri: string | null
  /** In document order, each once, at least one. Whether they are valid now is for the caller to say. */
  readonly signingCertificates: readonly SigningCertificate[]
  readonly wantAuthnRequestsSigned: boolean
}

/** SAML metadata section 2.3.2, entityIDType. */
const maxEntityIdLength = 1024

/**
 * Reads an identity provider's metadata, as Okta offers it for download: one EntityDescriptor with an IDPSSODescriptor for SAML 2.0
 * (SAML metadata sections 2.3.2 and 2.4.3). Its signature and validUntil are not looked at: who hands it in vouches for it,
 * and should see issuer, addresses and thumbprints before they are used. Throws MetadataError, which names what is missing.
 */
export function readIdpMetadata(xml: string, limits: MessageLimits = defaultLimits): IdpMetadata {
  const entity = entityDescriptor(parsed(xml, limits))
  const issuerUri = entityId(entity)
  const idp = idpDescriptor(entity)
  const postUri = location(idp, 'SingleSignOnService', bindings.post)
  const redirectSignInUri = location(idp, 'SingleSignOnService', bindings.redirect)
  const passiveSignInUri = postUri ?? redirectSignInUri
  if (passiveSignInUri === null) {
    throw new MetadataError(
      'The IDPSSODescriptor has no SingleSignOnService with HTTP-POST or HTTP-Redirect binding: there is no address to send people to.',
    )
  }
  return {
    issuerUri,
    passiveSignInUri,
    requestBinding: postUri === null ? 'redirect' : 'post',
    redirectSignInUri,
    signOutUri: location(idp, 'SingleLogoutService', bindings.redirect),
    signingCertificates: signingCertificates(idp),
    wantAuthnRequestsSigned: booleanAttribute(idp, 'WantAuthnRequestsSigned'),
  }
}

function parsed(xml: string, limits: MessageLimits): XmlElement {
  const text = xml.replace(/^\uFEFF/, '')
  const size = Buffer.byteLength(text)
  if (size > limits.maxBytes) {
    throw new MetadataError(
      `The metadata has ${size} bytes; expected ${limits.maxBytes} at most, the metadata of one identity provider.`,
    )
  }
  try {
    return parseXml(decodeXml(Buffer.from(text)), limits)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { expected, actual } = error.evidence
    throw new MetadataError(
      `The metadata cannot be read: expected ${expected}, found ${actual}. Give the XML as the identity provider offers it for download; take comments out of a hand-written one.`,
    )
  }
}

function entityDescriptor(root: XmlElement): XmlElement {
  if (isElement(root, md, 'EntityDescriptor')) return root
  if (isElement(root, md, 'EntitiesDescriptor')) {
    throw new MetadataError(
      'The metadata is of several entities (EntitiesDescriptor); give the EntityDescriptor of the one identity provider.',
    )
  }
  throw new MetadataError(
    `The root element is ${describe(root)}; expected EntityDescriptor of SAML 2.0 metadata (Okta: Sign On, Metadata URL).`,
  )
}

function entityId(entity: XmlElement): string {
  const value = plainText(attributeOf(entity, 'entityID') ?? '')
  if (value === '' || value.length > maxEntityIdLength) {
    throw new MetadataError(
      `The EntityDescriptor has an entityID of ${value.length} characters; expected 1 to ${maxEntityIdLength}.`,
    )
  }
  return value
}

function idpDescriptor(entity: XmlElement): XmlElement {
  const all = childrenNamed(entity, md, 'IDPSSODescriptor')
  const saml2 = all.filter((role) =>
    (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(ns.protocol),
  )
  const [idp] = saml2
  if (idp !== undefined && saml2.length === 1) return idp
  if (saml2.length > 1) {
    throw new MetadataError(
      `The metadata has ${saml2.length} IDPSSODescriptor elements for SAML 2.0; expected one.`,
    )
  }
  if (all.length > 0) {
    throw new MetadataError(
      `The IDPSSODescriptor is not for SAML 2.0: its protocolSupportEnumeration does not name ${ns.protocol}.`,
    )
  }
  const isSp = childrenNamed(entity, md, 'SPSSODescriptor').length > 0
  throw new MetadataError(
    isSp
      ? 'There is no IDPSSODescriptor: this is the metadata of a service provider, perhaps this server’s own. Give the identity provider’s.'
      : 'There is no IDPSSODescriptor: this is not the metadata of a SAML identity provider.',
  )
}

/** The location of the first endpoint of a kind with a binding; endpoints stand in order of preference. */
function location(idp: XmlElement, name: string, binding: string): string | null {
  const endpoint = childrenNamed(idp, md, name).find(
    (one) => plainText(attributeOf(one, 'Binding') ?? '') === binding,
  )
  if (endpoint === undefined) return null
  try {
    return readSignInUri(plainText(attributeOf(endpoint, 'Location') ?? ''))
  } catch (error) {
    if (!(error instanceof SignInUriError)) throw error
    throw new MetadataError(`The Location of ${name} (${binding}) cannot be used. ${error.message}`)
  }
}

function signingCertificates(idp: XmlElement): SigningCertificate[] {
  const found = new Map<string, SigningCertificate>()
  childrenNamed(idp, md, 'KeyDescriptor').forEach((descriptor, index) => {
    const certificate = isForSigning(descriptor) ? certificateOf(descriptor, index + 1) : null
    if (certificate !== null) found.set(certificate.thumbprint, certificate)
  })
  if (found.size === 0) {
    throw new MetadataError(
      'The IDPSSODescriptor has no KeyDescriptor for signing with an X509Certificate: nothing could prove its responses.',
    )
  }
  return [...found.values()]
}

/** A KeyDescriptor without `use` is for both (SAML metadata section 2.4.1.1). */
function isForSigning(descriptor: XmlElement): boolean {
  const use = attributeOf(descriptor, 'use')
  if (use !== null && use !== 'signing' && use !== 'encryption') {
    throw new MetadataError('A KeyDescriptor has another use than signing or encryption.')
  }
  return use !== 'encryption'
}

/** The certificate of a KeyDescriptor; null when it describes its key in another way only. */
function certificateOf(descriptor: XmlElement, position: number): SigningCertificate | null {
  const certificates = childrenNamed(descriptor, ns.signature, 'KeyInfo')
    .flatMap((keyInfo) => childrenNamed(keyInfo, ns.signature, 'X509Data'))
    .flatMap((data) => childrenNamed(data, ns.signature, 'X509Certificate'))
  const [certificate] = certificates
  if (certificate === undefined) return null
  // A chain's authorities must not become signing keys, and nothing in it says which one signs.
  if (certificates.length > 1) {
    throw new MetadataError(
      `KeyDescriptor ${position} holds ${certificates.length} certificates; expected one. Give the signing certificate on its own, and issuer and address by hand.`,
    )
  }
  try {
    return readSigningCertificate(plainText(ownText(certificate)))
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new MetadataError(
      `The certificate of KeyDescriptor ${position} cannot be used. ${error.message}`,
    )
  }
}

/** xs:boolean (XML Schema part 2, section 3.2.2), false when absent. */
const booleans = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function booleanAttribute(parent: XmlElement, name: string): boolean {
  const text = attributeOf(parent, name)
  const value = text === null ? false : booleans.get(text.trim())
  if (value === undefined) {
    throw new MetadataError(`The attribute ${name} is neither true nor false.`)
  }
  return value
}
