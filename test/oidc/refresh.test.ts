import { expect } from 'chai'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { askTokens, registerApp, tokensFor } from './support.ts'

const grantedScopes = [
  { api: 'api://orders', scope: 'Orders.Read' },
  { api: 'api://orders', scope: 'Orders.Write' },
  { api: 'https://crm.example', scope: 'all' },
]

describe('refresh tokens and tokens for APIs', () => {
  let deployment: Deployment
  let app: App
  let orders: App
  let crm: App
  before(async () => {
    deployment = await startDeployment()
    orders = await registerApp(deployment, {
      displayName: 'Orders',
      api: {
        identifierUri: 'api://orders',
        scopes: [
          { value: 'Orders.Read', description: 'Read orders' },
          { value: 'Orders.Write', description: 'Write orders' },
        ],
        roles: [],
      },
    })
    crm = await registerApp(deployment, {
      displayName: 'CRM',
      groupsClaim: 'all',
      api: {
        identifierUri: 'https://crm.example',
        scopes: [{ value: 'all', description: '' }],
        roles: [],
      },
    })
    app = await registerApp(deployment, { displayName: 'client', grantedScopes })
  })
  after(() => deployment?.close())

  const refresh = (token: string, scope?: string) =>
    askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: token,
      ...(scope !== undefined && { scope }),
    })

  it('an access token for an API is one that a resource server can validate with the published keys alone', async () => {
    const scope = 'openid profile offline_access api://orders/Orders.Read'
    const { access_token: token, scope: answered } = await tokensFor(deployment, app, { scope })
    expect(answered).to.equal('api://orders/Orders.Read')
    const base = `${deployment.publicUrl}/${deployment.tenant.id}`
    const keys = createRemoteJWKSet(new URL(`${base}/discovery/v2.0/keys`))
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: `${base}/v2.0`,
      audience: 'api://orders',
      typ: 'at+jwt',
      requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
    })
    const alice = await deployment.storage.directory.userByPrincipalName('alice@customer.com')
    expect(protectedHeader.alg).to.equal('RS256')
    expect(payload).to.include({
      scp: 'Orders.Read',
      scope: 'Orders.Read',
      appid: app.id,
      azp: app.id,
      azpacr: '0',
      client_id: app.id,
      oid: alice?.id,
      tid: deployment.tenant.id,
      ver: '2.0',
      preferred_username: 'alice@customer.com',
    })
    expect(payload).not.to.have.any.keys('groups', 'roles', 'rh', 'email')
    expect(Number(payload.exp) - Number(payload.iat)).to.equal(3600)
  })

  it('an API knows a person again by sub, whichever app they come by', async () => {
    const other = await registerApp(deployment, { displayName: 'another client', grantedScopes })
    const scope = 'openid api://orders/Orders.Read'
    const [a, b] = [
      await tokensFor(deployment, app, { scope }),
      await tokensFor(deployment, other, { scope }),
    ]
    expect(decodeJwt(a.access_token).sub).to.equal(decodeJwt(b.access_token).sub)
    expect(decodeJwt(a.id_token).sub).not.to.equal(decodeJwt(b.id_token).sub)
  })

  it('one refresh token serves a second API, and MSAL’s offline_access does no harm', async () => {
    const { refresh_token: first } = await tokensFor(deployment, app)
    const wanted = 'https://crm.example/all openid profile offline_access'
    const { status, body } = await refresh(first, wanted)
    expect(status).to.equal(200)
    expect(body.scope).to.equal('https://crm.example/all')
    expect(decodeJwt(body.access_token)).to.include({ aud: 'https://crm.example', scp: 'all' })
    expect(decodeJwt(body.access_token).groups).to.include('Everyone')
    expect(decodeJwt(body.id_token))
      .to.include({ name: 'Alice Archer' })
      .and.not.have.property('nonce')
    const second = await refresh(body.refresh_token, 'api://orders/.default')
    expect(decodeJwt(second.body.access_token).scp).to.equal('Orders.Read Orders.Write')
    expect(second.body.scope.split(' ')).to.include('api://orders/.default')
    const third = await refresh(second.body.refresh_token)
    expect(decodeJwt(third.body.access_token).scp).to.equal('openid profile email')
  })

  it('a scope that is not there is refused, and the refresh token is not used up by it', async () => {
    const { refresh_token: token } = await tokensFor(deployment, app)
    const cases = [
      ['api://nowhere/read', 500011, 'invalid_resource'],
      ['api://orders/Orders.Delete', 70011, 'invalid_scope'],
      ['api://orders/Orders.Read https://crm.example/all', 70011, 'invalid_scope'],
    ] as const
    for (const [scope, code, error] of cases) {
      const { body } = await refresh(token, scope)
      expect([body.error, body.error_codes], scope).to.deep.equal([error, [code]])
    }
    expect((await refresh(token)).status).to.equal(200)
  })

  it('without offline_access there is no refresh token; scopes that mean nothing here are passed over', async () => {
    const body = await tokensFor(deployment, app, { scope: 'openid User.Read Mail.Read' })
    expect(body).not.to.have.property('refresh_token')
    // MSAL keeps a token under the scopes of its answer, and finds it again by User.Read.
    expect(body.scope).to.equal('openid User.Read')
  })

  it('MSAL gets its client_info when it asks for it', async () => {
    const { refresh_token: token } = await tokensFor(deployment, app)
    const { body } = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: token,
      client_info: '1',
      'x-client-SKU': 'msal.js.node',
      claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
    })
    const alice = await deployment.storage.directory.userByPrincipalName('alice@customer.com')
    const info = JSON.parse(Buffer.from(body.client_info, 'base64url').toString())
    expect(info).to.deep.equal({ uid: alice?.id, utid: deployment.tenant.id })
    expect(body).to.include({ expires_in: 3600, ext_expires_in: 3600, token_type: 'Bearer' })
  })

  it('a person who is disabled, or not assigned any more, gets nothing for a refresh token', async () => {
    const guarded = await registerApp(deployment, { displayName: 'guarded' })
    const { refresh_token: token } = await tokensFor(deployment, guarded)
    await deployment.storage.apps.putApp({ ...guarded, assignmentRequired: true })
    const ask = () =>
      askTokens(deployment, {
        grant_type: 'refresh_token',
        client_id: guarded.id,
        refresh_token: token,
      })
    expect((await ask()).body.error_codes).to.deep.equal([50105])
    await deployment.storage.apps.putApp({ ...guarded, isEnabled: false })
    expect((await ask()).body.error_codes).to.deep.equal([7000112])
    await deployment.storage.apps.putApp(guarded)
    expect((await ask()).status).to.equal(200)
  })

  it('a removed app takes its tokens with it', async () => {
    const gone = await registerApp(deployment, { displayName: 'gone' })
    const { refresh_token: token, access_token: access } = await tokensFor(deployment, gone)
    const userinfo = `${deployment.publicUrl}/${deployment.tenant.id}/oidc/userinfo`
    const headers = { authorization: `Bearer ${access}` }
    expect((await fetch(userinfo, { headers })).status).to.equal(200)
    await deployment.storage.apps.deleteApp(gone.id)
    const answer = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: gone.id,
      refresh_token: token,
    })
    expect([answer.body.error, answer.body.error_codes]).to.deep.equal([
      'unauthorized_client',
      [700016],
    ])
    const refused = await fetch(userinfo, { headers })
    expect(refused.status).to.equal(401)
    expect(refused.headers.get('www-authenticate')).to.include('error="invalid_token"')
    expect(orders.id).not.to.equal(crm.id)
  })

  it('userinfo takes no token for an API, no ID token, no changed token, and none in the address', async () => {
    const { access_token: api } = await tokensFor(deployment, app, {
      scope: 'openid api://orders/Orders.Read',
    })
    const own = await tokensFor(deployment, app)
    const userinfo = `${deployment.publicUrl}/common/oidc/userinfo`
    const changed = own.access_token.replace(/.$/, (last: string) => (last === 'A' ? 'Q' : 'A'))
    const cut = `${own.access_token.slice(0, -8)}AAAAAAAA`
    for (const token of [api, own.id_token, cut, 'nonsense', changed.slice(1)]) {
      const answer = await fetch(userinfo, { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).to.equal(401)
      expect((await answer.json()).error).to.equal('invalid_token')
    }
    expect((await fetch(`${userinfo}?access_token=${own.access_token}`)).status).to.equal(401)
    const form = new URLSearchParams({ access_token: own.access_token })
    expect((await fetch(userinfo, { method: 'POST', body: form })).status).to.equal(200)
  })
})
