import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ImportOptions, importUsers } from '../../src/admin/csv/importUsers.ts'
import { csvBytes } from '../../src/admin/csv/lines.ts'
import type { ImportReport } from '../../src/admin/csv/report.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import type { User } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import type { RandomSource } from '../../src/lib/ids.ts'
import { newGuid } from '../../src/lib/ids.ts'
import { memoryDirectory } from '../../src/storage/memory.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/index.ts'

export const now = Date.UTC(2026, 0, 15, 9, 30)
export const later = now + 60_000

/** Randomness that is the same at every run. */
export function seededRandom(seed = 'test'): RandomSource {
  let count = 0
  return (byteCount) => {
    const bytes = createHash('sha512').update(`${seed} ${count++}`).digest()
    return Buffer.from(bytes.subarray(0, byteCount))
  }
}

/** A DER SEQUENCE in base64: what the directory's rules want of a certificate, the rest is `saml/certificates`'. */
export const certificate = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x07]).toString('base64')

/** customer.com and customer.co.uk federated with one Okta, managed.example managed. */
export async function furnish(store: DirectoryStore): Promise<DirectoryStore> {
  const random = seededRandom('domains')
  for (const name of ['customer.com', 'customer.co.uk', 'managed.example']) {
    await addDomain(store, name)
  }
  const input = {
    domains: ['customer.com', 'customer.co.uk'],
    issuerUri: 'http://www.okta.com/exk1demo',
    passiveSignInUri: 'https://customer.okta.com/app/x/exk1demo/sso/saml',
    signingCertificate: certificate,
  }
  await federate(store, input, () => newGuid(random))
  return store
}

export function emptyDirectory(): DirectoryStore {
  return memoryDirectory({ principalNameKey })
}

export function furnishedDirectory(): Promise<DirectoryStore> {
  return furnish(emptyDirectory())
}

/** A furnished database file of its own, and its folder; both go when `work` is done. */
export async function withDatabase(
  work: (store: DirectoryStore, folder: string, reopen: () => DirectoryStore) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-csv-'))
  const open = () =>
    openSqliteStorage({ file: join(folder, 'test.db'), now: () => now, principalNameKey })
  const storages = [open()]
  try {
    const store = storages[0]?.directory as DirectoryStore
    await furnish(store)
    await work(store, folder, () => {
      const storage = open()
      storages.push(storage)
      return storage.directory
    })
  } finally {
    for (const storage of storages) await storage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-csv-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let importCount = 0

/** Each import has randomness of its own. */
export function importText(
  store: DirectoryStore,
  text: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  const source = csvBytes('users.csv', Buffer.from(text))
  return importUsers(store, source, {
    now,
    random: seededRandom(`import ${importCount++}`),
    ...options,
  })
}

export async function allUsers(store: DirectoryStore): Promise<User[]> {
  return Array.fromAsync(store.users())
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not reject')
}
