import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { hours, type Instant, minutes } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import type { Sealer } from '../lib/seal.ts'
import type { SealedKey } from './ports.ts'
import { type SigningAlg, type SigningKey, signingAlgs } from './types.ts'

/** A new key is published this long before it signs: longer than anyone keeps our key set without asking again. */
export const PUBLISH_AHEAD = hours(2)
/** How long a client may keep our key set, as its `Cache-Control` says. */
export const KEY_SET_AGE = hours(1)
/** The longest that an app may let its access tokens live. */
export const LONGEST_ACCESS_TOKEN = hours(24)
/** A key is published for so long after its last signature: the longest-lived token, and some more for clocks that differ. */
const PUBLISH_AFTER = LONGEST_ACCESS_TOKEN + minutes(5)
/** The record that holds the secret behind the `sub` of tokens. It is no signing key, and never changes. */
const PAIRWISE = 'pairwise'

/** Why the stored keys cannot be used, in words for whoever started the program. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/** What a deployment signs with. */
export interface Keys {
  /** Every key that is published, the ones that sign first. */
  readonly signing: readonly SigningKey[]
  /** 32 bytes: the secret behind the `sub` of tokens. */
  readonly pairwiseSecret: Buffer
}

/** Makes a key pair, and seals its private half. */
export async function makeKey(
  alg: SigningAlg,
  at: { readonly now: Instant; readonly signsFrom: Instant; readonly sealer: Sealer },
): Promise<SealedKey> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const described = { ...publicJwk, kid, alg, use: 'sig' }
  return {
    kid,
    alg,
    publicJwk: JSON.stringify(described),
    sealedPrivateJwk: at.sealer.seal(JSON.stringify(await exportJWK(pair.privateKey)), kid),
    createdAt: at.now,
    signsFrom: at.signsFrom,
    retiresAt: null,
  }
}

/** The secret behind the `sub` of tokens, sealed. */
export function makePairwiseSecret(random: RandomSource, now: Instant, sealer: Sealer): SealedKey {
  return {
    kid: PAIRWISE,
    alg: PAIRWISE,
    publicJwk: '{}',
    sealedPrivateJwk: sealer.seal(random(32).toString('base64url'), PAIRWISE),
    createdAt: now,
    signsFrom: now,
    retiresAt: null,
  }
}

export const isSigningKey = (key: SealedKey): key is SealedKey & { readonly alg: SigningAlg } =>
  (signingAlgs as readonly string[]).includes(key.alg)

/** Opens what the store holds. Throws KeyError when the key-encryption key is another one than it was sealed with. */
export function openKeys(stored: readonly SealedKey[], now: Instant, sealer: Sealer): Keys {
  const secret = stored.find(({ kid }) => kid === PAIRWISE)
  if (secret === undefined) throw new KeyError('the keys have not been made yet')
  const signing = inSigningOrder(stored.filter(isSigningKey), now).map((key): SigningKey => {
    const publicJwk = JSON.parse(key.publicJwk)
    const privateJwk = { ...JSON.parse(opened(key, sealer)), ...publicJwk }
    return { ...key, publicJwk, privateJwk }
  })
  return { signing, pairwiseSecret: Buffer.from(opened(secret, sealer), 'base64url') }
}

function opened(key: SealedKey, sealer: Sealer): string {
  try {
    return sealer.open(key.sealedPrivateJwk, key.kid)
  } catch {
    throw new KeyError(
      'The signing keys in the database cannot be opened with this key-encryption key. Set HOMEREALM_KEY_ENCRYPTION_KEY (or put the file key-encryption.key back) as it was when they were made.',
    )
  }
}

/** Of each algorithm first the key that signs: the one whose time began last. Keys that are retired are left out. */
export function inSigningOrder<K extends SealedKey>(
  keys: readonly K[],
  now: Instant,
): readonly K[] {
  const rank = (key: K) => (key.signsFrom <= now ? key.signsFrom : Number.NEGATIVE_INFINITY)
  return keys
    .filter(({ retiresAt }) => retiresAt === null || retiresAt > now)
    .toSorted((a, b) => rank(b) - rank(a))
}

/** When the order of these keys changes next: one begins to sign, or is over. */
export function nextChange(keys: readonly SealedKey[], now: Instant): Instant {
  const times = keys.flatMap(({ signsFrom, retiresAt }) => [signsFrom, retiresAt ?? now])
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > now))
}

/** What has to be written and removed. */
export interface KeyChange {
  readonly put: readonly SealedKey[]
  readonly remove: readonly string[]
}

/**
 * A rotation: `made` joins the keys, and the older ones of its algorithm stay published until the last token that they signed is
 * over. With `revoke` they go at once, and all that they signed with them. Keys that are over already go.
 */
export function rotation(
  keys: readonly SealedKey[],
  made: SealedKey,
  now: Instant,
  revoke = false,
): KeyChange {
  const retiresAt = Math.max(made.signsFrom, now) + PUBLISH_AFTER
  const ofAlg = keys.filter(({ alg }) => alg === made.alg)
  const over = keys.filter((key) => key.retiresAt !== null && key.retiresAt <= now)
  const older = ofAlg.filter((key) => key.retiresAt === null)
  return {
    put: [made, ...(revoke ? [] : older.map((key) => ({ ...key, retiresAt })))],
    remove: [...new Set([...over, ...(revoke ? ofAlg : [])].map(({ kid }) => kid))],
  }
}

/** The algorithms whose newest key is older than `maxAge`: time for a rotation. */
export function dueForRotation(
  keys: readonly SealedKey[],
  now: Instant,
  maxAge: number,
): readonly SigningAlg[] {
  const newest = new Map<SigningAlg, Instant>()
  for (const { alg, createdAt } of keys.filter(isSigningKey)) {
    newest.set(alg, Math.max(newest.get(alg) ?? 0, createdAt))
  }
  return [...newest].filter(([, createdAt]) => now - createdAt >= maxAge).map(([alg]) => alg)
}
