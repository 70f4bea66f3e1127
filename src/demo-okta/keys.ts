import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { X509CertificateGenerator } from '@peculiar/x509'
import type { Instant } from '../lib/clock.ts'
import { newGuid, type RandomSource, systemRandom } from '../lib/ids.ts'

/** What the demo Okta signs with. */
export interface IdpKey {
  /** PKCS#8 PEM, RSA with 2048 bits. */
  readonly privateKeyPem: string
  readonly certificatePem: string
  /** The certificate's DER in base64 on one line, as `signingCertificate` of a federation and Okta's metadata have it. */
  readonly certificateBase64: string
}

/** Name of the file in the data folder that holds private key and certificate: one file, so that the two cannot part. */
export const idpKeyFile = 'demo-okta.pem'

/** The key cannot be had; the message names the file and says what to do. */
export class IdpKeyError extends Error {
  override readonly name = 'IdpKeyError'
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const validityYears = 10

/**
 * Makes an RSA-2048 key with a self-signed certificate of ten years, its subject shaped as those of Okta's orgs.
 * @param options.now start of its validity
 * @param options.commonName default `demo-okta`
 * @param options.random where the serial number comes from; the key itself always comes from the operating system
 */
export async function makeIdpKey(options: {
  readonly now: Instant
  readonly commonName?: string
  readonly random?: RandomSource
}): Promise<IdpKey> {
  const { now, commonName = 'demo-okta', random = systemRandom } = options
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validityYears)
  const keys = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    // Positive and 127 bits at most (RFC 5280 section 4.1.2.2).
    serialNumber: `01${random(15).toString('hex')}`,
    name: `C=US, O=Okta demo, OU=SSOProvider, CN=${commonName}`,
    notBefore: new Date(now),
    notAfter,
    signingAlgorithm: rsa,
    keys,
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const der = Buffer.from(certificate.rawData)
  return {
    privateKeyPem: pem('PRIVATE KEY', pkcs8),
    certificatePem: pem('CERTIFICATE', der),
    certificateBase64: der.toString('base64'),
  }
}

/**
 * The key of the demo Okta from the data folder; made at the first call and kept from then on.
 * The file has mode 600 and appears whole or not at all; of several processes that start at once, all use the first one's.
 * @param folder is made (mode 700) when it is missing
 * @throws IdpKeyError when it cannot be read or written, is damaged, or its certificate is over at `now`
 */
export async function loadOrMakeIdpKey(
  folder: string,
  options: { readonly now: Instant; readonly random?: RandomSource },
): Promise<IdpKey> {
  const file = join(folder, idpKeyFile)
  const kept = await readKey(file, options.now)
  if (kept) return kept
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const made = await makeIdpKey(options)
  const isOurs = await writeOnce(file, made.privateKeyPem + made.certificatePem, options.random)
  return isOurs ? made : ((await readKey(file, options.now)) ?? made)
}

/** Null when there is no such file. */
async function readKey(file: string, now: Instant): Promise<IdpKey | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new IdpKeyError(
      `${file}: the demo Okta's key cannot be read (${(cause as Error).message})`,
      { cause },
    )
  }
  const broken = (what: string, cause?: unknown) =>
    new IdpKeyError(
      `${file}: ${what}; expected an RSA private key and its certificate in PEM. ` +
        'Put the file back, or delete it to have a new key made (its certificate must then be added to the federation)',
      { cause },
    )
  const privateKeyPem = block('PRIVATE KEY', text)
  const certificatePem = block('CERTIFICATE', text)
  if (!privateKeyPem) throw broken('it holds no private key')
  if (!certificatePem) throw broken('it holds no certificate')
  let certificate: X509Certificate
  let isPair: boolean
  try {
    certificate = new X509Certificate(certificatePem)
    isPair = certificate.checkPrivateKey(createPrivateKey(privateKeyPem))
  } catch (cause) {
    throw broken('its key or certificate is damaged', cause)
  }
  if (!isPair) throw broken('its certificate belongs to another key')
  if (certificate.publicKey.asymmetricKeyType !== 'rsa') throw broken('its key is not RSA')
  if (certificate.validToDate.getTime() <= now) {
    throw broken(`its certificate ended at ${certificate.validToDate.toISOString()}`)
  }
  return { privateKeyPem, certificatePem, certificateBase64: certificate.raw.toString('base64') }
}

/**
 * Writes a file that must not exist yet, whole or not at all: first under a name of its own, then linked to its real one,
 * which fails when somebody else was faster. Returns whether ours is the one that stands.
 */
async function writeOnce(file: string, text: string, random = systemRandom): Promise<boolean> {
  const draft = `${file}.${newGuid(random)}.tmp`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(draft, file)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new IdpKeyError(
      `${file}: the demo Okta's key cannot be written (${(cause as Error).message})`,
      { cause },
    )
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

function block(label: string, text: string): string | null {
  const found = new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)
  return found ? `${found[0]}\n` : null
}
