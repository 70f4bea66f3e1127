import type { Client, KoaContextWithOIDC, ResourceServer } from 'oidc-provider'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { directoryApiId } from './directoryApi.ts'
import { AadstsError } from './errors.ts'
import {
  allowedScopes,
  isDefaultScope,
  offeredScopes,
  readScopes,
  userinfoScopes,
} from './scopes.ts'
import type { App } from './types.ts'

/** Whom access tokens are for, in the provider's terms. */
export function createResources(parts: OidcParts) {
  const { apps } = parts
  const userinfo = userinfoUrlOf(parts)

  /** The API behind a resource; null for userinfo. */
  async function apiOf(resource: string): Promise<App | null> {
    if (resource === userinfo) return null
    const api = await apps.appByIdentifierUri(resource)
    if (api === null || !api.isEnabled) throw new AadstsError(500011, { detail: resource })
    return api
  }

  return {
    apiOf,

    /**
     * The provider's `defaultResource`: called once a request, before anything looks at its scopes. At Entra the scopes name the
     * resource, so this is where they are understood: it puts them in order (and `offline_access` back, which the provider drops
     * unless prompt=consent), and says whom the token is for. The client's id is put as it is kept: the provider's session
     * remembers apps under the name that they call themselves by, and an app that wrote capitals would not be told of its end.
     */
    async resourceOfRequest(ctx: KoaContextWithOIDC): Promise<string> {
      const { params, client } = ctx.oidc
      const asked = sentParameter(ctx, 'scope')
      if (asked === undefined) throw new AadstsError(900144, { parameter: 'scope' })
      if (params?.grant_type === 'client_credentials') return resourceOfApp(asked)
      const { oidc, api, apiScopes } = await asAsked(ctx, readScopes(asked, apps, appOf(client)))
      if (oidc.length + apiScopes.length === 0) throw new AadstsError(70011, { detail: asked })
      const scope = [...oidc, ...apiScopes].join(' ')
      Object.assign(params ?? {}, { scope, client_id: client?.clientId })
      return api?.api?.identifierUri ?? userinfo
    },

    /**
     * Of the scopes of an earlier sign-in those that the app may still have: `.default` stands for whatever is granted now. Refuses with
     * 65001 when nothing of the API is left.
     */
    async stillGranted(
      resource: string,
      client: App,
      scopes: readonly string[],
    ): Promise<readonly string[]> {
      const api = await apiOf(resource)
      if (api === null) return scopes
      const allowed = allowedScopes(client, api)
      const own = scopes.filter((scope) => !scope.includes('/'))
      const rest = scopes.some(isDefaultScope)
        ? allowed
        : scopes.filter((scope) => allowed.includes(scope))
      if (rest.length === 0) throw new AadstsError(65001, { app: client.id, detail: resource })
      return [...own, ...rest]
    },

    /** The provider's `getResourceServerInfo`. Refuses with 65001 an app that was granted nothing of the API. */
    async resourceServer(
      ctx: KoaContextWithOIDC,
      resource: string,
      client: Client,
    ): Promise<ResourceServer> {
      if (sent(ctx, 'resource') !== undefined) throw new AadstsError(901002)
      const api = await apiOf(resource)
      const scope = api === null ? userinfoScopes : scopesOf(ctx, appOf(client), api).join(' ')
      if (scope === '') {
        const refusal = new AadstsError(65001, { app: client.clientId, detail: resource })
        return asAsked(ctx, Promise.reject(refusal))
      }
      return {
        scope,
        audience: api?.id === directoryApiId ? parts.publicUrl : resource,
        accessTokenTTL: appOf(client).accessTokenSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: api?.idTokenSigningAlg ?? 'RS256' } },
      }
    },
  }

  /** An app asks for a person for what it was granted. What it may do in its own name its roles say, and no scope. */
  function scopesOf({ oidc }: KoaContextWithOIDC, client: App, api: App): readonly string[] {
    const isOwnName = oidc.params?.grant_type === 'client_credentials'
    return isOwnName ? offeredScopes(api) : allowedScopes(client, api)
  }

  /** An app asks in its own name for all that it was granted, and never for a part of it. */
  async function resourceOfApp(asked: string): Promise<string> {
    const [scope = '', ...more] = asked.split(' ').filter(Boolean)
    if (more.length > 0 || !isDefaultScope(scope)) {
      throw new AadstsError(1002012, { detail: asked })
    }
    const { api } = await readScopes(scope, apps, null)
    return api?.api?.identifierUri ?? userinfo
  }
}

/**
 * At Entra a person whose app lacks a permission sees a page, where somebody could consent; the app is told when it asked silently.
 * Here nobody can consent on the page, and it says whom to ask.
 */
async function asAsked<T>({ oidc }: KoaContextWithOIDC, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const isConsent = error instanceof AadstsError && error.aadsts === 65001
    if (isConsent) error.allow_redirect = oidc.prompts.has('none')
    throw error
  }
}

export type Resources = ReturnType<typeof createResources>

/** A parameter that was sent once; undefined for none, or for more than one. */
function sentParameter(ctx: KoaContextWithOIDC, name: string): string | undefined {
  const value = sent(ctx, name)
  return typeof value === 'string' ? value : undefined
}

/** What was sent under a name, wherever this endpoint reads its parameters: an array of what was sent more than once. */
function sent(ctx: KoaContextWithOIDC, name: string): unknown {
  const value: unknown = ctx.method === 'POST' ? ctx.oidc.body?.[name] : ctx.query[name]
  return value === '' ? undefined : value
}
