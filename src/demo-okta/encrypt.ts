import { constants, createCipheriv, createHash, publicEncrypt, X509Certificate } from 'node:crypto'
import type { RandomSource } from '../lib/ids.ts'
import { element, ns } from './xml.ts'

const older = 'http://www.w3.org/2001/04/xmlenc#'
const newer = 'http://www.w3.org/2009/xmlenc11#'

interface ContentCipher {
  readonly identifier: string
  readonly name: string
  readonly keyBytes: number
  /** Size of nonce or initialization vector. */
  readonly ivBytes: number
}

/** XML Encryption 1.1 section 5.2. Okta offers the GCM ones and AES-CBC; the last is a forger's. */
export const contentCiphers = {
  'aes128-gcm': {
    identifier: `${newer}aes128-gcm`,
    name: 'aes-128-gcm',
    keyBytes: 16,
    ivBytes: 12,
  },
  'aes192-gcm': {
    identifier: `${newer}aes192-gcm`,
    name: 'aes-192-gcm',
    keyBytes: 24,
    ivBytes: 12,
  },
  'aes256-gcm': {
    identifier: `${newer}aes256-gcm`,
    name: 'aes-256-gcm',
    keyBytes: 32,
    ivBytes: 12,
  },
  'aes256-cbc': {
    identifier: `${older}aes256-cbc`,
    name: 'aes-256-cbc',
    keyBytes: 32,
    ivBytes: 16,
  },
  tripledes: {
    identifier: `${older}tripledes-cbc`,
    name: 'des-ede3-cbc',
    keyBytes: 24,
    ivBytes: 8,
  },
} as const satisfies Record<string, ContentCipher>

interface KeyTransport {
  readonly identifier: string
  /** Children of EncryptionMethod, as XML. */
  readonly parameters: string
  /** The padded content key, as long as the modulus (RFC 8017 sections 7.1.1, 7.2.1). */
  readonly pad: (contentKey: Buffer, size: number, random: RandomSource) => Buffer
}

const sha256Digest = element('ds:DigestMethod', { 'xmlns:ds': ns.ds, Algorithm: `${older}sha256` })

/** XML Encryption 1.1 section 5.5. Okta uses the first; RSA 1.5 is a forger's. */
export const keyTransports = {
  'rsa-oaep-mgf1p': {
    identifier: `${older}rsa-oaep-mgf1p`,
    parameters: '',
    pad: (key, size, random) => oaep(key, size, random, 'sha1', 'sha1'),
  },
  'rsa-oaep-sha256': {
    identifier: `${newer}rsa-oaep`,
    parameters:
      sha256Digest +
      element('xenc11:MGF', { 'xmlns:xenc11': newer, Algorithm: `${newer}mgf1sha256` }),
    pad: (key, size, random) => oaep(key, size, random, 'sha256', 'sha256'),
  },
  'rsa-oaep-sha256-mgf1p': {
    identifier: `${older}rsa-oaep-mgf1p`,
    parameters: sha256Digest,
    pad: (key, size, random) => oaep(key, size, random, 'sha256', 'sha1'),
  },
  'rsa-1.5': { identifier: `${older}rsa-1_5`, parameters: '', pad: pkcs1 },
} as const satisfies Record<string, KeyTransport>

export interface EncryptionOptions {
  /** Of the one who shall read it. */
  readonly certificatePem: string
  readonly cipher: keyof typeof contentCiphers
  readonly transport: keyof typeof keyTransports
  /** Keys, nonces and padding come from it: the same randomness gives the same bytes. */
  readonly random: RandomSource
}

/**
 * Encrypts XML (an element as text) into an EncryptedData, its key inside its KeyInfo, as Okta writes it (SAML core section 2.3.4,
 * XML Encryption 1.1 section 3).
 */
export function encryptedData(xml: string, options: EncryptionOptions): string {
  const cipher: ContentCipher = contentCiphers[options.cipher]
  const contentKey = options.random(cipher.keyBytes)
  const content = encipher(cipher, contentKey, Buffer.from(xml), options.random)
  return element(
    'xenc:EncryptedData',
    { 'xmlns:xenc': older, Type: `${older}Element` },
    element('xenc:EncryptionMethod', { Algorithm: cipher.identifier }),
    element('ds:KeyInfo', { 'xmlns:ds': ns.ds }, encryptedKey(contentKey, options)),
    cipherData(content),
  )
}

function encryptedKey(contentKey: Buffer, options: EncryptionOptions): string {
  const transport: KeyTransport = keyTransports[options.transport]
  const key = new X509Certificate(options.certificatePem).publicKey
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const padded = transport.pad(contentKey, size, options.random)
  return element(
    'xenc:EncryptedKey',
    {},
    element('xenc:EncryptionMethod', { Algorithm: transport.identifier }, transport.parameters),
    cipherData(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, padded)),
  )
}

function cipherData(bytes: Buffer): string {
  return element('xenc:CipherData', {}, element('xenc:CipherValue', {}, bytes.toString('base64')))
}

function encipher(
  { name, ivBytes }: ContentCipher,
  key: Buffer,
  plain: Buffer,
  random: RandomSource,
): Buffer {
  const iv = random(ivBytes)
  if (name.endsWith('-gcm')) {
    const gcm = createCipheriv(name as 'aes-256-gcm', key, iv)
    return Buffer.concat([iv, gcm.update(plain), gcm.final(), gcm.getAuthTag()])
  }
  // PKCS#7 padding is one of those that XML Encryption section 5.2.2 allows.
  const cbc = createCipheriv(name, key, iv)
  return Buffer.concat([iv, cbc.update(plain), cbc.final()])
}

/** EME-OAEP with an empty label (RFC 8017 section 7.1.1); node:crypto takes no seed, and knows no two hashes. */
function oaep(
  message: Buffer,
  size: number,
  random: RandomSource,
  digest: string,
  maskHash: string,
): Buffer {
  const labelHash = createHash(digest).digest()
  const zeros = Buffer.alloc(size - message.length - 2 * labelHash.length - 2)
  const block = Buffer.concat([labelHash, zeros, Buffer.of(1), message])
  const seed = random(labelHash.length)
  const maskedBlock = xor(block, mgf1(seed, block.length, maskHash))
  const maskedSeed = xor(seed, mgf1(maskedBlock, seed.length, maskHash))
  return Buffer.concat([Buffer.of(0), maskedSeed, maskedBlock])
}

/** EME-PKCS1-v1_5 (RFC 8017 section 7.2.1). */
function pkcs1(message: Buffer, size: number, random: RandomSource): Buffer {
  const padding = random(size - message.length - 3).map((byte) => byte || 1)
  return Buffer.concat([Buffer.of(0, 2), padding, Buffer.of(0), message])
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mgf1(seed: Buffer, length: number, hash: string): Buffer {
  const blocks: Buffer[] = []
  const counter = Buffer.alloc(4)
  for (let i = 0; i * 20 < length; i++) {
    counter.writeUInt32BE(i)
    blocks.push(createHash(hash).update(seed).update(counter).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}
