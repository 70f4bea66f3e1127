import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { databaseName } from '../surroundings.ts'
import { keyFileName } from './keyEncryptionKey.ts'

/** Something in the data folder that others on this machine may read. */
export interface OpenToOthers {
  /** `file`: what is secret can be read, or changed. `folder`: what is in it can be reached, whatever protects it now. */
  readonly kind: 'file' | 'folder'
  readonly message: string
}

const stateName = databaseName.replace('.sqlite', '-state.sqlite')
const secretFiles = [
  keyFileName,
  ...[databaseName, stateName].flatMap((name) => [name, `${name}-wal`, `${name}-shm`]),
]

/**
 * What of a data folder is open to the group or to everybody. We make the folder with mode 700 and the files with 600; one that was
 * there before stays as it was. Nothing on systems without such modes.
 */
export function openToOthers(dataFolder: string): readonly OpenToOthers[] {
  if (process.platform === 'win32') return []
  const there = secretFiles
    .map((name) => ({ path: join(dataFolder, name), mode: modeOf(join(dataFolder, name)) }))
    .filter(({ mode }) => mode !== null)
  if (there.length === 0) return []
  const files = there.filter(({ mode }) => isOpen(mode)).map((each) => each.path)
  const folderMode = modeOf(dataFolder)
  return [
    ...(files.length > 0
      ? [
          {
            kind: 'file',
            message: `Others on this machine can read keys or people: chmod 600 ${files.map(quoted).join(' ')}`,
          } as const,
        ]
      : []),
    ...(isOpen(folderMode)
      ? [
          {
            kind: 'folder',
            message: `The data folder is open to others (mode ${folderMode?.toString(8)}): chmod 700 ${quoted(dataFolder)}`,
          } as const,
        ]
      : []),
  ]
}

function isOpen(mode: number | null): boolean {
  return mode !== null && (mode & 0o077) !== 0
}

/** The permission bits; null when there is nothing, or nothing that may be looked at. */
function modeOf(path: string): number | null {
  const found: Stats | undefined = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : found.mode & 0o777
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
