import { type RequestHandler, Router } from 'express'
import { Refusal } from '../aadsts/reasons.ts'
import type { Oidc } from '../oidc/service.ts'
import { userinfoOf } from '../oidc/userinfo.ts'
import type { Signin } from '../signin/service.ts'
import { bearerToken } from './bearer.ts'
import { crossOrigin } from './cors.ts'
import { plainFormFaults, readForm } from './formBody.ts'
import { sendOAuthError } from './oauthError.ts'
import { resolveTenant } from './tenant.ts'

const LONGEST_FORM = 16 * 1024

/** `GET, POST /{tenant}/oidc/userinfo` (OpenID Connect Core section 5.3.1): who the bearer of an access token stands for. */
export function userinfoRouter(oidc: Oidc, signin: Signin): Router {
  const router = Router()
  const path = '/:tenant/oidc/userinfo'
  const origins = crossOrigin(oidc.parts.apps, 'GET, POST')

  const answer: RequestHandler = async (req, res) => {
    try {
      await resolveTenant(req.path, signin)
      const token = bearerToken(req) ?? (await tokenInForm(req))
      const { keys } = await oidc.current()
      const claims = token === null ? null : await userinfoOf(oidc.parts, keys, token)
      if (claims !== null) {
        res.json(claims)
        return
      }
      // RFC 6750 section 3.1: no error code for a request that brought no token at all.
      const error = token === null ? '' : ', error="invalid_token"'
      res.set('WWW-Authenticate', `Bearer realm="${oidc.parts.publicUrl}"${error}`)
      refuse({ code: 50173, error: 'invalid_token', status: 401 })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.reason === 'tenantNotFound') refuse({ code: 90002 })
      else refuse({ code: 9002313 })
    }

    function refuse(what: {
      code: 50173 | 90002 | 9002313
      error?: string
      status?: number
    }): void {
      sendOAuthError(res, { ...what, at: signin.clock(), publicUrl: oidc.parts.publicUrl })
    }
  }

  router.get(path, origins, answer)
  router.post(path, origins, answer)
  router.options(path, origins)
  return router
}

/** RFC 6750 section 2.2; never in the query (section 2.3), where logs would keep it. */
async function tokenInForm(req: Parameters<RequestHandler>[0]): Promise<string | null> {
  if (req.method !== 'POST' || req.get('content-type') === undefined) return null
  const [token, ...more] = (await readForm(req, LONGEST_FORM, plainFormFaults)).getAll(
    'access_token',
  )
  return token !== undefined && more.length === 0 ? token : null
}
