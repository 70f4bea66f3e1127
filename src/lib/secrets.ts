import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares two secrets in a time that depends on neither: both are hashed first, so that lengths do not show either. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(a).digest(),
    createHash('sha256').update(b).digest(),
  )
}

/** SHA-256 of a text as base64url: what is stored in place of a bearer handle, so that a stolen database opens no session. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
