import { closestWord } from '../../directory/closest.ts'
import type { UserInput } from '../../directory/users.ts'
import { CsvError } from './csvError.ts'

/** A column that sets a property. */
export interface Column {
  /** From 0. */
  readonly index: number
  /** As the file has it. */
  readonly heading: string
  readonly property: keyof UserInput
  /** The portal's `Block sign in`: Yes means accountEnabled false. */
  readonly isInverted: boolean
}

/** What the headings of a file say. */
export interface Columns {
  /** How many cells a row must have. */
  readonly count: number
  readonly columns: readonly Column[]
  /** Sentences about columns that are not read, for the report. */
  readonly warnings: readonly string[]
}

/**
 * The names under which each property goes: Graph's own first, then Okta's (profile attributes and CSV template), then those of
 * the Entra portal (the part in brackets of `Name [displayName] Required`, and its plain words). Compared by `folded`.
 */
const namesOfProperties: Readonly<Record<keyof UserInput, readonly string[]>> = {
  userPrincipalName: ['userPrincipalName', 'UPN', 'login', 'userName'],
  onPremisesImmutableId: ['onPremisesImmutableId', 'immutableId', 'sourceAnchor'],
  accountEnabled: ['accountEnabled'],
  displayName: ['displayName', 'name'],
  mailNickname: ['mailNickname'],
  mail: ['mail', 'email', 'emailAddress', 'primaryEmail'],
  givenName: ['givenName', 'firstName'],
  surname: ['surname', 'lastName'],
  jobTitle: ['jobTitle', 'title'],
  department: ['department'],
  officeLocation: ['officeLocation', 'physicalDeliveryOfficeName', 'office'],
  mobilePhone: ['mobilePhone', 'mobile'],
  usageLocation: ['usageLocation', 'countryCode'],
}

const properties = new Map(
  Object.entries(namesOfProperties).flatMap(([property, names]) =>
    names.map((name) => [folded(name), property as keyof UserInput] as const),
  ),
)

/** Columns that the other side's files have and that mean nothing here, and the columns of our own reject files. */
const notKept: ReadonlySet<string> = new Set(
  [
    ['line', 'column', 'reason'],
    ['id', 'objectId', 'userType', 'streetAddress', 'state', 'country', 'city', 'postalCode'],
    ['telephoneNumber', 'businessPhones', 'alternateEmailAddress', 'otherMails', 'ageGroup'],
    ['consentProvidedForMinor', 'legalAgeGroupClassification', 'companyName', 'creationType'],
    ['directorySynced', 'invitationState', 'identityIssuer', 'createdDateTime', 'employeeId'],
    ['passwordProfile', 'password', 'initialPassword', 'isDeleted', 'deletedDateTime'],
    ['middleName', 'honorificPrefix', 'honorificSuffix', 'nickName', 'profileUrl', 'secondEmail'],
    ['primaryPhone', 'zipCode', 'postalAddress', 'preferredLanguage', 'locale', 'timezone'],
    ['employeeNumber', 'costCenter', 'organization', 'division', 'managerId', 'manager', 'status'],
    ['created', 'activated', 'statusChanged', 'lastLogin', 'lastUpdated', 'passwordChanged'],
  ]
    .flat()
    .map(folded),
)

const portalsBlockSignIn = folded('Block sign in (Yes/No)')

/**
 * Matches headings to properties, in any order and case. Throws CsvError when no column holds the UPN or two hold one property.
 * A column that is unknown is left out with a warning.
 */
export function matchHeadings(file: string, line: number, headings: readonly string[]): Columns {
  const columns: Column[] = []
  const leftOut: string[] = []
  const warnings: string[] = []
  for (const [index, heading] of headings.entries()) {
    const { name, isInverted } = nameOf(heading)
    const property = properties.get(name)
    if (property !== undefined) columns.push({ index, heading, property, isInverted })
    else if (notKept.has(name)) leftOut.push(heading)
    else if (heading !== '') warnings.push(unknownColumn(index, heading))
  }
  for (const column of columns) {
    const twin = columns.find((c) => c.property === column.property && c.index > column.index)
    if (twin) {
      const message = `columns ${column.index + 1} (${column.heading}) and ${twin.index + 1} (${twin.heading}) both hold ${column.property}; leave one of them out`
      throw new CsvError(file, line, message)
    }
  }
  if (!columns.some(({ property }) => property === 'userPrincipalName')) {
    const message = `no column holds the UPN; name one userPrincipalName (or login, or "User name [userPrincipalName] Required"). Found: ${headings.join(', ')}`
    throw new CsvError(file, line, message)
  }
  if (leftOut.length > 0) {
    const some = leftOut.length === 1 ? 'This column is' : 'These columns are'
    warnings.unshift(`${some} not kept here: ${leftOut.join(', ')}.`)
  }
  return { count: headings.length, columns, warnings }
}

/** The folded name of a heading; `Block sign in (Yes/No) [accountEnabled] Required` is accountEnabled, inverted. */
function nameOf(heading: string): { readonly name: string; readonly isInverted: boolean } {
  const bracketed = /^(.*)\[([A-Za-z]+)\]/.exec(heading)
  if (bracketed === null) {
    const name = folded(heading)
    const isBlock = name === portalsBlockSignIn || name === folded('Block sign in')
    return { name: isBlock ? folded('accountEnabled') : name, isInverted: isBlock }
  }
  const name = folded(bracketed[2] ?? '')
  // Whatever language the words before the bracket are in, the template's column of that name blocks.
  const isInverted = name === folded('accountEnabled') && folded(bracketed[1] ?? '') !== name
  return { name, isInverted }
}

function unknownColumn(index: number, heading: string): string {
  const known = Object.values(namesOfProperties).flat()
  const meant = closestWord(heading, known)
  const question = meant === null ? '' : ` Did you mean ${meant}?`
  return `Column ${index + 1} (${heading}) is unknown and was not read.${question}`
}

/** Lower case, without the spaces, hyphens, underscores and star that files write differently. */
function folded(name: string): string {
  return name.toLowerCase().replace(/[\s_*-]+/g, '')
}
