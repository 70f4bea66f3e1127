import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { askTokens, codeFor, redeem, registerApp, registerServerApp } from './support.ts'

describe('the tokens that an app of Entra gets here', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'tokens' })
  })
  after(() => deployment?.close())

  const url = (tenant: string, path: string) => `${deployment.publicUrl}/${tenant}${path}`
  async function tokens(
    scope: string,
    more: { readonly authorize?: object; readonly token?: object } = {},
  ) {
    const code = await codeFor(deployment, app, { scope, ...more.authorize })
    return redeem(deployment, app, code, { ...more.token })
  }
  const idTokenOf = async (...asked: Parameters<typeof tokens>) =>
    decodeJwt((await tokens(...asked)).body.id_token)

  it('an ID token has no claim but those that discovery names and those of every JWT', async () => {
    const answer = await fetch(url('common', '/v2.0/.well-known/openid-configuration'))
    const { claims_supported: named } = await answer.json()
    const claims = await idTokenOf('openid profile email', { authorize: { nonce: 'n' } })
    const known = new Set([...named, 'aud', 'exp', 'iat', 'nonce'])
    expect(Object.keys(claims).filter((name) => !known.has(name))).to.deep.equal([])
  })

  describe('the answer of the token endpoint', () => {
    const always = ['access_token', 'token_type', 'expires_in', 'ext_expires_in', 'scope']
    for (const [scope, members] of [
      ['openid', ['id_token']],
      ['openid profile email', ['id_token']],
      ['openid offline_access', ['id_token', 'refresh_token']],
      ['profile', []],
      ['User.Read', []],
      ['User.Read offline_access', ['refresh_token']],
    ] as const) {
      it(`to ${scope} has ${members.join(' and ') || 'an access token alone'}`, async () => {
        const { status, headers, body } = await tokens(scope)
        expect(status, JSON.stringify(body)).to.equal(200)
        expect(body).to.have.all.keys(...always, ...members)
        expect(body).to.include({ token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600 })
        expect(headers.get('cache-control')).to.equal('no-store')
        expect(headers.get('pragma')).to.equal('no-cache')
      })
    }

    it('has client_info only for one who asks, and for a person', async () => {
      const asked = await tokens('openid', { token: { client_info: '1' } })
      expect(asked.body).to.have.property('client_info')
      for (const value of ['0', '']) {
        const other = await tokens('openid', { token: { client_info: value } })
        expect(other.body, value).not.to.have.property('client_info')
      }
      const { app: job, secret } = await registerServerApp(deployment, { displayName: 'job' })
      const { body } = await askTokens(deployment, {
        grant_type: 'client_credentials',
        client_id: job.id,
        client_secret: secret,
        scope: `${url(deployment.tenant.id, '/oidc/userinfo')}/.default`,
        client_info: '1',
      })
      expect(body).not.to.have.property('client_info')
    })

    it('is the same whatever else MSAL sends along', async () => {
      const plain = await tokens('openid profile offline_access')
      const along = await tokens('openid profile offline_access', {
        token: {
          scope: 'openid profile offline_access',
          'client-request-id': '1f0e3dad-9990-4345-b743-9f8ffabdffc4',
          'x-client-SKU': 'msal.js.node',
          'x-client-VER': '7.2.1',
          'x-client-OS': 'linux',
          'x-client-CPU': 'x64',
          'x-client-current-telemetry': '5|861,0,,,|,',
          'x-client-last-telemetry': '5|0|||0,0',
          'x-ms-lib-capability': 'retry-after, h429',
          'x-app-name': 'a',
          'x-app-ver': '1',
          'X-AnchorMailbox': 'UPN:alice@customer.com',
          clidata: '1',
          claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
        },
      })
      expect(along.status).to.equal(200)
      expect(Object.keys(along.body).toSorted()).to.deep.equal(Object.keys(plain.body).toSorted())
      const [one, other] = [decodeJwt(plain.body.id_token), decodeJwt(along.body.id_token)]
      expect(Object.keys(other).toSorted()).to.deep.equal(Object.keys(one).toSorted())
    })
  })

  describe('an ID token', () => {
    it('is not changed by the parameter claims, whatever it asks for', async () => {
      const usual = Object.keys(await idTokenOf('openid')).toSorted()
      for (const claims of [
        '{"id_token":{"email":{"essential":true},"name":null,"upn":null,"groups":null}}',
        '{"userinfo":{"email":null},"access_token":{"xms_cc":{"values":["CP1"]}}}',
        '{}',
        'no JSON',
      ]) {
        const got = Object.keys(await idTokenOf('openid', { authorize: { claims } })).toSorted()
        expect(got, claims).to.deep.equal(usual)
      }
    })

    it('has the nonce that was asked with, to the letter, and the hashes of hybrid answers nowhere else', async () => {
      const nonce = 'a+b/c=\u00e9 "&'
      const claims = await idTokenOf('openid', { authorize: { nonce } })
      expect(claims.nonce).to.equal(nonce)
      expect(claims).not.to.have.any.keys('at_hash', 'c_hash')
    })

    it('that comes by a refresh has no nonce, and is of the same person, session and sign-in', async () => {
      const scope = 'openid profile offline_access'
      const { body } = await tokens(scope, { authorize: { nonce: 'n' } })
      const refreshed = await askTokens(deployment, {
        grant_type: 'refresh_token',
        client_id: app.id,
        refresh_token: body.refresh_token,
        scope,
      })
      const [first, next] = [decodeJwt(body.id_token), decodeJwt(refreshed.body.id_token)]
      expect(next).not.to.have.property('nonce')
      for (const name of ['sub', 'oid', 'tid', 'sid', 'aud', 'iss', 'auth_time', 'amr', 'ver']) {
        expect(next[name], name).to.deep.equal(first[name])
      }
      expect(next.uti).not.to.equal(first.uti)
    })
  })
})
