import { closeSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { type Clock, seconds } from '../../lib/clock.ts'
import { DatabaseError } from '../databaseError.ts'
import { explaining, isBusy } from './failures.ts'
import { applicationId, migrate, schemaVersion, tables, versionOf } from './schema.ts'

export interface OpenOptions {
  /** Refuse to make a new database. Default false. */
  readonly mustExist?: boolean
  /** Nothing is made or migrated, and writes fail. Implies `mustExist`. Default false. */
  readonly readonly?: boolean
  /** How long a lock that another connection holds is waited for, in milliseconds. Default 15 s. */
  readonly lockPatience?: number
  /** Stamps the migrations that are applied. */
  readonly now: Clock
}

/** A database connection. */
export interface Connection {
  readonly db: Database.Database
  /** The absolute path it was opened under. */
  readonly file: string
  /** How long a lock is waited for, in milliseconds. */
  readonly patience: number
}

const defaultPatience = seconds(15)
/** Databases up to this size are read through at opening; larger ones show their damage when it is met. In bytes. */
const checkUpTo = 32 * 1024 * 1024
/** How large the write-ahead log may stay on disk after an import has blown it up, in bytes. */
const journalSizeLimit = 64 * 1024 * 1024

/**
 * Opens the directory's database: makes folder (mode 700) and file (mode 600) when they are missing, makes sure that it is
 * ours, whole and not newer than this program, and migrates it. Throws `DatabaseError`.
 */
export function openDatabase(path: string, options: OpenOptions): Connection {
  const file = resolve(path.trim())
  const readonly = options.readonly ?? false
  const patience = options.lockPatience ?? defaultPatience
  return explaining(file, () => {
    const size = prepareFile(file, readonly || (options.mustExist ?? false))
    const db = new Database(file, { readonly, fileMustExist: true, timeout: patience })
    try {
      checkIdentity(db, file)
      if (readonly) checkUpToDate(db, file)
      else {
        checkWritable(db, patience)
        switchToWal(db, patience)
        migrate(db, options.now())
      }
      checkWhole(db, file, size)
      configure(db)
      return { db, file, patience }
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** One more connection to a database that `openDatabase` has opened. */
export function connectAgain(first: Connection): Connection {
  const { file, patience } = first
  const { readonly } = first.db
  return explaining(file, () => {
    const db = new Database(file, { readonly, fileMustExist: true, timeout: patience })
    configure(db)
    return { db, file, patience }
  })
}

/**
 * Makes sure that a regular file is there; returns its size in bytes. A file that exists is only looked at, never opened: to
 * close a descriptor of it would drop the locks that SQLite holds on it in this process (https://sqlite.org/howtocorrupt.html
 * section 2.2).
 */
function prepareFile(file: string, mustExist: boolean): number {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found !== undefined) return sizeOfFile(found, file)
  if (mustExist) {
    throw new DatabaseError(
      file,
      'missing',
      'there is no database here. Start homerealm once to make it, or correct the path: HOMEREALM_DATA names the folder, and the server’s is meant',
    )
  }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') {
      // Another process made the file just now, or what stands there is a folder's name taken by a file.
      const made = statSync(file, { throwIfNoEntry: false })
      if (made !== undefined) return sizeOfFile(made, file)
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new DatabaseError(
        file,
        'readOnly',
        'the database cannot be made here. Give the user that runs homerealm write permission on the folder, or name a file elsewhere',
        error,
      )
    }
    throw error
  }
  return 0
}

function sizeOfFile(found: Stats, file: string): number {
  if (found.isFile()) return found.size
  const kind = found.isDirectory() ? 'a folder' : 'a device, socket or pipe'
  throw new DatabaseError(
    file,
    'notAFile',
    `this is ${kind}, not a database file. Name a file${found.isDirectory() ? ' in it' : ''}`,
  )
}

/** Ours, or empty; and not from a later homerealm. Reads only, so that another program's file is left as it was. */
function checkIdentity(db: Database.Database, file: string): void {
  // In one transaction, since another process may be making the tables right now.
  const read = db.transaction(() => ({
    id: Number(db.pragma('application_id', { simple: true })),
    version: versionOf(db),
    objects: db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get(),
  }))
  const { id, version, objects } = read.deferred()
  const isNew = id === 0 && version === 0 && objects === 0
  if (isNew) return
  if (id !== applicationId) {
    throw new DatabaseError(
      file,
      'otherProgram',
      'this is the database of another program. It was not changed; name another file',
    )
  }
  if (version > schemaVersion) {
    throw new DatabaseError(
      file,
      'newerVersion',
      `the database was made by a newer homerealm (its version is ${version}, this program knows ${schemaVersion}). Update homerealm, or restore the backup from before the update`,
    )
  }
}

function checkUpToDate(db: Database.Database, file: string): void {
  const version = versionOf(db)
  if (version === schemaVersion) return
  throw new DatabaseError(
    file,
    'olderVersion',
    `the database is at version ${version}, this program needs ${schemaVersion}. Start homerealm once to bring it up to date`,
  )
}

/**
 * SQLite opens a file that it may not write for reading only, and says nothing until the first write. So the header is written as it
 * is, and the write taken back; that another process is writing just now answers the question as well.
 */
function checkWritable(db: Database.Database, patience: number): void {
  db.pragma('busy_timeout = 0')
  try {
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${versionOf(db)}; ROLLBACK`)
  } catch (error) {
    if (!isBusy(error)) throw error
  } finally {
    db.pragma(`busy_timeout = ${patience}`)
  }
}

/**
 * Readers go on while somebody writes (https://sqlite.org/wal.html). The switch needs the file for itself for a moment, and
 * SQLite does not wait for that, so that of several processes that start at once some must try again.
 */
function switchToWal(db: Database.Database, patience: number): void {
  const pause = 20
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; ; waited += pause) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || waited >= patience) throw error
      Atomics.wait(sleeper, 0, 0, pause)
    }
  }
}

/** All tables are there, and a database of moderate size is read through (https://sqlite.org/pragma.html#pragma_quick_check). */
function checkWhole(db: Database.Database, file: string, size: number): void {
  const present = new Set(
    db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
  )
  const missing = tables.filter((table) => !present.has(table))
  const faults = missing.map((table) => `table ${table} is missing`)
  if (faults.length === 0 && size <= checkUpTo) {
    const answers = db.prepare('PRAGMA quick_check(3)').pluck().all().map(String)
    faults.push(...answers.filter((answer) => answer !== 'ok'))
  }
  if (faults.length === 0) return
  throw new DatabaseError(
    file,
    'corrupt',
    `the database is damaged (${faults.join('; ').replaceAll('\n', ' ')}). Stop everything that uses it, keep a copy of the file and of the -wal file beside it, and restore a backup`,
  )
}

/**
 * The settings every connection works with. A commit survives power loss (https://sqlite.org/pragma.html#pragma_synchronous). Nothing waits inside SQLite, since that would stop the whole process: waiting is
 * done between attempts (patience.ts). better-sqlite3 sets SQLITE_DBCONFIG_DEFENSIVE by itself.
 */
function configure(db: Database.Database): void {
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  db.pragma(`journal_size_limit = ${journalSizeLimit}`)
  db.pragma('busy_timeout = 0')
}
