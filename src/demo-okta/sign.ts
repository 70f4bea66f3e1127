import { constants, createHash, createHmac, createSign, sign } from 'node:crypto'
import { type HashAlgorithm, type SignatureAlgorithm, SignedXml } from 'xml-crypto'
import type { IdpKey } from './keys.ts'
import { element, inLines, ns } from './xml.ts'

const enveloped = `${ns.ds}enveloped-signature`

interface Algorithm {
  readonly signature: string
  readonly digest: string
  readonly hash: 'sha256' | 'sha384' | 'sha512' | 'sha1'
  readonly sign: (octets: string, key: IdpKey) => string
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'

/**
 * What the demo Okta can sign with. Okta itself offers RSA-SHA256 and RSA-SHA1; other identity providers use the stronger ones;
 * the HMAC is a forger's.
 */
export const algorithms = {
  'rsa-sha256': {
    signature: `${more}rsa-sha256`,
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    hash: 'sha256',
    sign: (octets, key) => createSign('sha256').update(octets).sign(key.privateKeyPem, 'base64'),
  },
  'rsa-sha384': {
    signature: `${more}rsa-sha384`,
    digest: `${more}sha384`,
    hash: 'sha384',
    sign: (octets, key) => createSign('sha384').update(octets).sign(key.privateKeyPem, 'base64'),
  },
  'rsa-sha512': {
    signature: `${more}rsa-sha512`,
    digest: 'http://www.w3.org/2001/04/xmlenc#sha512',
    hash: 'sha512',
    sign: (octets, key) => createSign('sha512').update(octets).sign(key.privateKeyPem, 'base64'),
  },
  // RFC 6931 section 2.3.10: MGF1 with the same hash, salt as long as the hash.
  'rsa-pss-sha256': {
    signature: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    hash: 'sha256',
    sign: (octets, { privateKeyPem: key }) => {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
      return sign('sha256', Buffer.from(octets), { key, padding, saltLength }).toString('base64')
    },
  },
  // RFC 6931 section 2.3.6: r and s, one after the other.
  'ecdsa-sha256': {
    signature: `${more}ecdsa-sha256`,
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    hash: 'sha256',
    sign: (octets, { privateKeyPem: key }) =>
      sign('sha256', Buffer.from(octets), { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
  },
  'rsa-sha1': {
    signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
    hash: 'sha1',
    sign: (octets, key) => createSign('sha1').update(octets).sign(key.privateKeyPem, 'base64'),
  },
  // Key confusion: whoever takes the algorithm from the message keys the HMAC with the public certificate.
  'hmac-sha256': {
    signature: `${more}hmac-sha256`,
    digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
    hash: 'sha256',
    sign: (octets, key) => createHmac('sha256', key.certificatePem).update(octets).digest('base64'),
  },
} as const satisfies Record<string, Algorithm>

export type AlgorithmName = keyof typeof algorithms

export interface SigningOptions {
  readonly key: IdpKey
  readonly algorithm: AlgorithmName
  /** Prefixes that exclusive C14N treats inclusively; none leaves InclusiveNamespaces out. */
  readonly inclusivePrefixes: readonly string[]
  /** A forger's: signs a SignedInfo whose digest is of other bytes. */
  readonly wrongDigest: boolean
  /** Identifier of the canonicalization, which serves SignedInfo and content; exclusive C14N when absent. */
  readonly canonicalization?: string
  /** Whether the element opens with an Issuer, after which the signature has its place (SAML core sections 2.3.3, 3.2.2). */
  readonly afterIssuer: boolean
}

/**
 * Signs the root element of a document the way Okta does: one enveloped signature with one reference to the root's ID,
 * exclusive C14N, the certificate in KeyInfo (SAML core section 5.4).
 * Takes and gives XML text without declaration, since xml-crypto brings a DOM of its own that others' nodes must not reach.
 */
export function signRoot(xml: string, options: SigningOptions): string {
  const algorithm: Algorithm = algorithms[options.algorithm]
  const canonicalization = options.canonicalization ?? ns.ec
  const signer = new SignedXml({
    // xml-crypto wants to see a key; ours is used by the algorithm below.
    privateKey: options.key.privateKeyPem,
    signatureAlgorithm: algorithm.signature,
    canonicalizationAlgorithm: canonicalization,
    getKeyInfoContent: () => keyInfo(options.key),
  })
  signer.SignatureAlgorithms = { [algorithm.signature]: signatureOf(algorithm, options.key) }
  signer.HashAlgorithms = { [algorithm.digest]: digestOf(algorithm, options.wrongDigest) }
  signer.addReference({
    xpath: '/*',
    transforms: [enveloped, canonicalization],
    digestAlgorithm: algorithm.digest,
    inclusiveNamespacesPrefixList: canonicalization === ns.ec ? [...options.inclusivePrefixes] : [],
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: options.afterIssuer
      ? { reference: "/*/*[local-name()='Issuer']", action: 'after' }
      : { reference: '/*', action: 'prepend' },
  })
  return inOktaForm(signer.getSignedXml())
}

/**
 * xml-crypto puts InclusiveNamespaces into every transform, and without prefix; Okta puts `ec:InclusiveNamespaces` into that of
 * exclusive C14N only, where it belongs. This brings a text from one form into the other. It is applied to the canonical
 * SignedInfo before that is signed, and to the document after, so that both are the same; its result is canonical again.
 * (Text that looks like it cannot be met in values: there the angle bracket is escaped.)
 */
function inOktaForm(xml: string): string {
  return xml
    .replace(/<InclusiveNamespaces\b[^>]*enveloped-signature"[^>]*?(?:\/>|><\/[^>]*>)/g, '')
    .replace(
      /<InclusiveNamespaces\b[^>]*?PrefixList="([^"]*)"[^>]*?(?:\/>|><\/[^>]*>)/g,
      `<ec:InclusiveNamespaces xmlns:ec="${ns.ec}" PrefixList="$1"></ec:InclusiveNamespaces>`,
    )
}

function keyInfo(key: IdpKey): string {
  const certificate = element('ds:X509Certificate', {}, inLines(key.certificateBase64))
  return element('ds:X509Data', {}, certificate)
}

function signatureOf(algorithm: Algorithm, key: IdpKey): new () => SignatureAlgorithm {
  return class {
    getAlgorithmName(): string {
      return algorithm.signature
    }
    getSignature(signedInfo: unknown): string {
      return algorithm.sign(inOktaForm(String(signedInfo)), key)
    }
    verifySignature(): boolean {
      throw new Error('the demo Okta only signs')
    }
  }
}

function digestOf(algorithm: Algorithm, isWrong: boolean): new () => HashAlgorithm {
  return class {
    getAlgorithmName(): string {
      return algorithm.digest
    }
    getHash(octets: string): string {
      return createHash(algorithm.hash)
        .update(isWrong ? `${octets} ` : octets)
        .digest('base64')
    }
  }
}
