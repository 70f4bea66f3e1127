// A web app with MSAL: signs people in, and calls an API for them.
import { randomBytes } from 'node:crypto'
import { AuthError, ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node'
import express, { type ErrorRequestHandler } from 'express'
import session from 'express-session'

const { AUTHORITY = '', CLIENT_ID = '', CLIENT_SECRET = '', PORT = '4000' } = process.env
const { API_SCOPE = 'api://orders/Orders.Read', API_URL = 'http://localhost:5000' } = process.env
const appUrl = `http://localhost:${PORT}/`
const redirectUri = `${appUrl}callback`
const scopes = ['openid', 'profile', 'offline_access']

const msal = new ConfidentialClientApplication({
  auth: {
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    authority: AUTHORITY,
    knownAuthorities: [new URL(AUTHORITY).host], // host and port
  },
})
const crypto = new CryptoProvider()

declare module 'express-session' {
  interface SessionData {
    pending: { state: string; nonce: string; verifier: string }
    account: string
  }
}

const app = express()
app.use(
  session({
    secret: randomBytes(32).toString('hex'), // in production: one for all processes, and a store
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
)

app.get('/', async (req, res) => {
  const account = await accountOf(req.session.account)
  res.type('text').send(account ? `Hello ${account.name}` : 'Nobody is signed in. Open /signin')
})

app.get('/signin', async (req, res) => {
  const { verifier, challenge } = await crypto.generatePkceCodes()
  const pending = { state: crypto.createNewGuid(), nonce: crypto.createNewGuid(), verifier }
  req.session.pending = pending
  const { state, nonce } = pending
  const url = await msal.getAuthCodeUrl({
    scopes,
    redirectUri,
    state,
    nonce,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    ...(req.query.silent !== undefined && { prompt: 'none' }),
    ...(typeof req.query.hint === 'string' && { loginHint: req.query.hint }),
  })
  res.redirect(url)
})

app.get('/callback', async (req, res) => {
  const { code, state, error, error_description } = req.query
  const { pending } = req.session
  if (pending === undefined || state !== pending.state) {
    res.status(400).type('text').send('This sign-in was not begun here. Open /signin')
  } else if (typeof code !== 'string') {
    // login_required or interaction_required: prompt=none was not enough. The number of the cause is in the text.
    res.status(401).type('text').send(`${error}: ${error_description}\r\nOpen /signin`)
  } else {
    const { nonce, verifier: codeVerifier } = pending
    const request = { code, codeVerifier, nonce, scopes, redirectUri }
    const { account } = await msal.acquireTokenByCode(request)
    req.session.regenerate(() => {
      if (account) req.session.account = account.homeAccountId
      res.redirect('/')
    })
  }
})

app.get('/orders', async (req, res) => {
  const account = await accountOf(req.session.account)
  if (account === null) {
    res.redirect('/signin')
    return
  }
  // From the cache, or by the refresh token. It fails when the account was disabled, for example: sign in again then.
  const token = await msal.acquireTokenSilent({ account, scopes: [API_SCOPE] }).catch(() => null)
  if (token === null) {
    res.redirect(`/signin?${new URLSearchParams({ hint: account.username })}`)
    return
  }
  const headers = { authorization: `Bearer ${token.accessToken}` }
  const answer = await fetch(`${API_URL}/orders`, { headers })
  res
    .status(answer.status)
    .type('json')
    .send(await answer.text())
})

app.get('/signout', async (req, res) => {
  const account = await accountOf(req.session.account)
  if (account) await msal.getTokenCache().removeAccount(account)
  const query = new URLSearchParams({ post_logout_redirect_uri: appUrl })
  if (account?.idToken) query.set('id_token_hint', account.idToken) // without it the person is asked first
  req.session.destroy(() => res.redirect(`${AUTHORITY}/oauth2/v2.0/logout?${query}`))
})

/** What MSAL says when homerealm refuses the app itself (AADSTS7000215: a wrong secret), in place of Express's own page. */
const onError: ErrorRequestHandler = (error, _req, res, next) => {
  if (!(error instanceof AuthError)) return next(error)
  const text = `${error.errorCode}: ${error.errorMessage}\r\nOpen /signin`
  res.status(502).type('text').send(text)
}
app.use(onError)

/** The account of a session; null for nobody. */
async function accountOf(homeAccountId: string | undefined) {
  if (homeAccountId === undefined) return null
  const accounts = await msal.getTokenCache().getAllAccounts()
  return accounts.find((account) => account.homeAccountId === homeAccountId) ?? null
}

app.listen(Number(PORT), () => console.log(`Open ${appUrl}`))
