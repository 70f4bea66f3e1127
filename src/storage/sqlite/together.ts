import { explained, isBusy } from './failures.ts'
import type { Connection } from './open.ts'
import { patiently } from './patience.ts'

/** Hands a write over; its result is there as soon as it is kept, as durably as the connection keeps anything. */
export type Together = <T>(write: () => T) => Promise<T>

interface Waiting {
  readonly write: () => unknown
  readonly isDurable: boolean
  readonly keep: (result: unknown) => void
  readonly fail: (error: unknown) => void
}

type Outcome = { readonly result: unknown } | { readonly error: unknown }

/** Writes of one connection, handed over one by one. */
export interface Writes {
  /** What must survive a power failure. */
  readonly durably: Together
  /** What need not wait for the disk: the end of the process it survives, a power failure perhaps not. */
  readonly quickly: Together
}

/**
 * Writes that come in the same moment share one transaction, and so one wait for the disk, if any of them is to be durable. Each still
 * counts for itself: it runs after those before it and sees what they did; one that fails takes back what it did and nothing else; and
 * nobody is answered before all is kept. A write may run more than once, since a transaction that met a lock is begun anew, and so
 * must do nothing but what is taken back with it.
 *
 * One connection does both: what another had written would cost this one all pages that it holds in memory.
 */
export function togetherOn(connection: Connection): Writes {
  const { db, file } = connection
  let waiting: Waiting[] = []

  // As a rule none fails, and none needs a savepoint of its own.
  const runPlain = db.transaction((writes: readonly Waiting[]): Outcome[] =>
    writes.map(({ write }) => ({ result: write() })),
  )
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

  // What meets a lock waits, and what is handed over meanwhile waits behind it.
  let last: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    const writes = waiting
    waiting = []
    const mustSync = writes.some(({ isDurable }) => isDurable)
    const commit = () => {
      try {
        return runPlain.immediate(writes)
      } catch (error) {
        if (isBusy(error)) throw error
        // All is taken back: once more, so that one that fails takes back itself alone.
        return runAll.immediate(writes)
      }
    }
    try {
      const outcomes = await patiently(connection, mustSync ? commit : () => unsynced(db, commit))
      for (const [at, { keep, fail }] of writes.entries()) {
        const outcome = outcomes[at]
        if (outcome !== undefined && 'result' in outcome) keep(outcome.result)
        else fail(explained(outcome?.error, file))
      }
    } catch (error) {
      for (const { fail } of writes) fail(error)
    }
  }

  const handOver =
    (isDurable: boolean): Together =>
    (write) =>
      new Promise((resolve, reject) => {
        const keep = resolve as (result: unknown) => void
        waiting.push({ write, isDurable, keep, fail: reject })
        if (waiting.length === 1)
          setImmediate(() => {
            last = last.then(flush)
          })
      })
  return { durably: handOver(true), quickly: handOver(false) }
}

/** Runs a transaction that does not wait for the disk; every other one on the connection does (https://sqlite.org/pragma.html#pragma_synchronous). */
function unsynced<T>(db: Connection['db'], transaction: () => T): T {
  db.exec('PRAGMA synchronous = NORMAL')
  try {
    return transaction()
  } finally {
    db.exec('PRAGMA synchronous = FULL')
  }
}
