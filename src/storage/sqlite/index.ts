import type { Clock } from '../../lib/clock.ts'
import { defaultRetention, type Retention } from '../retention.ts'
import type { Storage } from '../storage.ts'
import { checkpointsApart } from './checkpoints.ts'
import { sqliteCredentials } from './credentialStore.ts'
import { sqliteDirectory } from './directoryStore.ts'
import { sqliteApps, sqliteKeys, sqliteProviderRecords } from './oidcStore.ts'
import { type Connection, connectAgain, openDatabase } from './open.ts'
import { purgeOn } from './purge.ts'
import { sqliteSigninCounts } from './signinCounts.ts'
import { moveSigninTables, signinFileOf } from './signinFile.ts'
import {
  type Connections,
  sqliteLogouts,
  sqliteSessions,
  sqliteSigninState,
  sqliteTraces,
} from './signinStore.ts'
import { togetherOn } from './together.ts'
import { transactionsOn } from './transactions.ts'

export interface SqliteStorageOptions {
  /** Path of the database file; its folder is made when it is missing (unless `mustExist`). */
  readonly file: string
  /** Refuse to make a new database: for commands that only make sense on one that is there. Default false. */
  readonly mustExist?: boolean
  /** Open for reading only: nothing is made or migrated, and writes reject. Implies `mustExist`. Default false. */
  readonly readonly?: boolean
  /** Stamps the migrations that are applied. */
  readonly now: Clock
  /** The form in which UPNs are compared (directory/upn.ts). */
  readonly principalNameKey: (userPrincipalName: string) => string
  /** How long a lock that another process holds is waited for, in milliseconds. Default 15 s. */
  readonly lockPatience?: number
  /** For a server: a thread keeps the log of the sign-ins short, so that none of them has to (checkpoints.ts). Default false. */
  readonly checkpointsApart?: boolean
  /** How long what is over stays until a purge removes it. */
  readonly retention?: Retention
}

/**
 * Opens the database, making and migrating it as needed: the file of the directory, and beside it that of the sign-ins (signinFile.ts).
 * Throws `DatabaseError`, whose message is for whoever runs the program. Several processes can have the same files open.
 */
export function openSqliteStorage(options: SqliteStorageOptions): Storage {
  const main = openDatabase(options.file, options)
  const connections = openSigninFile(main, options)
  const { durable, quick } = connections
  const checkpoints = options.checkpointsApart ? checkpointsApart([durable, quick]) : null
  const keyOf = options.principalNameKey
  const transactions = transactionsOn(main, keyOf)
  const { ensureTenant, abandonImports, ...directory } = sqliteDirectory(main, {
    keyOf,
    transaction: transactions.run,
  })
  return {
    directory,
    signin: sqliteSigninState(connections),
    sessions: sqliteSessions(connections),
    traces: sqliteTraces(connections),
    logouts: sqliteLogouts(connections),
    signinCounts: sqliteSigninCounts(connections),
    apps: sqliteApps(durable),
    keys: sqliteKeys(durable),
    providerRecords: sqliteProviderRecords(connections),
    ...sqliteCredentials(connections),
    ensureTenant,
    purge: purgeOn(quick, options.retention ?? defaultRetention),
    async close() {
      transactions.abandon()
      abandonImports()
      await checkpoints?.stop()
      for (const { db } of [quick, durable, main]) db.close()
    },
  }
}

function together(durable: Connection, quick: Connection): Connections {
  return { durable, quick, durably: togetherOn(durable), quickly: togetherOn(quick) }
}

function openSigninFile(main: Connection, options: SqliteStorageOptions): Connections {
  try {
    // Where the directory is there, this file may be missing: after an update, or a backup of the directory alone.
    const durable = openDatabase(signinFileOf(main.file), { ...options, mustExist: false })
    try {
      if (options.readonly) return together(durable, durable)
      moveSigninTables(main, durable)
      return together(durable, connectAgain(durable, 'NORMAL'))
    } catch (error) {
      durable.db.close()
      throw error
    }
  } catch (error) {
    main.db.close()
    throw error
  }
}
