// An API that takes homerealm's access tokens. It checks each by the published keys, and serves who may read orders.
import express, { type RequestHandler } from 'express'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const { ISSUER = '', AUDIENCE = 'api://orders', PORT = '5000' } = process.env

const discovery = await fetch(`${ISSUER}/.well-known/openid-configuration`)
const { jwks_uri } = (await discovery.json()) as { jwks_uri: string }
const keys = createRemoteJWKSet(new URL(jwks_uri)) // fetched when needed, and again when an unknown key turns up

const mayReadOrders: RequestHandler = async (req, res, next) => {
  const token = /^Bearer (\S+)$/i.exec(req.get('authorization') ?? '')?.[1]
  if (token === undefined) {
    res.status(401).set('WWW-Authenticate', 'Bearer').end()
    return
  }
  try {
    const expected = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['RS256'] }
    const { payload } = await jwtVerify(token, keys, expected)
    // A person's token says in `scp` what the app may do for them; an app's own has `roles`, and no `scp`.
    const scopes = String(payload.scp ?? '').split(' ')
    const roles = payload.idtyp === 'app' && Array.isArray(payload.roles) ? payload.roles : []
    if (scopes.includes('Orders.Read') || roles.includes('Orders.Read.All')) {
      res.locals.reader = payload.name ?? `app ${payload.azp}` // whose data: payload.oid, never the name
      next()
    } else res.status(403).set('WWW-Authenticate', 'Bearer error="insufficient_scope"').end()
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    res.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').end()
  }
}

const app = express()
app.get('/orders', mayReadOrders, (_req, res) => {
  res.json({ reader: res.locals.reader, orders: ['4711'] })
})
app.listen(Number(PORT), () => console.log(`Orders at http://localhost:${PORT}/orders`))
