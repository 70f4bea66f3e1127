import { AadstsError } from './errors.ts'
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
 * Reads a `scope` parameter as Entra does: an API's scopes are named in full, `.default` stands for all that it offers, and there is
 * one API a request. Any other word is ignored, as OpenID Connect Core section 3.1.2.1 advises. Throws AadstsError for an API or a scope that is not there.
 */
export async function readScopes(
  scope: string,
  apps: Pick<AppStore, 'appByIdentifierUri'>,
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
  const asked = [first, ...others]
  const missing = asked.find((word) => !offered.includes(word))
  if (missing !== undefined) throw new AadstsError(70011, { detail: missing })
  const isDefault = asked.includes(`${identifierUri}/${defaultScope}`)
  return { oidc, api, apiScopes: isDefault ? offered : asked }
}

/** All that can be asked of an API, in full, `.default` included. */
export function offeredScopes({ api }: Pick<App, 'api'>): readonly string[] {
  if (api === null) return []
  const values = [...api.scopes.map(({ value }) => value), defaultScope]
  return values.map((value) => `${api.identifierUri}/${value}`)
}

/** Whether a scope stands for all that its API offers. */
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
