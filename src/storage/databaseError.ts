/** What can be wrong with a database, beyond the data in it. */
export type DatabaseProblem =
  | 'missing'
  | 'notAFile'
  | 'notADatabase'
  | 'corrupt'
  | 'otherProgram'
  | 'newerVersion'
  | 'olderVersion'
  | 'readOnly'
  | 'noAccess'
  | 'full'
  | 'busy'
  | 'noTenant'
  | 'closed'
  | 'failed'

/**
 * The database cannot be used as it is. The message is one sentence for whoever runs the program: the file, what is wrong, what
 * to do. Commands print it without the stack.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly file: string
  readonly problem: DatabaseProblem

  constructor(file: string, problem: DatabaseProblem, message: string, cause?: unknown) {
    super(`${file}: ${message}`, cause === undefined ? undefined : { cause })
    this.file = file
    this.problem = problem
  }
}

/** The tenant was asked for before anyone wrote it. */
export function noTenant(file: string): DatabaseError {
  return new DatabaseError(
    file,
    'noTenant',
    'there is no tenant in the database yet. Start homerealm once to make it',
  )
}

/** A mistake of the caller: transactions do not nest. */
export function transactionInTransaction(): Error {
  return new Error('a transaction is open already: read and write through the store it was handed')
}
