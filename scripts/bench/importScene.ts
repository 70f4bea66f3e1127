import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { databaseName } from '../../src/cli/surroundings.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/index.ts'
import { userRows } from '../../src/storage/sqlite/userTable.ts'
import type { Storage } from '../../src/storage/storage.ts'

/** The columns of the table `users` in its order: the sqlite3 shell imports by position. */
export const columnNames: readonly string[] = [
  ...userRows.names,
  'userPrincipalNameKey',
  'domain',
  'importId',
  'importLine',
]

const firstNames = ['Ana', 'Bob', 'Carol', 'Dan', 'Eva', 'Filipe', 'Greta', 'Hugo']
const lastNames = ['Silva', 'Lopez', 'Muller', 'Garcia', 'Smith', 'Jones', 'Novak']

/** A file that the shell can put into the table as it is, and that `users import` reads by its headings. UPNs are in no order. */
export async function writeUsersCsv(path: string, rows: number): Promise<void> {
  const out = createWriteStream(path)
  let text = `${columnNames.join(',')}\n`
  for (let n = 0; n < rows; n++) {
    text += `${rowOf(n)}\n`
    if (text.length < 2 ** 20) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'finish')
}

function rowOf(n: number): string {
  const first = firstNames[n % firstNames.length] ?? ''
  const last = lastNames[n % lastNames.length] ?? ''
  const nickname = `${first}.${last}.${n}`
  const upn = `${nickname}@customer.com`
  return [
    newGuid(systemRandom),
    upn,
    randomBytes(16).toString('base64'),
    1,
    `${first} ${last}`,
    nickname,
    upn,
    first,
    last,
    'Engineer',
    'Sales',
    'Lisbon',
    `+351 210 000 ${n % 1000}`,
    'PT',
    1767225600000,
    1767225600000,
    upn.toLowerCase(),
    'customer.com',
    1,
    n + 2,
  ].join(',')
}

/** A data folder with a federated domain and no users. */
export async function makeDataFolder(path: string): Promise<string> {
  mkdirSync(path)
  const storage = openDataFolder(path)
  await storage.ensureTenant({ id: newGuid(systemRandom), displayName: 'Bench' })
  await addDomain(storage.directory, 'customer.com')
  await federate(
    storage.directory,
    {
      domains: ['customer.com'],
      issuerUri: 'http://www.okta.com/exkbench',
      passiveSignInUri: 'https://bench.okta.com/sso/saml',
      signingCertificate: Buffer.from([0x30, 0x03, 0x02, 0x01, 0x07]).toString('base64'),
    },
    () => newGuid(systemRandom),
  )
  await storage.close()
  return path
}

/** `checkpointsApart` as a server opens it. */
export function openDataFolder(path: string, checkpointsApart = false): Storage {
  const file = join(path, databaseName)
  return openSqliteStorage({ file, now: Date.now, principalNameKey, checkpointsApart })
}
