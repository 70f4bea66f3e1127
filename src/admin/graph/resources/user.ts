import type { User } from '../../../directory/types.ts'
import { isoSeconds } from '../../../lib/clock.ts'
import { always, type BodyForm, filledText, flag, nullable, type Reader, text } from '../body.ts'
import { picked } from '../call.ts'
import { tagOfTime } from '../etag.ts'

/** Properties of Graph's user that are the same for everybody here. */
const constants = { userType: 'Member', businessPhones: [], preferredLanguage: null } as const

/** What a GET has without `$select`, in Graph's order (entra.md section 4: without the ImmutableId, userType and accountEnabled). */
export const usualUserProperties = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
] as const

/** What `$select` can name. */
export const userProperties = [
  ...usualUserProperties,
  'accountEnabled',
  'createdDateTime',
  'department',
  'mailNickname',
  'onPremisesImmutableId',
  'usageLocation',
  'userType',
] as const

/** A user as Graph has it: the selected properties, or the usual ones. */
export function userResource(user: User, select: readonly string[] | null): object {
  const all = { ...user, ...constants, createdDateTime: isoSeconds(user.createdDateTime) }
  return picked(all, select ?? usualUserProperties)
}

export const userTag = tagOfTime

/** The same in a list of several kinds of objects, or of many users. */
export function listedUser(user: User, select: readonly string[] | null): object {
  return { '@odata.etag': userTag(user), ...userResource(user, select) }
}

/** A member of a group, or another reference to a user. */
export function userReference(user: User, select: readonly string[] | null): object {
  return { '@odata.type': '#microsoft.graph.user', ...userResource(user, select) }
}

export interface PasswordProfile {
  /** Null: it stays as it is. */
  readonly password: string | null
  /** Null: as it is; of a new password, as Graph has it: it must be changed. */
  readonly forceChange: boolean | null
}

/** The members of `passwordProfile`. The password itself is told by no message. */
const passwordProfile: Reader<PasswordProfile> = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: 'must be an object with the member password' }
  }
  const members = new Map(Object.entries(value))
  const password = members.get('password') ?? null
  const force = members.get('forceChangePasswordNextSignIn') ?? null
  const forceWithMfa = members.get('forceChangePasswordNextSignInWithMfa') ?? false
  for (const name of members.keys()) {
    if (!passwordMembers.includes(name)) {
      return { fault: `has a member that is not known; there are ${passwordMembers.join(', ')}` }
    }
  }
  if (password !== null && typeof password !== 'string')
    return { fault: 'needs a text as password' }
  if (force !== null && typeof force !== 'boolean') {
    return { fault: 'needs true or false as forceChangePasswordNextSignIn' }
  }
  if (forceWithMfa !== false) {
    return {
      fault:
        'has forceChangePasswordNextSignInWithMfa, which this server has not; use forceChangePasswordNextSignIn',
    }
  }
  if (password === null && force === null) return { fault: 'says nothing' }
  return { value: { password, forceChange: force } }
}
const passwordMembers: readonly string[] = [
  '@odata.type',
  'password',
  'forceChangePasswordNextSignIn',
  'forceChangePasswordNextSignInWithMfa',
]

const optionalText = nullable(filledText)

/** The body of `POST /users` and `PATCH /users/{id}`. What the values must be is for the directory's rules. */
export const userForm = {
  resource: 'user',
  fields: {
    userPrincipalName: text,
    onPremisesImmutableId: nullable(text),
    accountEnabled: flag,
    displayName: text,
    mailNickname: text,
    mail: optionalText,
    givenName: optionalText,
    surname: optionalText,
    jobTitle: optionalText,
    department: optionalText,
    officeLocation: optionalText,
    mobilePhone: optionalText,
    usageLocation: optionalText,
    passwordProfile,
    userType: always(constants.userType),
    businessPhones: always(constants.businessPhones),
    preferredLanguage: always(constants.preferredLanguage),
  },
  notKept: [
    'aboutMe',
    'ageGroup',
    'birthday',
    'city',
    'companyName',
    'consentProvidedForMinor',
    'country',
    'customSecurityAttributes',
    'employeeHireDate',
    'employeeId',
    'employeeOrgData',
    'employeeType',
    'extensionAttribute1',
    'faxNumber',
    'hireDate',
    'identities',
    'imAddresses',
    'interests',
    'mySite',
    'onPremisesExtensionAttributes',
    'otherMails',
    'passwordPolicies',
    'pastProjects',
    'postalCode',
    'preferredDataLocation',
    'preferredName',
    'proxyAddresses',
    'responsibilities',
    'schools',
    'showInAddressList',
    'skills',
    'state',
    'streetAddress',
  ],
} as const satisfies BodyForm<Readonly<Record<string, Reader<unknown>>>>
