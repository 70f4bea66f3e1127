/**
 * oidc/: the OpenID provider towards apps, on Entra's paths: apps (OIDC clients), tokens, claims, keys. How a person is signed
 * in is signin/'s business; it must not know SAML, SQL, or how a request reached the process.
 */
import type { JWK } from 'jose'
import type { Instant } from '../lib/clock.ts'

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

/** What an app offers to other apps when it is an API. */
export interface AppApi {
  /** `api://...`; unique. */
  readonly identifierUri: string
  readonly scopes: readonly { readonly value: string; readonly description: string }[]
  /** Application permissions, for client credentials. */
  readonly roles: readonly { readonly value: string; readonly description: string }[]
}

/** An OIDC client. */
export interface App {
  /** GUID: the client_id. */
  readonly id: string
  readonly displayName: string
  readonly isPublic: boolean
  readonly redirectUris: readonly RedirectUri[]
  readonly frontChannelLogoutUri: string | null
  readonly backChannelLogoutUri: string | null
  readonly secrets: readonly AppSecret[]
  /** Public keys for private_key_jwt. */
  readonly keys: readonly JWK[]
  readonly assignmentRequired: boolean
  readonly assignedUsers: readonly string[]
  readonly assignedGroups: readonly string[]
  readonly idTokenSigningAlg: 'RS256' | 'ES256' | 'PS256'
  /** Seconds. */
  readonly accessTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** Hybrid `code id_token` by form_post. */
  readonly allowHybrid: boolean
  readonly groupsClaim: 'none' | 'all'
  /** Only groups with this prefix go into tokens; null for all. */
  readonly groupsPrefix: string | null
  readonly optionalClaims: readonly string[]
  /** A client that may start the device flow. */
  readonly allowDeviceCode: boolean
  readonly api: AppApi | null
  /** Application permissions that the admin granted: role `value`s of an API's `identifierUri`. */
  readonly grantedRoles: readonly { readonly api: string; readonly role: string }[]
  readonly isEnabled: boolean
  readonly createdAt: Instant
}

/** A signing key of ours. The private half is encrypted wherever it is stored. */
export interface SigningKey {
  readonly kid: string
  readonly alg: 'RS256' | 'ES256' | 'PS256'
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  /** Published from creation, used for signing from here, published until `retiresAt`. */
  readonly createdAt: Instant
  readonly signsFrom: Instant
  readonly retiresAt: Instant | null
}
