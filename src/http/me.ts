import { type Request, Router } from 'express'
import type { Federation, User } from '../directory/types.ts'
import { parseEmail, principalNameDomain } from '../directory/upn.ts'
import { fingerprint } from '../lib/secrets.ts'
import { discoverRealm } from '../realm/discover.ts'
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

  // The cookie is SameSite=Lax, so another site's form comes without it; clearing it then would sign people out all the same.
  router.post('/signout', async (req, res) => {
    const handle = cookies.session(req)
    if (handle !== null && !isFromElsewhere(req, signin.settings.publicUrl)) {
      await signin.sessions.endSession(fingerprint(handle))
      cookies.clearSession(res)
    }
    res.redirect(303, '/signedout')
  })

  router.get('/signedout', (_req, res) => {
    sendPage(res, signedOutPage({ startUrl: '/signin' }))
  })

  /**
   * A session counts while what let the person in still holds: the user is there, enabled, and has that ImmutableId, and the
   * federation that opened it serves their domain. Once it does not, the session is over for good.
   */
  async function current(
    req: Request,
  ): Promise<{ session: Session; user: User; federation: Federation } | null> {
    const handle = cookies.session(req)
    if (handle === null) return null
    const session = await signin.sessions.session(fingerprint(handle), signin.clock())
    if (session === null) return null
    const user = await signin.directory.user(session.userId)
    if (user?.accountEnabled && user.onPremisesImmutableId === session.nameId) {
      const domain = principalNameDomain(user.userPrincipalName)
      const realm = domain === null ? null : await discoverRealm(signin.directory, domain)
      if (realm?.kind === 'federated' && realm.federation.id === session.federationId) {
        return { session, user, federation: realm.federation }
      }
    }
    await signin.sessions.endSession(session.key)
    return null
  }

  return router
}

/** Browsers say where a form comes from; one that says nothing is too old to be asked by another site with our cookie. */
function isFromElsewhere(req: Request, publicUrl: string): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = req.get('origin')
  return origin !== undefined && origin !== publicUrl
}
