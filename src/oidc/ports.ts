import type { Instant } from '../lib/clock.ts'
import type { App } from './types.ts'

/** A signing key as it is stored: the private half sealed by the key-encryption key. */
export interface SealedKey {
  readonly kid: string
  readonly alg: string
  /** JSON of the public JWK. */
  readonly publicJwk: string
  /** AES-256-GCM of the private JWK's JSON: version, nonce, tag and ciphertext, base64url. */
  readonly sealedPrivateJwk: string
  readonly createdAt: Instant
  readonly signsFrom: Instant
  readonly retiresAt: Instant | null
}

export interface AppStore {
  app(id: string): Promise<App | null>
  appByIdentifierUri(uri: string): Promise<App | null>
  apps(): Promise<readonly App[]>
  /** Rejects with UniqueViolation when another app has the same identifierUri. */
  putApp(app: App): Promise<void>
  /** Its records (grants, tokens) go with it. */
  deleteApp(id: string): Promise<void>
}

export interface KeyStore {
  keys(): Promise<readonly SealedKey[]>
  putKey(key: SealedKey): Promise<void>
  deleteKey(kid: string): Promise<void>
}

/** One record of the OpenID provider: a grant, code, token, device code, interaction, session ... */
export interface ProviderRecord {
  readonly kind: string
  readonly id: string
  /** JSON. */
  readonly payload: string
  readonly grantId: string | null
  readonly uid: string | null
  readonly userCode: string | null
  readonly clientId: string | null
  readonly expiresAt: Instant | null
  readonly consumedAt: Instant | null
}

/** Keeps the provider's records. Expired ones are not found. */
export interface ProviderRecords {
  put(record: ProviderRecord): Promise<void>
  find(kind: string, id: string, now: Instant): Promise<ProviderRecord | null>
  findByUid(kind: string, uid: string, now: Instant): Promise<ProviderRecord | null>
  findByUserCode(kind: string, userCode: string, now: Instant): Promise<ProviderRecord | null>
  /** One conditional update: true for the first caller alone, however many call at once. */
  consume(kind: string, id: string, now: Instant): Promise<boolean>
  remove(kind: string, id: string): Promise<void>
  removeByGrant(grantId: string): Promise<void>
  purge(now: Instant): Promise<number>
}
