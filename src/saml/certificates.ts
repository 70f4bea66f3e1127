import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import type { Instant } from '../lib/clock.ts'
import { certificateDer } from './certificateInput.ts'
import { CertificateError, mistakenDer } from './certificateMistakes.ts'
import type { SignatureTrust, SigningCertificate } from './types.ts'

export { CertificateError } from './certificateMistakes.ts'

/** Bounds on an RSA modulus. Below: NIST SP 800-131A section 3. Above: OpenSSL verifies nothing longer. */
const minRsaBits = 2048
const maxRsaBits = 16_384

/** Curves of ECDSA signatures that are accepted (RFC 5480 section 2.1.1.1), by OpenSSL's names, with their sizes in bits. */
const curveBits = new Map([
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
])

const acceptedKeys = `RSA of ${minRsaBits} bits or more, or EC on P-256, P-384 or P-521`
const makeAnother = 'Let the identity provider make a signing certificate with such a key.'

/**
 * Reads the certificate that an identity provider signs with: from PEM with exactly one CERTIFICATE block, base64 of DER with or
 * without line breaks, or DER bytes. Its chain, names, extensions and own signature are not looked at: it is trusted because an
 * admin registered it, and serves to carry a key and a validity (SAML metadata interoperability profile 2.5). Whether it is
 * valid now is `validityAt`'s question. Throws CertificateError.
 */
export function readSigningCertificate(input: string | Buffer): SigningCertificate {
  const der = certificateDer(input)
  const certificate = parsed(der)
  const notBefore = certificate.validFromDate.getTime()
  const notAfter = certificate.validToDate.getTime()
  if (!(notBefore <= notAfter)) {
    throw new CertificateError(
      `a validity from ${certificate.validFrom} to ${certificate.validTo}`,
      'one that ends after it begins',
      makeAnother,
    )
  }
  return {
    thumbprint: createHash('sha256').update(der).digest('hex'),
    base64: der.toString('base64'),
    subject: (certificate.subject ?? '').replaceAll('\n', ', '),
    notBefore,
    notAfter,
    ...signingKey(certificate),
  }
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch {
    throw mistakenDer(der)
  }
}

function signingKey(
  certificate: X509Certificate,
): Pick<SigningCertificate, 'key' | 'keyType' | 'keyBits'> {
  const key = publicKey(certificate)
  const details = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const keyBits = details.modulusLength ?? 0
      if (keyBits < minRsaBits || keyBits > maxRsaBits) {
        throw new CertificateError(`an RSA key of ${keyBits} bits`, acceptedKeys, makeAnother)
      }
      // With exponent 1 a signature is its own padded digest, which anyone can write; RFC 8017 section 3.1 wants 3 or more, odd.
      const exponent = details.publicExponent ?? 0n
      if (exponent < 3n || exponent % 2n === 0n) {
        throw new CertificateError(
          `an RSA key with the public exponent ${exponent}`,
          'an odd exponent of 3 or more, 65537 as a rule',
          makeAnother,
        )
      }
      return { key, keyType: 'rsa', keyBits }
    }
    case 'ec': {
      const keyBits = curveBits.get(details.namedCurve ?? '')
      if (keyBits === undefined) {
        const curve = details.namedCurve ?? 'a curve without a name'
        throw new CertificateError(`an EC key on ${curve}`, acceptedKeys, makeAnother)
      }
      return { key, keyType: 'ec', keyBits }
    }
    default:
      throw new CertificateError(
        `a key of type ${key.asymmetricKeyType ?? 'unknown'}`,
        acceptedKeys,
        makeAnother,
      )
  }
}

function publicKey(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey
  } catch {
    throw new CertificateError(
      'a certificate with an unknown kind of key',
      acceptedKeys,
      makeAnother,
    )
  }
}

/** Where `now` lies to a certificate's validity; both ends belong to it (RFC 5280 section 4.1.2.5). */
export function validityAt(
  certificate: Pick<SigningCertificate, 'notBefore' | 'notAfter'>,
  now: Instant,
): 'valid' | 'expired' | 'notYetValid' {
  if (now < certificate.notBefore) return 'notYetValid'
  return now > certificate.notAfter ? 'expired' : 'valid'
}

/** Reads a certificate from base64 or PEM; as `readSigningCertificate`, perhaps from memory. */
export type CertificateReader = (text: string) => SigningCertificate

/**
 * A reader that remembers the last `capacity` certificates by the text they were read from, so that a sign-in does not make the
 * same key again. Reading has no other effect than its result, so that who shares a reader cannot be told.
 */
export function rememberingReader(capacity: number): CertificateReader {
  const remembered = new Map<string, SigningCertificate>()
  return (text) => {
    const certificate = remembered.get(text) ?? readSigningCertificate(text)
    // A Map keeps the order of insertion: whoever was asked for last goes to the end, and the first one is the oldest.
    remembered.delete(text)
    remembered.set(text, certificate)
    if (remembered.size > capacity) {
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest)
        break
      }
    }
    return certificate
  }
}

/** Enough for five hundred federations in the midst of a rollover; some 5 MB when full. */
const sharedReader = rememberingReader(1000)

/** The settings of a federation that say how its signatures are judged; `Federation` of the directory has them all. */
export interface TrustSettings extends Omit<SignatureTrust, 'certificates'> {
  readonly signingCertificate: string
  readonly nextSigningCertificate: string | null
}

/**
 * What the verifier needs to judge signatures of a federation. The certificates are base64 or PEM; one that is registered twice
 * counts once. Throws CertificateError, which says which of the two it is about.
 */
export function signingTrust(
  settings: TrustSettings,
  read: CertificateReader = sharedReader,
): SignatureTrust {
  const { signingCertificate, nextSigningCertificate, ...policy } = settings
  const current = named('signingCertificate', () => read(signingCertificate))
  const next =
    nextSigningCertificate === null
      ? null
      : named('nextSigningCertificate', () => read(nextSigningCertificate))
  return {
    certificates:
      next === null || next.thumbprint === current.thumbprint ? [current] : [current, next],
    expiredCertificates: policy.expiredCertificates,
    allowSha1Signatures: policy.allowSha1Signatures,
    allowInclusiveCanonicalization: policy.allowInclusiveCanonicalization,
    requireSignedResponse: policy.requireSignedResponse,
    requireEncryptedAssertion: policy.requireEncryptedAssertion,
    allowCbcEncryption: policy.allowCbcEncryption,
  }
}

function named(property: string, read: () => SigningCertificate): SigningCertificate {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CertificateError(`in ${property} ${error.found}`, error.expected, error.remedy)
  }
}
