import Database from 'better-sqlite3'
import { DatabaseError, type DatabaseProblem } from '../databaseError.ts'

interface Explanation {
  readonly problem: DatabaseProblem
  readonly message: string
}

const readOnly: Explanation = {
  problem: 'readOnly',
  message:
    'the database cannot be written. Give the user that runs homerealm write permission on the file and on its folder (SQLite keeps two more files beside it), or name a file elsewhere',
}
const noAccess: Explanation = {
  problem: 'noAccess',
  message:
    'the database cannot be opened. Give the user that runs homerealm permission to read and write the file and its folder',
}
const full: Explanation = {
  problem: 'full',
  message: 'the disk is full. Nothing of the last write was kept; make room, then try again',
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that tell something about the file or the disk. */
const explanations: ReadonlyMap<string, Explanation> = new Map([
  [
    'SQLITE_NOTADB',
    {
      problem: 'notADatabase',
      message:
        'this is not a SQLite database. Name another file, or move this one away to start with a new database',
    },
  ],
  [
    'SQLITE_CORRUPT',
    {
      problem: 'corrupt',
      message:
        'the database is damaged. Stop everything that uses it, keep a copy of the file and of the -wal file beside it, and restore a backup (or rescue what can be read: sqlite3 FILE .recover)',
    },
  ],
  ['SQLITE_READONLY', readOnly],
  ['SQLITE_CANTOPEN', noAccess],
  ['SQLITE_PERM', noAccess],
  ['SQLITE_AUTH', noAccess],
  ['SQLITE_FULL', full],
  [
    'SQLITE_BUSY',
    {
      problem: 'busy',
      message:
        'another process has been writing to the database for too long. Wait for it to end (a large import, perhaps), then try again',
    },
  ],
  [
    'SQLITE_IOERR',
    {
      problem: 'failed',
      message: 'the disk reports an error. Look at the system log; the disk may be failing or gone',
    },
  ],
])

/** What file system calls answer (errno), for the steps before SQLite is asked. */
const fileExplanations: ReadonlyMap<string, Explanation> = new Map([
  ['EACCES', noAccess],
  ['EPERM', noAccess],
  ['EROFS', readOnly],
  ['ENOSPC', full],
  ['EDQUOT', full],
  [
    'ENOTDIR',
    {
      problem: 'notAFile',
      message: 'a part of the path is a file where a folder should be. Correct the path',
    },
  ],
  [
    'EEXIST',
    {
      problem: 'notAFile',
      message: 'a file stands where the folder of the database should be. Correct the path',
    },
  ],
  [
    'ENOENT',
    {
      problem: 'missing',
      message: 'the file cannot be made there. Make the folder first, or correct the path',
    },
  ],
])

/** The primary part of an extended result code: `SQLITE_IOERR_WRITE` gives `SQLITE_IOERR`. */
function primaryCode(code: string): string {
  return code.split('_').slice(0, 2).join('_')
}

/** Whether SQLite refused because another connection holds a lock that is let go after a while. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && primaryCode(error.code) === 'SQLITE_BUSY'
}

/** A failure as a `DatabaseError` where it is about the file or the disk; any other (a broken constraint, a bug) as it is. */
export function explained(error: unknown, file: string): unknown {
  if (error instanceof Database.SqliteError) {
    const known = explanations.get(primaryCode(error.code))
    if (known) return new DatabaseError(file, known.problem, known.message, error)
  }
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    const known = fileExplanations.get(String(error.code))
    if (known) return new DatabaseError(file, known.problem, known.message, error)
  }
  if (error instanceof TypeError && error.message === 'The database connection is not open') {
    return new DatabaseError(file, 'closed', 'the database was closed meanwhile', error)
  }
  return error
}

/** Runs `work` and throws what `explained` makes of its failure. */
export function explaining<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explained(error, file)
  }
}
