import { CertificateError, readSigningCertificate } from '../certificates.ts'
import { ns } from '../xml/names.ts'
import { element, type Markup } from '../xmlWriter.ts'
import { bindings, metadataNamespace } from './names.ts'

/** What this server tells identity providers about itself. */
export interface SpMetadata {
  readonly entityId: string
  /** Where browsers reach us, without trailing slash; the ACS URLs are made from it. */
  readonly publicUrl: string
  /** GUID. */
  readonly tenantId: string
  /**
   * Whether every AuthnRequest is signed; false when left out. A promise: an identity provider that read it refuses others. Where
   * only some federations ask for it, the certificate alone is published.
   */
  readonly authnRequestsSigned?: boolean
  /** Of the key that signs AuthnRequests: PEM or base64; null when nothing is signed. */
  readonly signingCertificate: string | null
  /** Of the key for encrypted assertions, RSA: PEM or base64; null when they cannot be read here. */
  readonly encryptionCertificate: string | null
}

/** What federations accept unless they are told otherwise; the same two as `federationDefaults` of the directory. */
const nameIdFormats = [
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
]

/** What an encrypted assertion may use, best first: no CBC, which tells about its padding; no RSA with PKCS#1 v1.5. */
const encryptionMethods = [
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2009/xmlenc11#aes192-gcm',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#rsa-oaep',
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
]

/**
 * This server's metadata, as Entra's looks: WantAssertionsSigned, the ACS by HTTP POST with the tenant in its path (the default) and
 * without, and the keys. Elements stand in the order of the schema (SAML metadata sections 2.3.2, 2.4.1, 2.4.2 and 2.4.4).
 * Throws CertificateError for a certificate that cannot be published, and TypeError when requests are to be signed without one.
 *
 * It is not node-saml's generateServiceProviderMetadata, which knows one ACS (with index 1) and one NameIDFormat, wants the
 * private keys for it, and offers AES-CBC, which is refused here.
 */
export function spMetadata(metadata: SpMetadata): string {
  const { publicUrl, tenantId, authnRequestsSigned = false } = metadata
  const acsUrls = [`${publicUrl}/${tenantId}/saml2`, `${publicUrl}/login.srf`]
  if (authnRequestsSigned && metadata.signingCertificate === null) {
    throw new TypeError('metadata that promises signed requests needs the signing certificate')
  }
  const descriptor = element(
    'EntityDescriptor',
    { xmlns: metadataNamespace, 'xmlns:ds': ns.signature, entityID: metadata.entityId },
    element(
      'SPSSODescriptor',
      {
        AuthnRequestsSigned: authnRequestsSigned ? 'true' : null,
        WantAssertionsSigned: 'true',
        protocolSupportEnumeration: ns.protocol,
      },
      ...keyDescriptors(metadata),
      ...logoutServices(metadata),
      ...nameIdFormats.map((format) => element('NameIDFormat', {}, format)),
      ...acsUrls.map((location, index) =>
        element('AssertionConsumerService', {
          Binding: bindings.post,
          Location: location,
          index: String(index),
          isDefault: index === 0 ? 'true' : null,
        }),
      ),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${descriptor.xml}\n`
}

/** Before NameIDFormat (SAML metadata section 2.4.2). Only who can sign takes part in single logout. */
function logoutServices({ publicUrl, tenantId, signingCertificate }: SpMetadata): Markup[] {
  if (signingCertificate === null) return []
  const location = `${publicUrl}/${tenantId}/saml2/logout`
  return [bindings.redirect, bindings.post].map((binding) =>
    element('SingleLogoutService', { Binding: binding, Location: location }),
  )
}

function keyDescriptors({ signingCertificate, encryptionCertificate }: SpMetadata): Markup[] {
  const descriptors: Markup[] = []
  if (signingCertificate !== null) {
    const { base64 } = readSigningCertificate(signingCertificate)
    descriptors.push(element('KeyDescriptor', { use: 'signing' }, keyInfo(base64)))
  }
  if (encryptionCertificate !== null) {
    const { base64, keyType, keyBits } = readSigningCertificate(encryptionCertificate)
    if (keyType !== 'rsa') {
      throw new CertificateError(
        `an EC key of ${keyBits} bits for encryption`,
        'RSA',
        'Make an RSA key and certificate of their own for encrypted assertions.',
      )
    }
    const methods = encryptionMethods.map((method) =>
      element('EncryptionMethod', { Algorithm: method }),
    )
    descriptors.push(element('KeyDescriptor', { use: 'encryption' }, keyInfo(base64), ...methods))
  }
  return descriptors
}

function keyInfo(certificate: string): Markup {
  return element(
    'ds:KeyInfo',
    {},
    element('ds:X509Data', {}, element('ds:X509Certificate', {}, certificate)),
  )
}
