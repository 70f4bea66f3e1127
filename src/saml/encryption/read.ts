/**
 * encryption/: XML Encryption as SAML uses it: from EncryptedAssertion or EncryptedID to the bytes inside. It must not know what
 * those bytes mean.
 */
import { refuse } from '../../aadsts/reasons.ts'
import { decodeBase64Binary } from '../base64.ts'
import { ns } from '../xml/names.ts'
import { unescaped } from '../xml/text.ts'
import { attributeOf, childrenNamed, onlyChild, ownText, type XmlElement } from '../xml/tree.ts'
import { type ContentCipher, contentCipher, type KeyTransport, keyTransport } from './algorithms.ts'

export interface EncryptedKey {
  readonly transport: KeyTransport
  readonly value: Buffer
}

export interface EncryptedContent {
  readonly cipher: ContentCipher
  readonly value: Buffer
  /** One for each recipient; which is ours shows in trying. */
  readonly keys: readonly EncryptedKey[]
}

/** Each costs RSA operations, so their number is bounded before any of them. */
const maxEncryptedKeys = 3
const elementType = 'http://www.w3.org/2001/04/xmlenc#Element'

/**
 * Takes an EncryptedAssertion or EncryptedID apart: one EncryptedData, its EncryptedKey inside its KeyInfo or beside it (SAML core
 * 2.2.4 and 2.3.4). References between the two are not followed. Throws Refusal `algorithmNotAllowed` before anything is decrypted,
 * `tooComplex`, or `decryptionFailed` for another shape.
 */
export function readEncrypted(holder: XmlElement, allowCbc: boolean): EncryptedContent {
  const data = onlyChild(holder, ns.encryption, 'EncryptedData')
  if (data === null) return refuseShape('one EncryptedData')
  if ((attributeOf(data, 'Type') ?? elementType) !== elementType)
    refuseShape('EncryptedData of the type Element')
  const method = onlyChild(data, ns.encryption, 'EncryptionMethod')
  if (method === null) return refuseShape('an EncryptionMethod of the content')
  const keyInfo = onlyChild(data, ns.signature, 'KeyInfo')
  const keys = [
    ...(keyInfo === null ? [] : childrenNamed(keyInfo, ns.encryption, 'EncryptedKey')),
    ...childrenNamed(holder, ns.encryption, 'EncryptedKey'),
  ]
  if (keys.length === 0) refuseShape('an EncryptedKey')
  if (keys.length > maxEncryptedKeys)
    refuse('tooComplex', {
      expected: `at most ${maxEncryptedKeys} EncryptedKey elements`,
      actual: `${keys.length}`,
    })
  return {
    cipher: contentCipher(attributeOf(method, 'Algorithm') ?? '', allowCbc),
    keys: keys.map(readKey),
    value: cipherValue(data),
  }
}

function readKey(key: XmlElement): EncryptedKey {
  const method = onlyChild(key, ns.encryption, 'EncryptionMethod')
  if (method === null) return refuseShape('an EncryptionMethod of the key')
  if (childrenNamed(method, ns.encryption, 'OAEPparams').length > 0)
    refuseShape('RSA-OAEP without a label')
  const digest = onlyChild(method, ns.signature, 'DigestMethod')
  const mask = onlyChild(method, ns.encryption11, 'MGF')
  const transport = keyTransport(
    attributeOf(method, 'Algorithm') ?? '',
    digest && (attributeOf(digest, 'Algorithm') ?? ''),
    mask && (attributeOf(mask, 'Algorithm') ?? ''),
  )
  return { transport, value: cipherValue(key) }
}

/** CipherData with CipherValue; CipherReference, which points elsewhere, is not there. */
function cipherValue(parent: XmlElement): Buffer {
  const data = onlyChild(parent, ns.encryption, 'CipherData')
  const value = data && onlyChild(data, ns.encryption, 'CipherValue')
  const bytes = value && decodeBase64Binary(unescaped(ownText(value)))
  return bytes ?? refuseShape('CipherData with a base64 CipherValue')
}

function refuseShape(expected: string): never {
  refuse('decryptionFailed', { expected, actual: 'another shape of encryption' })
}
