// A web app with openid-client: signs people in, by a secret or a key of its own, and keeps them signed in.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import { importPKCS8 } from 'jose'
import * as client from 'openid-client'

const { ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', PRIVATE_KEY, PORT = '4000' } = process.env
const { RESPONSE_MODE = 'query', TLS_CERT, TLS_KEY } = process.env
const appUrl = `${TLS_CERT ? 'https' : 'http'}://localhost:${PORT}/`

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, {}, await credential())

/** How the app proves that it is itself: by a key that never leaves it (private_key_jwt), or else by a secret. */
async function credential(): Promise<client.ClientAuth> {
  if (PRIVATE_KEY === undefined) return client.ClientSecretPost(CLIENT_SECRET)
  return client.PrivateKeyJwt(await importPKCS8(readFileSync(PRIVATE_KEY, 'utf8'), 'RS256'))
}

declare module 'express-session' {
  interface SessionData {
    checks: { expectedState: string; expectedNonce: string; pkceCodeVerifier: string }
    person: { name: string; sub: string; idToken: string; refreshToken: string }
  }
}

const app = express()
app.use(
  session({
    secret: randomBytes(32).toString('hex'), // in production: one for all processes, and a store
    resave: false,
    saveUninitialized: false,
    // An answer by form_post is a POST from another site, to which browsers add a cookie only if it is SameSite=None; Secure.
    cookie:
      RESPONSE_MODE === 'form_post'
        ? { httpOnly: true, sameSite: 'none', secure: true }
        : { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
)

app.get('/', (req, res) => {
  const { person } = req.session
  res.type('text').send(person ? `Hello ${person.name}` : 'Nobody is signed in. Open /signin')
})

app.get('/signin', async (req, res) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  req.session.checks = { expectedState, expectedNonce, pkceCodeVerifier }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${appUrl}callback`,
    scope: 'openid profile offline_access',
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    response_mode: RESPONSE_MODE,
    ...(req.query.silent !== undefined && { prompt: 'none' }),
    ...(typeof req.query.hint === 'string' && { login_hint: req.query.hint }),
  })
  res.redirect(url.href)
})

const callback: RequestHandler = async (req, res) => {
  const { checks } = req.session
  delete req.session.checks // good for one answer
  const url = new URL(req.originalUrl, appUrl)
  const body = new URLSearchParams(req.body)
  const answer = req.method === 'POST' ? new Request(url, { method: 'POST', body }) : url
  try {
    if (checks === undefined) throw new Error('This sign-in was not begun here.')
    const tokens = await client.authorizationCodeGrant(config, answer, checks)
    const { id_token: idToken = '', refresh_token: refreshToken = '' } = tokens
    const claims = tokens.claims()
    req.session.regenerate(() => {
      const [name, sub] = [String(claims?.name), claims?.sub ?? '']
      req.session.person = { name, sub, idToken, refreshToken }
      res.redirect('/')
    })
  } catch (error) {
    // login_required or interaction_required: prompt=none was not enough. The number of the cause is in the text.
    // invalid_client: the app's own secret or key is wrong (AADSTS7000215, AADSTS700027).
    const isTold =
      error instanceof client.AuthorizationResponseError ||
      error instanceof client.ResponseBodyError
    const told = isTold ? `${error.error}: ${error.error_description}` : (error as Error).message
    res.status(401).type('text').send(`${told}\r\nOpen /signin`)
  }
}
app.get('/callback', callback)
app.post('/callback', express.urlencoded(), callback)

app.get('/refresh', async (req, res) => {
  const { person } = req.session
  if (person === undefined) {
    res.redirect('/signin')
    return
  }
  try {
    const tokens = await client.refreshTokenGrant(config, person.refreshToken)
    const { access_token, refresh_token = '' } = tokens
    req.session.person = { ...person, refreshToken: refresh_token } // each is good for one use
    const { name } = await client.fetchUserInfo(config, access_token, person.sub)
    res.type('text').send(`Still ${name}`)
  } catch (error) {
    // The account was disabled, for example, or somebody else used the refresh token: sign in again.
    if (!(error instanceof client.ResponseBodyError)) throw error
    delete req.session.person
    res.status(401).type('text').send(`${error.error}: ${error.error_description}\r\nOpen /signin`)
  }
})

app.get('/signout', (req, res) => {
  const url = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: appUrl,
    ...(req.session.person && { id_token_hint: req.session.person.idToken }),
  })
  req.session.destroy(() => res.redirect(url.href))
})

const server =
  TLS_CERT && TLS_KEY
    ? createServer({ cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) }, app)
    : app
server.listen(Number(PORT), () => console.log(`Open ${appUrl}`))
