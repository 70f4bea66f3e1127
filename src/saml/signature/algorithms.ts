/**
 * The algorithms of XML Signature that there are here, by their exact identifiers. What stands in no table is refused; there is
 * no HMAC, no MD5 and no DSA to be switched on (saml-security R6).
 *
 * Sources: XML Signature 1.1 section 6, RFC 6931 (PSS: section 2.3.10), Exclusive XML Canonicalization 1.0 section 4.
 */
import { refuse } from '../../aadsts/reasons.ts'
import type { SignatureTrust } from '../types.ts'
import { plainText } from '../xml/text.ts'

export const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface SignatureAlgorithm {
  readonly identifier: string
  readonly hash: HashName
  /** `pkcs1`: RSASSA-PKCS1-v1_5. `pss`: RSASSA-PSS, MGF1 with the same hash, salt as long as the hash. */
  readonly scheme: 'pkcs1' | 'pss' | 'ecdsa'
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const newer = 'http://www.w3.org/2007/05/xmldsig-more#'

const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  (
    [
      ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'sha1', 'pkcs1'],
      [`${more}rsa-sha256`, 'sha256', 'pkcs1'],
      [`${more}rsa-sha384`, 'sha384', 'pkcs1'],
      [`${more}rsa-sha512`, 'sha512', 'pkcs1'],
      [`${newer}sha256-rsa-MGF1`, 'sha256', 'pss'],
      [`${newer}sha384-rsa-MGF1`, 'sha384', 'pss'],
      [`${newer}sha512-rsa-MGF1`, 'sha512', 'pss'],
      [`${more}ecdsa-sha256`, 'sha256', 'ecdsa'],
      [`${more}ecdsa-sha384`, 'sha384', 'ecdsa'],
      [`${more}ecdsa-sha512`, 'sha512', 'ecdsa'],
    ] as const
  ).map(([identifier, hash, scheme]) => [identifier, { identifier, hash, scheme }]),
)

const digestAlgorithms: ReadonlyMap<string, HashName> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  [`${more}sha384`, 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

const canonicalizationKinds: ReadonlyMap<string, 'exclusive' | 'inclusive'> = new Map([
  ['http://www.w3.org/2001/10/xml-exc-c14n#', 'exclusive'],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', 'inclusive'],
  ['http://www.w3.org/2006/12/xml-c14n11', 'inclusive'],
])

/** The signature algorithm of an identifier. Throws Refusal `algorithmNotAllowed`, naming it. */
export function signatureAlgorithm(identifier: string, trust: SignatureTrust): SignatureAlgorithm {
  const algorithm = signatureAlgorithms.get(identifier)
  if (algorithm === undefined) return refuseAlgorithm('signature', identifier)
  if (algorithm.hash === 'sha1' && !trust.allowSha1Signatures)
    refuseAlgorithm('signature', identifier)
  return algorithm
}

/** The hash of a digest algorithm. Throws Refusal `algorithmNotAllowed`, naming it. */
export function digestAlgorithm(identifier: string, trust: SignatureTrust): HashName {
  const hash = digestAlgorithms.get(identifier)
  if (hash === undefined) return refuseAlgorithm('digest', identifier)
  if (hash === 'sha1' && !trust.allowSha1Signatures) refuseAlgorithm('digest', identifier)
  return hash
}

/** The kind of a canonicalization. Throws Refusal `algorithmNotAllowed`, naming it. */
export function canonicalizationKind(
  identifier: string,
  trust: SignatureTrust,
): 'exclusive' | 'inclusive' {
  const kind = canonicalizationKinds.get(identifier)
  if (kind === undefined) return refuseAlgorithm('canonicalization', identifier)
  if (kind === 'inclusive' && !trust.allowInclusiveCanonicalization)
    refuseAlgorithm('canonicalization', identifier)
  return kind
}

/** Whether a transform's algorithm is any that a table here has; its parameters are then worth a look. */
export function isKnownTransform(identifier: string): boolean {
  return identifier === envelopedSignature || canonicalizationKinds.has(identifier)
}

const expectations = {
  signature: 'RSA, RSA-PSS or ECDSA with SHA-256, SHA-384 or SHA-512',
  digest: 'SHA-256, SHA-384 or SHA-512',
  canonicalization: 'exclusive canonicalization without comments',
  transform: 'the transforms enveloped-signature and exclusive canonicalization, in this order',
} as const

const maxIdentifierLength = 128

/** Refuses an algorithm by its identifier (in canonical form, the sender's text: shortened, and never markup). */
export function refuseAlgorithm(use: keyof typeof expectations, identifier: string): never {
  const name = plainText(identifier)
  refuse('algorithmNotAllowed', {
    expected: expectations[use],
    actual: name === '' ? 'none' : name.slice(0, maxIdentifierLength),
  })
}
