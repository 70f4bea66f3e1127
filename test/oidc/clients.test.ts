import { generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { decodeJwt, exportJWK, importPKCS8, SignJWT } from 'jose'
import * as client from 'openid-client'
import { systemRandom } from '../../src/lib/ids.ts'
import { changeApp, keyOfPem, rotateSecret } from '../../src/oidc/apps.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  askTokens,
  codeFor,
  openidClient,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
} from './support.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('apps prove who they are', () => {
  let deployment: Deployment
  let app: App
  let secret: string
  before(async () => {
    deployment = await startDeployment()
    const made = await registerServerApp(deployment, { displayName: 'server app' })
    secret = made.secret
    app = await changeApp(deployment.storage.apps, made.app, { keys: [await keyOfPem(publicPem)] })
  })
  after(() => deployment?.close())

  /** As MSAL signs it; `change` bends it. */
  async function assertion(change: Record<string, unknown> = {}, pem = privatePem) {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: app.id,
      sub: app.id,
      aud: `${deployment.publicUrl}/${deployment.tenant.id}/oauth2/v2.0/token`,
      jti: randomUUID(),
      nbf: now,
      exp: now + 600,
      ...change,
    }
    const key = await importPKCS8(pem, 'PS256')
    return new SignJWT(claims).setProtectedHeader({ alg: 'PS256', typ: 'JWT' }).sign(key)
  }
  const byAssertion = (jwt: string) => ({
    client_assertion_type: assertionType,
    client_assertion: jwt,
  })

  it('by client_secret_post, client_secret_basic and private_key_jwt with openid-client, one app by all three', async () => {
    const key = await importPKCS8(privatePem, 'RS256')
    const ways = {
      post: client.ClientSecretPost(secret),
      basic: client.ClientSecretBasic(secret),
      key: client.PrivateKeyJwt(key),
    }
    for (const [name, way] of Object.entries(ways)) {
      const config = await openidClient(deployment, app, way)
      const { code, verifier } = await codeFor(deployment, app, { scope: 'openid' })
      const issuer = config.serverMetadata().issuer
      const answer = new URL(`${redirectUri}?${new URLSearchParams({ code, iss: issuer })}`)
      const tokens = await client.authorizationCodeGrant(config, answer, {
        pkceCodeVerifier: verifier,
      })
      expect(tokens.claims()?.aud, name).to.equal(app.id)
    }
  })

  it('a confidential app needs no PKCE, and what it began with PKCE it ends with PKCE', async () => {
    const { code } = await codeFor(deployment, app)
    const without = await redeem(deployment, app, { code, verifier: '' }, { client_secret: secret })
    expect(without.body.error_codes).to.deep.equal([501481])
  })

  it('a secret is wrong, missing, or over: each has its number, and 401', async () => {
    const ask = (more: Record<string, string>, headers = {}) =>
      askTokens(deployment, { grant_type: 'refresh_token', refresh_token: 'x', ...more }, headers)
    const wrong = await ask({ client_id: app.id, client_secret: 'wrong' })
    expect([wrong.status, wrong.body.error, wrong.body.error_codes]).to.deep.equal([
      401,
      'invalid_client',
      [7000215],
    ])
    const basic = Buffer.from(`${app.id}:wrong`).toString('base64')
    const byHeader = await ask({}, { authorization: `Basic ${basic}` })
    expect(byHeader.body.error_codes).to.deep.equal([7000215])
    expect(byHeader.headers.get('www-authenticate')).to.match(/^Basic/)
    const none = await ask({ client_id: app.id })
    expect([none.status, none.body.error_codes]).to.deep.equal([401, [7000218]])

    const { app: other, secret: old } = await registerServerApp(deployment, { displayName: 'old' })
    const making = { now: deployment.clock.at, random: systemRandom, overlap: 60_000 }
    const { secret: young } = await rotateSecret(deployment.storage.apps, other, making)
    const use = async (text: string) =>
      (await ask({ client_id: other.id, client_secret: text })).body.error_codes
    expect(await use(old)).to.deep.equal([70000])
    expect(await use(young)).to.deep.equal([70000])
    deployment.clock.at += 60_000
    expect(await use(old)).to.deep.equal([7000222])
    expect(await use(young)).to.deep.equal([70000])
    deployment.clock.at -= 60_000
  })

  it('a public app that sends a secret is told so', async () => {
    const publicApp = await registerApp(deployment, { displayName: 'public' })
    const { body } = await askTokens(deployment, {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: publicApp.id,
      client_secret: 'mine',
    })
    expect([body.error, body.error_codes]).to.deep.equal(['invalid_client', [700025]])
  })

  it('a client assertion may come again until it runs out, as MSAL sends it', async () => {
    const jwt = await assertion()
    for (const _ of [1, 2]) {
      const { code, verifier } = await codeFor(deployment, app)
      const answer = await redeem(deployment, app, { code, verifier }, byAssertion(jwt))
      expect(answer.status).to.equal(200)
    }
  })

  it('a client assertion is for the token endpoint as the client names its tenant, or for the issuer', async () => {
    const { publicUrl, tenant } = deployment
    const ask = async (asked: string, aud: string) => {
      const fields = { grant_type: 'refresh_token', refresh_token: 'x', client_id: app.id }
      const proof = byAssertion(await assertion({ aud: `${publicUrl}${aud}` }))
      const path = `${asked}/oauth2/v2.0/token?client-request-id=1`
      return (await askTokens(deployment, { ...fields, ...proof }, {}, path)).body.error_codes
    }
    const token = '/oauth2/v2.0/token'
    for (const name of [tenant.id, 'customer.com', 'organizations', 'common']) {
      expect(await ask(`/${name}`, `/${name}${token}`), name).to.deep.equal([70000])
      expect(await ask(`/${name}`, `/${tenant.id}/v2.0`), name).to.deep.equal([70000])
    }
    expect(await ask('/customer.com', `/customer.co.uk${token}`)).to.deep.equal([700023])
    expect(await ask('/customer.com', '/customer.com')).to.deep.equal([700023])
  })

  it('a client assertion that is forged, for others, over, or good for too long is refused', async () => {
    const now = Math.floor(Date.now() / 1000)
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const otherPem = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const cases: [string, number][] = [
      [await assertion({}, otherPem), 700027],
      [await assertion({ aud: 'https://other.example/token' }), 700023],
      [await assertion({ exp: now - 60 }), 700024],
      [await assertion({ nbf: now + 600 }), 700024],
      [await assertion({ exp: now + 25 * 3600 }), 700024],
      [await assertion({ iss: 'someone' }), 700027],
    ]
    for (const [jwt, code] of cases) {
      const { status, body } = await askTokens(deployment, {
        grant_type: 'refresh_token',
        refresh_token: 'x',
        ...byAssertion(jwt),
      })
      expect([status, body.error, body.error_codes]).to.deep.equal([401, 'invalid_client', [code]])
    }
  })

  it('a certificate gives its public key, and a private key or a weak one is refused', async () => {
    const pem = readFileSync('certs/demo-okta.pem', 'utf8')
    const jwk = await keyOfPem(pem)
    expect(jwk.n).to.equal((await exportJWK(new X509Certificate(pem).publicKey)).n)
    expect(jwk).not.to.have.property('d')
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weakPem = weak.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const [text, message] of [
      [privatePem, 'private key'],
      [weakPem, '2048 bits'],
      ['nonsense', 'neither a certificate'],
    ]) {
      try {
        await keyOfPem(text ?? '')
        expect.fail('taken')
      } catch (error) {
        expect(String(error)).to.include(message)
      }
    }
  })

  describe('client credentials', () => {
    let api: App
    before(async () => {
      api = await registerApp(deployment, {
        displayName: 'Orders',
        isPublic: false,
        redirectUris: [],
        api: {
          identifierUri: 'api://orders',
          scopes: [{ value: 'Orders.Read', description: '' }],
          roles: [
            { value: 'Orders.Read.All', description: '' },
            { value: 'Orders.Write.All', description: '' },
          ],
        },
      })
      app = await changeApp(deployment.storage.apps, app, {
        grantedRoles: [{ api: 'api://orders', role: 'Orders.Read.All' }],
      })
    })

    const ask = (scope: string, credentials: Record<string, string>) =>
      askTokens(deployment, {
        grant_type: 'client_credentials',
        client_id: app.id,
        scope,
        ...credentials,
      })

    it('give a token with the roles that the admin granted, and no person in it', async () => {
      const bySecret = await ask('api://orders/.default', { client_secret: secret })
      const byKey = await ask('api://orders/.default', byAssertion(await assertion()))
      for (const [{ body }, azpacr] of [
        [bySecret, '1'],
        [byKey, '2'],
      ] as const) {
        expect(body).to.have.all.keys('access_token', 'token_type', 'expires_in', 'ext_expires_in')
        const claims = decodeJwt(body.access_token)
        expect(claims).to.deep.include({
          aud: 'api://orders',
          sub: app.id,
          appid: app.id,
          roles: ['Orders.Read.All'],
          idtyp: 'app',
          azpacr,
        })
        expect(claims).not.to.have.any.keys('scp', 'scope', 'name', 'preferred_username')
      }
      expect(api.id).not.to.equal(app.id)
    })

    it('are for all that an API granted, of an API that is there, and for confidential apps', async () => {
      const cases = [
        ['api://orders/Orders.Read', 1002012],
        ['openid', 1002012],
        ['api://orders/.default openid', 1002012],
        ['api://nowhere/.default', 500011],
      ] as const
      for (const [scope, code] of cases) {
        const { body } = await ask(scope, { client_secret: secret })
        expect(body.error_codes, scope).to.deep.equal([code])
      }
      const spa = await registerApp(deployment, { displayName: 'spa' })
      const { body } = await askTokens(deployment, {
        grant_type: 'client_credentials',
        client_id: spa.id,
        scope: 'api://orders/.default',
      })
      expect([body.error, body.error_codes]).to.deep.equal(['unauthorized_client', [700051]])
    })
  })
})
