import type { Instant } from '../lib/clock.ts'
import { newGuid, newHandle, type RandomSource } from '../lib/ids.ts'
import { equalSecrets, fingerprint } from '../lib/secrets.ts'
import type { App, AppSecret } from './types.ts'

/** A new secret of 256 bits: the text, to be shown once, and what is stored of it. */
export function newSecret(
  random: RandomSource,
  now: Instant,
  lifetime: number,
): { readonly secret: string; readonly stored: AppSecret } {
  const secret = newHandle(random)
  const stored = {
    id: newGuid(random),
    hint: secret.slice(0, 3),
    hash: fingerprint(secret),
    createdAt: now,
    expiresAt: now + lifetime,
  }
  return { secret, stored }
}

/** Compares with every secret of the app, in a time that does not depend on which one fits. */
export function secretState(
  app: Pick<App, 'secrets'>,
  secret: string,
  now: Instant,
): 'good' | 'expired' | 'wrong' {
  const hash = fingerprint(secret)
  const fitting = app.secrets.filter((stored) => equalSecrets(stored.hash, hash))
  if (fitting.some(({ expiresAt }) => expiresAt > now)) return 'good'
  return fitting.length > 0 ? 'expired' : 'wrong'
}
