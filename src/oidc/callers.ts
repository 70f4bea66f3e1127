import { errors, type JWTPayload } from 'jose'
import type { Clock } from '../lib/clock.ts'
import { apiKeyState, looksLikeApiKey, readApiKey } from './apiKeys.ts'
import type { OidcParts } from './deps.ts'
import { type DirectoryRole, directoryApi, isDirectoryRole, isGrantedBy } from './directoryApi.ts'
import type { Keys } from './keys.ts'
import { createOwnTokens } from './ownTokens.ts'
import { rolesGranted } from './permissions.ts'
import type { AppStore } from './ports.ts'
import type { App, ScimSettings } from './types.ts'

/** The app behind a call of an administration API, and what it may do now. */
export interface Caller {
  readonly appId: string
  readonly appName: string
  /** Application permissions of the directory API: granted now, and with a token also when it was issued. */
  readonly roles: readonly DirectoryRole[]
  readonly scim: ScimSettings | null
  /** Which API key it came with; null for an access token. */
  readonly apiKeyId: string | null
}

/** A caller as the audit names it, by whatever door: names of apps may be the same, and may be anything; ids are neither. */
export function auditName({ appName, appId }: Pick<Caller, 'appName' | 'appId'>): string {
  return `${appName} (app ${appId})`
}

/** Why a bearer token makes nobody a caller. Precise, and for the log alone: outside there is one answer to all of them. */
export type CallerReason = keyof typeof callerReasons
export const callerReasons = {
  credentialMissing: 'no Authorization header with a bearer token',
  credentialMalformed: 'an Authorization header that is not one bearer token of at most 8 KB',
  apiKeyMalformed: 'an API key has exactly the form that apps add-key prints',
  apiKeyAppUnknown: 'the app in the API key is not there',
  apiKeyUnknown: 'the app has no key of this id: it was removed, or is over and was cleared away',
  apiKeyWrong: 'the key of this id has another secret',
  apiKeyExpired: 'the API key is over: make another by apps add-key',
  tokenMalformed: 'not a signed JWT',
  tokenAlgorithm: 'not signed by RS256',
  tokenKeyUnknown: 'its key is not among those that this server publishes',
  tokenSignature: 'its signature does not fit',
  tokenIssuer: 'its issuer is another server or tenant',
  tokenAudience: 'it is for another API: ask for https://graph.microsoft.com/.default',
  tokenExpired: 'it is over: ask the token endpoint for another',
  tokenNotYetValid: 'it is not valid yet: compare the clocks',
  tokenKind: 'not an access token (typ at+jwt)',
  tokenClaims: 'a claim is missing or wrong',
  tokenNotOfApp: 'it stands for a person: the directory API is for apps in their own name',
  tokenAppUnknown: 'its app is not there any more',
  appDisabled: 'the app is disabled: apps set APP --enabled',
} as const

/** What is known of a refused caller: names from an API key are only claimed until its secret fits. */
export interface CallerRefusal {
  readonly reason: CallerReason
  readonly appId: string | null
  readonly apiKeyId: string | null
}

export type CallerVerdict =
  | { readonly caller: Caller; readonly refusal: null }
  | { readonly caller: null; readonly refusal: CallerRefusal }

/** What the guard of the administration APIs works with. */
export interface CallerParts extends Pick<OidcParts, 'publicUrl' | 'tenant'> {
  readonly apps: Pick<AppStore, 'app'>
  /** The keys that this server publishes now; the same object as long as they are the same. */
  readonly keys: () => Promise<Pick<Keys, 'signing'>>
  readonly clock: Clock
}

export type Callers = ReturnType<typeof createCallers>

/** Whether a caller may do what one of these roles is needed for; reading is part of writing. */
export function mayCall(
  { roles }: Pick<Caller, 'roles'>,
  wanted: readonly DirectoryRole[],
): boolean {
  return wanted.some((role) => isGrantedBy(roles, role))
}

