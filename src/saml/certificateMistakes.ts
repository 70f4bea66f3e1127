import { createPrivateKey, createPublicKey } from 'node:crypto'

/** Why something is not a signing certificate that can be used here: what was found, what was expected, what to do. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly found: string
  readonly expected: string
  readonly remedy: string

  constructor(found: string, expected: string, remedy: string) {
    super(`Found ${found}; expected ${expected}. ${remedy}`)
    this.found = found
    this.expected = expected
    this.remedy = remedy
  }
}

export const oneCertificate =
  'one X.509 certificate as PEM (BEGIN CERTIFICATE), base64 of its DER, or DER bytes'
export const downloadIt =
  'Download the signing certificate from the identity provider (Okta: Sign On, SAML Signing Certificates).'

interface Mistake {
  readonly found: string
  readonly remedy: string
  /** How its PEM label ends (RFC 7468 sections 6 to 13, and OpenSSL's own). */
  readonly labelEnding: string
  /** Whether DER bytes are one. */
  readonly isDer: (der: Buffer) => boolean
}

/** What people hand over instead of a certificate. A private key stands first: where one lies among others, it is what matters. */
const mistakes: readonly Mistake[] = [
  {
    found: 'a private key',
    remedy:
      'Give the certificate alone. A private key stays with its owner: if it is the identity provider’s, replace it there.',
    labelEnding: 'PRIVATE KEY',
    isDer: isPrivateKey,
  },
  {
    found: 'a bare public key, which has neither validity nor thumbprint',
    remedy: downloadIt,
    labelEnding: 'PUBLIC KEY',
    isDer: isPublicKey,
  },
  {
    found: 'a request for a certificate (CSR)',
    remedy: downloadIt,
    labelEnding: 'CERTIFICATE REQUEST',
    // PKCS#10 has no mark that sets it apart at a glance; it is then only "no certificate".
    isDer: () => false,
  },
  {
    found: 'a certificate with OpenSSL’s own trust settings',
    remedy: 'Convert it: openssl x509 -in FILE -out certificate.pem.',
    labelEnding: 'TRUSTED CERTIFICATE',
    isDer: () => false,
  },
  {
    found: 'a PKCS#7 bundle',
    remedy: 'Take the signing certificate out: openssl pkcs7 -in FILE -print_certs.',
    labelEnding: 'PKCS7',
    // contentInfo opens with the object identifier of signedData (RFC 2315 section 14).
    isDer: (der) => der.subarray(0, 24).includes(Buffer.from('06092a864886f70d010702', 'hex')),
  },
  {
    found: 'a PKCS#12 file, which may hold a private key',
    remedy: 'Take the certificate out: openssl pkcs12 -in FILE -clcerts -nokeys.',
    labelEnding: 'PKCS12',
    // PFX opens with version 3 (RFC 7292 section 4).
    isDer: (der) => der.subarray(2, 9).includes(Buffer.from('020103', 'hex')),
  },
]

/** The error for PEM labels that are none of a certificate. */
export function mistakenPem(labels: readonly string[]): CertificateError {
  const mistake = mistakes.find((one) => labels.some((label) => label.endsWith(one.labelEnding)))
  return new CertificateError(
    mistake?.found ?? `a PEM block ${labels[0] ?? ''}`,
    oneCertificate,
    mistake?.remedy ?? downloadIt,
  )
}

/** The error for DER that OpenSSL does not take as a certificate; says what it is as far as that can be told. */
export function mistakenDer(der: Buffer): CertificateError {
  const mistake = mistakes.find((one) => one.isDer(der))
  return new CertificateError(
    mistake?.found ?? 'DER that is no X.509 certificate',
    oneCertificate,
    mistake?.remedy ?? downloadIt,
  )
}

function isPrivateKey(der: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) =>
    succeeds(() => createPrivateKey({ key: der, format: 'der', type })),
  )
}

function isPublicKey(der: Buffer): boolean {
  return (['spki', 'pkcs1'] as const).some((type) =>
    succeeds(() => createPublicKey({ key: der, format: 'der', type })),
  )
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
