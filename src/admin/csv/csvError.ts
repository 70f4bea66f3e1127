/**
 * A file that cannot be read as CSV of users at all, or an output file that cannot be written. The message names file and line,
 * what is wrong and what to do. (A row that can be read and breaks a rule is no error, but a rejected row of the report.)
 */
export class CsvError extends Error {
  override readonly name = 'CsvError'
  readonly file: string
  /** The physical line, from 1; null when it is about the file as a whole. */
  readonly line: number | null

  constructor(file: string, line: number | null, message: string, cause?: unknown) {
    const place = line === null ? file : `${file}, line ${line}`
    super(`${place}: ${message}`, cause === undefined ? undefined : { cause })
    this.file = file
    this.line = line
  }
}

const systemErrors: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EISDIR', 'it is a folder, not a file'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
])

/** A failure of the file system in plain words. `action` is `read` or `written`. */
export function fileSystemError(
  file: string,
  action: 'read' | 'written',
  cause: unknown,
): CsvError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const words = systemErrors.get(code) ?? String(code ?? cause)
  return new CsvError(file, null, `it cannot be ${action}: ${words}`, cause)
}
