import { type Request, type Response, Router } from 'express'
import { fingerprint } from '../lib/secrets.ts'
import type { Signin } from '../signin/service.ts'
import type { Authenticate } from './authenticate.ts'
import type { Cookies } from './cookies.ts'
import { journeyFields } from './journey.ts'
import { seeOther, sendRefused } from './present.ts'
import type { SigninFailure, SigninInfo } from './strategy.ts'

/** Answers the app that a sign-in was for, if it can be done at once; else false, and the person goes on to `returnTo`. */
export type ToApp = (req: Request, res: Response, info: SigninInfo) => Promise<boolean>

/** `POST /{tenant}/saml2` and `POST /login.srf`: the assertion consumer service. Nothing but POST, and it never signs out (R25). */
export function acsRouter(
  signin: Signin,
  authenticate: Authenticate,
  cookies: Cookies,
  toApp: ToApp,
): Router {
  const router = Router()
  const paths = ['/login.srf', '/:tenant/saml2']

  router.post(paths, (req, res, next) => {
    authenticate(req, res, next, {
      signedIn: (info) => signedIn(req, res, info),
      failed: (failure) => refused(req, res, failure),
    })
  })

  router.all(paths, (_req, res) => {
    res.set('Allow', 'POST')
    sendRefused(res, { reason: 'methodNotAllowed', at: signin.clock() })
  })

  async function signedIn(req: Request, res: Response, info: SigninInfo): Promise<void> {
    // A new sign-in takes the older session's place. Its Lax cookie comes along from an identity provider of our own site only;
    // else the browser's cookie is overwritten, and the older record stays behind with nobody to use it.
    const older = cookies.session(req)
    if (older !== null) await signin.sessions.endSession(fingerprint(older))
    cookies.setSession(res, info.handle, info.session.expiresAt - signin.clock())
    if (await toApp(req, res, info)) return
    seeOther(res, info.verdict.request?.returnTo ?? '/me')
  }

  async function refused(req: Request, res: Response, failure: SigninFailure): Promise<void> {
    const { reason, values } = failure
    const at = signin.clock()
    const startUrl = startAgain(failure.verdict?.request?.returnTo ?? '/me')
    sendRefused(res, { reason, values, at, signedInAs: await signedInAs(req), startUrl })
  }

  async function signedInAs(req: Request): Promise<string | null> {
    const handle = cookies.session(req)
    const session = handle && (await signin.sessions.session(fingerprint(handle), signin.clock()))
    const user = session ? await signin.directory.user(session.userId) : null
    return user?.userPrincipalName ?? null
  }

  return router
}

/** The e-mail page, with the way on to whatever the sign-in was for. */
function startAgain(returnTo: string): string {
  const along = journeyFields({ returnTo, requiresMfa: false })
  return along.length === 0 ? '/signin' : `/signin?${new URLSearchParams(along)}`
}
