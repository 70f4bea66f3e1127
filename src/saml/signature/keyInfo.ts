import { createHash, X509Certificate } from 'node:crypto'
import { isoSeconds } from '../../lib/clock.ts'
import { decodeBase64Binary } from '../base64.ts'
import type { SigningCertificate } from '../types.ts'
import { ns } from '../xml/names.ts'
import { unescaped } from '../xml/text.ts'
import { childrenNamed, ownText, type XmlElement } from '../xml/tree.ts'

/** How many certificates of a KeyInfo are looked at; honest ones hold one. Bounds the work that a refusal costs. */
const maxCertificates = 3

/** A certificate that is none of ours: its thumbprint (SHA-256, hex), and in words with its validity. */
export interface ForeignCertificate {
  readonly thumbprint: string
  readonly description: string
}

/**
 * The certificate in a KeyInfo that is none of `ours`; null when there is none such. For the
 * evidence of a refusal only: nothing in a message makes a key trusted (saml-security R7).
 */
export function foreignCertificate(
  keyInfo: XmlElement | null,
  ours: readonly SigningCertificate[],
): ForeignCertificate | null {
  if (keyInfo === null) return null
  const texts = childrenNamed(keyInfo, ns.signature, 'X509Data')
    .flatMap((data) => childrenNamed(data, ns.signature, 'X509Certificate'))
    .slice(0, maxCertificates)
    .map((certificate) => unescaped(ownText(certificate)))
  for (const text of texts) {
    const der = decodeBase64Binary(text)
    if (der === null) continue
    const thumbprint = createHash('sha256').update(der).digest('hex')
    if (!ours.some((certificate) => certificate.thumbprint === thumbprint))
      return { thumbprint, description: describeForeign(der, thumbprint) }
  }
  return null
}

function describeForeign(der: Buffer, thumbprint: string): string {
  try {
    const certificate = new X509Certificate(der)
    return described(thumbprint, Date.parse(certificate.validFrom), Date.parse(certificate.validTo))
  } catch {
    return `${thumbprint}, which is no readable certificate`
  }
}

/** Describes certificates of ours for the evidence of a refusal. */
export function describeOurs(certificates: readonly SigningCertificate[]): string {
  if (certificates.length === 0) return 'no certificate is configured'
  return certificates
    .map(({ thumbprint, notBefore, notAfter }) => described(thumbprint, notBefore, notAfter))
    .join('; ')
}

function described(thumbprint: string, notBefore: number, notAfter: number): string {
  return `SHA-256 thumbprint ${thumbprint}, valid ${isoSeconds(notBefore)} to ${isoSeconds(notAfter)}`
}
