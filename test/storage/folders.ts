import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { principalNameKey } from '../../src/directory/upn.ts'
import { hours, type Instant } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { createKeyRing, type KeyRing } from '../../src/oidc/keyRing.ts'
import { openSqliteStorage, type SqliteStorageOptions } from '../../src/storage/sqlite/index.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { now } from './samples.ts'

const made: string[] = []

/** A new empty folder, until `removeFolders`. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-storage-'))
  made.push(folder)
  return folder
}

/** For `afterEach` or `after`. */
export function removeFolders(): void {
  for (const folder of made.splice(0)) {
    // A test may have taken the right to write away.
    chmodSync(folder, 0o700)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The signing keys of a storage, two days after they were made at `now`. */
export function keyRingOf({ keys }: Storage, at: Instant = now + hours(48)): KeyRing {
  const opened = sealer(Buffer.alloc(32, 1), 'signing keys', systemRandom)
  return createKeyRing({ store: keys, sealer: opened, clock: () => at, random: systemRandom })
}

/** The storage in a file, with the project's rule for UPNs. */
export function openAt(file: string, more: Partial<SqliteStorageOptions> = {}): Storage {
  return openSqliteStorage({ file, now: () => now, principalNameKey, ...more })
}
