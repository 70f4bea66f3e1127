import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { systemRandom } from '../../src/lib/ids.ts'
import { type AppSettings, addApp, changeApp } from '../../src/oidc/apps.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  codeFor,
  pkce,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
  tokensFor,
} from './support.ts'

const read = { api: 'api://orders', scope: 'Orders.Read' }
const write = { api: 'api://orders', scope: 'Orders.Write' }
const bill = { api: 'api://bills', scope: 'Bills.Read' }
const needsConsent = [400, 'invalid_grant', 'consent_required', [65001]]

describe('delegated permissions', () => {
  let deployment: Deployment
  let orders: App
  before(async () => {
    deployment = await startDeployment()
    orders = await registerApi('api://orders', 'Orders.Read', 'Orders.Write')
    await registerApi('api://bills', 'Bills.Read')
  })
  after(() => deployment?.close())

  function registerApi(identifierUri: string, ...values: string[]): Promise<App> {
    const scopes = values.map((value) => ({ value, description: '' }))
    const roles = [{ value: 'Read.All', description: '' }]
    return registerApp(deployment, { api: { identifierUri, scopes, roles } })
  }
  const grant = (app: App, grantedScopes: AppSettings['grantedScopes'] & object) =>
    changeApp(deployment.storage.apps, app, { grantedScopes })
  const refresh = async (app: App, token: string, scope?: string) => {
    const { status, body } = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: token,
      ...(scope !== undefined && { scope }),
    })
    return { body, refusal: [status, body.error, body.suberror, body.error_codes] }
  }

  it('an app that was granted nothing of an API gets a page, or consent_required when it asked silently', async () => {
    const app = await registerApp(deployment, { displayName: 'no grants' })
    for (const scope of ['api://orders/Orders.Read', 'openid api://orders/.default']) {
      const asked = { ...pkce().params, scope, state: 's' }
      const page = await deployment.visitor().fetch(authorizeUrl(deployment, app, asked))
      expect([page.status, page.aadsts, page.headers.get('location')]).to.deep.equal([
        400,
        65001,
        null,
      ])
      expect(page.body).to.include('your administrator has not allowed it')
      const silent = authorizeUrl(deployment, app, { ...asked, prompt: 'none' })
      const fields = answered(await deployment.visitor().fetch(silent))
      expect([fields.get('error'), fields.get('state')]).to.deep.equal(['consent_required', 's'])
      expect(fields.get('error_description')).to.match(/^AADSTS65001: /)
    }
  })

  it('what was granted is had, and what was not is refused with it', async () => {
    const app = await registerApp(deployment, { displayName: 'reads', grantedScopes: [read] })
    const scope = 'openid api://orders/Orders.Read'
    const { access_token: token } = await tokensFor(deployment, app, { scope })
    expect(decodeJwt(token)).to.include({ aud: 'api://orders', scp: 'Orders.Read' })
    const more = { ...pkce().params, scope: `${scope} api://orders/Orders.Write` }
    const page = await deployment.visitor().fetch(authorizeUrl(deployment, app, more))
    expect(page.aadsts).to.equal(65001)
    expect(page.body).to.include('api://orders/Orders.Write')
  })

  it('.default is all that was granted, and no more', async () => {
    const app = await registerApp(deployment, { displayName: 'default', grantedScopes: [write] })
    const scope = 'openid api://orders/.default'
    const { access_token: token } = await tokensFor(deployment, app, { scope })
    expect(decodeJwt(token).scp).to.equal('Orders.Write')
  })

  it('a refresh token serves the APIs that were granted, and a refusal does not use it up', async () => {
    const app = await registerApp(deployment, { displayName: 'refreshes', grantedScopes: [read] })
    const { refresh_token: token } = await tokensFor(deployment, app)
    for (const scope of ['api://bills/Bills.Read', 'api://bills/.default']) {
      expect((await refresh(app, token, scope)).refusal, scope).to.deep.equal(needsConsent)
    }
    const both = await refresh(app, token, 'api://orders/Orders.Read api://orders/Orders.Write')
    expect(both.refusal).to.deep.equal(needsConsent)
    const { body } = await refresh(app, token, 'api://orders/Orders.Read')
    expect(decodeJwt(body.access_token).scp).to.equal('Orders.Read')
    await grant(app, [read, bill])
    const later = await refresh(app, body.refresh_token, 'api://bills/.default')
    expect(decodeJwt(later.body.access_token)).to.include({ aud: 'api://bills', scp: 'Bills.Read' })
  })

  it('a grant that is taken back ends what a refresh token of its sign-in gives, without using it up', async () => {
    const app = await registerApp(deployment, {
      displayName: 'less and less',
      grantedScopes: [read, write],
    })
    const scope = 'openid offline_access api://orders/Orders.Read api://orders/Orders.Write'
    const { refresh_token: token } = await tokensFor(deployment, app, { scope })
    await grant(app, [write])
    const { body } = await refresh(app, token)
    expect(decodeJwt(body.access_token).scp).to.equal('Orders.Write')
    await grant(app, [])
    expect((await refresh(app, body.refresh_token)).refusal).to.deep.equal(needsConsent)
    await grant(app, [read])
    const again = await refresh(app, body.refresh_token)
    expect(decodeJwt(again.body.access_token).scp).to.equal('Orders.Read')
  })

  it('a grant that is taken back before the code is redeemed counts no more', async () => {
    const app = await registerApp(deployment, { displayName: 'too late', grantedScopes: [read] })
    for (const left of [[], [write]]) {
      await grant(app, [read])
      const made = await codeFor(deployment, app, { scope: 'openid api://orders/Orders.Read' })
      await grant(app, left)
      const { status, body } = await redeem(deployment, app, made)
      expect([status, body.error, body.suberror, body.error_codes]).to.deep.equal(needsConsent)
    }
  })

  it('a device is refused at its first request, and when the grant is taken back meanwhile', async () => {
    const app = await registerApp(deployment, { displayName: 'TV', allowDeviceCode: true })
    const begin = async () => {
      const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: app.id, scope: 'openid api://orders/Orders.Read' }),
      })
      return { status: response.status, body: await response.json() }
    }
    const { status, body } = await begin()
    expect([status, body.error, body.suberror, body.error_codes]).to.deep.equal(needsConsent)
    await grant(app, [read])
    const begun = (await begin()).body
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    await visitor.post('/devicelogin', { user_code: begun.user_code, answer: 'yes' })
    const poll = () =>
      askTokens(deployment, {
        grant_type: 'device_code',
        client_id: app.id,
        device_code: begun.device_code,
      })
    await grant(app, [])
    const refused = (await poll()).body
    expect([refused.error, refused.suberror]).to.deep.equal(['invalid_grant', 'consent_required'])
    await grant(app, [read])
    expect(decodeJwt((await poll()).body.access_token).scp).to.equal('Orders.Read')
  })

  it('an API may have its own scopes, and homerealm’s own need no grant', async () => {
    const own = await registerApp(deployment, {
      displayName: 'API with a page',
      api: {
        identifierUri: 'api://own',
        scopes: [{ value: 'Own.Read', description: '' }],
        roles: [],
      },
    })
    const { access_token: token } = await tokensFor(deployment, own, {
      scope: 'openid api://own/.default',
    })
    expect(decodeJwt(token).scp).to.equal('Own.Read')
    const plain = await registerApp(deployment, { displayName: 'plain' })
    const scope = 'openid profile email offline_access User.Read'
    const tokens = await tokensFor(deployment, plain, { scope })
    expect(decodeJwt(tokens.access_token).scp).to.equal('openid profile email User.Read')
  })

  it('consent cannot be had by asking for it', async () => {
    const app = await registerApp(deployment, { displayName: 'asks for consent' })
    const asked = { ...pkce().params, scope: 'api://orders/.default', prompt: 'consent' }
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const page = await browse(visitor, authorizeUrl(deployment, app, asked))
    expect(page.aadsts).to.equal(65001)
  })

  it('what was granted of one API is not granted of another that takes its name', async () => {
    const api = await registerApi('api://stock', 'Read')
    const { app, secret } = await registerServerApp(deployment, {
      displayName: 'loyal',
      redirectUris: [{ uri: redirectUri, platform: 'web' }],
      grantedScopes: [{ api: 'api://stock', scope: 'Read' }],
      grantedRoles: [{ api: 'api://stock', role: 'Read.All' }],
    })
    const ask = async () => {
      const own = await askTokens(deployment, {
        grant_type: 'client_credentials',
        scope: 'api://stock/.default',
        client_id: app.id,
        client_secret: secret,
      })
      const url = authorizeUrl(deployment, app, { ...pkce().params, scope: 'api://stock/Read' })
      const page = await deployment.visitor().fetch(url)
      return [decodeJwt(own.body.access_token).roles ?? null, page.aadsts]
    }
    expect(await ask()).to.deep.equal([['Read.All'], null])
    await deployment.storage.apps.deleteApp(api.id)
    const squatter = await registerApi('api://stock', 'Read')
    expect(await ask()).to.deep.equal([null, 65001])
    // Nor is it when the old API is back under another name, and the name is somebody else's.
    await deployment.storage.apps.deleteApp(squatter.id)
    const renamed = { ...api, api: api.api && { ...api.api, identifierUri: 'api://stock2' } }
    await deployment.storage.apps.putApp(renamed)
    await addApp(
      deployment.storage.apps,
      { displayName: 'third', api: { ...renamed.api, identifierUri: 'api://stock' } as App['api'] },
      { now: deployment.clock.at, random: systemRandom },
    )
    expect(await ask()).to.deep.equal([null, 65001])
    expect(orders.id).not.to.equal(api.id)
  })
})
