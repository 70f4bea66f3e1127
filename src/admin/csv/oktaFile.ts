import type { User } from '../../directory/types.ts'
import { formulaGuard } from './values.ts'

/** Okta's four required columns, and the custom attribute that the app sends as NameID. */
export const oktaImportHeadings = [
  'login',
  'firstName',
  'lastName',
  'email',
  'immutableId',
] as const

/** What a row for Okta is made of. */
export type OktaImportUser = Pick<
  User,
  'userPrincipalName' | 'displayName' | 'givenName' | 'surname' | 'mail' | 'onPremisesImmutableId'
>

/**
 * The rows (one, or none for a user without ImmutableId) that give Okta a user's ImmutableId. Okta requires names and an e-mail,
 * so that what is missing here is filled from the display name and the UPN.
 */
export function oktaImportRows(user: OktaImportUser): readonly (readonly string[])[] {
  if (user.onPremisesImmutableId === null) return []
  const words = user.displayName.split(' ')
  const first = user.givenName ?? words[0] ?? user.userPrincipalName
  const last = user.surname ?? (words.slice(1).join(' ') || first)
  return [
    [
      user.userPrincipalName,
      formulaGuard('givenName', first),
      formulaGuard('surname', last),
      user.mail ?? user.userPrincipalName,
      user.onPremisesImmutableId,
    ],
  ]
}
