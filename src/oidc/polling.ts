import type { DeviceCode } from 'oidc-provider'
import { seconds } from '../lib/clock.ts'
import { fingerprint } from '../lib/secrets.ts'
import type { OidcParts } from './deps.ts'
import { providerSeconds } from './providerClock.ts'

/** Seconds between two questions of a device (RFC 8628 section 3.2). */
export const POLL_INTERVAL = 5
/** Seconds by which each hasty question lengthens the interval, for this and all later ones (section 3.5). */
const SLOWER_BY = 5
/** Seconds: networks hurry now and then, and clocks tick. A question so little too early is in time. */
const TOLERANCE = 1
/** The kind of record that keeps when a device asked last; apart from the code's own, which the person's answer writes. */
const DEVICE_POLL = 'DevicePoll'

/** Notes that a device asks while nobody has answered yet; gives whether it asks too soon. */
export async function asksTooSoon(
  { records, clock }: Pick<OidcParts, 'records' | 'clock'>,
  code: DeviceCode,
): Promise<boolean> {
  const now = providerSeconds()
  const id = fingerprint(code.jti)
  const kept = await records.find(DEVICE_POLL, id, clock())
  const last = kept === null ? null : (JSON.parse(kept.payload) as Poll)
  const interval = last?.interval ?? POLL_INTERVAL
  const isTooSoon = last !== null && now - last.at < interval - TOLERANCE
  const poll: Poll = { at: now, interval: isTooSoon ? interval + SLOWER_BY : interval }
  await records.put({
    kind: DEVICE_POLL,
    id,
    payload: JSON.stringify(poll),
    grantId: null,
    userCode: null,
    clientId: code.clientId ?? null,
    expiresAt: clock() + seconds(Math.max(1, (code.exp ?? now) - now)),
    consumedAt: null,
  })
  return isTooSoon
}

interface Poll {
  /** Seconds since 1970. */
  readonly at: number
  /** Seconds. */
  readonly interval: number
}
