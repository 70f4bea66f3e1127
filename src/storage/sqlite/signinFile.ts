import { format, parse } from 'node:path'
import { explaining } from './failures.ts'
import type { Connection } from './open.ts'

/**
 * Two files. SQLite lets one connection write to a file at a time, and an import of a million users writes for many seconds; so what
 * sign-ins write (requests, used assertions, sessions, traces, what apps are given, what is counted against guessing) stands in a
 * file of its own, and no sign-in ever waits for an administrator. Readers are kept waiting by nobody (WAL). Nothing needs one
 * transaction over both: a session whose user is gone is over.
 *
 * Both files have one and the same schema and history, and each uses its part of the tables.
 */
export function signinFileOf(directoryFile: string): string {
  const { base: _, name, ...rest } = parse(directoryFile)
  return format({ ...rest, name: `${name}-state` })
}

/** What stood in the directory's file before there were two. */
const movedTables = [
  'pending_requests',
  'used_assertions',
  'sessions',
  'traces',
  'apps',
  'signing_keys',
  'provider_records',
  'credentials',
  'attempts',
  'familiar_browsers',
  'pending_steps',
  'pending_logouts',
] as const

/**
 * Brings over what a homerealm with one file has left in it, at the first start of one with two. The directory's file is locked from
 * the first look to the last deletion; a process that ends between the two commits does it again at its next start, when what is
 * there already stays as it is.
 */
export function moveSigninTables(directory: Connection, signin: Connection): void {
  const { db } = directory
  const holds = (table: string) => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined
  if (!movedTables.some(holds)) return
  waitingFor(directory, () => db.exec('BEGIN IMMEDIATE'))
  try {
    explaining(signin.file, () => copyTables(directory.file, signin))
    for (const table of movedTables) db.exec(`DELETE FROM ${table}`)
    explaining(directory.file, () => db.exec('COMMIT'))
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK')
  }
}

function copyTables(from: string, { db, patience }: Connection): void {
  db.pragma(`busy_timeout = ${patience}`)
  db.prepare('ATTACH ? AS directory').run(from)
  try {
    db.transaction(() => {
      for (const table of movedTables) {
        db.exec(`INSERT OR IGNORE INTO main.${table} SELECT * FROM directory.${table}`)
      }
      // Deferred, since an immediate transaction would take the other file's lock as well.
    }).deferred()
  } finally {
    db.exec('DETACH directory')
    db.pragma('busy_timeout = 0')
  }
}

/** At the start nobody else is served yet, so that waiting inside SQLite harms nobody. */
function waitingFor({ db, file, patience }: Connection, work: () => void): void {
  db.pragma(`busy_timeout = ${patience}`)
  try {
    explaining(file, work)
  } finally {
    db.pragma('busy_timeout = 0')
  }
}
