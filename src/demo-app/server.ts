/**
 * demo-app/: Routty, a sample app that signs people in through homerealm and shows its tokens. It stands for the apps of others:
 * it must not know anything of ours but `lib/`, and reaches homerealm by OpenID Connect alone, as any other app would.
 *
 * What it is not: a pattern for storing sessions. They live in memory (1,000 of them, 12 hours); an app with more than one process
 * needs a store. Everything else is what an app should do: PKCE, `state` and `nonce`, one use of each answer, tokens that never
 * reach the browser, forms from its own pages only.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { newHandle } from '../lib/ids.ts'
import { equalSecrets } from '../lib/secrets.ts'
import { favicon, style } from './assets.ts'
import { framable, notFound, ownFormsOnly, problemHandler, securityHeaders } from './middleware.ts'
import { homePage, leavingPage, problemPage, signedOutPage, startPage } from './pages.ts'
import { answeredBefore, notAwaited, type Problem, problemOf } from './refusals.ts'
import { createRelyingParty, type RelyingPartyOptions } from './relyingParty.ts'
import { cookiesFor, createMemories, type Outcome, type Session } from './sessions.ts'

/** Paths below Routty's origin that are registered at homerealm. */
export const appPaths = {
  callback: '/callback',
  signedOut: '/signed-out',
  frontChannelLogout: '/front-channel-logout',
  backChannelLogout: '/back-channel-logout',
} as const

export interface DemoAppOptions extends Omit<RelyingPartyOptions, 'redirectUri' | 'signedOutUri'> {
  /** Origin under which browsers reach Routty, without a slash at the end: `http://127.0.0.1:3002`. */
  readonly baseUrl: string
  /** Origin of homerealm, for links to what a code means. */
  readonly homerealmUrl: string
  /** Whom to try to sign in as, and what happens then. */
  readonly people: readonly { readonly email: string; readonly note: string }[]
  /** Told of every error that is Routty's own fault. */
  readonly onError?: (error: unknown) => void
}

const LONGEST_HINT = 254
const shortForm = express.urlencoded({ extended: false, limit: '16kb' })
const prompts: ReadonlySet<string> = new Set(['none', 'login', 'select_account'])

