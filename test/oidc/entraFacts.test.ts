import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { type AadstsCode, aadstsMessage, catalogue } from '../../src/aadsts/catalogue.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  followed,
  pkce,
  redeem,
  registerApp,
} from './support.ts'

/** Facts about Entra's OpenID surface that no other test is about; entraTicks.test.ts says which test proves which of the rest. */
describe('what an app of Entra finds here', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'facts', allowDeviceCode: true })
  })
  after(() => deployment?.close())

  const url = (tenant: string, path: string) => `${deployment.publicUrl}/${tenant}${path}`
  const authorities = () => [
    deployment.tenant.id,
    deployment.tenant.id.toUpperCase(),
    'customer.com',
    'common',
    'organizations',
  ]

  describe('at every authority', () => {
    it('the keys, each with what Entra’s have and nothing private', async () => {
      for (const tenant of authorities()) {
        const answer = await fetch(url(tenant, '/discovery/v2.0/keys'))
        const { keys } = await answer.json()
        expect(keys, tenant).to.have.length(1)
        expect(keys[0], tenant).to.have.all.keys('kty', 'use', 'kid', 'alg', 'n', 'e')
        expect(keys[0]).to.include({ kty: 'RSA', use: 'sig', alg: 'RS256', e: 'AQAB' })
      }
    })

    it('a device code', async () => {
      for (const tenant of authorities()) {
        const body = new URLSearchParams({ client_id: app.id, scope: 'openid' })
        const answer = await fetch(url(tenant, '/oauth2/v2.0/devicecode'), { method: 'POST', body })
        expect(answer.status, tenant).to.equal(200)
        expect(await answer.json()).to.include.all.keys(
          ...['user_code', 'device_code', 'verification_uri', 'expires_in', 'interval', 'message'],
        )
      }
    })

    it('the way out, by GET and by POST', async () => {
      for (const tenant of authorities()) {
        const path = url(tenant, '/oauth2/v2.0/logout')
        const got = await deployment.visitor().fetch(path)
        const posted = await deployment.visitor().post(path, {})
        for (const { headers } of [got, posted]) {
          expect(headers.get('location'), tenant).to.equal('/signedout')
        }
      }
    })

    it('and none for personal accounts, or for another tenant: 90002', async () => {
      for (const tenant of ['consumers', '9188040d-6c67-4c5b-b112-36a304b66dad', 'other.example']) {
        for (const path of ['/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys']) {
          const answer = await fetch(url(tenant, path))
          expect([answer.status, (await answer.json()).error_codes], tenant).to.deep.equal([
            404,
            [90002],
          ])
        }
        const page = await deployment.visitor().fetch(authorizeUrl(deployment, app, {}, tenant))
        expect([page.status, page.aadsts], tenant).to.deep.equal([404, 90002])
      }
    })
  })

  it('discovery: sign-out by GET in frames, no request objects, and the claims that tokens can have', async () => {
    const answer = await fetch(url('common', '/v2.0/.well-known/openid-configuration'))
    expect(answer.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    const document = await answer.json()
    for (const [field, value] of [
      ['http_logout_supported', true],
      ['frontchannel_logout_supported', true],
      ['request_uri_parameter_supported', false],
      ['request_parameter_supported', false],
      ['claims_parameter_supported', false],
    ] as const) {
      expect(document[field], field).to.equal(value)
    }
    expect(document.claims_supported).to.include.members(
      ['sub', 'iss', 'auth_time', 'acr', 'name', 'tid', 'ver', 'oid', 'preferred_username'].concat([
        'email',
        'upn',
        'login_hint',
        'groups',
        'roles',
        'amr',
        'sid',
      ]),
    )
  })

  describe('a request', () => {
    it('whose PKCE names no method would be plain at Entra, and is refused', async () => {
      const { code_challenge } = pkce().params
      for (const params of [{ code_challenge }, { code_challenge, code_challenge_method: '' }]) {
        const page = await deployment.visitor().fetch(authorizeUrl(deployment, app, params))
        expect(answered(page).get('error')).to.equal('invalid_request')
        expect(answered(page).get('error_description')).to.match(
          /^AADSTS9002313: .*code_challenge_method/,
        )
      }
    })

    it('for tokens from the authorization endpoint is refused in every form', async () => {
      for (const [response_type, code] of [
        ['token', 70005],
        ['id_token token', 70005],
        ['code token', 70005],
        ['code id_token token', 70005],
        ['none', 70005],
        ['id_token', 700054],
        ['code id_token', 700054],
      ] as const) {
        const params = { ...pkce().params, response_type, response_mode: 'form_post', nonce: 'n' }
        const page = await deployment.visitor().fetch(authorizeUrl(deployment, app, params))
        const text = answered(page).get('error_description')
        expect(text, response_type).to.match(new RegExp(`^AADSTS${code}: `))
      }
    })

    it('for a grant that is not served here is 70003: on behalf of, password, SAML bearer', async () => {
      for (const grant_type of [
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        'urn:ietf:params:oauth:grant-type:saml2-bearer',
        'urn:ietf:params:oauth:grant-type:token-exchange',
        'password',
      ]) {
        const fields = { grant_type, client_id: app.id, assertion: 'x' }
        const { status, body } = await askTokens(deployment, fields)
        expect([status, body.error, body.error_codes], grant_type).to.deep.equal([
          400,
          'unsupported_grant_type',
          [70003],
        ])
      }
    })

    it('to find the instance is not served: clients name their authority as known', async () => {
      const path = '/common/discovery/instance?api-version=1.1&authorization_endpoint=https://x/a'
      expect((await fetch(deployment.publicUrl + path)).status).to.equal(404)
    })
  })

  describe('a refusal', () => {
    it('as JSON is not kept, not sniffed, and its Request Id is its trace_id', async () => {
      for (const path of ['token', 'devicecode']) {
        const answer = await fetch(url('common', `/oauth2/v2.0/${path}`), {
          method: 'POST',
          body: new URLSearchParams({ client_id: 'nobody', grant_type: 'x', scope: 'openid' }),
        })
        const body = await answer.json()
        expect(answer.status, path).to.be.within(400, 401)
        for (const [name, value] of [
          ['content-type', /^application\/json; charset=utf-8$/],
          ['cache-control', /no-store/],
          ['pragma', /^no-cache$/],
          ['x-content-type-options', /^nosniff$/],
        ] as const) {
          expect(answer.headers.get(name), `${path} ${name}`).to.match(value)
        }
        expect(answer.headers.get('x-ms-request-id')).to.equal(body.trace_id)
      }
    })

    it('to the app names nobody: neither address nor name of the person, whom the page may show', async () => {
      const guarded = await registerApp(deployment, {
        displayName: 'guarded',
        assignmentRequired: true,
      })
      const strict = await registerApp(deployment, { displayName: 'strict', requireMfa: true })
      const visitor = deployment.visitor()
      await visitor.signIn('alice@customer.com')
      for (const [of, code] of [
        [guarded, 50105],
        [strict, 50079],
      ] as const) {
        const params = { ...pkce().params, prompt: 'none', login_hint: 'alice@customer.com' }
        const answer = await visitor.fetch(authorizeUrl(deployment, of, params))
        const text = [...answered(answer).values()].join('\n')
        expect(text).to.include(`AADSTS${code}`)
        expect(text).not.to.match(/alice|archer|customer\.com/i)
      }
    })

    // MSAL searches the text, too, and would ask the person to sign in where that mends nothing.
    const words = [
      ...['interaction_required', 'consent_required', 'login_required', 'bad_token'],
      ...['ui_not_allowed', 'interrupted_user', 'message_only', 'additional_action'],
      ...['basic_action', 'user_password_expired'],
    ]
    it('has none of the words in its text that MSAL looks for, whichever code it is', () => {
      for (const code of Object.keys(catalogue).map(Number) as AadstsCode[]) {
        const text = aadstsMessage(code, {}).toLowerCase()
        for (const word of words) expect(text, `AADSTS${code}`).not.to.include(word)
      }
    })
  })

  it('hints: a name of a federated domain goes there whoever it is; a domain that is not federated here is passed over', async () => {
    const ask = async (hints: Record<string, string>) => {
      const params = { ...pkce().params, ...hints }
      const visitor = deployment.visitor()
      return followed(visitor, authorizeUrl(deployment, app, params))
    }
    for (const hints of [
      { login_hint: 'nobody.of.that.name@customer.com' },
      { domain_hint: 'customer.com' },
      { whr: 'customer.com' },
      { domain_hint: 'customer.com', login_hint: 'somebody@elsewhere.example' },
    ]) {
      expect((await ask(hints)).body, JSON.stringify(hints)).to.include('name="SAMLRequest"')
    }
    for (const domain_hint of ['managed.example', 'elsewhere.example', 'organizations', '']) {
      expect((await ask({ domain_hint })).body, domain_hint).to.include('name="username"')
    }
  })

  it('prompt=none with a hint of another person than the one who is here gives the one who is here, as the ID token says', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const { params, verifier } = pkce()
    const hint = { prompt: 'none', login_hint: 'amina.diallo@customer.com' }
    const answer = await browse(visitor, authorizeUrl(deployment, app, { ...params, ...hint }))
    const code = answered(answer).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).preferred_username).to.equal('alice@customer.com')
  })
})
