import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { swapByteOrder } from '../../src/directory/anchorForms.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import type { UserChange } from '../../src/directory/ports.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { changeOf, planUserUpsert } from '../../src/directory/users.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/index.ts'

/** A folder with a directory and two of Okta's files. */
export interface DriftScene {
  readonly folder: string
}

const now = Date.UTC(2026, 0, 15)
const batchSize = 5000

export const sceneFiles = (folder: string) => ({
  database: join(folder, 'homerealm.sqlite'),
  usual: join(folder, 'usual.csv'),
  worst: join(folder, 'worst.csv'),
})

export function openSceneStorage(folder: string, readonly: boolean) {
  const { database } = sceneFiles(folder)
  return openSqliteStorage({ file: database, readonly, now: () => now, principalNameKey })
}

/** Makes it: in `usual.csv` one person in a hundred differs, by turns in four ways; in `worst.csv` all do, by the byte order of the GUID. */
export async function makeDriftScene(folder: string, people: number): Promise<DriftScene> {
  const storage = openSceneStorage(folder, false)
  const random = () => newGuid(systemRandom)
  const domain = await addDomain(storage.directory, 'customer.com')
  await federate(
    storage.directory,
    {
      domains: [domain.id],
      issuerUri: 'http://www.okta.com/exkbench',
      passiveSignInUri: 'https://bench.okta.com/sso/saml',
      signingCertificate: Buffer.from([0x30, 0x03, 0x02, 0x01, 0x07]).toString('base64'),
    },
    random,
  )
  await storage.directory.transaction(async (tx) => {
    for (let from = 0; from < people; from += batchSize) {
      const numbers = batchOf(from, people)
      const changes = numbers.map((number) => {
        const input = {
          userPrincipalName: upnOf(number),
          displayName: `Person ${number}`,
          onPremisesImmutableId: anchorOf(number).toString('base64'),
        }
        return changeOf(planUserUpsert(input, null, { domain, now, newId: random }))
      })
      await tx.writeUsers(changes.filter((change): change is UserChange => change !== null))
    }
  })
  await storage.close()
  const files = sceneFiles(folder)
  await writeRows(files.usual, people, usualAnchor)
  await writeRows(files.worst, people, (number) =>
    swapByteOrder(anchorOf(number))?.toString('base64'),
  )
  return { folder }
}

async function writeRows(
  path: string,
  people: number,
  anchor: (number: number) => string | undefined,
): Promise<void> {
  const file = createWriteStream(path)
  file.write('login,firstName,lastName,email,status,immutableId\n')
  for (let from = 0; from < people; from += batchSize) {
    const rows = batchOf(from, people).map((index) => {
      // As no export comes in the order of our index.
      const number = people - 1 - index
      const upn = upnOf(number)
      return `${upn},Person,${number},${upn},ACTIVE,${anchor(number)}\n`
    })
    if (!file.write(rows.join(''))) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}

function usualAnchor(number: number): string {
  const bytes = anchorOf(number)
  if (number % 100 !== 0) return bytes.toString('base64')
  const forms = [bytes.toString('hex'), `${bytes.toString('base64')} `, '']
  return forms[(number / 100) % 4] ?? anchorOf(-number - 1).toString('base64')
}

function upnOf(number: number): string {
  return `person.${number}@customer.com`
}

function anchorOf(number: number): Buffer {
  return createHash('md5').update(String(number)).digest()
}

function batchOf(from: number, people: number): number[] {
  return Array.from({ length: Math.min(batchSize, people - from) }, (_, index) => from + index)
}