/**
 * Tells who calls the administration APIs, from a bearer token: an access token of this server for its directory API, or an API key of an
 * app. Whatever was true when the token was made, the app must be there, enabled and granted its roles now.
 */
export function createCallers(parts: CallerParts) {
  let own: { keys: Pick<Keys, 'signing'>; tokens: ReturnType<typeof createOwnTokens> } | null = null

  /** With the imported keys of the last call, while the server's keys are those. */
  async function tokens() {
    const keys = await parts.keys()
    if (own?.keys !== keys) own = { keys, tokens: createOwnTokens(parts, keys) }
    return own.tokens
  }

  return {
    /** The caller behind a bearer token. `bearer` is what the Authorization header says after `Bearer`. */
    async callerOf(bearer: string): Promise<CallerVerdict> {
      return looksLikeApiKey(bearer) ? byApiKey(bearer) : byToken(bearer)
    },
  }

  async function byApiKey(bearer: string): Promise<CallerVerdict> {
    const key = readApiKey(bearer)
    if (key === null) return refused('apiKeyMalformed')
    const app = await parts.apps.app(key.appId)
    const state = apiKeyState(app, key, parts.clock())
    const said = { appId: key.appId, apiKeyId: key.keyId }
    if (app === null) return refused('apiKeyAppUnknown', said)
    if (state === 'unknown') return refused('apiKeyUnknown', said)
    if (state === 'wrong') return refused('apiKeyWrong', said)
    if (state === 'expired') return refused('apiKeyExpired', said)
    return accepted(app, rolesNow(app), key.keyId)
  }

  async function byToken(bearer: string): Promise<CallerVerdict> {
    let claims: JWTPayload
    try {
      claims = await (await tokens()).directoryToken(bearer)
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      return refused(reasonOf(error))
    }
    const appId = typeof claims.client_id === 'string' ? claims.client_id : null
    if (appId === null) return refused('tokenClaims')
    if (claims.idtyp !== 'app' || claims.scp !== undefined) {
      return refused('tokenNotOfApp', { appId })
    }
    const app = await parts.apps.app(appId)
    if (app === null) return refused('tokenAppUnknown', { appId })
    const issued = Array.isArray(claims.roles) ? claims.roles : []
    return accepted(
      app,
      rolesNow(app).filter((role) => issued.includes(role)),
      null,
    )
  }

  function accepted(
    app: App,
    roles: readonly DirectoryRole[],
    apiKeyId: string | null,
  ): CallerVerdict {
    const { id: appId, displayName: appName, scim, isEnabled } = app
    if (!isEnabled) return refused('appDisabled', { appId, apiKeyId })
    return { caller: { appId, appName, roles, scim, apiKeyId }, refusal: null }
  }
}

function refused(
  reason: CallerReason,
  known: Partial<Omit<CallerRefusal, 'reason'>> = {},
): CallerVerdict {
  return { caller: null, refusal: { appId: null, apiKeyId: null, ...known, reason } }
}

function rolesNow(app: App): readonly DirectoryRole[] {
  return rolesGranted(app, directoryApi).filter(isDirectoryRole)
}

const reasonsByCode: Readonly<Record<string, CallerReason>> = {
  [errors.JOSEAlgNotAllowed.code]: 'tokenAlgorithm',
  [errors.JWKSNoMatchingKey.code]: 'tokenKeyUnknown',
  [errors.JWKSMultipleMatchingKeys.code]: 'tokenKeyUnknown',
  [errors.JWSSignatureVerificationFailed.code]: 'tokenSignature',
  [errors.JWTExpired.code]: 'tokenExpired',
}
const reasonsByClaim: Readonly<Record<string, CallerReason>> = {
  iss: 'tokenIssuer',
  aud: 'tokenAudience',
  nbf: 'tokenNotYetValid',
  typ: 'tokenKind',
}

function reasonOf(error: errors.JOSEError): CallerReason {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return reasonsByClaim[error.claim] ?? 'tokenClaims'
  }
  return reasonsByCode[error.code] ?? 'tokenMalformed'
}
