import { hours } from '../lib/clock.ts'

/** How long what is over is still kept, in milliseconds, and how much of it. */
export interface Retention {
  readonly expiredRequests: number
  readonly expiredRequestsAtMost: number
  readonly usedAssertions: number
  readonly tracesAtMost: number
  /** In days. */
  readonly signinCountDays: number
}

/**
 * A request stays for a day after its end, so that the reason can say "expired" instead of "unknown"; of these no more than a
 * hundred thousand (some 40 MB), so that whoever starts sign-ins by the million fills no disk. Requests that can still be answered
 * are never dropped, since that would let one person cancel the sign-ins of others; they live for 15 minutes only, and the
 * rate limit bounds how many one address can start.
 *
 * Of traces the newest hundred thousand stay: whoever posts garbage around the clock can push out older ones, and fills no disk.
 *
 * A used assertion stays an hour longer than it is valid, so that nodes whose clocks differ do not forget it too early.
 */
export const defaultRetention: Retention = {
  expiredRequests: hours(24),
  expiredRequestsAtMost: 100_000,
  usedAssertions: hours(1),
  tracesAtMost: 100_000,
  signinCountDays: 90,
}
