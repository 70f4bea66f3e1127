import type { Clock } from '../../lib/clock.ts'
import { defaultRetention, type Retention } from '../retention.ts'
import type { Storage } from '../storage.ts'
import { sqliteCredentials } from './credentialStore.ts'
import { sqliteDirectory } from './directoryStore.ts'
import { sqliteApps, sqliteKeys, sqliteProviderRecords } from './oidcStore.ts'
import { connectAgain, openDatabase } from './open.ts'
import { purgeOn } from './purge.ts'
import { sqliteLogouts, sqliteSessions, sqliteSigninState, sqliteTraces } from './signinStore.ts'
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
  /** How long what is over stays until a purge removes it. */
  readonly retention?: Retention
}

/**
 * Opens the database, making and migrating it as needed. Throws `DatabaseError`, whose message is for whoever runs the program.
 * Several processes can have the same file open.
 */
export function openSqliteStorage(options: SqliteStorageOptions): Storage {
  const durable = openDatabase(options.file, options)
  const quick = options.readonly ? durable : connectAgain(durable, 'NORMAL')
  const [durably, quickly] = [togetherOn(durable), togetherOn(quick)]
  const connections = { durable, quick, durably, quickly }
  const keyOf = options.principalNameKey
  const transactions = transactionsOn(durable, keyOf)
  const { ensureTenant, ...directory } = sqliteDirectory(durable, {
    keyOf,
    transaction: transactions.run,
  })
  return {
    directory,
    signin: sqliteSigninState(connections),
    sessions: sqliteSessions(connections),
    traces: sqliteTraces(connections),
    logouts: sqliteLogouts(connections),
    apps: sqliteApps(durable),
    keys: sqliteKeys(durable),
    providerRecords: sqliteProviderRecords(connections),
    ...sqliteCredentials(connections),
    ensureTenant,
    purge: purgeOn(quick, options.retention ?? defaultRetention),
    async close() {
      transactions.abandon()
      quick.db.close()
      durable.db.close()
    },
  }
}
