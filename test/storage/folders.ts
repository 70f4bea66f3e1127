import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { principalNameKey } from '../../src/directory/upn.ts'
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

/** The storage in a file, with the project's rule for UPNs. */
export function openAt(file: string, more: Partial<SqliteStorageOptions> = {}): Storage {
  return openSqliteStorage({ file, now: () => now, principalNameKey, ...more })
}
