// An Express app whose people sign in at the Okta of their e-mail's domain. `homerealm domains federate` and `homerealm users
// import` fill its data folder (HOMEREALM_DATA); in Okta, the app's Single sign-on URL is PUBLIC_URL/common/saml2.
import express, { type RequestHandler } from 'express'
import type { SigninFailure, User } from 'homerealm'
import { FederatedDomainStrategy, openSignin, signinAssets } from 'homerealm'
import passport from 'passport'

const { PORT = '4000', PUBLIC_URL = `http://localhost:${PORT}`, DATA = './data' } = process.env
const signin = await openSignin({ publicUrl: PUBLIC_URL, dataFolder: DATA })
passport.use(new FederatedDomainStrategy(signin))

const signIn: RequestHandler = (req, res, next) => {
  const done = (error: unknown, user: User | false, failure: SigninFailure) => {
    if (error) next(error)
    else if (!user) res.status(403).type('text').send(failure.message)
    else res.type('text').send(`Hello ${user.displayName}`) // an app opens its session here
  }
  passport.authenticate('federated-domain', { session: false }, done)(req, res, next)
}

const app = express().use(signinAssets())
app.get('/signin', signIn) // as /signin?login_hint=alice@customer.com
app.post('/:tenant/saml2', signIn)
app.listen(Number(PORT), () => console.log(`Open ${PUBLIC_URL}/signin?login_hint=YOUR-EMAIL`))
