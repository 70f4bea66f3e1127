// An Express app with passport: signs people in by passport-openidconnect, and keeps them in an express-session.
import { randomBytes } from 'node:crypto'
import express, { type ErrorRequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy } from 'passport-openidconnect'

const { ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '', PORT = '4000' } = process.env
const appUrl = `http://localhost:${PORT}/`

const discovery = await fetch(`${ISSUER}/.well-known/openid-configuration`)
const endpoints = (await discovery.json()) as Record<string, string>

interface Person {
  readonly id: string
  readonly name: string
  readonly idToken: string
}

passport.use(
  'homerealm',
  new Strategy(
    {
      issuer: ISSUER,
      authorizationURL: endpoints.authorization_endpoint ?? '',
      tokenURL: endpoints.token_endpoint ?? '',
      userInfoURL: endpoints.userinfo_endpoint ?? '',
      clientID: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      callbackURL: `${appUrl}callback`,
      scope: 'profile',
      nonce: 'true',
    },
    (_issuer, { id, displayName }, _context, idToken, done) => {
      const person: Person = { id, name: displayName, idToken } // look your own user up by `id` here
      done(null, person)
    },
  ),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser<Person>((user, done) => done(null, user))

const app = express()
app.use(
  session({
    secret: randomBytes(32).toString('hex'), // in production: one for all processes, and a store
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
  passport.session(),
)

app.get('/', (req, res) => {
  const person = req.user as Person | undefined
  res.type('text').send(person ? `Hello ${person.name}` : 'Nobody is signed in. Open /signin')
})

app.get('/signin', (req, res, next) => {
  const { silent, hint } = req.query
  const options = {
    ...(silent !== undefined && { prompt: 'none' }),
    ...(typeof hint === 'string' && { loginHint: hint }),
  }
  passport.authenticate('homerealm', options)(req, res, next)
})

app.get(
  '/callback',
  passport.authenticate('homerealm', { successRedirect: '/', failWithError: true }),
)

app.get('/signout', (req, res, next) => {
  const person = req.user as Person | undefined
  req.logout((error) => {
    if (error) {
      next(error)
      return
    }
    const query = new URLSearchParams({ post_logout_redirect_uri: appUrl, client_id: CLIENT_ID })
    if (person) query.set('id_token_hint', person.idToken) // without it the person is asked first
    res.redirect(`${endpoints.end_session_endpoint}?${query}`)
  })
})

/** login_required or interaction_required: prompt=none was not enough. The number of the cause is in the text. */
const onError: ErrorRequestHandler = (error, _req, res, _next) => {
  const { code = 'signin_failed', message } = error
  res.status(401).type('text').send(`${code}: ${message}\r\nOpen /signin`)
}
app.use(onError)

app.listen(Number(PORT), () => console.log(`Open ${appUrl}`))
