import { hours, type Instant } from '../lib/clock.ts'
import { isGuid, newHandle, type RandomSource } from '../lib/ids.ts'
import { equalSecrets, fingerprint } from '../lib/secrets.ts'
import { AppError } from './appError.ts'
import { checkApp } from './appRules.ts'
import type { AppStore } from './ports.ts'
import type { ApiKey, App } from './types.ts'

/** A key is good this long unless the admin says otherwise. */
export const API_KEY_LIFETIME = hours(24) * 365
/** Characters of every key, exactly: prefix, GUID, key id and 256 bits in base64url, with underscores between. */
export const API_KEY_LENGTH = 4 + 36 + 1 + 12 + 1 + 43

/** Begins every key, so that a key in a log, a file or a commit is known for what it is. */
const prefix = 'hrk_'
/** The parts have fixed lengths: base64url has underscores of its own. */
const keyPattern = /^hrk_([0-9a-f-]{36})_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/
/** Compared with where there is no key, so that a wrong guess costs the same for keys and apps that are there and that are not. */
const hashOfNoKey = fingerprint('')

/** An API key, taken apart: whose it says it is, which one, and the secret that proves it. */
export interface ReadApiKey {
  readonly appId: string
  readonly keyId: string
  readonly secret: string
}

/** Whether a bearer token claims to be an API key; no JWT begins so. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(prefix)
}

/** Takes a key apart; null for what has not exactly its form. */
export function readApiKey(text: string): ReadApiKey | null {
  if (text.length !== API_KEY_LENGTH) return null
  const [, appId = '', keyId = '', secret = ''] = keyPattern.exec(text) ?? []
  return isGuid(appId) ? { appId, keyId, secret } : null
}

/** What becomes of a key: it may be none of the app's, or another one's secret, or over. */
export type ApiKeyState = 'good' | 'unknown' | 'wrong' | 'expired'

/** Compares a key with what the app has under its id, in the same time whether there is anything; null for no app. */
export function apiKeyState(
  app: Pick<App, 'apiKeys'> | null,
  { keyId, secret }: ReadApiKey,
  now: Instant,
): ApiKeyState {
  const stored = app?.apiKeys.find(({ id }) => id === keyId)
  const fits = equalSecrets(stored?.hash ?? hashOfNoKey, fingerprint(secret))
  if (stored === undefined) return 'unknown'
  if (!fits) return 'wrong'
  return stored.expiresAt > now ? 'good' : 'expired'
}

/** Makes a key of an app; `key` is to be shown once. Keys that are over go. `lifetime` is in milliseconds. Throws AppError. */
export async function addApiKey(
  store: Pick<AppStore, 'putApp'>,
  app: App,
  making: { readonly now: Instant; readonly random: RandomSource; readonly lifetime?: number },
): Promise<{ readonly app: App; readonly key: string; readonly stored: ApiKey }> {
  const { now, random, lifetime = API_KEY_LIFETIME } = making
  const id = random(6).toString('hex')
  const secret = newHandle(random)
  const stored = { id, hash: fingerprint(secret), createdAt: now, expiresAt: now + lifetime }
  const others = app.apiKeys.filter((each) => each.id !== id && each.expiresAt > now)
  const changed = checkApp({ ...app, apiKeys: [stored, ...others] })
  await store.putApp(changed)
  return { app: changed, key: `${prefix}${app.id}_${id}_${secret}`, stored }
}

/** Takes a key away at once. Throws AppError when the app has none of this id. */
export async function removeApiKey(
  store: Pick<AppStore, 'putApp'>,
  app: App,
  id: string,
): Promise<App> {
  const apiKeys = app.apiKeys.filter((each) => each.id !== id)
  if (apiKeys.length === app.apiKeys.length) {
    const known = app.apiKeys.map((each) => each.id).join(', ') || 'none'
    throw new AppError(
      `${app.displayName} has no API key ${JSON.stringify(id.slice(0, 80))}. Its keys: ${known}`,
    )
  }
  const changed = { ...app, apiKeys }
  await store.putApp(changed)
  return changed
}
