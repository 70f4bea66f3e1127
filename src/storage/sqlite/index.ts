import type { Clock } from '../../lib/clock.ts'
import { defaultRetention, type Retention } from '../retention.ts'
import type { Storage } from '../storage.ts'
import { checkpointsApart } from './checkpoints.ts'
import { sqliteCredentials } from './credentialStore.ts'
import { sqliteDirectory } from './directoryStore.ts'
import { sqliteApps, sqliteKeys, sqliteProviderRecords } from './oidcStore.ts'
import { type Connection, openDatabase } from './open.ts'
import { purgeOn } from './purge.ts'
import { sqliteSigninCounts } from './signinCounts.ts'
import { moveSigninTables, signinFileOf } from './signinFile.ts'
import {
  type SigninFile,
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
  const file = openSigninFile(main, options)
  const checkpoints = options.checkpointsApart ? checkpointsApart(file.connection) : null
  const keyOf = options.principalNameKey
  const transactions = transactionsOn(main, keyOf)
  const { ensureTenant, abandonImports, ...directory } = sqliteDirectory(main, {
    keyOf,
    transaction: transactions.run,
  })
  return {
    directory,
    signin: sqliteSigninState(file),
    sessions: sqliteSessions(file),
    traces: sqliteTraces(file),
    logouts: sqliteLogouts(file),
    signinCounts: sqliteSigninCounts(file),
    apps: sqliteApps(file.connection),
    keys: sqliteKeys(file.connection),
    providerRecords: sqliteProviderRecords(file),
    ...sqliteCredentials(file),
    ensureTenant,
    purge: purgeOn(file, options.retention ?? defaultRetention),
    async close() {
      transactions.abandon()
      abandonImports()
      await checkpoints?.stop()
      for (const { db } of [file.connection, main]) db.close()
    },
  }
}

function openSigninFile(main: Connection, options: SqliteStorageOptions): SigninFile {
  try {
    // Where the directory is there, this file may be missing: after an update, or a backup of the directory alone.
    const connection = openDatabase(signinFileOf(main.file), { ...options, mustExist: false })
    try {
      if (!options.readonly) moveSigninTables(main, connection)
      return { connection, ...togetherOn(connection) }
    } catch (error) {
      connection.db.close()
      throw error
    }
  } catch (error) {
    main.db.close()
    throw error
  }
}