/** Routty as an Express app, on an origin of its own. */
export function createDemoApp(options: DemoAppOptions): Express {
  const { baseUrl, homerealmUrl, issuer, people, clock, random } = options
  const relyingParty = createRelyingParty({
    ...options,
    redirectUri: baseUrl + appPaths.callback,
    signedOutUri: baseUrl + appPaths.signedOut,
  })
  const { signIns, sessions } = createMemories()
  const cookies = cookiesFor(baseUrl)

  function sessionOf(req: Request): Session | null {
    const handle = cookies.read(req, 'session')
    return handle === null ? null : sessions.get(handle, clock())
  }

  function sendProblem(req: Request, res: Response, problem: Problem): void {
    const claims = sessionOf(req)?.tokens.id.claims
    const signedInAs = claims ? String(claims.preferred_username) : null
    res.status(problem.status).send(problemPage({ ...problem, homerealmUrl, signedInAs }))
  }

  const home: RequestHandler = (req, res) => {
    const session = sessionOf(req)
    if (session === null) res.send(startPage({ people }))
    else res.send(homePage({ ...session, now: clock() }))
  }

  /** Off to homerealm. What is remembered of it belongs to this browser. */
  const signIn: RequestHandler = async (req, res) => {
    const hint = single(req.query.login_hint)
    const prompt = single(req.query.prompt)
    const { begun, url } = await relyingParty.begin({
      loginHint: hint !== null && hint.length <= LONGEST_HINT ? hint : null,
      prompt: prompt !== null && prompts.has(prompt) ? prompt : null,
    })
    const browser = cookies.read(req, 'browser') ?? newHandle(random)
    signIns.put(begun.state, { ...begun, browser, isAnswered: false }, clock())
    cookies.set(res, 'browser', browser)
    goTo(res, url)
  }

  /** Back from homerealm, with a code or an error: once, and only in the browser that began. */
  const callback: RequestHandler = async (req, res) => {
    const signIn = signIns.get(single(req.query.state) ?? '', clock())
    const browser = cookies.read(req, 'browser') ?? ''
    if (signIn === null || !equalSecrets(signIn.browser, browser)) {
      return sendProblem(req, res, notAwaited)
    }
    if (signIn.isAnswered) return sendProblem(req, res, answeredBefore)
    signIn.isAnswered = true
    const mark = req.originalUrl.indexOf('?')
    const tokens = await relyingParty.finish(req.originalUrl.slice(mark), signIn)
    const older = cookies.read(req, 'session')
    if (older !== null) sessions.delete(older)
    const handle = newHandle(random)
    const fresh = { userinfo: null, renewals: 0, outcome: null, renewing: null }
    sessions.put(handle, { tokens, ...fresh }, clock())
    cookies.set(res, 'session', handle)
    // On to an address without the code: neither history nor reload holds it.
    res.redirect(303, '/')
  }

  /** Something that the tokens are used for, and how it went; answers by a redirect, so that reload repeats nothing. */
  const act = (anchor: string, doing: (session: Session) => Promise<Outcome>): RequestHandler => {
    return async (req, res) => {
      const session = sessionOf(req)
      if (session !== null) {
        session.outcome = await doing(session).catch((error: unknown) => {
          const problem = problemOf(error)
          if (problem === null) throw error
          const { heading, details } = problem
          return {
            isGood: false,
            headline: heading,
            text: details.map((d) => d.join(': ')).join(' · '),
          }
        })
      }
      res.redirect(303, session === null ? '/' : `/#${anchor}`)
    }
  }

  const renew = act('outcome', async (session) => {
    session.renewing ??= renewOnce(session).finally(() => {
      session.renewing = null
    })
    await session.renewing
    const text =
      'You saw no page of homerealm: Routty sent the refresh token, which is good for one use, and got new tokens.'
    return { isGood: true, headline: 'The tokens are new', text }
  })

  async function renewOnce(session: Session): Promise<void> {
    session.tokens = await relyingParty.renew(session.tokens)
    session.renewals += 1
  }

  const userinfo = act('outcome', async (session) => {
    session.userinfo = await relyingParty.userinfo(session.tokens)
    const text = 'The access token opened it. What it said stands below.'
    return { isGood: true, headline: 'Userinfo answered', text }
  })

  /** The session here ends first; then the browser goes to homerealm, to end that one. */
  const signOut: RequestHandler = async (req, res) => {
    const session = sessionOf(req)
    const handle = cookies.read(req, 'session')
    if (handle !== null) sessions.delete(handle)
    cookies.clear(res, 'session')
    if (session === null) return res.redirect(303, '/')
    const url = await relyingParty.signOutUrl(session.tokens)
    // Not by redirect: browsers hold what follows a form's POST against the policy of the page (CSP level 3, form-action), and
    // homerealm may send the browser on to anywhere. A page that goes on by itself begins a new navigation.
    res.set('Refresh', `0; url=${url}`).send(leavingPage({ url }))
  }

  /**
   * Loaded in a frame by homerealm when its session ends elsewhere (OpenID Connect Front-Channel Logout 1.0 section 3). Browsers send
   * no cookie into such a frame, and none is needed: `sid` is known to nobody but the apps of the session.
   */
  const frontChannelLogout: RequestHandler = ({ query }, res) => {
    const [iss, sid] = [single(query.iss), single(query.sid)]
    if (iss === issuer && sid !== null) {
      sessions.deleteWhere(({ tokens }) => tokens.id.claims.sid === sid)
    }
    res.send('<!doctype html><html lang="en"><title>Routty</title><p>Signed out.</p></html>')
  }

  /**
   * Told by homerealm itself when its session ends, wherever the browser is by then (OpenID Connect Back-Channel Logout 1.0 section 2.5).
   * It comes from a server, so that no page is its origin; the signature of its token is what counts.
   */
  const backChannelLogout: RequestHandler = async (req, res) => {
    const ended = await relyingParty.endedSession(single(req.body?.logout_token) ?? '')
    if (ended !== null) {
      sessions.deleteWhere(({ tokens }) => tokens.id.claims.sid === ended)
    }
    res.status(ended === null ? 400 : 200).end()
  }

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(securityHeaders)
  app.get('/', home)
  app.get('/signin', signIn)
  app.get(appPaths.callback, callback)
  app.post('/renew', ownFormsOnly(baseUrl), renew)
  app.post('/userinfo', ownFormsOnly(baseUrl), userinfo)
  app.post('/signout', ownFormsOnly(baseUrl), signOut)
  app.get(['/renew', '/userinfo', '/signout'], (_req, res) => res.redirect(303, '/'))
  app.get(appPaths.signedOut, (_req, res) => void res.send(signedOutPage({})))
  app.get(appPaths.frontChannelLogout, framable(homerealmUrl), frontChannelLogout)
  app.post(appPaths.backChannelLogout, shortForm, backChannelLogout)
  app.get('/routty.css', (_req, res) => void res.type('css').send(style))
  app.get('/routty.svg', (_req, res) => void res.type('svg').send(favicon))
  app.use(notFound)
  app.use(problemHandler(sendProblem, options.onError))
  return app
}

/** A parameter that came exactly once, and not empty. */
function single(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Not through Express, which would encode the address anew. */
function goTo(res: Response, address: string): void {
  res.statusCode = 303
  res.setHeader('Location', address)
  res.end()
}
