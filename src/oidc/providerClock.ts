import { systemClock } from '../lib/clock.ts'

/**
 * Seconds since 1970 by the machine's clock. oidc-provider reads that clock and can be handed no other; whatever must agree with
 * the `iat` and `exp` that it writes asks here, and nothing else in this room reads it.
 */
export function providerSeconds(): number {
  return Math.floor(systemClock() / 1000)
}
