import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { hours } from '../../src/lib/clock.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  codeFor,
  pkce,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
  tokensFor,
} from './support.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('attacks: browsers, bearers and paths', () => {
  let deployment: Deployment
  let app: App
  let base: string
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'app', allowDeviceCode: true })
    base = `${deployment.publicUrl}/${deployment.tenant.id}`
  })
  after(() => deployment?.close())

  it('under https the cookie of a sign-in counts under its protected name alone', async () => {
    const secure = await startDeployment({ publicUrl: 'https://login.example.test' })
    try {
      const client = await registerApp(secure, {})
      const victim = secure.visitor()
      const { pathname, search } = new URL(authorizeUrl(secure, client, pkce().params))
      const begun = await victim.fetch(pathname + search)
      const path = begun.headers.get('location') ?? ''
      expect(path).to.match(/^\/signin\/app\//)
      const uid = path.slice('/signin/app/'.length)
      expect((await victim.fetch(path)).status).to.equal(303)
      const other = secure.visitor()
      // A page of a sibling domain, or of plain http, can set this one.
      other.jar.set('localhost', 'homerealm-interaction', uid)
      expect((await other.fetch(path)).aadsts).to.equal(50089)
      const cookies = begun.headers.getSetCookie()
      expect(cookies).to.have.length(2)
      for (const cookie of cookies) {
        expect(cookie).to.match(/^__Secure-homerealm-(interaction|resume)=/)
        expect(cookie)
          .to.match(/; secure/i)
          .and.match(/; httponly/i)
        expect(cookie)
          .to.match(/samesite=lax/i)
          .and.not.match(/domain=/i)
      }
    } finally {
      await secure.close()
    }
  })

  it('a finished sign-in is worth nothing in another browser', async () => {
    const attacker = deployment.visitor()
    const begun = await attacker.fetch(authorizeUrl(deployment, app, pkce().params))
    const path = begun.headers.get('location') ?? ''
    const uid = path.slice('/signin/app/'.length)
    const victim = deployment.visitor()
    await victim.signIn('alice@customer.com')
    // The attacker got his cookie into the victim's browser, and the victim finished his sign-in.
    victim.jar.set('localhost', 'homerealm-interaction', uid)
    expect((await victim.fetch(path)).status).to.equal(200)
    const resume = `/${deployment.tenant.id}/oauth2/v2.0/authorize/${uid}`
    const resumed = await attacker.fetch(resume)
    expect(resumed.headers.get('location') ?? '').not.to.include('code=')
    // Nor can it be resumed a second time, by anybody.
    victim.jar.set('localhost', 'homerealm-resume', uid)
    expect((await victim.fetch(resume)).aadsts).to.equal(50089)
  })

  it('no origin but that of the app’s own browser address may read an answer', async () => {
    const { origin } = new URL(redirectUri)
    const tricks = [
      'null',
      `${origin}.evil.example`,
      `${origin}:443`,
      `${origin}:8443`,
      `${origin}/`,
      origin.replace('https', 'http'),
      origin.toUpperCase(),
      origin.replace('routty', 'evil-routty'),
      origin.replace('://', '://user@'),
      `${origin}, https://evil.example`,
      'https://routty.example%60.evil.example',
      'file://',
      deployment.publicUrl,
    ]
    const { access_token: token } = await tokensFor(deployment, app)
    for (const evil of tricks) {
      const headers = { origin: evil }
      const tokens = await askTokens(
        deployment,
        { grant_type: 'refresh_token', client_id: app.id, refresh_token: 'x' },
        headers,
      )
      expect([tokens.status, tokens.body.error_codes], evil).to.deep.equal([400, [9002326]])
      const answers = [
        tokens,
        await fetch(`${base}/oidc/userinfo`, {
          headers: { ...headers, authorization: `Bearer ${token}` },
        }),
        await fetch(`${base}/oidc/userinfo`, { method: 'OPTIONS', headers }),
        await fetch(`${base}/oauth2/v2.0/token`, { method: 'OPTIONS', headers }),
        await fetch(`${base}/oauth2/v2.0/devicecode`, { method: 'OPTIONS', headers }),
      ]
      for (const { headers: got } of answers) {
        expect(got.get('access-control-allow-origin'), evil).to.equal(null)
        expect(got.get('access-control-allow-credentials'), evil).to.equal(null)
      }
    }
    // What holds nothing secret is open to everybody, and to nobody's cookies.
    const open = await fetch(`${base}/discovery/v2.0/keys`, { headers: { origin: 'null' } })
    expect(open.headers.get('access-control-allow-origin')).to.be.oneOf(['*', 'null'])
    expect(open.headers.get('access-control-allow-credentials')).to.equal(null)
  })

  it('userinfo answers the bearer of an access token of ours for it, and nobody else', async () => {
    const { app: server, secret } = await registerServerApp(deployment, {
      displayName: 'API',
      api: { identifierUri: 'api://self', scopes: [], roles: [] },
    })
    const { body: ofApp } = await askTokens(deployment, {
      grant_type: 'client_credentials',
      scope: 'api://self/.default',
      client_id: server.id,
      client_secret: secret,
    })
    const tokens = await tokensFor(deployment, app)
    const [header = '', payload = '', signature = ''] = tokens.access_token.split('.')
    const claims = decodeJwt(tokens.access_token)
    const userinfo = claims.aud
    const tricks: readonly [what: string, authorization: string][] = [
      ['an app’s own token', `Bearer ${ofApp.access_token}`],
      ['an ID token', `Bearer ${tokens.id_token}`],
      ['a refresh token', `Bearer ${tokens.refresh_token}`],
      ['alg none', `Bearer ${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.`],
      ['other claims', `Bearer ${header}.${part({ ...claims, oid: app.id })}.${signature}`],
      ['other header', `Bearer ${part({ alg: 'RS256', typ: 'at+jwt' })}.${payload}.AAAA`],
      [
        'an ID token’s body under a token’s header',
        `Bearer ${header}.${part({ ...decodeJwt(tokens.id_token), aud: userinfo })}.${signature}`,
      ],
      ['two tokens', `Bearer ${tokens.access_token}, Bearer ${tokens.access_token}`],
      ['another scheme', `Basic ${tokens.access_token}`],
      ['no scheme', tokens.access_token],
    ]
    for (const [what, authorization] of tricks) {
      const answer = await fetch(`${base}/oidc/userinfo`, { headers: { authorization } })
      expect(answer.status, what).to.equal(401)
    }
  })

  it('a path names this tenant, or nothing', async () => {
    const { storage, tenant } = deployment
    await storage.directory.putDomain({
      id: 'unverified.example',
      authenticationType: 'Managed',
      isVerified: false,
      isDefault: false,
      federationId: null,
    })
    const wrong = [
      'unverified.example',
      'evil.example',
      'customer.com.evil.example',
      'customer.com.',
      'customer%2ecom',
      'customer.com%00',
      'customer.com%2f..',
      '%63ommon',
      'common%2f',
      'consumers',
      `${tenant.id}%20`,
      `{${tenant.id}}`,
      tenant.id.replaceAll('-', ''),
      '00000000-0000-0000-0000-000000000000',
      '__proto__',
      '%',
      '%ff',
    ]
    for (const segment of wrong) {
      for (const path of ['v2.0/.well-known/openid-configuration', 'discovery/v2.0/keys']) {
        const answer = await fetch(`${deployment.publicUrl}/${segment}/${path}`)
        expect(answer.status, `${segment}/${path}`).to.be.oneOf([400, 404])
        expect(await answer.text())
          .not.to.include('"issuer"')
          .and.not.include('"kty"')
      }
    }
    for (const segment of [tenant.id.toUpperCase(), 'COMMON', 'Customer.COM']) {
      const path = `${deployment.publicUrl}/${segment}/v2.0/.well-known/openid-configuration`
      const { issuer, token_endpoint: token } = await (await fetch(path)).json()
      expect(issuer).to.equal(`${base}/v2.0`)
      expect(new URL(token).origin).to.equal(deployment.publicUrl)
    }
  })

  it('host and scheme of our own addresses are those of the configuration, whatever a request says', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      'x-original-url': '/evil',
    }
    const document = await (
      await fetch(`${base}/v2.0/.well-known/openid-configuration`, { headers })
    ).text()
    expect(document).not.to.include('evil')
    const begun = await deployment
      .visitor()
      .fetch(authorizeUrl(deployment, app, pkce().params), { headers })
    expect(begun.headers.get('location')).to.match(/^\/signin\/app\//)
  })

  it('an id_token_hint of another app, of none, or of another kind says nothing', async () => {
    const other = await registerApp(deployment, { displayName: 'other' })
    const began = await codeFor(deployment, other)
    const { body } = await redeem(deployment, other, began)
    const [, payload = ''] = body.id_token.split('.')
    const forged = `${part({ alg: 'none' })}.${payload}.`
    for (const hint of [body.id_token, body.access_token, forged, 'nonsense']) {
      const answer = await began.visitor.fetch(
        authorizeUrl(deployment, app, { ...pkce().params, prompt: 'none', id_token_hint: hint }),
      )
      const fields = answered(answer)
      expect([fields.get('code'), fields.has('error')], hint.slice(0, 20)).to.deep.equal([
        null,
        true,
      ])
    }
    expect(decodeProtectedHeader(body.id_token).typ).to.be.oneOf([undefined, 'JWT'])
  })

  it('huge and strange requests are refused as the sender’s mistake', async () => {
    const long = 'x'.repeat(30_000)
    const many = Array.from({ length: 5000 }, (_, index) => `s${index}`).join(' ')
    const post = (path: string, body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(`${base}/oauth2/v2.0/${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
    const answers = [
      await post('token', `grant_type=refresh_token&client_id=${app.id}&refresh_token=${long}`),
      await post('token', `grant_type=refresh_token&client_id=${app.id}&x=${'y'.repeat(200_000)}`),
      await post('token', '{"grant_type":"refresh_token"}', 'application/json'),
      await post('token', 'grant_type[a]=b&client_id[]=c'),
      await post('token', '&'.repeat(50_000)),
      await post('devicecode', `client_id=${app.id}&scope=${encodeURIComponent(many)}`),
      await post('devicecode', `client_id=${long}&scope=openid`),
      await post('authorize', `client_id=${app.id}&state=${'z'.repeat(100_000)}`),
      await post('authorize', 'a&'.repeat(10_000)),
    ]
    for (const [index, { status }] of answers.entries()) {
      expect(status, `answer ${index}`).to.be.within(400, 431)
    }
    expect(deployment.logged.filter((line) => /unexpected error|failed/.test(line))).to.deep.equal(
      [],
    )
  })

  it('what strangers begin is gone when its time is over', async () => {
    const other = await startDeployment()
    try {
      const client = await registerApp(other, { allowDeviceCode: true })
      const uids: string[] = []
      for (let index = 0; index < 20; index += 1) {
        const begun = await other.visitor().fetch(authorizeUrl(other, client, pkce().params))
        uids.push((begun.headers.get('location') ?? '').slice('/signin/app/'.length))
        await fetch(`${other.publicUrl}/common/oauth2/v2.0/devicecode`, {
          method: 'POST',
          body: new URLSearchParams({ client_id: client.id, scope: 'openid' }),
        })
      }
      const { providerRecords } = other.storage
      expect(await providerRecords.find('Interaction', uids[0] ?? '', other.clock.at)).not.to.equal(
        null,
      )
      const { providerRecords: removed } = await other.storage.purge(other.clock.at + hours(26))
      expect(removed).to.equal(40)
    } finally {
      await other.close()
    }
  })
})
