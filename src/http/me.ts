import { type Request, Router } from 'express'
import { parseEmail } from '../directory/upn.ts'
import { personOf } from '../signin/current.ts'
import type { LocalSignin } from '../signin/local.ts'
import type { Logout } from '../signin/logout/service.ts'
import type { Signin } from '../signin/service.ts'
import { formActionTo } from '../web/headers.ts'
import { mePage } from '../web/pages.ts'
import type { Cookies } from './cookies.ts'
import { requireOwnForm } from './journey.ts'
import type { Land } from './landing.ts'
import { sendPage } from './present.ts'

/** `GET /`, `GET /me`, `POST /me/second-factor`: the signed-in person's own pages. */
export function meRouter(
  signin: Signin,
  local: LocalSignin,
  logout: Logout,
  cookies: Cookies,
  land: Land,
): Router {
  const router = Router()

  router.get('/', async (req, res) => {
    res.redirect(303, (await current(req)) === null ? '/signin' : '/me')
  })

  router.get('/me', async (req, res) => {
    const person = await current(req)
    if (person === null) {
      cookies.clearSession(res)
      res.redirect(303, '/signin')
      return
    }
    const { session, user, federation } = person
    const kept = await signin.traces.trace(session.requestId, signin.clock())
    const html = mePage({
      displayName: user.displayName,
      userPrincipalName: user.userPrincipalName,
      userId: user.id,
      tenantName: signin.tenant.displayName,
      tenantId: signin.tenant.id,
      domain: parseEmail(user.userPrincipalName).domain,
      federationName: federation?.displayName ?? null,
      authenticatedAt: session.authenticatedAt,
      expiresAt: session.expiresAt,
      amr: session.amr,
      offersSecondFactor: !session.amr.includes('mfa'),
      nameId: session.nameId,
      nameIdFormat: session.nameIdFormat,
      sessionIndex: session.sessionIndex,
      authnContext: session.authnContextClassRef,
      claims: session.claims,
      trace: kept?.trace ?? null,
      requestId: session.requestId,
    })
    // Browsers hold a form's target against redirects too, and signing out may lead on to the identity provider.
    const provider = await logout.destinationOf(session)
    sendPage(res, html, {
      formAction: ["'self'", ...(provider === null ? [] : formActionTo(provider))],
    })
  })

  /** A second factor for the session that is there: proves the one that the person has, or sets one up. */
  router.post('/me/second-factor', async (req, res) => {
    requireOwnForm(req, signin.settings.publicUrl)
    const person = await current(req)
    if (person === null) res.redirect(303, '/signin')
    else res.redirect(303, await land(req, res, await local.stepUp(person.session, '/me')))
  })

  const current = (req: Request) => personOf(cookies.session(req), signin.clock(), signin)

  return router
}
