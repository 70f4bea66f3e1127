import type { Reason } from '../../aadsts/reasons.ts'
import { hours, type Instant, minutes } from '../../lib/clock.ts'
import { fingerprint } from '../../lib/secrets.ts'
import type { AttemptStore, Attempts, FamiliarBrowsers } from './ports.ts'

/** So many attempts from one place may fail before the first lock: from a familiar browser, or from another's address. */
export const FREE_ATTEMPTS = 10
/** The same from all unfamiliar places together: who guesses from one address locks that address out, and nobody else. */
export const FREE_ATTEMPTS_ELSEWHERE = 50
/** So many may fail from one address in an hour, whatever the names (password spraying). */
export const FREE_ATTEMPTS_OF_ADDRESS = 100
const ADDRESS_WINDOW = hours(1)
/** The first lock; each further failure doubles it, up to the longest. */
export const FIRST_LOCK = minutes(1)
export const LONGEST_LOCK = minutes(15)
/** Failures are forgotten so long after the last one (or after the lock). */
const MEMORY = hours(24)

/** Who sends an attempt, as far as that can be told. */
export interface Sender {
  /** Handle of the familiar-browser cookie; null when there is none. */
  readonly familiarHandle: string | null
  /** The network that the client is in: an IPv4 address, or an IPv6 prefix. */
  readonly address: string
}

/** Where an attempt on one account comes from. */
export interface Origin {
  /** Fingerprint of a browser that this very user signed in with before; null for any other. */
  readonly familiarBrowser: string | null
  readonly address: string
}

/** For nobody (an unknown name), too, with the same look-ups. */
export async function originOf(
  userId: string,
  { familiarHandle, address }: Sender,
  now: Instant,
  familiarBrowsers: FamiliarBrowsers,
): Promise<Origin> {
  const browser = familiarHandle && fingerprint(familiarHandle)
  const isFamiliar = browser !== null && (await familiarBrowsers.isFamiliar(userId, browser, now))
  return { familiarBrowser: isFamiliar ? browser : null, address }
}

/** One counter that an attempt falls under, and how it goes on. */
export interface Counter {
  readonly key: string
  readonly free: number
  /** `lock`: doubling locks, and a success starts anew. `window`: a fixed window, and a success does not count in it. */
  readonly kind: 'lock' | 'window'
}

/** Whose counters a name's are: its fingerprint. An unknown name has counters like a known one, and locks like it. */
export function nameOwner(principalNameKey: string): string {
  return fingerprint(principalNameKey)
}

/** The counters of a password attempt. A familiar browser has one of its own, which nobody else can fill. */
export function passwordCounters(principalNameKey: string, origin: Origin): readonly Counter[] {
  const address = { key: `address:${fingerprint(origin.address)}`, free: FREE_ATTEMPTS_OF_ADDRESS }
  return [
    ...accountCounters(nameOwner(principalNameKey), origin),
    ...(origin.familiarBrowser === null ? [{ ...address, kind: 'window' } as const] : []),
  ]
}

/** The counters of a user's codes (TOTP, recovery). Only who knows the first factor comes to them. */
export function codeCounters(userId: string, origin: Origin): readonly Counter[] {
  return accountCounters(`${userId}:code`, origin)
}

function accountCounters(owner: string, origin: Origin): readonly Counter[] {
  const counter = (place: string, free: number) =>
    ({ key: `${owner}:${place}`, free, kind: 'lock' }) as const
  if (origin.familiarBrowser !== null) {
    return [counter(`browser:${origin.familiarBrowser}`, FREE_ATTEMPTS)]
  }
  // The address first: an attempt that it stops must not count towards the lock of all.
  return [
    counter(`address:${fingerprint(origin.address)}`, FREE_ATTEMPTS),
    counter('unfamiliar', FREE_ATTEMPTS_ELSEWHERE),
  ]
}

/** Whether an attempt may be looked at: then it is counted. The reason to refuse it with otherwise, and until when. */
export type Admission =
  | { readonly isAdmitted: true }
  | { readonly isAdmitted: false; readonly reason: Reason; readonly lockedUntil: Instant }

/**
 * Counts an attempt before it is looked at, so that a thousand guesses at once are a thousand; the right one is forgiven
 * afterwards. An attempt while a lock holds counts nowhere, and lengthens nothing.
 */
export async function admitAttempt(
  store: AttemptStore,
  counters: readonly Counter[],
  now: Instant,
): Promise<Admission> {
  for (const [at, counter] of counters.entries()) {
    const lockedUntil = await countIn(store, counter, now)
    if (lockedUntil === null) continue
    await withdrawAttempt(store, counters.slice(0, at))
    const reason = counter.kind === 'lock' ? 'accountLocked' : 'tooManyRequests'
    return { isAdmitted: false, reason, lockedUntil }
  }
  return { isAdmitted: true }
}

/** An attempt that was counted, and was not looked at after all. */
export async function withdrawAttempt(
  store: AttemptStore,
  counters: readonly Counter[],
): Promise<void> {
  for (const { key, free } of counters) {
    await store.changeAttempts(key, (before) => {
      const failures = (before?.failures ?? 0) - 1
      if (before === null || failures < 1) return null
      return { ...before, failures, lockedUntil: failures < free ? 0 : before.lockedUntil }
    })
  }
}

/** The attempt was right: its account's counters start anew. */
export async function forgiveAttempts(
  store: AttemptStore,
  counters: readonly Counter[],
): Promise<void> {
  for (const counter of counters) {
    if (counter.kind === 'window') await withdrawAttempt(store, [counter])
    else await store.changeAttempts(counter.key, () => null)
  }
}

/** Null when it was counted; until when no attempt is, otherwise. */
async function countIn(
  store: AttemptStore,
  counter: Counter,
  now: Instant,
): Promise<Instant | null> {
  let lockedUntil: Instant | null = null
  await store.changeAttempts(counter.key, (stored) => {
    const before = stored !== null && stored.expiresAt > now ? stored : null
    const isLocked = before !== null && before.lockedUntil > now
    lockedUntil = isLocked ? before.lockedUntil : null
    return isLocked ? stored : withOneMore(before, counter, now)
  })
  return lockedUntil
}

function withOneMore(before: Attempts | null, { kind, free }: Counter, now: Instant): Attempts {
  const failures = (before?.failures ?? 0) + 1
  const beyond = failures - free
  if (kind === 'window') {
    const expiresAt = before?.expiresAt ?? now + ADDRESS_WINDOW
    return { failures, lockedUntil: beyond < 0 ? 0 : expiresAt, expiresAt }
  }
  const lock = beyond < 0 ? 0 : Math.min(FIRST_LOCK * 2 ** Math.min(beyond, 20), LONGEST_LOCK)
  const lockedUntil = now + lock
  return { failures, lockedUntil, expiresAt: lockedUntil + MEMORY }
}
