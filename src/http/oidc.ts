import type { IncomingMessage } from 'node:http'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Refusal } from '../aadsts/reasons.ts'
import { rememberAddress } from '../oidc/assertionAudience.ts'
import { routes } from '../oidc/provider.ts'
import type { Oidc } from '../oidc/service.ts'
import type { Signin } from '../signin/service.ts'
import { idsOf } from './context.ts'
import { allowAnyOrigin, crossOrigin } from './cors.ts'
import { readBody } from './formBody.ts'
import { sendOAuthError } from './oauthError.ts'
import { sendRefused } from './present.ts'
import { resolveTenant } from './tenant.ts'

/** Where the provider itself has its discovery document; Entra's stands below `/v2.0`. */
const providerDiscovery = '/.well-known/openid-configuration'
/** An authorization request by POST becomes one by GET, which is all that the provider knows; longer ones are refused. */
const LONGEST_REQUEST = 32 * 1024

/**
 * The OpenID provider on Entra's paths, below `/{tenant}`. Browsers are told pages, programs JSON; whatever else than the methods
 * below is asked of a path is 900561.
 */
export function oidcRouter(oidc: Oidc, signin: Signin): Router {
  const router = Router()
  const { apps } = oidc.parts
  const anyOrigin = allowAnyOrigin('GET')
  const spaOrigins = crossOrigin(apps, 'POST')
  const { protocol, host } = new URL(oidc.parts.publicUrl)
  const json = hand('json')
  const page = hand('page')

  router.get(
    '/:tenant/v2.0/.well-known/openid-configuration',
    anyOrigin,
    hand('json', providerDiscovery),
  )
  router.options('/:tenant/v2.0/.well-known/openid-configuration', anyOrigin)
  router.get(`/:tenant${routes.jwks}`, anyOrigin, json)
  router.options(`/:tenant${routes.jwks}`, anyOrigin)
  router.get(`/:tenant${routes.authorization}`, page)
  router.post(`/:tenant${routes.authorization}`, asGet, page)
  router.get(`/:tenant${routes.authorization}/:uid`, page)
  for (const path of [routes.token, routes.device_authorization]) {
    // The provider itself looks at the origin, once it knows the app: the origin of one app is of no use to another.
    router.post(`/:tenant${path}`, json)
    router.options(`/:tenant${path}`, spaOrigins)
    router.all(`/:tenant${path}`, wrongMethod('POST'))
  }
  for (const path of ['/v2.0/.well-known/openid-configuration', routes.jwks]) {
    router.all(`/:tenant${path}`, wrongMethod('GET'))
  }
  return router

  /** Gives the request to the provider, under the path that it knows. */
  function hand(kind: 'json' | 'page', providerPath?: string): RequestHandler {
    return async (req, res) => {
      const [path = '', query] = splitUrl(req.originalUrl)
      try {
        await resolveTenant(path, signin)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const values = { tenant: error.evidence.actual }
        const at = signin.clock()
        if (kind === 'page') sendRefused(res, { reason: error.reason, values, at })
        else sendOAuthError(res, { code: 90002, values, at, publicUrl: oidc.parts.publicUrl })
        return
      }
      const segment = path.split('/')[1] ?? ''
      const below = providerPath ?? path.slice(segment.length + 1)
      try {
        const { handle } = await oidc.current()
        await handle(underCanonicalTenant(req, segment, below + query), res)
      } catch (error) {
        if (kind === 'page') throw error
        oidc.parts.report(error, idsOf(res).requestId)
        const at = signin.clock()
        sendOAuthError(res, { code: 90033, at, publicUrl: oidc.parts.publicUrl })
      }
    }
  }

  /**
   * The request as the provider should see it. Everything that it makes its own addresses of is ours: host and scheme of the public URL
   * (the provider takes them from these headers, which a client can not set any more), and the tenant's GUID in place of a domain.
   */
  function underCanonicalTenant(req: Request, segment: string, url: string): IncomingMessage {
    rememberAddress(req, oidc.parts.publicUrl + splitUrl(req.originalUrl)[0])
    const shared = ['common', 'organizations'].find((word) => word === segment.toLowerCase())
    req.url = url
    req.originalUrl = `/${shared ?? oidc.parts.tenant.id}${url}`
    req.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    req.headers['x-forwarded-host'] = host
    return req
  }

  function wrongMethod(allowed: string): RequestHandler {
    return (_req, res) => {
      res.set('Allow', allowed)
      const at = signin.clock()
      sendOAuthError(res, { code: 900561, at, publicUrl: oidc.parts.publicUrl, status: 405 })
    }
  }
}

/** Turns the form of an authorization request into its query (OpenID Connect Core section 3.1.2.1 allows both). */
const asGet: RequestHandler = async (req: Request, _res: Response, next) => {
  const body = await readBody(req, LONGEST_REQUEST)
  const [path = ''] = splitUrl(req.originalUrl)
  req.originalUrl = `${path}?${body}`
  req.method = 'GET'
  delete req.headers['content-type']
  delete req.headers['content-length']
  delete req.headers['transfer-encoding']
  next()
}

/** Path, and query with its question mark. */
function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)]
}
