import { expect } from 'chai'
import { MOST_REFUSALS, refusalLimit } from '../../src/oidc/refusalLimit.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  askTokens,
  authorizeUrl,
  codeFor,
  pkce,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
} from './support.ts'

describe('wrong client authentications', () => {
  it('are counted by app and address, anew each minute', () => {
    let now = 0
    const tooMany = refusalLimit(() => now)
    for (let n = 0; n < MOST_REFUSALS; n += 1) expect(tooMany('app', '10.0.0.1')).to.equal(null)
    now = 20_000
    expect(tooMany('app', '10.0.0.1')).to.equal(40)
    expect(tooMany('app', '10.0.0.2')).to.equal(null)
    expect(tooMany('other', '10.0.0.1')).to.equal(null)
    now = 60_000
    expect(tooMany('app', '10.0.0.1')).to.equal(null)
  })

  it('of very many apps and addresses take no more memory: beyond, all share one count', () => {
    const tooMany = refusalLimit(() => 0)
    for (let n = 0; n < 10_000; n += 1) expect(tooMany('app', `${n}`)).to.equal(null)
    for (let n = 0; n < MOST_REFUSALS; n += 1) tooMany('app', `new ${n}`)
    expect(tooMany('app', 'newest')).to.equal(60)
    expect(tooMany('app', '1')).to.equal(null)
  })
})

describe('limits in front of the endpoints for apps', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment({ environment: { HOMEREALM_RATE_PER_MINUTE: '150' } })
  })
  after(() => deployment?.close())

  it('an app with a wrong secret is soon told to wait, one with the right secret never', async () => {
    const { app, secret } = await registerServerApp(deployment, { displayName: 'busy' })
    const ask = (client_secret: string) =>
      askTokens(deployment, {
        grant_type: 'client_credentials',
        client_id: app.id,
        client_secret,
        scope: 'User.Read/.default',
      })
    for (let n = 0; n < MOST_REFUSALS; n += 1) {
      const { status, body } = await ask('wrong')
      expect([status, body.error_codes]).to.deep.equal([401, [7000215]])
    }
    const { status, headers, body } = await ask('wrong')
    expect([status, body.error, body.error_codes]).to.deep.equal([
      429,
      'temporarily_unavailable',
      [90055],
    ])
    expect(headers.get('retry-after')).to.equal('60')
    // Refused for its scope, and so past its secret.
    expect((await ask(secret)).body.error_codes).to.deep.equal([500011])
  })

  it('a busy app with one address exchanges as many codes as it likes', async () => {
    const { app, secret } = await registerServerApp(deployment, { displayName: 'busier' })
    const code = await codeFor(deployment, app)
    const { body } = await redeem(deployment, app, code, { client_secret: secret })
    let token = body.refresh_token
    for (let n = 0; n < 200; n += 1) {
      const fields = { grant_type: 'refresh_token', client_id: app.id, client_secret: secret }
      const next = await askTokens(deployment, { ...fields, refresh_token: token, scope: 'openid' })
      expect(next.status).to.equal(200)
      token = next.body.refresh_token
    }
  })

  it('device codes are limited by address, with the answer in JSON', async () => {
    const app = await registerApp(deployment, { redirectUris: [], allowDeviceCode: true })
    const ask = () =>
      askTokens(
        deployment,
        { client_id: app.id, scope: 'openid' },
        {},
        `/${deployment.tenant.id}/oauth2/v2.0/devicecode`,
      )
    for (let n = 0; n < 150; n += 1) expect((await ask()).status).to.equal(200)
    const { status, headers, body } = await ask()
    expect([status, body.error_codes]).to.deep.equal([429, [90055]])
    expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
  })

  it('a page of a registered origin reads that it has to wait, and for how long; no other page does', async () => {
    const { app } = await registerServerApp(deployment, { displayName: 'no spa' })
    await registerApp(deployment, { displayName: 'spa' })
    const path = `/${deployment.tenant.id}/oauth2/v2.0/devicecode`
    const ask = (origin: string) =>
      askTokens(deployment, { client_id: app.id, scope: 'openid' }, { origin }, path)
    for (let n = 0; n < 151; n += 1) await ask('https://evil.example')
    for (const [origin, allowed] of [
      [new URL(redirectUri).origin, new URL(redirectUri).origin],
      ['https://evil.example', null],
      ['null', null],
    ] as const) {
      const { status, headers, body } = await ask(origin)
      expect([status, body.error_codes], origin).to.deep.equal([429, [90055]])
      expect(headers.get('access-control-allow-origin'), origin).to.equal(allowed)
      expect(headers.get('vary'), origin).to.include('Origin')
      const exposed = headers.get('access-control-expose-headers')
      expect(exposed, origin).to.equal(allowed && 'Retry-After')
    }
  })

  it('authorization requests are limited by address, with a page', async () => {
    const app = await registerApp(deployment, { displayName: 'asks' })
    const visitor = deployment.visitor()
    const url = authorizeUrl(deployment, app, pkce().params)
    const statuses = new Set<number>()
    for (let n = 0; n < 151; n += 1) statuses.add((await visitor.fetch(url)).status)
    expect([...statuses]).to.deep.equal([303, 429])
    const refused = await visitor.fetch(url)
    expect([refused.status, refused.aadsts]).to.deep.equal([429, 90023])
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60)
    // The pages have a count of their own.
    expect((await visitor.fetch('/signin')).status).to.equal(200)
  })
})
