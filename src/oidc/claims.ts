import type { User } from '../directory/types.ts'
import { rolesOf } from './assignment.ts'
import { groupClaims } from './groups.ts'
import type { App } from './types.ts'

/** What the claims of a person in an app are made of. */
export interface ClaimFacts {
  readonly app: App
  readonly user: User
  readonly tenantId: string
  /** The groups of the sign-in behind the token. */
  readonly groups: readonly string[]
  /** Where all groups can be had when they are too many for a token. */
  readonly userinfoUrl: string
  /** Seconds since 1970. */
  readonly now: number
  /** A unique name of the token: 22 characters. */
  readonly uti: string
}

/**
 * The claims of an ID token besides those of the protocol (`iss aud sub iat exp nonce sid amr auth_time`). Which scope lets out
 * which is Entra's rule for v2.0 tokens: `profile` for the name and `oid`, `email` for the address; the rest by the app's own choice.
 */
export function idTokenClaims(
  facts: ClaimFacts & {
    /** A value that stands for the person and the session (loginHint.ts). */
    readonly loginHint: () => string
  },
  scopes: ReadonlySet<string>,
) {
  const { app, user, tenantId, now, uti } = facts
  const asked = new Set<string>(app.optionalClaims)
  const profile = scopes.has('profile')
  return {
    ver: '2.0',
    tid: tenantId,
    nbf: now,
    uti,
    ...(profile && {
      oid: user.id,
      name: user.displayName,
      preferred_username: user.userPrincipalName,
    }),
    ...((scopes.has('email') || asked.has('email')) && user.mail !== null && { email: user.mail }),
    ...(profile && asked.has('upn') && { upn: user.userPrincipalName }),
    ...(profile && asked.has('login_hint') && { login_hint: facts.loginHint() }),
    ...(asked.has('given_name') && user.givenName !== null && { given_name: user.givenName }),
    ...(asked.has('family_name') && user.surname !== null && { family_name: user.surname }),
    ...rolesClaim(facts),
    ...groupClaims(facts.groups, app, facts.userinfoUrl),
  }
}

/** All names that `idTokenClaims` and the protocol can give: what the provider lets through, and what discovery tells. */
export const idTokenClaimNames: readonly string[] = [
  'sub',
  'ver',
  'tid',
  'nbf',
  'uti',
  'oid',
  'name',
  'preferred_username',
  'email',
  'upn',
  'login_hint',
  'given_name',
  'family_name',
  'roles',
  'groups',
  'amr',
  'auth_time',
]

/** What the userinfo endpoint tells (OpenID Connect Core section 5.3.2), as Entra's does, and all groups that the app may see. */
export function userinfoClaims(
  sub: string,
  user: User,
  scopes: ReadonlySet<string>,
  groups: readonly string[],
) {
  return {
    sub,
    ...((scopes.has('profile') || scopes.has('User.Read')) && {
      name: user.displayName,
      preferred_username: user.userPrincipalName,
      ...(user.givenName !== null && { given_name: user.givenName }),
      ...(user.surname !== null && { family_name: user.surname }),
    }),
    ...(scopes.has('email') && user.mail !== null && { email: user.mail }),
    ...(groups.length > 0 && { groups }),
  }
}

/**
 * Claims of an access token for a person, beyond those of RFC 9068 section 2.2. Roles and groups are those that the API asks for:
 * it is the one who reads them.
 */
export function userAccessClaims(
  facts: Omit<ClaimFacts, 'app'> & {
    readonly client: App
    /** Null for this server's userinfo. */
    readonly api: App | null
    /** Whether the app proved itself by a key of its own. */
    readonly usedKey: boolean
    /** The scopes without their API, separated by spaces. */
    readonly scp: string
    /** The grant behind the token: a token for userinfo names it (`rh`, as Entra's do), so that it ends with the grant. */
    readonly grantId: string
  },
) {
  const { client, api, user } = facts
  return {
    ...accessClaims(facts, client),
    azpacr: client.isPublic ? '0' : facts.usedKey ? '2' : '1',
    oid: user.id,
    name: user.displayName,
    preferred_username: user.userPrincipalName,
    scp: facts.scp,
    ...(api === null && { rh: facts.grantId }),
    ...(api !== null && {
      ...rolesClaim({ ...facts, app: api }),
      ...groupClaims(facts.groups, api, facts.userinfoUrl),
    }),
  }
}

/** Claims of an access token for an app itself: roles that the admin granted, and no scope. */
export function appAccessClaims(
  facts: Pick<ClaimFacts, 'tenantId' | 'now' | 'uti'> & {
    readonly client: App
    readonly roles: readonly string[]
    /** Whether the app proved itself by a key of its own. */
    readonly usedKey: boolean
  },
) {
  const { client, roles, usedKey } = facts
  return {
    ...accessClaims(facts, client),
    azpacr: usedKey ? '2' : '1',
    idtyp: 'app',
    oid: client.id,
    ...(roles.length > 0 && { roles }),
  }
}

function accessClaims(
  { tenantId, now, uti }: Pick<ClaimFacts, 'tenantId' | 'now' | 'uti'>,
  client: App,
) {
  return { ver: '2.0', tid: tenantId, nbf: now, uti, appid: client.id, azp: client.id }
}

function rolesClaim({ app, user, groups }: Pick<ClaimFacts, 'app' | 'user' | 'groups'>): {
  readonly roles?: readonly string[]
} {
  const roles = rolesOf(app, { userId: user.id, groups })
  return roles.length > 0 ? { roles } : {}
}
