import { constants, hash as hashOf, verify } from 'node:crypto'
import { refuse } from '../../aadsts/reasons.ts'
import { type Instant, isoSeconds } from '../../lib/clock.ts'
import { decodeBase64Binary, unbroken } from '../base64.ts'
import type { SignatureTrust, SigningCertificate } from '../types.ts'
import { type Canonicalization, canonicalize } from '../xml/canonicalize.ts'
import {
  canonicalizationKind,
  digestAlgorithm,
  type SignatureAlgorithm,
  signatureAlgorithm,
} from './algorithms.ts'
import { describeOurs, foreignCertificate } from './keyInfo.ts'
import type { NamedCanonicalization, SignatureProfile } from './profile.ts'

/** A Signature whose algorithms are all allowed, each resolved to its table entry. */
export interface AllowedSignature {
  readonly profile: SignatureProfile
  readonly algorithm: SignatureAlgorithm
  readonly digestHash: string
  readonly infoCanonicalization: Canonicalization
  readonly contentCanonicalization: Canonicalization
}

/** What a Signature that holds proves. */
export interface VerifiedSignature {
  /** The canonical bytes of the signed element: those that were digested. */
  readonly signedBytes: Buffer
  readonly signedBy: SigningCertificate
  readonly signatureAlgorithm: string
  readonly warnings: readonly string[]
}

/** Below this, RSA is refused whatever was configured (saml-security R7). */
const minRsaBits = 2048

/** Resolves the algorithms of a Signature. Throws Refusal `algorithmNotAllowed`, naming the first that is not allowed. */
export function allowSignature(profile: SignatureProfile, trust: SignatureTrust): AllowedSignature {
  const resolve = ({ algorithm, inclusivePrefixes }: NamedCanonicalization): Canonicalization => ({
    kind: canonicalizationKind(algorithm, trust),
    inclusivePrefixes,
  })
  return {
    profile,
    algorithm: signatureAlgorithm(profile.signatureMethod, trust),
    digestHash: digestAlgorithm(profile.digestMethod, trust),
    infoCanonicalization: resolve(profile.canonicalization),
    contentCanonicalization: resolve(profile.contentCanonicalization),
  }
}

/**
 * Verifies a Signature (XML Signature core validation, section 3.2): first that a certificate of the federation signed SignedInfo,
 * then that the content has the digest which SignedInfo states. In this order the parameters by which content is canonicalized
 * are authentic before they are used, and a content that was changed under a genuine SignedInfo is told as what it is.
 *
 * Throws Refusal `signingKeyUnknown` (no certificate fits, and KeyInfo names another one), `signatureInvalid` (no certificate
 * fits), `signingCertificateExpired` (the one that fits is outside its validity, and policy is to refuse), `digestMismatch`, or
 * `tooComplex` for content that would grow out of `maxBytes` more when canonicalized.
 */
export function verifySignature(
  signature: AllowedSignature,
  trust: SignatureTrust,
  now: Instant,
  maxBytes: number,
): VerifiedSignature {
  const { profile } = signature
  const info = canonicalize(profile.signedInfo, signature.infoCanonicalization, null, maxBytes)
  const signedBy = findSigner(signature, Buffer.from(info, 'latin1'), trust, now)

  const signedBytes = Buffer.from(
    canonicalize(profile.signed, signature.contentCanonicalization, profile.element, maxBytes),
    'latin1',
  )
  const digest = hashOf(signature.digestHash, signedBytes, 'base64')
  if (unbroken(profile.digestValue) !== digest)
    refuse('digestMismatch', {
      expected: `the ${signature.digestHash} digest that the signature states for the ${profile.signed.localName}`,
      actual: 'content with another digest',
    })
  const expiry = outsideValidity(signedBy, now)
  return {
    signedBytes,
    signedBy,
    signatureAlgorithm: signature.algorithm.identifier,
    warnings: expiry === null ? [] : [`signing certificate ${expiry}`],
  }
}

/** The certificate whose key made the signature value. One inside its validity is preferred: renewals often keep the key. */
function findSigner(
  signature: AllowedSignature,
  info: Buffer,
  trust: SignatureTrust,
  now: Instant,
): SigningCertificate {
  const { profile, algorithm } = signature
  const value = decodeBase64Binary(profile.signatureValue)
  const isSigner = (certificate: SigningCertificate): boolean =>
    value !== null && value.length > 0 && holds(algorithm, info, certificate, value)

  const valid = trust.certificates.filter((it) => outsideValidity(it, now) === null)
  const signer = valid.find(isSigner)
  if (signer !== undefined) return signer
  const expired = trust.certificates.filter((it) => !valid.includes(it)).find(isSigner)
  if (expired === undefined) return refuseSigner(profile, trust)
  if (trust.expiredCertificates === 'refuse')
    refuse('signingCertificateExpired', {
      expected: `a certificate that is valid at ${isoSeconds(now)}`,
      actual: `${describeOurs([expired])}: ${outsideValidity(expired, now)}`,
    })
  return expired
}

/** Whether a value is the signature of these bytes by that key: of its kind, and for RSA long enough, whatever was configured. */
export function holds(
  { hash, scheme }: SignatureAlgorithm,
  info: Buffer,
  { key, keyType, keyBits }: SigningCertificate,
  value: Buffer,
): boolean {
  if (scheme === 'ecdsa')
    // the value is r and s, each as long as the order (RFC 6931 section 2.3.6): P1363, not DER
    return keyType === 'ec' && verify(hash, info, { key, dsaEncoding: 'ieee-p1363' }, value)
  if (keyType !== 'rsa' || keyBits < minRsaBits) return false
  if (scheme === 'pkcs1') return verify(hash, info, key, value)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  return verify(hash, info, { key, padding, saltLength }, value)
}

function refuseSigner(profile: SignatureProfile, trust: SignatureTrust): never {
  const foreign = foreignCertificate(profile.keyInfo, trust.certificates)
  const expected = describeOurs(trust.certificates)
  if (foreign !== null) {
    const { thumbprint, description } = foreign
    refuse('signingKeyUnknown', { expected, actual: description, thumbprint })
  }
  refuse('signatureInvalid', {
    expected: `a signature of the ${profile.signed.localName} by: ${expected}`,
    actual: 'a signature value that none of them verifies',
  })
}

/** What is wrong with a certificate's time, or null. Both ends are inside (RFC 5280 section 4.1.2.5). */
function outsideValidity({ notBefore, notAfter }: SigningCertificate, now: Instant): string | null {
  if (now > notAfter) return `expired on ${isoSeconds(notAfter)}`
  if (now < notBefore) return `not valid before ${isoSeconds(notBefore)}`
  return null
}
