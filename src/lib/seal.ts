import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { RandomSource } from './ids.ts'

/** Keeps short secrets unreadable where they are stored. */
export interface Sealer {
  /** `context` says what the secret is and whose; it must be the same when the seal is opened. */
  seal(secret: string, context: string): string
  /** Throws when it was sealed with another key, for another context, or changed. */
  open(sealed: string, context: string): string
}

/** What is sealed; each purpose has a key of its own. */
export const sealPurposes = {
  signingKeys: 'signing keys',
  secondFactors: 'second factors',
  loginHints: 'login hints',
} as const

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM (NIST SP 800-38D) under a key of its own for each purpose, derived from the deployment's (HKDF, RFC 5869). The
 * text is `1.` and base64url of nonce, tag and ciphertext. `rootKey` has 32 bytes.
 */
export function sealer(rootKey: Buffer, purpose: string, random: RandomSource): Sealer {
  const key = Buffer.from(hkdfSync('sha256', rootKey, '', `homerealm ${purpose}`, 32))
  return {
    seal(secret, context) {
      const nonce = random(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return `1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed.startsWith('1.') ? sealed.slice(2) : '', 'base64url')
      const [nonce, tag] = [
        bytes.subarray(0, NONCE_BYTES),
        bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES),
      ]
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(tag)
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    },
  }
}
