import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { UsageError } from './usageError.ts'

/** A file to write: its path and its content. */
export type NewFile = readonly [path: string, content: string]

/**
 * Writes all of the files or none. Each appears whole: it is first written beside its place under another name. Throws
 * UsageError that names the file; what was there before is then as it was, except where the disk itself fails in the very last
 * step of replacing.
 * @param replace whether files that are there already may be replaced
 */
export function writeWholeFiles(
  files: readonly NewFile[],
  { replace }: { replace: boolean },
): void {
  const drafts: string[] = []
  const placed: string[] = []
  try {
    for (const [path, content] of files) {
      const draft = `${path}.${process.pid}.tmp`
      drafts.push(draft)
      attempt(path, () => writeFileSync(draft, content, { flag: 'wx' }))
    }
    for (const [i, [path]] of files.entries()) {
      const draft = drafts[i] ?? ''
      attempt(path, () => {
        if (replace) return renameSync(draft, path)
        // Unlike a rename, a link fails where there is a file already.
        linkSync(draft, path)
        placed.push(path)
      })
    }
  } catch (error) {
    for (const path of placed) rmSync(path, { force: true })
    throw error
  } finally {
    for (const draft of drafts) rmSync(draft, { force: true })
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = new Map([
      ['ENOENT', 'its folder does not exist'],
      ['ENOTDIR', 'its folder is a file'],
      ['EISDIR', 'it is a folder'],
      ['EEXIST', 'it exists already'],
      ['EACCES', 'permission denied'],
      ['ENOSPC', 'the disk is full'],
    ])
    throw new UsageError(`${path}: cannot be written: ${why.get(code ?? '') ?? message}.`)
  }
}
