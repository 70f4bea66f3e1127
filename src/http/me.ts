import { type Request, Router } from 'express'
import type { Federation, User } from '../directory/types.ts'
import { parseEmail } from '../directory/upn.ts'
import { fingerprint } from '../lib/secrets.ts'
import type { Session } from '../signin/ports.ts'
import type { Signin } from '../signin/service.ts'
import { mePage, signedOutPage } from '../web/pages.ts'
import type { Cookies } from './cookies.ts'
import { sendPage } from './present.ts'

/** `GET /`, `GET /me`, `POST /signout`: the signed-in person's own pages. */
export function meRouter(signin: Signin, cookies: Cookies): Router {
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
      federationName: federation.displayName,
      authenticatedAt: session.authenticatedAt,
      expiresAt: session.expiresAt,
      nameId: session.nameId,
      nameIdFormat: session.nameIdFormat,
      sessionIndex: session.sessionIndex,
      authnContext: session.authnContextClassRef,
      claims: session.claims,
      trace: kept?.trace ?? null,
      requestId: session.requestId,
    })
    sendPage(res, html)
  })

  // The cookie is SameSite=Lax, so another site's form comes without it and ends nothing.
  router.post('/signout', async (req, res) => {
    const handle = cookies.session(req)
    if (handle !== null) await signin.sessions.endSession(fingerprint(handle))
    cookies.clearSession(res)
    res.redirect(303, '/signedout')
  })

  router.get('/signedout', (_req, res) => {
    sendPage(res, signedOutPage({ startUrl: '/signin' }))
  })

  /** A session counts while its user is there and enabled, and the federation that opened it still stands. */
  async function current(
    req: Request,
  ): Promise<{ session: Session; user: User; federation: Federation } | null> {
    const handle = cookies.session(req)
    if (handle === null) return null
    const session = await signin.sessions.session(fingerprint(handle), signin.clock())
    if (session === null) return null
    const user = await signin.directory.user(session.userId)
    const federation = await signin.directory.federation(session.federationId)
    return user?.accountEnabled && federation?.isEnabled ? { session, user, federation } : null
  }

  return router
}
