/** The process that `bench lookup` starts for each size: opens the directory, and finds users at random. */
import '../runtime.js'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { databaseName } from '../../src/cli/surroundings.ts'
import type { User } from '../../src/directory/types.ts'
import { openDataFolder } from './importScene.ts'
import type { Lookups } from './lookup.ts'

const [dataFolder = ''] = process.argv.slice(2)
const samples = 20_000

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
  // Once to warm up.
  let seconds = 0
  for (const round of [0, 1]) {
    const from = performance.now()
    for (const person of people) {
      if ((await find(person)) === null) throw new Error('bench: a user was not found')
    }
    if (round === 1) seconds = (performance.now() - from) / 1000
  }
  return people.length / seconds
}

const byImmutableId = await perSecond(({ anchor }) => directory.userByImmutableId(anchor))
const byPrincipalName = await perSecond(({ upn }) => directory.userByPrincipalName(upn))
await close()
process.send?.({ start, byImmutableId, byPrincipalName } satisfies Lookups)
process.disconnect?.()
