import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, ConfigError } from '../../config.ts'
import { systemClock } from '../../lib/clock.ts'
import { newGuid, systemRandom } from '../../lib/ids.ts'
import { sealer, sealPurposes } from '../../lib/seal.ts'
import { openKeys } from '../../oidc/keys.ts'
import type { Storage } from '../../storage/storage.ts'

export const keyFileName = 'key-encryption.key'
const KEY_BYTES = 32

/**
 * The key that secrets in the database are sealed with: from HOMEREALM_KEY_ENCRYPTION_KEY, or else from a file in the data
 * folder, made with mode 600 at the first call. Of several processes that start at once, all use the first one's.
 * Throws ConfigError when the file is damaged.
 */
export function loadKeyEncryptionKey(
  config: Pick<Config, 'keyEncryptionKey' | 'dataFolder'>,
): Buffer {
  if (config.keyEncryptionKey !== null) return config.keyEncryptionKey
  const file = join(config.dataFolder, keyFileName)
  const kept = readKey(file)
  if (kept !== null) return kept
  const draft = `${file}.${newGuid(systemRandom)}`
  writeFileSync(draft, `${systemRandom(KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  try {
    // A link appears whole or not at all, and never takes the place of another.
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return readKey(file) ?? unusable(file)
}

/**
 * The same for a database, whose sealed keys it must open. Anything sealed with another key would be lost: a signing key added so
 * would stop every sign-in, a second factor would lock its user out. Throws KeyError for another key, and ConfigError when the file
 * is gone though the database has sealed keys (none is made then).
 */
export async function keyEncryptionKeyOf(
  config: Pick<Config, 'keyEncryptionKey' | 'dataFolder'>,
  storage: Storage,
): Promise<Buffer> {
  const kept = await storage.keys.keys()
  const file = join(config.dataFolder, keyFileName)
  if (kept.length === 0) return loadKeyEncryptionKey(config)
  if (config.keyEncryptionKey === null && !existsSync(file)) {
    throw new ConfigError([
      `The secrets in this database are sealed, and there is no ${file}. Set HOMEREALM_KEY_ENCRYPTION_KEY as the server has it, or put the file back from a backup.`,
    ])
  }
  const keyEncryptionKey = loadKeyEncryptionKey(config)
  openKeys(kept, systemClock(), sealer(keyEncryptionKey, sealPurposes.signingKeys, systemRandom))
  return keyEncryptionKey
}

/** Null when there is no file. */
function readKey(file: string): Buffer | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const key = /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : null
  return key ?? unusable(file)
}

function unusable(file: string): never {
  throw new ConfigError([
    `${file} holds no key: expected base64 of ${KEY_BYTES} bytes. Put the file back from a backup: what is sealed in the database (signing keys, second factors) opens with no other.`,
  ])
}
