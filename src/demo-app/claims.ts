import type { DecodedJwt } from './jwt.ts'

/** One line of a table of claims. */
export interface ShownClaim {
  readonly name: string
  readonly value: string
  /** What it is for, in a few words; empty where the name says it. */
  readonly meaning: string
}

/** What the claims say, in the order in which they are shown; others follow. */
const meanings: Readonly<Record<string, string>> = {
  name: 'the name that is shown',
  preferred_username: 'the sign-in name; it may change, so never a key',
  email: '',
  upn: 'userPrincipalName, as an optional claim',
  given_name: '',
  family_name: '',
  oid: 'the user’s id: the same in every app',
  sub: 'the user, as this app alone knows them',
  tid: 'the tenant',
  groups: 'groups: ids of those at homerealm, and names of those at Okta',
  roles: 'roles that were assigned in this app',
  amr: 'how it was proved: fed means by the identity provider',
  acr: 'the class of that proof',
  iss: 'who says all this',
  aud: 'for whom it is said',
  azp: 'the app that asked for it',
  appid: 'the same under its older name',
  client_id: 'the same, as RFC 9068 names it',
  azpacr: 'how the app proved itself: 2 means by a key',
  scp: 'what it opens',
  scope: 'the same, as RFC 9068 names it',
  nonce: 'what Routty sent along; it came back, so the token belongs to this sign-in',
  sid: 'the session at homerealm; sign-out names it',
  auth_time: 'when the person signed in',
  iat: 'issued',
  nbf: 'not before',
  exp: 'expires',
  ver: '',
  uti: 'this token',
  jti: 'this token',
  rh: 'the grant behind it',
  at_hash: 'ties the access token to this one',
}

/** Where an access token says something else by the same name. */
const meaningsOfAccess: Readonly<Record<string, string>> = {
  aud: 'the API that takes it; here the userinfo endpoint',
  sub: 'the user, as that API knows them',
}

const times: ReadonlySet<string> = new Set(['auth_time', 'iat', 'nbf', 'exp'])
const order = new Map(Object.keys(meanings).map((name, index) => [name, index]))

/** The claims of a token for its table. */
export function shownClaims(
  claims: DecodedJwt['claims'],
  kind: 'id' | 'access' = 'id',
): readonly ShownClaim[] {
  const placeOf = (name: string) => order.get(name) ?? order.size
  return Object.entries(claims)
    .sort(([a], [b]) => placeOf(a) - placeOf(b))
    .map(([name, value]) => ({
      name,
      value: times.has(name) ? timeText(value) : valueText(value),
      meaning: (kind === 'access' ? meaningsOfAccess[name] : undefined) ?? meanings[name] ?? '',
    }))
}

/** `RS256, key 3kX9…`: how a token is signed. */
export function signatureText({ header }: DecodedJwt): string {
  return `${valueText(header.alg)}, key ${valueText(header.kid)}`
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    return value.join(', ')
  }
  return JSON.stringify(value) ?? ''
}

/** NumericDate (RFC 7519 section 2) as a person reads it. */
function timeText(value: unknown): string {
  const at = new Date(Number(value) * 1000)
  if (Number.isNaN(at.getTime())) return valueText(value)
  return `${value} (${at.toISOString().slice(0, 19).replace('T', ' ')} UTC)`
}
