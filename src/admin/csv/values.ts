import type { DirectoryRule } from '../../directory/directoryError.ts'
import type { UserInput } from '../../directory/users.ts'
import type { Columns } from './headings.ts'
import type { CsvRow } from './read.ts'

/** What is wrong with one cell, or with the row when `column` is null. */
export interface CellProblem {
  /** The heading as the file has it. */
  readonly column: string | null
  /** A whole sentence. */
  readonly reason: string
  /** The rule of the directory, by the name that every door reports; null for a cell that cannot be read at all. */
  readonly rule: DirectoryRule | null
  readonly value?: string
}

export interface RowReading {
  readonly input: UserInput
  readonly problems: readonly CellProblem[]
}

/** `keep`: an empty cell leaves the value as it is; `clear`: it removes the value. */
export type EmptyCells = 'keep' | 'clear'

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
])

const notClearable: ReadonlySet<keyof UserInput> = new Set([
  'userPrincipalName',
  'accountEnabled',
  'displayName',
  'mailNickname',
])

/** Free text that a spreadsheet would run as a formula; exports write it with an apostrophe before it (`formulaGuard`). */
const guardable: ReadonlySet<keyof UserInput> = new Set([
  'displayName',
  'mailNickname',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
])

/**
 * Reads a row's cells as properties. White space around a value is dropped, except around an ImmutableId, where it is a fault
 * that must be seen. Rules over the values themselves are the directory's (`userProblems`).
 */
export function readRow(row: CsvRow, { count, columns }: Columns, empty: EmptyCells): RowReading {
  // Filled in place: this runs for every row of a million.
  const input: { -readonly [P in keyof UserInput]: string | boolean | null } = {
    userPrincipalName: '',
  }
  const problems: CellProblem[] = []
  if (row.cells.length !== count) {
    const reason = `The row has ${row.cells.length} cells where the headings have ${count}; a cell that has the delimiter in it is written in quotation marks.`
    problems.push({ column: null, reason, rule: null })
  }
  for (const { index, heading, property, isInverted } of columns) {
    const cell = row.cells[index] ?? ''
    const text = property === 'onPremisesImmutableId' ? cell : cell.trim()
    if (text === '') {
      if (empty === 'clear' && !notClearable.has(property)) input[property] = null
    } else if (property === 'accountEnabled') {
      const value = booleans.get(text.toLowerCase())
      if (value === undefined) {
        const reason = 'It is neither yes nor no: write true, false, yes, no, 1 or 0.'
        problems.push({ column: heading, reason, rule: null, value: text })
      } else {
        input[property] = value !== isInverted
      }
    } else {
      input[property] = normalized(property, text)
    }
  }
  return { input: input as UserInput, problems }
}

/** A text for a spreadsheet: an apostrophe before what would run as a formula. `readRow` takes it away again. */
export function formulaGuard(property: keyof UserInput, text: string): string {
  if (property === 'mobilePhone' && phoneNumber.test(text)) return text
  return guardable.has(property) && formula.test(text) ? `'${text}` : text
}

/** What spreadsheets run, in the full-width forms that some of them take too; after apostrophes, so that guarding can be undone. */
const formula = /^'*[=+\-@＝＋－＠]/
const guarded = /^'+[=+\-@＝＋－＠]/
/** `+351 210 000 101` is no formula that does anything. */
const phoneNumber = /^\+\d[\d ()./-]*$/

function normalized(property: keyof UserInput, text: string): string {
  if (property === 'usageLocation') return text.toUpperCase()
  return guardable.has(property) && guarded.test(text) ? text.slice(1) : text
}
