import { AadstsError } from './errors.ts'
import { scopesGranted } from './permissions.ts'
import type { AppStore } from './ports.ts'
import type { App } from './types.ts'

/** The scopes of OpenID Connect itself. */
export const oidcScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access']
const isOidc: ReadonlySet<string> = new Set(oidcScopes)

/** Entra's scope for reading one's own profile. Apps written for Entra ask for it, and userinfo is what answers it here. */
const ownProfile = 'User.Read'
/** What a token for userinfo may carry. */
export const userinfoScopes = `openid profile email ${ownProfile}`

/** What an app asked for, in order and understood. */
export interface AskedScopes {
  /** `openid`, `profile` ... */
  readonly oidc: readonly string[]
  /** The one API; null for none, which means this server's userinfo. */
  readonly api: App | null
  /**
   * The API's scopes in full: `api://orders/Orders.Read`, and `api://orders/.default` when that was asked for. Without an API,
   * `User.Read` when that was.
   */
  readonly apiScopes: readonly string[]
}

const MOST_SCOPES = 64
const defaultScope = '.default'

/**
 * Reads a `scope` parameter as Entra does: an API's scopes are named in full, `.default` stands for all that the app was granted of
 * it, and there is one API a request. Any other word is ignored, as OpenID Connect Core section 3.1.2.1 advises. Throws AadstsError for
 * an API or a scope that is not there, and 65001 for one that `client` was not granted; a null client asks in its own name, where
 * scopes grant nothing.
 */
export async function readScopes(
  scope: string,
  apps: Pick<AppStore, 'appByIdentifierUri'>,
  client: App | null,
): Promise<AskedScopes> {
  const words = [...new Set(scope.split(' ').filter((word) => word !== ''))].slice(0, MOST_SCOPES)
  const oidc = words.filter((word) => isOidc.has(word))
  const [first, ...others] = words.filter((word) => word.includes('/'))
  if (first === undefined) {
    return { oidc, api: null, apiScopes: words.filter((word) => word === ownProfile) }
  }
  const identifierUri = identifierOf(first)
  for (const other of others) {
    if (identifierOf(other) !== identifierUri) throw new AadstsError(70011, { detail: other })
  }
  const api = await apps.appByIdentifierUri(identifierUri)
  if (api?.api == null || !api.isEnabled) {
    throw new AadstsError(500011, { detail: identifierUri })
  }
  const offered = offeredScopes(api)
  // The directory API has two identifiers, and scopes of its own under one of them.
  const own = api.api.identifierUri
  const asked = [first, ...others].map((word) => own + word.slice(identifierUri.length))
  const missing = asked.find((word) => !offered.includes(word))
  if (missing !== undefined) throw new AadstsError(70011, { detail: missing })
  const allowed = client === null ? offered : allowedScopes(client, api)
  const refused = asked.find((word) => !allowed.includes(word))
  if (refused !== undefined) throw new AadstsError(65001, { app: client?.id, detail: refused })
  return { oidc, api, apiScopes: asked.some(isDefaultScope) ? allowed : asked }
}

/** What an app may ask of an API for a person, in full, `.default` included; nothing at all when it was granted nothing. */
export function allowedScopes(client: App, api: App): readonly string[] {
  const values = scopesGranted(client, api)
  return values.length === 0 && client.id !== api.id
    ? []
    : inFull(api.api?.identifierUri ?? '', values)
}

/** All that can be asked of an API, in full, `.default` included. */
export function offeredScopes({ api }: Pick<App, 'api'>): readonly string[] {
  if (api === null) return []
  return inFull(
    api.identifierUri,
    api.scopes.map(({ value }) => value),
  )
}

function inFull(identifierUri: string, values: readonly string[]): readonly string[] {
  return [...values, defaultScope].map((value) => `${identifierUri}/${value}`)
}

/** Whether a scope stands for all that was granted of its API. */
export function isDefaultScope(scope: string): boolean {
  return scope.endsWith(`/${defaultScope}`)
}

/** A full scope as the `scp` claim has it: without its API. */
export function shortScope(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1)
}

function identifierOf(scope: string): string {
  return scope.slice(0, scope.lastIndexOf('/'))
}
