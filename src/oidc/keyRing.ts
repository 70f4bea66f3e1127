import type { Clock } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import type { Sealer } from '../lib/seal.ts'
import {
  dueForRotation,
  inSigningOrder,
  isSigningKey,
  type Keys,
  makeKey,
  makePairwiseSecret,
  nextChange,
  openKeys,
  PUBLISH_AHEAD,
  rotation,
} from './keys.ts'
import type { KeyStore, SealedKey } from './ports.ts'
import type { SigningAlg } from './types.ts'

/** The keys of a deployment as all its nodes share them. */
export interface KeyRing {
  /**
   * The keys as they are now. `version` changes whenever other keys sign or are published: by a rotation, on this node or another,
   * or because the time of a key has come.
   */
  current(): Promise<{ readonly keys: Keys; readonly version: string }>
  /** Makes what is missing: the secret, and a key for each of these algorithms. Several nodes may do so at once. */
  ensure(algs: readonly SigningAlg[]): Promise<void>
  /**
   * Begins a rotation. `revoke` is for when a key is in wrong hands: the new one signs from now on, and whatever the old ones signed
   * is not valid any more.
   */
  rotate(alg: SigningAlg, options?: { readonly revoke?: boolean }): Promise<SealedKey>
  /** Rotates what is older than `maxAge` milliseconds; gives the algorithms. */
  rotateWhenDue(maxAge: number): Promise<readonly SigningAlg[]>
}

/** How often a change is tried again when another node was faster. */
const MOST_ATTEMPTS = 20

export function createKeyRing(parts: {
  readonly store: KeyStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly random: RandomSource
}): KeyRing {
  const { store, sealer, clock, random } = parts
  let opened: { readonly version: string; readonly keys: Keys } | null = null
  // What was found last, which holds for the same keys while the time of none has come.
  let found: {
    readonly stored: readonly SealedKey[]
    readonly since: number
    readonly until: number
  } | null = null

  /** Changes the keys by what `decide` makes of the present ones; null means that nothing is to be done. */
  async function change<T>(
    decide: (present: readonly SealedKey[]) => Promise<{
      readonly put: readonly SealedKey[]
      readonly remove: readonly string[]
      readonly result: T
    } | null>,
  ): Promise<T | null> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const present = await store.keys()
      const decided = await decide(present)
      if (decided === null) return null
      const { put, remove, result } = decided
      if (await store.changeKeys({ seen: present.map(({ kid }) => kid), put, remove }))
        return result
    }
    throw new Error('the keys could not be changed: other nodes kept changing them')
  }

  return {
    async current() {
      const [stored, now] = [await store.keys(), clock()]
      if (opened !== null && stored === found?.stored && now >= found.since && now < found.until) {
        return opened
      }
      found = { stored, since: now, until: nextChange(stored, now) }
      const order = inSigningOrder(stored, now)
      const version = order.map(({ kid }) => kid).join(' ')
      if (opened?.version !== version) opened = { version, keys: openKeys(stored, now, sealer) }
      return opened
    },

    async ensure(algs) {
      await change(async (present) => {
        const now = clock()
        const missing = algs.filter((alg) => !present.some((key) => key.alg === alg))
        const put = await Promise.all(
          missing.map((alg) => makeKey(alg, { now, signsFrom: now, sealer })),
        )
        if (!present.some((key) => !isSigningKey(key))) {
          put.push(makePairwiseSecret(random, now, sealer))
        }
        return put.length === 0 ? null : { put, remove: [], result: null }
      })
    },

    async rotate(alg, { revoke = false } = {}) {
      const now = clock()
      const made = await makeKey(alg, {
        now,
        signsFrom: revoke ? now : now + PUBLISH_AHEAD,
        sealer,
      })
      await change(async (present) => ({ ...rotation(present, made, now, revoke), result: made }))
      return made
    },

    async rotateWhenDue(maxAge) {
      const now = clock()
      const rotated = await change(async (present) => {
        const due = dueForRotation(present, now, maxAge)
        if (due.length === 0) return null
        const signsFrom = now + PUBLISH_AHEAD
        const made = await Promise.all(due.map((alg) => makeKey(alg, { now, signsFrom, sealer })))
        const changes = made.map((key) => rotation(present, key, now))
        return {
          put: changes.flatMap(({ put }) => put),
          remove: [...new Set(changes.flatMap(({ remove }) => remove))],
          result: due,
        }
      })
      return rotated ?? []
    },
  }
}
