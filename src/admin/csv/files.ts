import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import Papa from 'papaparse'
import { newHandle, type RandomSource } from '../../lib/ids.ts'
import { CsvError, fileSystemError } from './csvError.ts'

/**
 * A file that appears under its name only when it is whole. Until `keep` it is written beside it under a temporary name;
 * `discard` removes that, and does nothing after `keep`. It is readable by its owner only, since it names people and their
 * anchors. A file that is there already is replaced.
 */
export interface PendingFile {
  write(text: string): Promise<void>
  /** Brings everything to the disk. What can fail should fail here, before the directory's transaction ends. */
  finish(): Promise<void>
  keep(): Promise<void>
  discard(): Promise<void>
}

/** Opens it. Throws CsvError, naming the file, when it cannot be written; so do its methods. */
export async function openPendingFile(path: string, random: RandomSource): Promise<PendingFile> {
  const temporary = join(dirname(path), `.${basename(path)}.${newHandle(random).slice(0, 12)}.tmp`)
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileSystemError(path, 'written', error)
    }
  }
  const target = await stat(path).catch(() => null)
  if (target !== null && !target.isFile())
    throw new CsvError(path, null, 'it is there, and no file')
  let handle: FileHandle | null = await attempt(() => open(temporary, 'wx', 0o600))
  const close = async () => {
    await handle?.close()
    handle = null
  }
  return {
    write: (text) =>
      attempt(async () => {
        await handle?.appendFile(text)
      }),
    finish: () =>
      attempt(async () => {
        await handle?.sync()
        await close()
      }),
    keep: () => attempt(() => rename(temporary, path)),
    async discard() {
      await close()
      await rm(temporary, { force: true })
    },
  }
}

/**
 * Refuses to let one file stand for two, by whatever names: the input would be overwritten, or one output by the other.
 * Throws CsvError.
 */
export async function refuseSameFile(
  paths: readonly (readonly [what: string, path: string])[],
): Promise<void> {
  const seen = new Map<string, string>()
  for (const [what, path] of paths) {
    const file = await stat(path).catch(() => null)
    const identity = file === null ? resolve(path) : `${file.dev}:${file.ino}`
    const before = seen.get(identity)
    if (before !== undefined) {
      throw new CsvError(
        path,
        null,
        `it is ${before} and ${what} at once; choose another file for one`,
      )
    }
    seen.set(identity, what)
  }
}

/** Writes a whole file of that kind from pieces of text, an export for example. Throws CsvError; then nothing is left. */
export async function writeFileAtomically(
  path: string,
  pieces: AsyncIterable<string> | Iterable<string>,
  random: RandomSource,
): Promise<void> {
  const file = await openPendingFile(path, random)
  try {
    for await (const piece of pieces) await file.write(piece)
    await file.finish()
    await file.keep()
  } finally {
    await file.discard()
  }
}

/** Rows as RFC 4180 CSV: commas, CRLF, quotation marks where needed. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${Papa.unparse(rows as string[][], { newline: '\r\n' })}\r\n`
}
