import { createPublicKey, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { closestWord } from '../directory/closest.ts'
import { hours, type Instant } from '../lib/clock.ts'
import { isGuid, newGuid, type RandomSource } from '../lib/ids.ts'
import { appDefaults } from './appDefaults.ts'
import { AppError } from './appError.ts'
import { checkApp } from './appRules.ts'
import { bindPermissions, type Granted, type NamedPermissions } from './permissions.ts'
import type { AppStore } from './ports.ts'
import { newSecret } from './secrets.ts'
import type { App, Assignment } from './types.ts'

/** A secret is good this long unless the admin says otherwise; Entra's portal recommends six months too. */
export const SECRET_LIFETIME = hours(24) * 180
/** The older secrets go on for this long after a rotation, so that the app can be given the new one. */
export const SECRET_OVERLAP = hours(24)

/** When, and with which randomness, something is made. */
export interface Making {
  readonly now: Instant
  readonly random: RandomSource
}

export type AppSettings = Partial<
  Omit<App, 'id' | 'createdAt' | 'secrets' | 'apiKeys' | keyof Granted>
> &
  Pick<App, 'displayName'> &
  Partial<NamedPermissions>

/** Registers an app. Throws AppError, or UniqueViolation when another app has the same identifierUri. Grants name APIs that are there. */
export async function addApp(store: AppStore, settings: AppSettings, making: Making): Promise<App> {
  const app = checkApp({
    ...appDefaults,
    ...settings,
    ...(await bindPermissions(store, { grantedRoles: [], grantedScopes: [], ...settings })),
    id: newGuid(making.random),
    createdAt: making.now,
  })
  await store.putApp(app)
  return app
}

/** Changes settings of an app. Throws as `addApp` does, with nothing kept. */
export async function changeApp(
  store: AppStore,
  app: App,
  changes: Partial<AppSettings>,
): Promise<App> {
  // Only what is granted now: an app whose API is gone can still be changed, and stopped.
  const changed = checkApp({ ...app, ...changes, ...(await bindPermissions(store, changes, app)) })
  await store.putApp(changed)
  return changed
}

/** The app of a client id, or of a display name that only one app has. Throws AppError. */
export async function findApp(store: AppStore, nameOrId: string): Promise<App> {
  if (isGuid(nameOrId)) {
    const app = await store.app(nameOrId.toLowerCase())
    if (app !== null) return app
  }
  const named = (await store.apps()).filter(
    ({ displayName }) => displayName.toLowerCase() === nameOrId.toLowerCase(),
  )
  const [app, ...more] = named
  if (app === undefined) {
    const names = (await store.apps()).map(({ displayName }) => displayName)
    const meant = meantName(nameOrId, names)
    throw new AppError(
      `There is no app ${JSON.stringify(nameOrId)}.${meant === null ? '' : ` Did you mean ${JSON.stringify(meant)}?`} All apps: homerealm apps list`,
    )
  }
  if (more.length > 0) {
    const ids = named.map(({ id }) => id).join(', ')
    throw new AppError(`Several apps are called ${app.displayName}. Give the client id: ${ids}`)
  }
  return app
}

/** The only name that begins so, or else the one that is nearest. */
function meantName(typed: string, names: readonly string[]): string | null {
  const longer = names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()))
  return longer.length === 1 && longer[0] !== undefined ? longer[0] : closestWord(typed, names)
}

/** A new secret, to be shown once. The older ones end after `overlap` milliseconds, if they have not ended by then. */
export async function rotateSecret(
  store: AppStore,
  app: App,
  making: Making & { readonly lifetime?: number; readonly overlap?: number },
): Promise<{ readonly app: App; readonly secret: string }> {
  const { now, random, lifetime = SECRET_LIFETIME, overlap = SECRET_OVERLAP } = making
  const { secret, stored } = newSecret(random, now, lifetime)
  const older = app.secrets
    .map((each) => ({ ...each, expiresAt: Math.min(each.expiresAt, now + overlap) }))
    .filter(({ expiresAt }) => expiresAt > now)
  const changed = checkApp({ ...app, secrets: [stored, ...older] })
  await store.putApp(changed)
  return { app: changed, secret }
}

/** Lets a user or a group use the app, as `role` if one is given. What is there already stays as it is. */
export async function assign(store: AppStore, app: App, assignment: Assignment): Promise<App> {
  const others = app.assignments.filter((each) => !isSame(each, assignment))
  return changeApp(store, app, { assignments: [...others, assignment] })
}

/** Takes an assignment back: that of one role, or, with `role` null, all of the user or group. Throws AppError when there is none. */
export async function unassign(store: AppStore, app: App, gone: Assignment): Promise<App> {
  const assignments = app.assignments.filter(
    (each) =>
      each.kind !== gone.kind ||
      each.id !== gone.id ||
      (gone.role !== null && each.role !== gone.role),
  )
  if (assignments.length === app.assignments.length) {
    throw new AppError(`This ${gone.kind} is not assigned to ${app.displayName}.`)
  }
  return changeApp(store, app, { assignments })
}

/**
 * The public key of a PEM certificate (or of a PEM public key) as an app's JWK: RSA of 2048 bits or more, or P-256. An app proves
 * itself with its private half (RFC 7523, private_key_jwt). Throws AppError.
 */
export async function keyOfPem(pem: string): Promise<JWK> {
  const key = publicKeyOf(pem)
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const isStrongRsa = type === 'rsa' && (details?.modulusLength ?? 0) >= 2048
  const isP256 = type === 'ec' && details?.namedCurve === 'prime256v1'
  if (!isStrongRsa && !isP256) {
    throw new AppError('The key must be RSA with 2048 bits or more, or EC on P-256.')
  }
  const jwk = await exportJWK(key)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig' }
}

function publicKeyOf(pem: string) {
  if (pem.includes('PRIVATE KEY')) {
    throw new AppError(
      'This file holds a private key. Give the certificate; the key stays with the app.',
    )
  }
  try {
    return pem.includes('BEGIN CERTIFICATE')
      ? new X509Certificate(pem).publicKey
      : createPublicKey(pem)
  } catch {
    throw new AppError('The file holds neither a certificate nor a public key in PEM.')
  }
}

function isSame(a: Assignment, b: Assignment): boolean {
  return a.kind === b.kind && a.id === b.id && a.role === b.role
}
