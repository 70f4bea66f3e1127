import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Refusal } from '../aadsts/reasons.ts'
import { routes } from '../oidc/provider.ts'
import type { Oidc } from '../oidc/service.ts'
import type { Signin } from '../signin/service.ts'
import { idsOf } from './context.ts'
import { allowAnyOrigin, crossOrigin } from './cors.ts'
import { readBody } from './formBody.ts'
import { sendOAuthError } from './oauthError.ts'
import { waitingPerson } from './oidcPresenter.ts'
import { sendRefused } from './present.ts'
import { resolveTenant } from './tenant.ts'
import { splitUrl, underCanonicalTenant, withoutForm } from './toProvider.ts'

/** Where the provider itself has its discovery document; Entra's stands below `/v2.0`. */
const providerDiscovery = '/.well-known/openid-configuration'
/** An authorization request by POST becomes one by GET, which is all that the provider knows; longer ones are refused. */
const LONGEST_REQUEST = 32 * 1024

/**
 * The OpenID provider on Entra's paths, below `/{tenant}`. Browsers are told pages, programs JSON; whatever else than the methods
 * below is asked of a path is 900561. A person whom an app's request names goes on by `toIdp`.
 */
export function oidcRouter(oidc: Oidc, signin: Signin, toIdp: RequestHandler): Router {
  const router = Router()
  const { apps } = oidc.parts
  const anyOrigin = allowAnyOrigin('GET')
  const spaOrigins = crossOrigin(apps, 'POST')
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
  router.get(`/:tenant${routes.authorization}`, page, toIdp)
  router.post(`/:tenant${routes.authorization}`, asGet, page, toIdp)
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
    return async (req, res, next) => {
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
        await handle(underCanonicalTenant(req, segment, below + query, oidc.parts), res)
        if (waitingPerson(res) !== null) next()
      } catch (error) {
        if (kind === 'page') throw error
        oidc.parts.report(error, idsOf(res).requestId)
        const at = signin.clock()
        sendOAuthError(res, { code: 90033, at, publicUrl: oidc.parts.publicUrl })
      }
    }
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
const asGet: RequestHandler = async (req: Request, res: Response, next) => {
  const body = await readBody(req, LONGEST_REQUEST)
  const [path = ''] = splitUrl(req.originalUrl)
  req.originalUrl = `${path}?${body}`
  res.locals.wasPosted = true
  withoutForm(req)
  next()
}
