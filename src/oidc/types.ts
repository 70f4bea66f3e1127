/**
 * oidc/: the OpenID provider towards apps, on Entra's paths: apps (OIDC clients), tokens, claims, keys. How a person is signed
 * in is signin/'s business; it must not know SAML, SQL, or how a request reached the process.
 */
import type { JWK } from 'jose'
import type { Instant } from '../lib/clock.ts'

/** Signature algorithms that an app may choose for its tokens (RFC 7518 section 3.1). */
export const signingAlgs = ['RS256', 'ES256', 'PS256'] as const
export type SigningAlg = (typeof signingAlgs)[number]

/** Claims that an ID token holds only for apps that ask for them. */
export const optionalClaims = ['email', 'upn', 'given_name', 'family_name', 'login_hint'] as const
export type OptionalClaim = (typeof optionalClaims)[number]

/** Where a redirect URI belongs to: decides CORS (`spa`), free loopback ports (`native`, RFC 8252 section 7.3) and client authentication. */
export type Platform = 'web' | 'spa' | 'native'

export interface RedirectUri {
  readonly uri: string
  readonly platform: Platform
}

/** A secret that was shown once. Only its hash is kept. */
export interface AppSecret {
  readonly id: string
  /** First characters, to tell secrets apart. */
  readonly hint: string
  /** SHA-256 of the secret, base64url; secrets are 256 random bits, so that a plain hash is enough. */
  readonly hash: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** A key that was shown once: its bearer is the app towards the directory API, and nowhere else. Only its hash is kept. */
export interface ApiKey {
  /** Stands in the key, so that it is found without trying. */
  readonly id: string
  /** SHA-256 of the key's 256 random bits, base64url. */
  readonly hash: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** Where a provisioning client writes a user's ImmutableId: in homerealm's extension, or in the core attribute `externalId`. */
export const immutableIdPlaces = ['extension', 'externalId'] as const
export interface ScimSettings {
  readonly immutableIdFrom: (typeof immutableIdPlaces)[number]
}

/** What an app offers to other apps when it is an API. */
export interface AppApi {
  /** `api://...`; unique. */
  readonly identifierUri: string
  readonly scopes: readonly { readonly value: string; readonly description: string }[]
  /** Application permissions, for client credentials. */
  readonly roles: readonly { readonly value: string; readonly description: string }[]
}

/** Who may use an app that requires assignment, and as what. */
export interface Assignment {
  readonly kind: 'user' | 'group'
  /** A user's GUID; a group as the identity provider names it, compared exactly. */
  readonly id: string
  /** The value for the `roles` claim; null for none. */
  readonly role: string | null
}

/** An API as a grant names it. Both must fit: another app that takes over the identifier is another API. */
interface GrantedApi {
  readonly api: AppApi['identifierUri']
  readonly apiId: App['id']
}

export interface GrantedRole extends GrantedApi {
  /** The `value` of a role of the API. */
  readonly role: string
}

export interface GrantedScope extends GrantedApi {
  /** The `value` of a scope of the API. */
  readonly scope: string
}

/** An OIDC client. */
export interface App {
  /** GUID: the client_id. */
  readonly id: string
  readonly displayName: string
  readonly isPublic: boolean
  readonly redirectUris: readonly RedirectUri[]
  /** Loaded in a frame when the session ends (OpenID Connect Front-Channel Logout 1.0). */
  readonly frontChannelLogoutUri: string | null
  /** Gets a logout token when the session ends (OpenID Connect Back-Channel Logout 1.0). */
  readonly backChannelLogoutUri: string | null
  readonly secrets: readonly AppSecret[]
  /** Public keys for private_key_jwt. */
  readonly keys: readonly JWK[]
  readonly assignmentRequired: boolean
  readonly assignments: readonly Assignment[]
  /** Whoever uses it has proven a second factor, whatever the user's own settings say. */
  readonly requireMfa: boolean
  readonly idTokenSigningAlg: SigningAlg
  /** Seconds. */
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** `code id_token` and `id_token`, by form_post only. */
  readonly allowHybrid: boolean
  readonly groupsClaim: 'none' | 'all'
  /** Only groups with this prefix go into tokens; null for all. */
  readonly groupsPrefix: string | null
  readonly optionalClaims: readonly OptionalClaim[]
  /** A client that may start the device flow. */
  readonly allowDeviceCode: boolean
  readonly api: AppApi | null
  /** Application permissions that the admin granted: what the app may do in its own name. */
  readonly grantedRoles: readonly GrantedRole[]
  /** Delegated permissions that the admin granted: what the app may do for a person who is signed in. */
  readonly grantedScopes: readonly GrantedScope[]
  readonly apiKeys: readonly ApiKey[]
  /** How a provisioning client speaks SCIM; null for an app that is none. */
  readonly scim: ScimSettings | null
  readonly isEnabled: boolean
  readonly createdAt: Instant
}

/** A signing key of ours. The private half is encrypted wherever it is stored. */
export interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlg
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  /** Published from creation, used for signing from `signsFrom`, published until `retiresAt`. */
  readonly createdAt: Instant
  readonly signsFrom: Instant
  readonly retiresAt: Instant | null
}
