import 'reflect-metadata'
import { type KeyObject, KeyObject as NodeKey, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { expect } from 'chai'
import { CertificateError, readSigningCertificate } from '../../src/saml/certificates.ts'

export type Algorithm = 'rsa2048' | 'rsa1024' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519'

/** A self-signed certificate made in this process, with its private key. */
export interface MadeCertificate {
  readonly privateKey: KeyObject
  readonly privateKeyPem: string
  readonly der: Buffer
  readonly pem: string
  readonly base64: string
  readonly thumbprint: string
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1) }
const algorithms = {
  rsa2048: { ...rsa, modulusLength: 2048 },
  rsa1024: { ...rsa, modulusLength: 1024 },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  Ed25519: { name: 'Ed25519' },
}

export async function makeCertificate(
  options: {
    readonly algorithm?: Algorithm
    readonly notBefore?: string
    readonly notAfter?: string
  } = {},
): Promise<MadeCertificate> {
  const algorithm = algorithms[options.algorithm ?? 'rsa2048']
  // The library's own name for a pair of keys: what the global is called depends on which types are loaded.
  type KeyPair = Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys']
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as unknown as KeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'O=Okta, CN=example org',
    notBefore: new Date(options.notBefore ?? '2026-01-01T00:00:00Z'),
    notAfter: new Date(options.notAfter ?? '2036-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
    keys,
  })
  const privateKey = NodeKey.from(keys.privateKey)
  const der = Buffer.from(certificate.rawData)
  return {
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    der,
    pem: certificate.toString('pem'),
    base64: der.toString('base64'),
    thumbprint: Buffer.from(await certificate.getThumbprint('SHA-256')).toString('hex'),
  }
}

/**
 * The certificate with another public key put in, as no tool makes it (its own signature breaks, which is not looked at).
 * `spki` is the DER of a SubjectPublicKeyInfo.
 */
export function withPublicKey(der: Buffer, spki: Buffer): Buffer {
  const [tbs, ...rest] = derChildren(der)
  // version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo (RFC 5280 section 4.1)
  const fields = derChildren(tbs ?? Buffer.alloc(0))
  fields[6] = spki
  return derSequence([derSequence(fields), ...rest])
}

function derChildren(sequence: Buffer): Buffer[] {
  const children: Buffer[] = []
  let at = derHeader(sequence, 0).length
  while (at < sequence.length) {
    const { length, content } = derHeader(sequence, at)
    children.push(sequence.subarray(at, at + length + content))
    at += length + content
  }
  return children
}

function derHeader(bytes: Buffer, at: number): { length: number; content: number } {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return { length: 2, content: first }
  const count = first & 0x7f
  return { length: 2 + count, content: bytes.readUIntBE(at + 2, count) }
}

function derSequence(children: readonly Buffer[]): Buffer {
  const content = Buffer.concat(children)
  const header = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff])
  return Buffer.concat([header, content])
}

/** The error that reading an input gives; it says what was found, what was expected and what to do. */
export function refusal(input: string | Buffer): CertificateError {
  try {
    readSigningCertificate(input)
  } catch (error) {
    expect(error).to.be.instanceOf(CertificateError)
    const { found, expected, remedy } = error as CertificateError
    for (const words of [found, expected, remedy]) expect(words).to.match(/\S/)
    return error as CertificateError
  }
  throw new Error('the certificate was read')
}

/** The DER of a public key, as a certificate holds it. */
export function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}
