/** The process that `bench lookup` starts for each size: opens the directory, and finds users at random. */
import '../runtime.js'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { databaseName } from '../../src/cli/surroundings.ts'
import type { User } from '../../src/directory/types.ts'
import { openDataFolder } from './importScene.ts'
import type { Lookups } from './lookup.ts'
import { median } from './measure.ts'

const [dataFolder = ''] = process.argv.slice(2)
const samples = 20_000
const rounds = 7

/** People from all over the table. */
function chosen(): { readonly anchor: string; readonly upn: string }[] {
  const db = new Database(join(dataFolder, databaseName), { readonly: true })
  const last = Number(db.prepare('SELECT max(rowid) FROM users').pluck().get())
  const one = db.prepare<[number]>(
    'SELECT onPremisesImmutableId AS anchor, userPrincipalName AS upn FROM users WHERE rowid = ?',
  )
  const people = Array.from({ length: samples }, () =>
    one.get(1 + Math.floor(Math.random() * last)),
  ) as { anchor: string; upn: string }[]
  db.close()
  return people
}

const people = chosen()
const begun = performance.now()
const { directory, close } = openDataFolder(dataFolder)
await directory.userByImmutableId(people[0]?.anchor ?? '')
const start = performance.now() - begun

async function perSecond(find: (person: (typeof people)[number]) => Promise<User | null>) {
  const seconds: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const from = performance.now()
    for (const person of people) {
      if ((await find(person)) === null) throw new Error('bench: a user was not found')
    }
    // The first was to warm up.
    if (round > 0) seconds.push((performance.now() - from) / 1000)
  }
  return people.length / median(seconds)
}

/** Microseconds of CPU that SQLite's own look-up takes, with this much memory for its pages. */
function alone(cacheKiB: number): number {
  const db = new Database(join(dataFolder, databaseName), { readonly: true })
  db.pragma(`cache_size = -${cacheKiB}`)
  const find = db.prepare('SELECT * FROM users WHERE onPremisesImmutableId = ?')
  const microseconds: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const from = process.cpuUsage()
    for (const { anchor } of people) find.get(anchor)
    const { user, system } = process.cpuUsage(from)
    if (round > 0) microseconds.push((user + system) / people.length)
  }
  db.close()
  return median(microseconds)
}

const byImmutableId = await perSecond(({ anchor }) => directory.userByImmutableId(anchor))
const byPrincipalName = await perSecond(({ upn }) => directory.userByPrincipalName(upn))
await close()
const sqlite = alone(16_000)
const sqliteCached = alone(2_000_000)
process.send?.({ start, byImmutableId, byPrincipalName, sqlite, sqliteCached } satisfies Lookups)
process.disconnect?.()
