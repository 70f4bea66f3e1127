import type { Instant } from '../lib/clock.ts'
import type { App } from './types.ts'

/** A key as it is stored: the private half sealed by the key-encryption key. */
export interface SealedKey {
  readonly kid: string
  /** A JWS algorithm, or `pairwise` for the secret behind the `sub` of tokens. */
  readonly alg: string
  /** JSON of the public JWK; `{}` for a secret. */
  readonly publicJwk: string
  /** AES-256-GCM of the private JWK's JSON (seal.ts). */
  readonly sealedPrivateJwk: string
  readonly createdAt: Instant
  readonly signsFrom: Instant
  readonly retiresAt: Instant | null
}

export interface AppStore {
  app(id: string): Promise<App | null>
  appByIdentifierUri(uri: string): Promise<App | null>
  /** In the order of their names. */
  apps(): Promise<readonly App[]>
  /** New, or in place of the one with the same id. Rejects with UniqueViolation when another app has the same identifierUri. */
  putApp(app: App): Promise<void>
  /** Its records (grants, tokens) go with it. */
  deleteApp(id: string): Promise<void>
}

export interface KeyStore {
  keys(): Promise<readonly SealedKey[]>
  /**
   * Writes and removes keys in one step, if the keys are still those that the caller has seen (by `kid`, in any order); false,
   * with nothing kept, when somebody else was faster.
   */
  changeKeys(change: {
    readonly seen: readonly string[]
    readonly put: readonly SealedKey[]
    readonly remove: readonly string[]
  }): Promise<boolean>
}

/** One record of the OpenID provider: a grant, code, refresh token, device code, interaction, session ... */
export interface ProviderRecord {
  readonly kind: string
  readonly id: string
  /** JSON. */
  readonly payload: string
  readonly grantId: string | null
  readonly userCode: string | null
  readonly clientId: string | null
  readonly expiresAt: Instant
  /** When it was used up; a later `put` leaves it as it is. */
  readonly consumedAt: Instant | null
}

/** How many records of one kind there may be. */
export interface RecordBound {
  /** Whose a new record is: the network of whoever made it, hashed. */
  readonly owner: string
  readonly ofOwner: number
  readonly ofAll: number
}

/** Keeps the provider's records. Expired ones are not found. */
export interface ProviderRecords {
  /** New, or in place of the one with the same kind and id, whose `consumedAt` stays. */
  put(record: ProviderRecord): Promise<void>
  /**
   * As `put`, for what a stranger can make: of one owner's records of a kind the newest `ofOwner` stay, whatever others do; false, with
   * nothing kept, when there are `ofAll` of the kind already.
   */
  putBounded(record: ProviderRecord, bound: RecordBound): Promise<boolean>
  /**
   * Writes payload and grant in place of those that the caller has seen: one conditional update. False, with nothing kept, when
   * there are others by now, or when the record is used up or over.
   */
  replace(
    seen: ProviderRecord,
    next: Pick<ProviderRecord, 'payload' | 'grantId'>,
    now: Instant,
  ): Promise<boolean>
  find(kind: string, id: string, now: Instant): Promise<ProviderRecord | null>
  findByUserCode(userCode: string, now: Instant): Promise<ProviderRecord | null>
  /** One conditional update: true for the first caller alone, however many call at once. */
  consume(kind: string, id: string, now: Instant): Promise<boolean>
  remove(kind: string, id: string): Promise<void>
  /** Everything that was made under a grant, the grant itself not included. */
  removeByGrant(grantId: string): Promise<void>
}
