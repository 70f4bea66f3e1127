/**
 * demo-okta/: an Okta-shaped identity provider for the demo, the tests and forged cases, with signing code of its own, so that a
 * bug in `saml/` is not mirrored here. It must not know anything of ours but `lib/`; what it shares with homerealm it is told.
 *
 * What it is not, compared with Okta:
 * - It is no place for real people: any password signs anybody in, and a menu sends forged responses. Never expose it.
 * - No session of its own: every visit asks again, so ForceAuthn changes nothing and IsPassive is always answered NoPassive.
 * - One app ("demo_homerealm"), one ACS: a request that names another AssertionConsumerServiceURL is refused, as Okta refuses
 *   one that is not among the app's; there are no further "requestable SSO URLs".
 * - Signatures of requests are neither needed nor verified; IssueInstant, NameIDPolicy and RequestedAuthnContext are ignored.
 *   (Okta's generic SAML app ignores NameIDPolicy too and sends the format that is set in the app.)
 * - No encryption, no single logout, no MFA, no assignments, no management API, no policies, no widget.
 * - In-progress sign-ins live in memory (1,000 of them, 15 minutes) under a handle in the form, not in a cookie.
 * - Okta finds people by the short name before the `@` as well; here the whole login is needed.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { BoundedMemory } from '../lib/boundedMemory.ts'
import { minutes } from '../lib/clock.ts'
import { newHandle } from '../lib/ids.ts'
import { script, style } from './assets.ts'
import { AuthnRequestError, maxRequestBytes } from './authnRequest.ts'
import { FaultUnavailable, faults } from './faults/index.ts'
import { statusCodes } from './honest.ts'
import { idpMetadata } from './metadata.ts'
import { notFound, problemHandler, securityHeaders } from './middleware.ts'
import { landingPage, postPage, problemPage, signInPage } from './pages.ts'
import { createResponder, type ResponderOptions } from './responder.ts'
import { readSsoCall, type SignInInProgress, single } from './ssoCall.ts'

export interface DemoOktaOptions extends ResponderOptions {
  /** Origin under which browsers reach it, without a slash at the end: `http://127.0.0.1:3001`. */
  readonly baseUrl: string
  /**
   * Further origins to which the ACS may send the browser on, by redirect, in one go: those of apps. Browsers hold redirects
   * after a form to the form's Content-Security-Policy as well.
   */
  readonly continueTo?: readonly string[]
  /** Told of every error that is not the caller's fault. */
  readonly onError?: (error: unknown) => void
}

/** Path of the app's single sign-on URL, in Okta's form: `/app/demo_homerealm/exk.../sso/saml`. */
export function ssoPath(issuer: string): string {
  return `/app/demo_homerealm/${appId(issuer)}/sso/saml`
}

/** Path of the app's IdP metadata. */
export function metadataPath(issuer: string): string {
  return `/app/${appId(issuer)}/sso/saml/metadata`
}

function appId(issuer: string): string {
  const id = /^https?:\/\/[^/?#]+\/([A-Za-z0-9]+)$/.exec(issuer)?.[1]
  if (!id) {
    throw new Error(
      `the demo Okta's issuer is ${issuer}; expected the form http://www.okta.com/exk1abc, whose last part is the app's id`,
    )
  }
  return id
}

/**
 * The demo Okta as an Express app. It stands on an origin of its own, beside homerealm's.
 * @throws Error when issuer or ACS are no URLs of the right form, or two users have one login
 */
export function createDemoOkta(options: DemoOktaOptions): Express {
  const { issuer, acs, audience, baseUrl, key, users, clock, random } = options
  const responder = createResponder(options)
  const ssoUrl = baseUrl + ssoPath(issuer)
  const acsOrigin = new URL(acs).origin
  const signIns = new BoundedMemory<SignInInProgress>({ capacity: 1000, lifetime: minutes(15) })

  function sendHome(_request: Request, response: Response): void {
    const people = users.slice(0, 30).map(({ login, firstName, lastName }) => ({
      login,
      name: `${firstName} ${lastName}`,
    }))
    const more = users.length - people.length
    const paths = { ssoPath: ssoPath(issuer), metadataPath: metadataPath(issuer) }
    response.send(landingPage({ ...paths, issuer, acs, audience, people, more }))
  }

  function sendMetadata(_request: Request, response: Response): void {
    response.type('application/xml').send(idpMetadata({ issuer, ssoUrl, key }))
  }

  function sendResponse(response: Response, xml: string, relayState: string | null): void {
    const samlResponse = Buffer.from(xml).toString('base64')
    response.send(postPage({ acs, origin: acsOrigin, samlResponse, relayState }))
  }

  function beginSignIn(method: 'GET' | 'POST'): RequestHandler {
    return ({ query, body }, response) => {
      const call = readSsoCall({ method, query, body: body ?? {} }, { ssoUrl, acs })
      if (call.isPassive) {
        const refusal = responder.refuse(call, statusCodes.noPassive)
        return sendResponse(response, refusal, call.relayState)
      }
      const state = newHandle(random)
      signIns.put(state, { requestId: call.requestId, relayState: call.relayState }, clock())
      response.send(signInPage({ state, username: call.hint, problem: null, fault: '' }))
    }
  }

  async function finishSignIn(request: Request, response: Response): Promise<void> {
    const form = request.body ?? {}
    const state = single(form, 'state') ?? ''
    const username = (single(form, 'username') ?? '').trim().slice(0, 256)
    const faultName = single(form, 'fault') ?? ''
    const fault = faults.get(faultName) ?? null
    if (faultName !== '' && !fault) throw new AuthnRequestError('There is no such fault.')
    const signIn = signIns.get(state, clock())
    if (!signIn) {
      const heading = 'This sign-in is over'
      const message = 'It took too long, or the demo Okta was started anew. Begin again at the app.'
      response.status(400).send(problemPage({ heading, message }))
      return
    }
    const askAgain = (status: number, problem: string): void => {
      const page = signInPage({ state, username, problem, fault: faultName })
      response.status(status).send(page)
    }
    const user = responder.find(username)
    if (!user)
      return askAgain(401, 'Unable to sign in: the demo Okta knows nobody of this user name')
    try {
      sendResponse(response, await responder.respond(user, signIn, fault), signIn.relayState)
    } catch (error) {
      if (!(error instanceof FaultUnavailable)) throw error
      askAgain(409, error.message)
    }
  }

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(securityHeaders([acsOrigin, ...(options.continueTo ?? [])]))
  app.use(express.urlencoded({ extended: false, limit: maxRequestBytes * 4, parameterLimit: 50 }))

  app.get('/', sendHome)
  app.get([metadataPath(issuer), `${ssoPath(issuer)}/metadata`], sendMetadata)
  app.get(ssoPath(issuer), beginSignIn('GET'))
  app.post(ssoPath(issuer), beginSignIn('POST'))
  app.post('/login', finishSignIn)
  app.get('/login', (_request, response) => response.redirect(303, '/'))
  app.get('/demo-okta.css', (_request, response) => void response.type('css').send(style))
  app.get('/demo-okta.js', (_request, response) => void response.type('js').send(script))
  app.get('/favicon.ico', (_request, response) => void response.status(204).end())
  app.use(notFound)
  app.use(problemHandler(options.onError))
  return app
}
