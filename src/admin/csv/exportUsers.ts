import type { DirectoryStore } from '../../directory/ports.ts'
import type { User } from '../../directory/types.ts'
import type { UserInput } from '../../directory/users.ts'
import { csvText } from './files.ts'
import { formulaGuard } from './values.ts'

/** Whose names the columns have. */
export type HeadingStyle = 'graph' | 'okta' | 'entra'

interface ExportColumn {
  readonly heading: string
  /** Null for a column that is left empty. */
  readonly property: keyof UserInput | null
  /** The portal's `Block sign in (Yes/No)`. */
  readonly isInverted?: true
}

const same = (property: keyof UserInput): ExportColumn => ({ heading: property, property })
const as = (heading: string, property: keyof UserInput | null): ExportColumn => ({
  heading,
  property,
})

/**
 * Graph's columns carry everything. Okta's are its profile attributes. Entra's are those of the portal's bulk-create template in
 * its order, the initial password empty; the portal skips columns that it does not know, so the ImmutableId stands last.
 */
const styles: Readonly<Record<HeadingStyle, readonly ExportColumn[]>> = {
  graph: [
    same('userPrincipalName'),
    same('displayName'),
    same('givenName'),
    same('surname'),
    same('mail'),
    same('mailNickname'),
    same('onPremisesImmutableId'),
    same('accountEnabled'),
    same('jobTitle'),
    same('department'),
    same('officeLocation'),
    same('mobilePhone'),
    same('usageLocation'),
  ],
  okta: [
    as('login', 'userPrincipalName'),
    as('firstName', 'givenName'),
    as('lastName', 'surname'),
    as('email', 'mail'),
    as('displayName', 'displayName'),
    as('title', 'jobTitle'),
    as('department', 'department'),
    as('mobilePhone', 'mobilePhone'),
    as('countryCode', 'usageLocation'),
    as('immutableId', 'onPremisesImmutableId'),
  ],
  entra: [
    as('Name [displayName] Required', 'displayName'),
    as('User name [userPrincipalName] Required', 'userPrincipalName'),
    as('Initial password [passwordProfile] Required', null),
    {
      heading: 'Block sign in (Yes/No) [accountEnabled] Required',
      property: 'accountEnabled',
      isInverted: true,
    },
    as('First name [givenName]', 'givenName'),
    as('Last name [surname]', 'surname'),
    as('Job title [jobTitle]', 'jobTitle'),
    as('Department [department]', 'department'),
    as('Usage location [usageLocation]', 'usageLocation'),
    as('Office [physicalDeliveryOfficeName]', 'officeLocation'),
    as('Mobile phone [mobile]', 'mobilePhone'),
    as('Immutable ID [onPremisesImmutableId]', 'onPremisesImmutableId'),
  ],
}

/** Whether a text names a style, for options that come from outside. */
export function isHeadingStyle(text: string): text is HeadingStyle {
  return Object.hasOwn(styles, text)
}

const rowsPerPiece = 500

/**
 * Users as CSV (RFC 4180, UTF-8 without byte order mark) in the order of their UPN, of one domain when given, in pieces that can
 * be written as they come. Importing it again changes nothing.
 *
 * Free text that a spreadsheet would run as a formula gets an apostrophe before it, which the import takes away. UPNs and
 * ImmutableIds are written as they are, though an ImmutableId may begin with +: what Okta reads from the file must be exact.
 */
export async function* exportUsers(
  store: DirectoryStore,
  {
    domain,
    headings = 'graph',
  }: { readonly domain?: string; readonly headings?: HeadingStyle } = {},
): AsyncGenerator<string> {
  const columns = styles[headings]
  if (headings === 'entra') yield 'version:v1.0\r\n'
  yield csvText([columns.map(({ heading }) => heading)])
  let rows: string[][] = []
  for await (const user of store.users(domain === undefined ? {} : { domain })) {
    rows.push(columns.map((column) => cellOf(user, column)))
    if (rows.length === rowsPerPiece) {
      yield csvText(rows)
      rows = []
    }
  }
  if (rows.length > 0) yield csvText(rows)
}

function cellOf(user: User, { property, isInverted }: ExportColumn): string {
  if (property === null) return ''
  const value = user[property]
  if (typeof value === 'boolean') {
    if (isInverted) return value ? 'No' : 'Yes'
    return String(value)
  }
  return value === null ? '' : formulaGuard(property, value)
}
