import { type Clock, minutes } from '../lib/clock.ts'

/** So many wrong client authentications a minute are told what is wrong; the rest are told to wait. */
export const MOST_REFUSALS = 60
const WINDOW = minutes(1)
/** So many apps and addresses are told apart in a minute; the rest share one count. */
const MOST_KEYS = 10_000

/**
 * Counts wrong client authentications by app and address; gives how many seconds to wait, or null while there are not too many.
 * Right ones are never held up: a secret has 256 random bits and is not found by trying, and whoever runs an app with
 * the wrong secret beside one with the right secret, behind one address, must not stop both.
 */
export function refusalLimit(clock: Clock) {
  const counts = new Map<string, number>()
  let ends = 0
  return (clientId: string, address: string): number | null => {
    const now = clock()
    if (now >= ends) {
      counts.clear()
      ends = now + WINDOW
    }
    const own = `${address} ${clientId}`
    const key = counts.has(own) || counts.size < MOST_KEYS ? own : ''
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count > MOST_REFUSALS ? Math.ceil((ends - now) / 1000) : null
  }
}
