import { explained, isBusy } from './failures.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

/** Hands a write over; its result is there as soon as it is kept, as durably as the connection keeps anything. */
export type Together = <T>(write: () => T) => Promise<T>

interface Waiting {
  readonly write: () => unknown
  readonly keep: (result: unknown) => void
  readonly fail: (error: unknown) => void
}

type Outcome = { readonly result: unknown } | { readonly error: unknown }

/**
 * Writes that come in the same moment share one transaction, and so one wait for the disk. Each still counts for itself: it runs after
 * those before it and sees what they did; one that fails takes back what it did and nothing else; and nobody is answered before all
 * is kept. A write may run more than once, since a transaction that met a lock is begun anew, and so must do nothing but
 * what is taken back with it.
 */
export function togetherOn(connection: Connection): Together {
  const { db, file } = connection
  let waiting: Waiting[] = []

  const runAll = db.transaction((writes: readonly Waiting[]): Outcome[] =>
    writes.map(({ write }) => {
      try {
        return { result: alone(write) }
      } catch (error) {
        // What ended the whole transaction, or may do so by waiting, is no failure of one write.
        if (isBusy(error) || !db.inTransaction) throw error
        return { error }
      }
    }),
  )
  // Inside another transaction this is a savepoint (better-sqlite3): all of a write, or nothing.
  const alone = db.transaction((write: () => unknown) => write())

  async function flush(): Promise<void> {
    const writes = waiting
    waiting = []
    try {
      const outcomes = await patiently(connection, () => runAll.immediate(writes))
      for (const [at, { keep, fail }] of writes.entries()) {
        const outcome = outcomes[at]
        if (outcome !== undefined && 'result' in outcome) keep(outcome.result)
        else fail(explained(outcome?.error, file))
      }
    } catch (error) {
      for (const { fail } of writes) fail(error)
    }
  }

  return <T>(write: () => T) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ write, keep: resolve as (result: unknown) => void, fail: reject })
      if (waiting.length === 1) setImmediate(() => void flush())
    })
}
