import 'reflect-metadata'
import { X509Certificate as ParsedCertificate } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { readTlsMaterial, type TlsFiles } from '../../http/tls.ts'
import { hours, type Instant } from '../../lib/clock.ts'
import { newGuid, type RandomSource } from '../../lib/ids.ts'

/** The demo's own certificate authority and the certificate it made, in the data folder. */
export interface DemoTls extends TlsFiles {
  /** What browsers and clients are told to trust: NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
}

const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const LIFETIME = hours(24 * 365)
/** Made anew when less is left. */
const RENEW_BEFORE = hours(24 * 30)

/**
 * TLS for the demo, of localhost, 127.0.0.1 and ::1. The authority signs this one certificate, and its key is thrown away at
 * once: whoever trusts it trusts nothing else that somebody could make. Both are kept, and made anew a month before their end.
 */
export async function loadOrMakeDemoTls(
  folder: string,
  at: { readonly now: Instant; readonly random: RandomSource },
): Promise<DemoTls> {
  const files: DemoTls = {
    caFile: join(folder, 'demo-ca.pem'),
    certFile: join(folder, 'demo-tls.pem'),
    keyFile: join(folder, 'demo-tls.key'),
  }
  if (isUsable(files, at.now)) return files
  const made = await makeCertificates(at)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  replaceFile(files.caFile, made.ca, 0o644, at.random)
  replaceFile(files.keyFile, made.key, 0o600, at.random)
  replaceFile(files.certFile, made.cert, 0o644, at.random)
  return files
}

/** All three are there, fit one another, and last long enough. */
function isUsable(files: DemoTls, now: Instant): boolean {
  try {
    const { cert } = readTlsMaterial(files)
    const [own, ca] = [
      new ParsedCertificate(String(cert)),
      new ParsedCertificate(readFileSync(files.caFile)),
    ]
    const end = Math.min(own.validToDate.getTime(), ca.validToDate.getTime())
    return own.verify(ca.publicKey) && end - now > RENEW_BEFORE
  } catch {
    return false
  }
}

async function makeCertificates({
  now,
  random,
}: {
  readonly now: Instant
  readonly random: RandomSource
}): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const serial = () => `01${random(15).toString('hex')}`
  const validity = { notBefore: new Date(now - hours(1)), notAfter: new Date(now + LIFETIME) }
  const caKeys = await crypto.subtle.generateKey(ec, false, ['sign', 'verify'])
  const name = `CN=homerealm demo CA ${random(4).toString('hex')}`
  const ca = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    ...validity,
    signingAlgorithm: ec,
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const keys = await crypto.subtle.generateKey(ec, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=localhost',
    issuer: name,
    ...validity,
    signingAlgorithm: ec,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = pkcs8.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')
  return {
    ca: `${ca.toString('pem')}\n`,
    cert: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  }
}

/** Whole or not at all. */
function replaceFile(file: string, text: string, mode: number, random: RandomSource): void {
  const draft = `${file}.${newGuid(random)}`
  writeFileSync(draft, text, { mode, flag: 'wx' })
  renameSync(draft, file)
}
