import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { databaseName } from '../../src/cli/surroundings.ts'
import { columnNames, makeDataFolder } from './importScene.ts'
import type { Report } from './report.ts'
import { type Cell, markdownTable } from './table.ts'

/** What a fresh process found in a directory of one size. */
export interface Lookups {
  /** From the start of opening to the first user found, in milliseconds. */
  readonly start: number
  /** Warm, one after the other. */
  readonly byImmutableId: number
  readonly byPrincipalName: number
  /** Microseconds of SQLite's own look-up by ImmutableId, and the same when every page that is met stays in its cache. */
  readonly sqlite: number
  readonly sqliteCached: number
}

const sizes = [10_000, 1_000_000, 10_000_000]
/** The largest takes minutes to make. */
const secondsForAll = 600

/** Ten thousand and a million users; ten million too from 600 seconds on. */
export async function lookupBench(seconds: number): Promise<Report> {
  return lookUpIn(seconds >= secondsForAll ? sizes : sizes.slice(0, 2))
}

/** The same with the numbers of users. */
export async function lookUpIn(counts: readonly number[]): Promise<Report> {
  const rows: Cell[][] = []
  const found: Record<string, Lookups> = {}
  for (const users of counts) {
    const folder = mkdtempSync(join(tmpdir(), 'homerealm-bench-'))
    try {
      const data = await makeDataFolder(join(folder, 'data'))
      fill(join(data, databaseName), users)
      const lookups = await inOwnProcess(data)
      found[users] = lookups
      const { byImmutableId, byPrincipalName, start, sqlite, sqliteCached } = lookups
      rows.push([users, byImmutableId, byPrincipalName, start, sqlite, sqliteCached])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const heads = [
    ...['users', 'by ImmutableId /s', 'by UPN /s', 'start-up ms'],
    ...['SQLite alone us', 'all pages cached us'],
  ]
  return { text: markdownTable(heads, rows), json: { users: found } }
}

/** Users with anchors at random, written by SQLite alone. */
function fill(file: string, users: number): void {
  const db = new Database(file)
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -1000000')
  const upn = `printf('person.%08d@customer.com', n)`
  db.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${users})
    INSERT INTO users (${columnNames.join(', ')})
    SELECT printf('%08x-0000-4000-8000-000000000000', n), ${upn}, lower(hex(randomblob(12))), 1,
      'Person ' || n, 'person.' || n, ${upn}, 'Person', n, 'Engineer', 'Sales', 'Lisbon', NULL, 'PT',
      1767225600000, 1767225600000, ${upn}, 'customer.com', NULL, NULL
    FROM numbers`)
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}

async function inOwnProcess(dataFolder: string): Promise<Lookups> {
  const child = fork(fileURLToPath(new URL('lookupRun.ts', import.meta.url)), [dataFolder])
  const ended = new AbortController()
  child.once('exit', () => ended.abort())
  const [lookups] = (await once(child, 'message', { signal: ended.signal })) as [Lookups]
  return lookups
}
