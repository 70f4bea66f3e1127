import { Provider } from 'oidc-provider'
import type { ProviderRecords } from './ports.ts'

/** The writes of requests to the provider that are under way. */
export interface WritesAlong {
  /** The records to work with, in place of those given. */
  readonly records: ProviderRecords
  /** Waits until all that a request has written is kept. Rejects when one of its writes does; nothing is answered before. */
  settled(ctx: object): Promise<void>
}

/** What is kept: `kind` and `id` of a record, and the promise of its write. */
type Pending = Map<string, Promise<void>>

/**
 * Lets a request to the provider go on while its records are written, so that those of one step share a transaction with those of the
 * next: a grant, the sign-in behind it, a code and the session that names it. They are handed over at once and in order, and the answer
 * waits for all of them. A record that the same request reads again is waited for; what decides (`putBounded`, `replace`, `consume`) or
 * takes back is waited for where it stands, as is every write outside of a request.
 */
export function writesAlong(records: ProviderRecords): WritesAlong {
  const underWay = new WeakMap<object, Pending>()
  const keyOf = (kind: string, id: string) => `${kind} ${id}`

  function along(kind: string, id: string, write: Promise<void>): Promise<void> {
    const ctx = Provider.ctx
    if (ctx === undefined) return write
    const pending = underWay.get(ctx) ?? new Map()
    underWay.set(ctx, pending)
    const key = keyOf(kind, id)
    const both = Promise.all([pending.get(key), write]).then(() => {})
    // Told when it is waited for; a request that fails before that has told enough.
    both.catch(() => {})
    pending.set(key, both)
    return Promise.resolve()
  }

  return {
    records: {
      putBounded: (record, bound) => records.putBounded(record, bound),
      replace: (seen, next, now) => records.replace(seen, next, now),
      findByUserCode: (userCode, now) => records.findByUserCode(userCode, now),
      consume: (kind, id, now) => records.consume(kind, id, now),
      removeByGrant: (grantId) => records.removeByGrant(grantId),
      put: (record) => along(record.kind, record.id, records.put(record)),
      remove(kind, id) {
        const removed = records.remove(kind, id)
        // Its end opens nothing and takes nothing back; that of a code or token is known to be kept before anything else happens.
        return kind === 'Interaction' ? along(kind, id, removed) : removed
      },
      async find(kind, id, now) {
        const ctx = Provider.ctx
        await (ctx && underWay.get(ctx)?.get(keyOf(kind, id)))
        return records.find(kind, id, now)
      },
    },
    async settled(ctx) {
      const pending = underWay.get(ctx)
      if (pending === undefined) return
      underWay.delete(ctx)
      await Promise.all(pending.values())
    },
  }
}
