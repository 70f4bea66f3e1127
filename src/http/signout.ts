import { type Request, type Response, Router } from 'express'
import { fingerprint } from '../lib/secrets.ts'
import { type LogoutRequest, planLogout, tellApps } from '../oidc/logout.ts'
import type { Person } from '../oidc/person.ts'
import { logoutPath } from '../oidc/provider.ts'
import type { Oidc } from '../oidc/service.ts'
import { isPage, signedOutPath } from '../signin/logout/incomplete.ts'
import type { Logout } from '../signin/logout/service.ts'
import type { Signin } from '../signin/service.ts'
import { signingOutPage, signOutPage } from '../web/oidcPages.ts'
import { signedOutPage } from '../web/pages.ts'
import { queryText } from './context.ts'
import type { Cookies } from './cookies.ts'
import { type FormFields, plainFormFaults, readForm } from './formBody.ts'
import { isFromElsewhere, requireOwnForm } from './journey.ts'
import { sendPage } from './present.ts'
import { resolveTenant } from './tenant.ts'

/** An ID token with two hundred groups, and the other parameters. */
const LONGEST_FORM = 64 * 1024

const parameters = {
  idTokenHint: 'id_token_hint',
  logoutHint: 'logout_hint',
  clientId: 'client_id',
  postLogoutRedirectUri: 'post_logout_redirect_uri',
  state: 'state',
} as const satisfies Record<keyof LogoutRequest, string>

/**
 * `GET, POST /{tenant}/oauth2/v2.0/logout` for apps, `POST /signout` for the person's own page, and `GET /signedout`. All of them end
 * our session, tell the apps that it was used for, and then the identity provider.
 */
export function signoutRouter(
  oidc: Oidc,
  signin: Signin,
  cookies: Cookies,
  logout: Pick<Logout, 'begin' | 'noted'>,
): Router {
  const router = Router()
  const { currentPerson } = oidc.parts
  const { publicUrl } = signin.settings
  const path = `/:tenant${logoutPath}`
  // The confirmation leads on to the app, and browsers hold that redirect against the policy of the form's page. An app on this
  // machine may be http.
  const formActionTo = (returnTo: string | null) => {
    const isPlain = [publicUrl, returnTo].some((url) => url?.startsWith('http:'))
    return ["'self'", 'https:', ...(isPlain ? ['http:'] : [])]
  }

  router.get(path, async (req, res) => {
    const mark = req.originalUrl.indexOf('?')
    const query = mark < 0 ? '' : req.originalUrl.slice(mark, mark + LONGEST_FORM)
    await answer(req, res, new URLSearchParams(query))
  })
  router.post(path, async (req, res) => {
    await answer(req, res, await readForm(req, LONGEST_FORM, plainFormFaults))
  })

  async function answer(req: Request, res: Response, fields: FormFields): Promise<void> {
    await resolveTenant(req.path, signin)
    const request = requestFrom(fields)
    const person = await currentPerson(req)
    const { keys } = await oidc.current()
    const { returnTo, isCertain } = await planLogout(oidc.parts, keys, request, person)
    if (person === null || isCertain) {
      await leave(req, res, person, returnTo ?? signedOutPath)
      return
    }
    // What is asked again comes as a form of our own, and is understood again: nothing of it is taken on trust.
    const hiddenFields = Object.entries(parameters).flatMap(([name, field]) => {
      const value = request[name as keyof LogoutRequest]
      return value === null ? [] : [[field, value] as const]
    })
    const { userPrincipalName } = person.user
    const html = signOutPage({ userPrincipalName, hiddenFields })
    sendPage(res, html, { formAction: formActionTo(returnTo) })
  }

  // The confirmation of the page above. Its cookie is SameSite=Lax, so another site's form comes without a session.
  router.post('/signout/app', async (req, res) => {
    requireOwnForm(req, publicUrl)
    const request = requestFrom(await readForm(req, LONGEST_FORM, plainFormFaults))
    const person = await currentPerson(req)
    const { keys } = await oidc.current()
    const { returnTo } = await planLogout(oidc.parts, keys, request, person)
    await leave(req, res, person, returnTo ?? signedOutPath)
  })

  router.post('/signout', async (req, res) => {
    if (isFromElsewhere(req, publicUrl)) goTo(res, signedOutPath)
    else await leave(req, res, await currentPerson(req), signedOutPath)
  })

  router.get(signedOutPath, async (req, res) => {
    const after = queryText(req, 'after')
    const noted = after === null ? null : await logout.noted(after)
    const goOn = noted === null || noted.returnTo === signedOutPath ? null : noted.returnTo
    const leftAt = noted?.idpName ?? null
    sendPage(res, signedOutPage({ startUrl: '/signin', leftAt, continueUrl: goOn }))
  })

  /** Ends the session, if there is one, and goes on to `next`. */
  async function leave(
    req: Request,
    res: Response,
    person: Person | null,
    next: string,
  ): Promise<void> {
    const handle = cookies.session(req)
    // The cookie is SameSite=Lax, so another site's form comes without it; clearing it then would sign people out all the same.
    if (handle !== null) {
      await signin.sessions.endSession(fingerprint(handle))
      cookies.clearSession(res)
    }
    if (person === null) {
      goTo(res, next)
      return
    }
    const { session } = person
    const { keys } = await oidc.current()
    const { frames } = await tellApps(oidc.parts, keys, session)
    const onward = (await logout.begin(session, next)) ?? next
    if (frames.length === 0 || !isPage(onward)) {
      goTo(res, onward)
      return
    }
    const frameSrc = [...new Set(frames.map((uri) => new URL(uri).origin))]
    sendPage(res, signingOutPage({ frames, next: onward }), { frameSrc })
  }

  return router
}

function requestFrom(fields: FormFields): LogoutRequest {
  const entries = Object.entries(parameters).map(([name, field]) => {
    const [value, ...more] = fields.getAll(field)
    return [name, value !== undefined && value !== '' && more.length === 0 ? value : null]
  })
  return Object.fromEntries(entries) as LogoutRequest
}

/** Not through Express, which would encode a registered address anew. */
function goTo(res: Response, address: string): void {
  res.statusCode = 303
  res.setHeader('Location', address)
  res.end()
}
