/** Encrypts assertions for the tests of saml/, with every choice that a sender has, good and bad. */
import {
  constants,
  createCipheriv,
  createHash,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'

const older = 'http://www.w3.org/2001/04/xmlenc#'
const newer = 'http://www.w3.org/2009/xmlenc11#'

export interface EncryptionChoices {
  readonly cipher?: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc'
  /** Digest of OAEP and hash of its mask. */
  readonly oaep?: readonly [digest: 'sha1' | 'sha256', mask: 'sha1' | 'sha256']
  /** Replaces the identifier of the key transport. */
  readonly keyTransport?: string
  readonly contentIdentifier?: string
  /** EncryptedKey inside KeyInfo, or beside EncryptedData. */
  readonly keyPlace?: 'inside' | 'beside'
  /** Changes the bytes of CipherValue. */
  readonly spoilContent?: (value: Buffer) => Buffer
  readonly spoilKey?: (value: Buffer) => Buffer
  readonly holder?: 'EncryptedAssertion' | 'EncryptedID'
}

/** An EncryptedAssertion (or EncryptedID) around a text. */
export function encrypted(xml: string, to: KeyObject, choices: EncryptionChoices = {}): string {
  const cipher = choices.cipher ?? 'aes-256-gcm'
  const [digest, mask] = choices.oaep ?? ['sha1', 'sha1']
  const key = randomBytes(Number(cipher.slice(4, 7)) / 8)
  const content = (choices.spoilContent ?? keep)(encryptContent(cipher, key, Buffer.from(xml)))
  const wrapped = (choices.spoilKey ?? keep)(wrapKey(to, key, digest, mask))
  const method =
    choices.keyTransport ?? (mask === 'sha1' ? `${older}rsa-oaep-mgf1p` : `${newer}rsa-oaep`)
  const digestMethod = `<ds:DigestMethod Algorithm="${digest === 'sha1' ? 'http://www.w3.org/2000/09/xmldsig#sha1' : `${older}sha256`}"/>`
  const mgf =
    mask === 'sha1' ? '' : `<xenc11:MGF xmlns:xenc11="${newer}" Algorithm="${newer}mgf1sha256"/>`
  const encryptedKey = `<xenc:EncryptedKey xmlns:xenc="${older}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptionMethod Algorithm="${method}">${digestMethod}${mgf}</xenc:EncryptionMethod>${cipherData(wrapped)}</xenc:EncryptedKey>`
  const isInside = choices.keyPlace !== 'beside'
  const identifier =
    choices.contentIdentifier ??
    `${cipher.endsWith('gcm') ? newer : older}${cipher.replace('aes-', 'aes')}`
  const keyInfo = isInside
    ? `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${encryptedKey}</ds:KeyInfo>`
    : ''
  const data = `<xenc:EncryptedData xmlns:xenc="${older}" Type="${older}Element"><xenc:EncryptionMethod Algorithm="${identifier}"/>${keyInfo}${cipherData(content)}</xenc:EncryptedData>`
  const holder = choices.holder ?? 'EncryptedAssertion'
  return `<saml2:${holder} xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${data}${isInside ? '' : encryptedKey}</saml2:${holder}>`
}

const keep = (value: Buffer) => value

function cipherData(value: Buffer): string {
  const lines = value.toString('base64').replace(/.{76}/g, '$&\n')
  return `<xenc:CipherData><xenc:CipherValue>\n${lines}\n</xenc:CipherValue></xenc:CipherData>`
}

function encryptContent(cipher: string, key: Buffer, text: Buffer): Buffer {
  if (cipher.endsWith('gcm')) {
    const nonce = randomBytes(12)
    const it = createCipheriv(cipher as 'aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, it.update(text), it.final(), it.getAuthTag()])
  }
  const vector = randomBytes(16)
  const it = createCipheriv(cipher, key, vector)
  it.setAutoPadding(false)
  const size = 16 - (text.length % 16)
  const padding = Buffer.alloc(size, 0xff) // never white space, which would be a good end of a document
  padding[size - 1] = size
  return Buffer.concat([vector, it.update(Buffer.concat([text, padding])), it.final()])
}

/** RSAES-OAEP; written out (RFC 8017 section 7.1.1) when digest and mask differ, which node:crypto does not offer. */
function wrapKey(to: KeyObject, key: Buffer, digest: string, mask: string): Buffer {
  if (digest === mask)
    return publicEncrypt(
      { key: to, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest },
      key,
    )
  const size = (to.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const label = createHash(digest).digest()
  const zeros = Buffer.alloc(size - key.length - 2 * label.length - 2)
  const block = Buffer.concat([label, zeros, Buffer.from([1]), key])
  const seed = randomBytes(label.length)
  const maskedBlock = xor(block, mgf1(seed, block.length, mask))
  const maskedSeed = xor(seed, mgf1(maskedBlock, seed.length, mask))
  return publicEncrypt(
    { key: to, padding: constants.RSA_NO_PADDING },
    Buffer.concat([Buffer.from([0]), maskedSeed, maskedBlock]),
  )
}

function mgf1(seed: Buffer, length: number, hash: string): Buffer {
  let mask = Buffer.alloc(0)
  for (let i = 0; mask.length < length; i++)
    mask = Buffer.concat([
      mask,
      createHash(hash)
        .update(seed)
        .update(Buffer.from([0, 0, 0, i]))
        .digest(),
    ])
  return mask.subarray(0, length)
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}
