import type { Client, KoaContextWithOIDC, ResourceServer } from 'oidc-provider'
import { appOf } from './clients.ts'
import { type OidcParts, userinfoUrlOf } from './deps.ts'
import { AadstsError } from './errors.ts'
import { isDefaultScope, offeredScopes, readScopes, userinfoScopes } from './scopes.ts'
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
      const { oidc, api, apiScopes } = await readScopes(asked, apps)
      if (oidc.length + apiScopes.length === 0) throw new AadstsError(70011, { detail: asked })
      const scope = [...oidc, ...apiScopes].join(' ')
      Object.assign(params ?? {}, { scope, client_id: client?.clientId })
      return api?.api?.identifierUri ?? userinfo
    },

    /** The provider's `getResourceServerInfo`. */
    async resourceServer(
      ctx: KoaContextWithOIDC,
      resource: string,
      client: Client,
    ): Promise<ResourceServer> {
      if (sent(ctx, 'resource') !== undefined) throw new AadstsError(901002)
      const api = await apiOf(resource)
      return {
        scope: api === null ? userinfoScopes : offeredScopes(api).join(' '),
        audience: resource,
        accessTokenTTL: appOf(client).accessTokenSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: api?.idTokenSigningAlg ?? 'RS256' } },
      }
    },
  }

  /** An app asks in its own name for all that it was granted, and never for a part of it. */
  async function resourceOfApp(asked: string): Promise<string> {
    const [scope = '', ...more] = asked.split(' ').filter(Boolean)
    if (more.length > 0 || !isDefaultScope(scope)) {
      throw new AadstsError(1002012, { detail: asked })
    }
    const { api } = await readScopes(scope, apps)
    return api?.api?.identifierUri ?? userinfo
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
