import type { RandomSource } from '../../lib/ids.ts'
import { fingerprint } from '../../lib/secrets.ts'

const COUNT = 10
/** Crockford's base32: without i, l, o and u. 16 of these are 80 random bits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const LENGTH = 16

/** Ten codes such as `7k2m-x9qa-0c4h-jv3t`, to be shown once. */
export function newRecoveryCodes(random: RandomSource): readonly string[] {
  return Array.from({ length: COUNT }, () => {
    const characters = [...random(LENGTH)].map((byte) => alphabet[byte % alphabet.length])
    return characters.join('').replaceAll(/.{4}(?=.)/g, '$&-')
  })
}

/**
 * What is stored of a code, and what a typed one is compared by; null for a text that cannot be one. A plain hash is enough
 * for 80 random bits; the user's id in it keeps the same code of another user from being the same record.
 */
export function recoveryFingerprint(userId: string, typed: string): string | null {
  const code = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1')
  const isCode =
    code.length === LENGTH && [...code].every((character) => alphabet.includes(character))
  return isCode ? fingerprint(`${userId}:${code}`) : null
}
