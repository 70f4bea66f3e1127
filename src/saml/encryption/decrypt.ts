import { createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { refuse } from '../../aadsts/reasons.ts'
import type { ContentCipher } from './algorithms.ts'
import { oaepDecrypt } from './oaep.ts'
import type { EncryptedContent } from './read.ts'

const gcmNonceBytes = 12
const gcmTagBytes = 16
const blockBytes = 16

/**
 * Decrypts with any of our keys. Throws Refusal `decryptionFailed`, which says nothing more: whether the key did not unwrap, the tag
 * was wrong or the padding was bad must not show, in words or in work done. So every key is tried on every EncryptedKey whatever
 * came before, and when none unwraps, the content is decrypted with a random key and fails there.
 */
export function decrypt(content: EncryptedContent, ownKeys: readonly KeyObject[]): Buffer {
  const { keyBytes } = content.cipher
  let contentKey: Buffer = randomBytes(keyBytes)
  let isUnwrapped = false
  for (const ownKey of ownKeys)
    for (const { transport, value } of content.keys) {
      const candidate = oaepDecrypt(ownKey, transport, value)
      if (isUnwrapped || candidate?.length !== keyBytes) continue
      contentKey = candidate
      isUnwrapped = true
    }
  return decryptContent(content.cipher, contentKey, content.value) ?? refuseDecryption()
}

export function refuseDecryption(): never {
  refuse('decryptionFailed', {
    expected: 'content encrypted to a key of this server',
    actual: 'content that does not decrypt',
  })
}

function decryptContent(cipher: ContentCipher, key: Buffer, value: Buffer): Buffer | null {
  try {
    return cipher.mode === 'gcm'
      ? decryptGcm(cipher, key, value)
      : decryptCbc(cipher.name, key, value)
  } catch {
    return null
  }
}

/** XML Encryption 1.1 section 5.2.4: a nonce of 96 bits, the ciphertext, a tag of 128 bits. */
function decryptGcm(
  { name }: Extract<ContentCipher, { mode: 'gcm' }>,
  key: Buffer,
  value: Buffer,
): Buffer | null {
  if (value.length < gcmNonceBytes + gcmTagBytes) return null
  const nonce = value.subarray(0, gcmNonceBytes)
  const decipher = createDecipheriv(name, key, nonce, { authTagLength: gcmTagBytes })
  decipher.setAuthTag(value.subarray(-gcmTagBytes))
  const text = decipher.update(value.subarray(gcmNonceBytes, -gcmTagBytes))
  decipher.final()
  return text
}

/**
 * XML Encryption 1.1 section 5.2.2: an initialization vector, then blocks whose last byte says how many bytes of padding there are, the
 * others of which are arbitrary.
 */
function decryptCbc(name: string, key: Buffer, value: Buffer): Buffer | null {
  if (value.length < 2 * blockBytes || value.length % blockBytes !== 0) return null
  const decipher = createDecipheriv(name, key, value.subarray(0, blockBytes))
  decipher.setAutoPadding(false)
  const text = Buffer.concat([decipher.update(value.subarray(blockBytes)), decipher.final()])
  const padding = text.at(-1) ?? 0
  return padding >= 1 && padding <= blockBytes ? text.subarray(0, -padding) : null
}
