import type { DirectoryStore } from '../../directory/ports.ts'
import { transactionInTransaction } from '../databaseError.ts'
import { sqliteDirectory } from './directoryStore.ts'
import { explaining } from './failures.ts'
import { type Connection, connectAgain } from './open.ts'
import { patiently } from './patience.ts'
import { turnOfItsOwn } from './turns.ts'

/**
 * What one transaction may keep in memory before it writes ahead, in bytes; taken only as it is needed. An import touches the
 * indexes all over, and pages that are written more than once are what would cost it most.
 */
const cacheSize = 256 * 1024 * 1024

export interface Transactions {
  readonly run: DirectoryStore['transaction']
  /** Ends the ones that still run, with nothing kept. */
  abandon(): void
}

/**
 * Runs each transaction on a connection of its own, since `work` waits now and then and others read and write meanwhile: they see
 * the state before it until it is kept. Writers wait for one another, in this process as in others.
 */
export function transactionsOn(
  main: Connection,
  keyOf: (userPrincipalName: string) => string,
): Transactions {
  const running = new Set<Connection>()

  async function run<T>(work: (store: DirectoryStore) => Promise<T>): Promise<T> {
    // A connection of its own takes milliseconds: of many transactions, one after the other or side by side, one begins in each turn.
    await turnOfItsOwn()
    const own = connectAgain(main)
    running.add(own)
    own.db.pragma(`cache_size = -${cacheSize / 1024}`)
    try {
      await patiently(own, () => own.db.exec('BEGIN IMMEDIATE'))
      const store = sqliteDirectory(own, {
        keyOf,
        transaction: () => Promise.reject(transactionInTransaction()),
      })
      const result = await work(store)
      explaining(own.file, () => own.db.exec('COMMIT'))
      return result
    } finally {
      running.delete(own)
      // What was not committed is rolled back by this.
      own.db.close()
    }
  }

  return {
    run,
    abandon() {
      for (const { db } of running) db.close()
    },
  }
}
