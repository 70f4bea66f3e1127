import { Secret, TOTP } from 'otpauth'
import type { Instant } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'

/** RFC 6238 as every authenticator app takes it: SHA-1, six digits, 30 seconds; a secret of 160 bits (RFC 4226 section 4, R6). */
const PERIOD_SECONDS = 30
const DIGITS = 6
const SECRET_BYTES = 20
/** One step on either side, for clocks that differ and people who type (RFC 6238 section 5.2). */
const WINDOW = 1

/** A new secret in base32, as a person could type it. */
export function newTotpSecret(random: RandomSource): string {
  return new Secret({ buffer: new Uint8Array(random(SECRET_BYTES)).buffer }).base32
}

/** The `otpauth://totp/...` address that the QR code carries. */
export function totpUri(secret: string, account: string, issuer: string): string {
  return generator(secret, account, issuer).toString()
}

/**
 * The time step of a right code, which must be later than that of the last one that was accepted, so that a code that was
 * watched is worth nothing; null for a wrong, an old or a used one.
 */
export function matchTotp(
  secret: string,
  code: string,
  at: { readonly now: Instant; readonly lastStep: number | null },
): number | null {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return null
  const delta = generator(secret).validate({ token, timestamp: at.now, window: WINDOW })
  if (delta === null) return null
  const step = Math.floor(at.now / 1000 / PERIOD_SECONDS) + delta
  return at.lastStep !== null && step <= at.lastStep ? null : step
}

function generator(secret: string, label = 'account', issuer = ''): TOTP {
  const settings = { algorithm: 'SHA1', digits: DIGITS, period: PERIOD_SECONDS }
  return new TOTP({ ...settings, secret: Secret.fromBase32(secret), label, issuer })
}
