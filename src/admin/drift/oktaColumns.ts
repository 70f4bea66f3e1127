import { closestWord } from '../../directory/closest.ts'
import type { PersonThere } from '../../directory/drift/ports.ts'
import { CsvError } from '../csv/csvError.ts'
import type { CsvRow } from '../csv/read.ts'

type Field = 'login' | 'email' | 'anchor' | 'status' | 'firstName' | 'lastName'

/**
 * The names under which the columns of Okta's files go: its profile attributes (which its CSV import wants, and which exports write with or
 * without `profile.` or `user.` before them), the words of its reports, and ours. The first that a file has is read.
 */
const names: Readonly<Record<Field, readonly string[]>> = {
  login: ['login', 'userName', 'userPrincipalName', 'UPN'],
  email: ['email', 'primaryEmail', 'mail', 'emailAddress'],
  anchor: ['immutableId', 'onPremisesImmutableId', 'sourceAnchor'],
  status: ['status', 'userStatus', 'accountStatus', 'accountEnabled', 'active'],
  firstName: ['firstName', 'givenName'],
  lastName: ['lastName', 'surname', 'familyName'],
}

/** Values of a status with which nobody signs in at Okta. */
const disabledStatuses: ReadonlySet<string> = new Set([
  'deprovisioned',
  'deactivated',
  'suspended',
  'inactive',
  'disabled',
  'false',
  'no',
  '0',
])

/** Where each field stands in a row, from 0; -1 for what the file does not have. */
export type OktaColumns = Readonly<Record<Field | 'count', number>>

/** Matches the headings. Throws CsvError when there is no login, or no ImmutableId, or more than one column that may be it. */
export function matchOktaHeadings(
  file: string,
  line: number,
  headings: readonly string[],
  anchorColumn: string | undefined,
): OktaColumns {
  const folds = headings.map(folded)
  const positionOf = (field: Field): number => {
    const found = names[field].map((name) => folds.indexOf(folded(name))).find((at) => at !== -1)
    return found ?? -1
  }
  const login = positionOf('login')
  if (login === -1) {
    const message = `no column holds the login; name one login (or userName, or userPrincipalName). Found: ${headings.join(', ')}`
    throw new CsvError(file, line, message)
  }
  const anchor = anchorPosition(file, line, headings, anchorColumn)
  const [email, status] = [positionOf('email'), positionOf('status')]
  const [firstName, lastName] = [positionOf('firstName'), positionOf('lastName')]
  return { login, email, anchor, status, firstName, lastName, count: headings.length }
}

function anchorPosition(
  file: string,
  line: number,
  headings: readonly string[],
  wanted: string | undefined,
): number {
  const accepted = (wanted === undefined ? names.anchor : [wanted]).map(folded)
  const found = headings.flatMap((heading, index) =>
    accepted.includes(folded(heading)) ? [index] : [],
  )
  const [only, another] = found
  if (only !== undefined && another === undefined) return only
  if (only !== undefined) {
    const columns = found.map((index) => `${index + 1} (${headings[index]})`).join(' and ')
    const how = wanted === undefined ? 'say which with --anchor-column NAME' : 'leave one out'
    throw new CsvError(file, line, `columns ${columns} may both hold the ImmutableId; ${how}`)
  }
  const among = `Found: ${headings.join(', ')}`
  if (wanted === undefined) {
    const message = `no column is named immutableId; say which one Okta sends as NameID with --anchor-column NAME. ${among}`
    throw new CsvError(file, line, message)
  }
  const meant = closestWord(wanted, headings)
  const question = meant === null ? '' : ` Did you mean ${meant}?`
  throw new CsvError(file, line, `no column is named ${wanted}.${question} ${among}`)
}

/** A row as a person of the other side. The ImmutableId is taken byte for byte, everything else without white space around it. */
export function personOfRow({ line, cells }: CsvRow, columns: OktaColumns): PersonThere {
  const textOf = (field: Field): string | null => cells[columns[field]]?.trim() || null
  const anchor = cells[columns.anchor] ?? ''
  const login = textOf('login') ?? ''
  return {
    place: line,
    login,
    email: textOf('email'),
    anchor: anchor.trim() === '' ? null : anchor,
    isEnabled: !disabledStatuses.has((textOf('status') ?? '').toLowerCase()),
    firstName: textOf('firstName'),
    lastName: textOf('lastName'),
    problem: problemOf(cells.length, columns.count, login),
  }
}

function problemOf(cells: number, headings: number, login: string): string | null {
  if (cells !== headings) return `The row has ${cells} cells where the headings have ${headings}.`
  return login === '' ? 'The row has no login.' : null
}

/** Lower case, without what files put before the name of an attribute, and without spaces, hyphens, underscores and star. */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(?:profile|user)\./, '')
    .replace(/[\s_*-]+/g, '')
}
