import { createHash } from 'node:crypto'

/** SHA-256 of a certificate in base64, as lower-case hex. */
export function certificateThumbprint(base64: string): string {
  return createHash('sha256').update(base64, 'base64').digest('hex')
}
