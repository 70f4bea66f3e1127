import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as client from 'openid-client'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { fieldOf } from '../support/visitor.ts'
import {
  answered,
  authorizeUrl,
  browse,
  codeFor,
  followed,
  leadsTo,
  openidClient,
  pkce,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
  tokensFor,
} from './support.ts'

describe('an app signs a person in', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('with answers that have a length, so that the browser’s connection is good for the next request', async () => {
    const app = await registerApp(deployment, { displayName: 'keeps connections' })
    const params = { ...pkce().params, login_hint: 'alice@customer.com' }
    const visitor = deployment.visitor()
    const url = authorizeUrl(deployment, app, params)
    const page = await browse(visitor, url)
    expect(answered(page).get('code')).to.be.a('string')
    expect(Number(page.headers.get('content-length'))).to.be.above(0)
    const answer = await browse(visitor, url)
    expect([answer.status, answer.headers.get('content-length')]).to.deep.equal([303, '0'])
  })

  it('with openid-client: discovery, code with PKCE, the demo Okta, ID token, userinfo', async () => {
    const app = await registerApp(deployment, { displayName: 'openid-client' })
    const config = await openidClient(deployment, app)
    const verifier = client.randomPKCECodeVerifier()
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      login_hint: 'alice@customer.com',
      state,
      nonce,
    })
    const answer = await browse(deployment.visitor(), url.href)
    const tokens = await client.authorizationCodeGrant(config, new URL(leadsTo(answer) ?? ''), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    })
    const alice = await deployment.storage.directory.userByPrincipalName('alice@customer.com')
    const claims = tokens.claims()
    expect(claims).to.include({
      iss: `${deployment.publicUrl}/${deployment.tenant.id}/v2.0`,
      aud: app.id,
      tid: deployment.tenant.id,
      oid: alice?.id,
      name: 'Alice Archer',
      preferred_username: 'alice@customer.com',
      email: 'alice@customer.com',
      ver: '2.0',
      nonce,
    })
    expect(claims?.sub).not.to.equal(alice?.id)
    expect(claims?.exp).to.equal(Number(claims?.iat) + 3600)
    expect(tokens.refresh_token).to.equal(undefined)
    const person = await client.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '')
    expect(person).to.deep.equal({
      sub: claims?.sub,
      name: 'Alice Archer',
      preferred_username: 'alice@customer.com',
      given_name: 'Alice',
      family_name: 'Archer',
      email: 'alice@customer.com',
    })
  })

  it('the issuer has the GUID whatever the path names: GUID, domain, organizations, common', async () => {
    const app = await registerApp(deployment, { displayName: 'paths' })
    for (const tenant of [deployment.tenant.id, 'customer.com', 'organizations', 'Common']) {
      const base = `${deployment.publicUrl}/${tenant}/v2.0/.well-known/openid-configuration`
      const document = await (await fetch(base)).json()
      expect(document.issuer).to.equal(`${deployment.publicUrl}/${deployment.tenant.id}/v2.0`)
      const url = authorizeUrl(deployment, app, { login_hint: 'alice@customer.com' }, tenant)
      const { verifier, params } = pkce()
      const asked = `${url}&${new URLSearchParams(params)}`
      const code = answered(await browse(deployment.visitor(), asked)).get('code') ?? ''
      const { body } = await redeem(deployment, app, { code, verifier })
      expect(decodeJwt(body.id_token).iss, tenant).to.equal(document.issuer)
    }
    const other = await fetch(
      `${deployment.publicUrl}/other.example/v2.0/.well-known/openid-configuration`,
    )
    expect([other.status, (await other.json()).error_codes]).to.deep.equal([404, [90002]])
  })

  it('discovery tells what is true here, under the public address', async () => {
    const base = `${deployment.publicUrl}/${deployment.tenant.id}`
    const hostile = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    const answer = await fetch(`${base}/v2.0/.well-known/openid-configuration`, {
      headers: hostile,
    })
    expect(answer.headers.get('access-control-allow-origin')).to.equal('*')
    expect(answer.headers.get('cache-control')).to.equal('private, max-age=86400')
    expect(await answer.json()).to.deep.include({
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      userinfo_endpoint: `${base}/oidc/userinfo`,
      subject_types_supported: ['pairwise'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      response_modes_supported: ['form_post', 'fragment', 'query'],
      response_types_supported: ['code', 'code id_token', 'id_token'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      grant_types_supported: [
        'authorization_code',
        'implicit',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
    })
  })

  it('a person who is signed in already is not asked, and sub differs by app while oid does not', async () => {
    const [first, second] = [
      await registerApp(deployment, { displayName: 'first' }),
      await registerApp(deployment, { displayName: 'second' }),
    ]
    const visitor = deployment.visitor()
    const one = await redeem(deployment, first, await codeFor(deployment, first, {}, visitor))
    const { verifier, params } = pkce()
    const direct = await visitor.fetch(authorizeUrl(deployment, second, params))
    expect(direct.status).to.equal(303)
    const code = answered(direct).get('code') ?? ''
    const two = await redeem(deployment, second, { code, verifier })
    const [a, b] = [decodeJwt(one.body.id_token), decodeJwt(two.body.id_token)]
    expect(a.oid).to.equal(b.oid)
    expect(a.sid).to.equal(b.sid)
    expect(a.sub).not.to.equal(b.sub)
    const again = await tokensFor(deployment, first)
    expect(decodeJwt(again.id_token).sub).to.equal(a.sub)
    expect(decodeJwt(again.id_token).sid).not.to.equal(a.sid)
  })

  it('an ID token has no nonce when none was sent, and no name without the scope profile', async () => {
    const app = await registerApp(deployment, { displayName: 'lean' })
    const { id_token: token } = await tokensFor(deployment, app, { scope: 'openid' })
    expect(decodeJwt(token)).to.have.all.keys(
      ...['iss', 'aud', 'sub', 'iat', 'nbf', 'exp', 'sid', 'tid', 'ver', 'uti', 'amr', 'auth_time'],
    )
    expect(decodeProtectedHeader(token)).to.have.all.keys('alg', 'kid')
  })

  it('the answer comes by query, fragment or form, with state and issuer', async () => {
    const app = await registerApp(deployment, { displayName: 'modes' })
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const { params } = pkce()
    for (const mode of ['query', 'fragment', 'form_post']) {
      const asked = { ...params, response_mode: mode, state: 'a b&c="<>' }
      const answer = await visitor.fetch(authorizeUrl(deployment, app, asked))
      expect(answer.status, mode).to.equal(mode === 'form_post' ? 200 : 303)
      if (mode === 'fragment') expect(answer.headers.get('location')).to.match(/#code=/)
      const fields = answered(answer)
      expect([...fields.keys()].toSorted(), mode).to.deep.equal(['code', 'iss', 'state'])
      expect(fields.get('state')).to.equal('a b&c="<>')
      expect(fields.get('iss')).to.equal(`${deployment.publicUrl}/${deployment.tenant.id}/v2.0`)
      if (mode === 'form_post') {
        const policy = answer.headers.get('content-security-policy')
        expect(policy).to.include('form-action https:;')
      }
    }
  })

  it('the request may come by POST', async () => {
    const app = await registerApp(deployment, { displayName: 'by post' })
    const { verifier, params } = pkce()
    const url = new URL(
      authorizeUrl(deployment, app, { ...params, login_hint: 'alice@customer.com' }),
    )
    const visitor = deployment.visitor()
    const posted = await visitor.post(url.pathname, [...url.searchParams])
    const code = answered(await browse(visitor, posted)).get('code') ?? ''
    expect((await redeem(deployment, app, { code, verifier })).status).to.equal(200)
  })

  it('prompt=login and an old max_age go to the identity provider again, with ForceAuthn', async () => {
    const app = await registerApp(deployment, { displayName: 'fresh' })
    for (const asked of [{ prompt: 'login' }, { max_age: '0' }, { max_age: '1' }]) {
      const visitor = deployment.visitor()
      deployment.clock.at -= 10_000
      await visitor.signIn('alice@customer.com')
      deployment.clock.at += 10_000
      expect(await visitor.signedInAs()).to.equal('alice@customer.com')
      const { params, verifier } = pkce()
      const hint = { login_hint: 'alice@customer.com' }
      const url = authorizeUrl(deployment, app, { ...params, ...hint, ...asked })
      const handOver = await followed(visitor, url)
      const request = Buffer.from(fieldOf(handOver.body, 'SAMLRequest') ?? '', 'base64')
      expect(request.toString(), JSON.stringify(asked)).to.include('ForceAuthn="true"')
      const code = answered(await browse(visitor, handOver)).get('code') ?? ''
      const { body } = await redeem(deployment, app, { code, verifier })
      expect(decodeJwt(body.id_token).auth_time).to.be.a('number')
    }
  })

  it('id_token_hint binds: the app is told when somebody else comes back, and nobody else gets a code', async () => {
    const app = await registerApp(deployment, { displayName: 'bound' })
    const { id_token: alices } = await tokensFor(deployment, app)
    for (const more of [{}, { login_hint: 'amina.diallo@customer.com' }]) {
      const asked = { ...pkce().params, id_token_hint: alices, ...more }
      for (const [login, wanted] of [
        ['amina.diallo@customer.com', 'error'],
        ['alice@customer.com', 'code'],
      ] as const) {
        const visitor = deployment.visitor()
        const first = await browse(visitor, authorizeUrl(deployment, app, asked), { login })
        const isPage = first.body.includes('name="username"')
        const typed = { username: login, return_to: fieldOf(first.body, 'return_to') ?? '' }
        const back = isPage
          ? await browse(visitor, await visitor.post('/signin', typed), { login })
          : first
        const parameters = answered(back)
        expect([...parameters.keys()], `${login} ${JSON.stringify(more)}`).to.include(wanted)
        if (wanted === 'error') {
          expect(parameters.get('error')).to.equal('login_required')
          expect(parameters.get('code')).to.equal(null)
        }
      }
    }
  })

  it('prompt=select_account shows the e-mail page, and another person may come back', async () => {
    const app = await registerApp(deployment, { displayName: 'choose' })
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const { params, verifier } = pkce()
    const asked = { ...params, prompt: 'select_account', login_hint: 'alice@customer.com' }
    const page = await browse(visitor, authorizeUrl(deployment, app, asked))
    expect(page.body).to.include('name="username"')
    const typed = await visitor.post('/signin', {
      username: 'amina.diallo@customer.com',
      return_to: fieldOf(page.body, 'return_to') ?? '',
    })
    const login = { login: 'amina.diallo@customer.com' }
    const code = answered(await browse(visitor, typed, login)).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).preferred_username).to.equal('amina.diallo@customer.com')
    expect(await visitor.signedInAs()).to.equal('amina.diallo@customer.com')
  })

  it('prompt=select_account shows the e-mail page to one who is not signed in, too, whatever the hints say', async () => {
    const app = await registerApp(deployment, { displayName: 'choose anew' })
    const hints = { login_hint: 'alice@customer.com', domain_hint: 'customer.com' }
    const asked = { ...pkce().params, ...hints, prompt: 'select_account' }
    const page = await browse(deployment.visitor(), authorizeUrl(deployment, app, asked))
    expect(page.status).to.equal(200)
    expect(page.body).to.include('name="username"')
  })

  it('discovery has every field of Entra’s that is true here, and none that is not', async () => {
    const base = `${deployment.publicUrl}/${deployment.tenant.id}/v2.0`
    const document = await (await fetch(`${base}/.well-known/openid-configuration`)).json()
    expect(document).to.include.all.keys(
      ...['token_endpoint', 'token_endpoint_auth_methods_supported', 'jwks_uri'],
      ...['response_modes_supported', 'subject_types_supported', 'response_types_supported'],
      ...['id_token_signing_alg_values_supported', 'scopes_supported', 'issuer'],
      ...['request_uri_parameter_supported', 'userinfo_endpoint', 'authorization_endpoint'],
      ...['device_authorization_endpoint', 'http_logout_supported', 'claims_supported'],
      ...['frontchannel_logout_supported', 'end_session_endpoint'],
    )
    expect(document.request_uri_parameter_supported).to.equal(false)
    expect(document).not.to.have.any.keys(
      ...['kerberos_endpoint', 'tenant_region_scope', 'cloud_instance_name', 'rbac_url'],
      ...['cloud_graph_host_name', 'msgraph_host'],
    )
  })

  it('domain_hint goes straight to the identity provider; prompt=consent asks nothing; what MSAL adds is passed over', async () => {
    const app = await registerApp(deployment, { displayName: 'hints' })
    const { params, verifier } = pkce()
    const asked = {
      ...params,
      domain_hint: 'customer.com',
      prompt: 'consent',
      client_info: '1',
      clidata: '1',
      'X-AnchorMailbox': 'UPN:alice@customer.com',
      'x-client-SKU': 'msal.js.node',
      'client-request-id': '1f0e3dad-9990-4345-b743-9f8ffabdffc4',
      claims: '{"id_token":{"signin_state":null,"login_hint":{"essential":true}}}',
      nux: '1',
    }
    const visitor = deployment.visitor()
    const handOver = await visitor.fetch(authorizeUrl(deployment, app, asked))
    expect(fieldOf(handOver.body, 'SAMLRequest')).to.be.a('string')
    const code = answered(await browse(visitor, handOver)).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).name).to.equal('Alice Archer')
    expect(body.refresh_token).to.be.a('string')
  })

  it('acr_values can ask for a second factor, and a session without one does not do', async () => {
    const app = await registerApp(deployment, { displayName: 'strong' })
    const acr_values = 'http://schemas.microsoft.com/claims/multipleauthn'
    const asked = { ...pkce().params, acr_values, login_hint: 'alice@customer.com' }
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const silent = await visitor.fetch(authorizeUrl(deployment, app, { ...asked, prompt: 'none' }))
    expect(answered(silent).get('error')).to.equal('interaction_required')
    expect(answered(silent).get('error_description')).to.match(/^AADSTS50079: /)
    const refused = await browse(visitor, authorizeUrl(deployment, app, asked))
    expect([refused.aadsts, refused.headers.get('location')]).to.deep.equal([50079, null])
  })

  it('a session that is over, or was ended, asks again; an app never gets another person than the one in the browser', async () => {
    const app = await registerApp(deployment, { displayName: 'truth' })
    const visitor = deployment.visitor()
    await codeFor(deployment, app, {}, visitor)
    const { params } = pkce()
    await visitor.post('/signout', {})
    const silent = await visitor.fetch(authorizeUrl(deployment, app, { ...params, prompt: 'none' }))
    expect(answered(silent).get('error')).to.equal('login_required')
    await visitor.signIn('amina.diallo@customer.com')
    const { verifier, params: challenge } = pkce()
    const direct = await visitor.fetch(authorizeUrl(deployment, app, challenge))
    const code = answered(direct).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).preferred_username).to.equal('amina.diallo@customer.com')
  })

  it('a disabled user is signed out of every app at once', async () => {
    const app = await registerApp(deployment, { displayName: 'disabled' })
    const visitor = deployment.visitor()
    const login = { login: 'amina.diallo@customer.com' }
    const { params, verifier } = pkce()
    const hint = { login_hint: login.login }
    const url = authorizeUrl(deployment, app, { ...params, ...hint })
    const code = answered(await browse(visitor, url, login)).get('code') ?? ''
    const { directory } = deployment.storage
    const user = await directory.userByPrincipalName(login.login)
    if (user === null) throw new Error('no such user')
    const disabled = { ...user, accountEnabled: false }
    await directory.writeUsers([{ kind: 'update', before: user, user: disabled }])
    const redeemed = await redeem(deployment, app, { code, verifier })
    expect([redeemed.status, redeemed.body.error_codes]).to.deep.equal([400, [50057]])
    const silent = await visitor.fetch(
      authorizeUrl(deployment, app, { ...pkce().params, prompt: 'none' }),
    )
    expect(answered(silent).get('error')).to.equal('login_required')
    await directory.writeUsers([{ kind: 'update', before: disabled, user }])
  })

  it('a federated refusal ends on the page, and the app is not called', async () => {
    const app = await registerApp(deployment, { displayName: 'bob' })
    const hint = { login_hint: 'bob@customer.com' }
    const url = authorizeUrl(deployment, app, { ...pkce().params, ...hint })
    const answer = await browse(deployment.visitor(), url, { login: 'bob@customer.com' })
    expect([answer.status, answer.aadsts]).to.deep.equal([403, 51004])
    expect(answer.headers.get('location')).to.equal(null)
  })

  it('hybrid: code and ID token by form_post, for an app that is allowed it', async () => {
    const { app, secret } = await registerServerApp(deployment, {
      displayName: 'hybrid',
      allowHybrid: true,
    })
    const config = await openidClient(deployment, app, client.ClientSecretPost(secret))
    client.useCodeIdTokenResponseType(config)
    const nonce = client.randomNonce()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      response_mode: 'form_post',
      login_hint: 'alice@customer.com',
      nonce,
    })
    const answer = await browse(deployment.visitor(), url.href)
    const posted = new Request(redirectUri, { method: 'POST', body: answered(answer) })
    const tokens = await client.authorizationCodeGrant(config, posted, { expectedNonce: nonce })
    expect(tokens.claims()?.name).to.equal('Alice Archer')
    const front = decodeJwt(answered(answer).get('id_token') ?? '')
    expect(front).to.include({ nonce, name: 'Alice Archer' }).and.have.property('c_hash')
  })

  it('tokens are signed as the app chose: ES256, PS256', async () => {
    for (const alg of ['ES256', 'PS256'] as const) {
      const app = await registerApp(deployment, { displayName: alg, idTokenSigningAlg: alg })
      await deployment.ensureKeys([alg])
      const config = await openidClient(deployment, app)
      client.enableNonRepudiationChecks(config)
      const { code, verifier } = await codeFor(deployment, app)
      const answer = new URL(
        `${redirectUri}?${new URLSearchParams({ code, iss: config.serverMetadata().issuer })}`,
      )
      const tokens = await client.authorizationCodeGrant(config, answer, {
        pkceCodeVerifier: verifier,
      })
      expect(decodeProtectedHeader(tokens.id_token ?? '').alg).to.equal(alg)
      expect(tokens.refresh_token).to.be.a('string')
    }
  })
})
