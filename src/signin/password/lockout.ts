import { hours, type Instant, minutes } from '../../lib/clock.ts'
import { fingerprint } from '../../lib/secrets.ts'
import type { AttemptStore, Attempts } from './ports.ts'

/** So many attempts may fail before the first lock. */
export const FREE_ATTEMPTS = 10
/** The first lock; each further failure doubles it, up to the longest. */
export const FIRST_LOCK = minutes(1)
export const LONGEST_LOCK = minutes(15)
/** Failures are forgotten so long after the last one (or after the lock). */
const MEMORY = hours(24)

/**
 * Which counter an attempt falls under. Browsers that the person signed in with before have one each, and all others share
 * one, so that whoever guesses from elsewhere locks out strangers and not the owner. The name stands as its fingerprint, and
 * need not be anybody's: an unknown one locks like a known one.
 */
export function attemptKey(principalNameKey: string, familiarBrowser: string | null): string {
  return `${fingerprint(principalNameKey)}:${familiarBrowser ?? 'unfamiliar'}`
}

/** The counter of a user's codes (TOTP, recovery). Only who knows the first factor comes to it. */
export function codeAttemptKey(userId: string): string {
  return `${userId}:code`
}

/**
 * Counts an attempt before it is looked at, so that a thousand guesses at once are a thousand; the right one is forgiven
 * afterwards. Gives whether it may be looked at. An attempt while the lock holds is not counted, and lengthens nothing.
 */
export async function admitAttempt(
  store: AttemptStore,
  key: string,
  now: Instant,
): Promise<{ readonly isAdmitted: boolean; readonly lockedUntil: Instant }> {
  let isAdmitted = false
  const after = await store.changeAttempts(key, (stored) => {
    const before = stored !== null && stored.expiresAt > now ? stored : null
    isAdmitted = (before?.lockedUntil ?? 0) <= now
    return isAdmitted ? withOneMore(before, now) : before
  })
  return { isAdmitted, lockedUntil: after?.lockedUntil ?? 0 }
}

/** The attempt was right: its counter starts anew. */
export async function forgiveAttempts(store: AttemptStore, key: string): Promise<void> {
  await store.changeAttempts(key, () => null)
}

function withOneMore(before: Attempts | null, now: Instant): Attempts {
  const failures = (before?.failures ?? 0) + 1
  const beyond = failures - FREE_ATTEMPTS
  const lock = beyond < 0 ? 0 : Math.min(FIRST_LOCK * 2 ** Math.min(beyond, 20), LONGEST_LOCK)
  const lockedUntil = now + lock
  return { failures, lockedUntil, expiresAt: lockedUntil + MEMORY }
}
