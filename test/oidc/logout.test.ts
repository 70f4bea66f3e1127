import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as client from 'openid-client'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { fieldOf, type Visitor } from '../support/visitor.ts'
import { codeFor, openidClient, redeem, redirectUri, registerApp } from './support.ts'

describe('logout', () => {
  let deployment: Deployment
  let app: App
  let path: string
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'app' })
    path = `/${deployment.tenant.id}/oauth2/v2.0/logout`
  })
  after(() => deployment?.close())

  async function signedIn(of = app): Promise<{ visitor: Visitor; idToken: string }> {
    const code = await codeFor(deployment, of)
    const { body } = await redeem(deployment, of, code)
    return { visitor: code.visitor, idToken: body.id_token }
  }
  const leave = (visitor: Visitor, params: Record<string, string>) =>
    visitor.fetch(`${path}?${new URLSearchParams(params)}`)

  it('with id_token_hint ends the session at once and goes back to the app, with the state', async () => {
    const { visitor, idToken } = await signedIn()
    const config = await openidClient(deployment, app)
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: redirectUri,
      state: 'a b',
    })
    const answer = await visitor.fetch(url.href)
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([
      303,
      `${redirectUri}?state=a+b`,
    ])
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('works by POST, and without anything to go back to', async () => {
    const { visitor, idToken } = await signedIn()
    const posted = await visitor.post(path, { id_token_hint: idToken })
    expect(posted.headers.get('location')).to.equal('/signedout')
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('asks first when nothing shows that the person wanted it', async () => {
    const { visitor } = await signedIn()
    const others = await signedIn()
    const bob = deployment.visitor()
    await bob.signIn('amina.diallo@customer.com')
    for (const [who, params] of [
      [visitor, {}],
      [visitor, { id_token_hint: 'nonsense' }],
      [visitor, { logout_hint: 'someone@else.example' }],
      [visitor, { logout_hint: 'alice@customer.com' }],
      [bob, { id_token_hint: others.idToken }],
    ] as const) {
      const page = await leave(who, params)
      expect(page.body).to.include('Do you want to sign out?')
      expect(await who.signedInAs()).not.to.equal(null)
    }
    const page = await leave(visitor, {
      client_id: app.id,
      post_logout_redirect_uri: redirectUri,
    })
    const done = await visitor.post('/signout/app', {
      client_id: fieldOf(page.body, 'client_id') ?? '',
      post_logout_redirect_uri: fieldOf(page.body, 'post_logout_redirect_uri') ?? '',
    })
    expect(done.headers.get('location')).to.equal(redirectUri)
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('another site’s form signs nobody out', async () => {
    const { visitor } = await signedIn()
    const answer = await visitor.post('/signout/app', {}, { origin: 'https://evil.example' })
    expect(answer.status).to.equal(400)
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
  })

  it('never goes to an address that is not registered, or is another app’s', async () => {
    const elsewhere = 'https://elsewhere.example/bye'
    await registerApp(deployment, {
      displayName: 'elsewhere',
      redirectUris: [{ uri: elsewhere, platform: 'spa' }],
    })
    for (const uri of ['https://evil.example/', `${redirectUri}/`, '//evil.example', elsewhere]) {
      const { visitor, idToken } = await signedIn()
      const params = { id_token_hint: idToken, post_logout_redirect_uri: uri }
      expect((await leave(visitor, params)).headers.get('location'), uri).to.equal('/signedout')
    }
    const nobody = await leave(deployment.visitor(), { post_logout_redirect_uri: elsewhere })
    expect(nobody.headers.get('location')).to.equal(elsewhere)
    const contradicting = { client_id: app.id, post_logout_redirect_uri: elsewhere }
    const answer = await leave(deployment.visitor(), contradicting)
    expect(answer.headers.get('location')).to.equal('/signedout')
  })

  it('an old ID token is still a hint, an access token is none', async () => {
    const code = await codeFor(deployment, app)
    const { body } = await redeem(deployment, app, code)
    const page = await leave(code.visitor, { id_token_hint: body.access_token })
    expect(page.body).to.include('Do you want to sign out?')
    const real = Date.now
    Date.now = () => real() + 7_200_000
    try {
      const answer = await leave(code.visitor, { id_token_hint: body.id_token })
      expect(answer.headers.get('location')).to.equal('/signedout')
    } finally {
      Date.now = real
    }
  })

  it('tells the apps of the session: by frames in front, by a logout token behind', async () => {
    const received: string[] = []
    const listener = createServer((req, res) => {
      let text = ''
      req.on('data', (chunk) => {
        text += chunk
      })
      req.on('end', () => {
        received.push(text)
        res.writeHead(200).end()
      })
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo
    try {
      const front = await registerApp(deployment, {
        displayName: 'front',
        frontChannelLogoutUri: 'https://front.example/logout?keep=1',
      })
      const back = await registerApp(deployment, {
        displayName: 'back',
        backChannelLogoutUri: `http://127.0.0.1:${port}/logout`,
      })
      const unused = await registerApp(deployment, {
        displayName: 'unused',
        frontChannelLogoutUri: 'https://unused.example/logout',
      })
      const code = await codeFor(deployment, front)
      const { body } = await redeem(deployment, front, code)
      const other = await redeem(
        deployment,
        back,
        await codeFor(deployment, back, {}, code.visitor),
      )
      const claims = decodeJwt(other.body.id_token)
      const page = await leave(code.visitor, {
        id_token_hint: body.id_token,
        post_logout_redirect_uri: redirectUri,
      })
      const issuer = `${deployment.publicUrl}/${deployment.tenant.id}/v2.0`
      const frame = /<iframe src="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&')
      expect(new URL(frame ?? '').searchParams.get('sid')).to.equal(claims.sid)
      expect(new URL(frame ?? '').searchParams.get('iss')).to.equal(issuer)
      expect(new URL(frame ?? '').searchParams.get('keep')).to.equal('1')
      expect(page.body.match(/<iframe/g)).to.have.length(1)
      expect(page.headers.get('content-security-policy')).to.include(
        'frame-src https://front.example;',
      )
      expect(page.body).to.include(`href="${redirectUri}"`)

      expect(received).to.have.length(1)
      const token = new URLSearchParams(received[0]).get('logout_token') ?? ''
      const keys = createRemoteJWKSet(new URL(`${issuer.replace('/v2.0', '')}/discovery/v2.0/keys`))
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: back.id,
        typ: 'logout+jwt',
      })
      expect(payload)
        .to.include({ sub: claims.sub, sid: claims.sid })
        .and.not.have.property('nonce')
      expect(payload.events).to.deep.equal({
        'http://schemas.openid.net/event/backchannel-logout': {},
      })
      expect(unused.id).not.to.equal(front.id)
    } finally {
      listener.closeAllConnections()
      listener.close()
    }
  })

  it('an app behind that does not answer keeps nobody signed in', async () => {
    const dead = await registerApp(deployment, {
      displayName: 'dead',
      backChannelLogoutUri: 'http://127.0.0.1:9/logout',
    })
    const { visitor } = await signedIn(dead)
    const answer = await visitor.post('/signout', {})
    expect(answer.headers.get('location')).to.equal('/signedout')
    expect(await visitor.signedInAs()).to.equal(null)
  })
})
