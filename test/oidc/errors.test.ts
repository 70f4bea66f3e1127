import { expect } from 'chai'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, actionOf } from '../support/visitor.ts'
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
} from './support.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('errors to apps have Entra’s forms', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'errors' })
  })
  after(() => deployment?.close())

  const ask = (params: Record<string, string>, of = app): Promise<Answer> =>
    deployment.visitor().fetch(authorizeUrl(deployment, of, { ...pkce().params, ...params }))

  it('JSON: error, description with trace and correlation, codes, timestamp, and an address that explains', async () => {
    const correlation = '1f0e3dad-9990-4345-b743-9f8ffabdffc4'
    const path = `/common/oauth2/v2.0/token?client-request-id=${correlation}`
    const fields = { grant_type: 'password', client_id: app.id, username: 'a', password: 'b' }
    const { status, headers, body } = await askTokens(deployment, fields, {}, path)
    expect(status).to.equal(400)
    expect(headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(headers.get('cache-control')).to.match(/no-store/)
    expect(body).to.have.all.keys(
      ...['error', 'error_description', 'error_codes', 'timestamp', 'trace_id'],
      ...['correlation_id', 'error_uri'],
    )
    expect(body).to.deep.include({
      error: 'unsupported_grant_type',
      error_codes: [70003],
      correlation_id: correlation,
      error_uri: `${deployment.publicUrl}/error?code=70003`,
    })
    expect(body.trace_id).to.match(guid).and.equal(headers.get('x-ms-request-id'))
    expect(body.timestamp).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
    expect(body.error_description.split('\r\n')).to.deep.equal([
      "AADSTS70003: The app requested an unsupported grant type 'password'.",
      `Trace ID: ${body.trace_id}`,
      `Correlation ID: ${correlation}`,
      `Timestamp: ${body.timestamp}`,
    ])
    expect((await fetch(body.error_uri)).status).to.equal(200)
  })

  it('redirect: prompt=none without a session is login_required 50058, with the state', async () => {
    const answer = await ask({ prompt: 'none', state: 'xyz' })
    const fields = answered(answer)
    expect(fields.get('error')).to.equal('login_required')
    expect(fields.get('error_description')).to.match(/^AADSTS50058: [^\r]+\r\nTrace ID: /)
    expect(fields.get('error_uri')).to.equal(`${deployment.publicUrl}/error?code=50058`)
    expect(fields.get('state')).to.equal('xyz')
  })

  it('form and fragment, as the app asked', async () => {
    const form = await ask({ prompt: 'none', response_mode: 'form_post' })
    expect([form.status, actionOf(form.body)]).to.deep.equal([200, redirectUri])
    expect(answered(form).get('error')).to.equal('login_required')
    const fragment = await ask({ prompt: 'none', response_mode: 'fragment' })
    expect(fragment.headers.get('location')).to.match(/#error=login_required&/)
  })

  it('the page when no redirect is safe: an unknown app, an unregistered address', async () => {
    const unknown = { ...app, id: '00000000-0000-4000-8000-000000000000' }
    expect((await ask({}, unknown)).aadsts).to.equal(700016)
    const addresses = [
      'https://evil.example/signin',
      `${redirectUri}/`,
      `${redirectUri}?x=1`,
      `${redirectUri}#x`,
      redirectUri.toUpperCase(),
      redirectUri.replace('https', 'http'),
      `${redirectUri}%2f..`,
      'https://routty.example.evil.example/signin',
      'https://routty.example@evil.example/signin',
      'javascript:alert(1)',
      '//evil.example',
    ]
    for (const address of addresses) {
      for (const params of [{}, { prompt: 'none' }, { response_type: 'nonsense' }]) {
        const answer = await ask({ redirect_uri: address, ...params })
        expect(
          [answer.status, answer.aadsts, answer.headers.get('location')],
          address,
        ).to.deep.equal([400, 50011, null])
      }
    }
    const twice = `${authorizeUrl(deployment, app, pkce().params)}&redirect_uri=https://evil.example`
    const answer = await deployment.visitor().fetch(twice)
    expect(answer.headers.get('location')).to.equal(null)
  })

  it('each mistake in a request has its number', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{ response_type: 'token' }, 70005, 'unsupported_response_type'],
      [
        { response_type: 'id_token', response_mode: 'form_post', nonce: 'n' },
        700054,
        'unsupported_response_type',
      ],
      [{ response_mode: 'web_message' }, 70007, 'invalid_request'],
      [{ response_type: '' }, 900144, 'invalid_request'],
      [{ scope: '' }, 900144, 'invalid_request'],
      [{ scope: 'api://nowhere/x' }, 500011, 'invalid_resource'],
      [{ scope: 'Mail.Read' }, 70011, 'invalid_scope'],
      [{ code_challenge: '', code_challenge_method: '' }, 9002325, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 9002313, 'invalid_request'],
      [{ prompt: 'nonsense' }, 9002313, 'invalid_request'],
      [{ prompt: 'none login' }, 9002313, 'invalid_request'],
      [{ max_age: '-1' }, 9002313, 'invalid_request'],
      [{ resource: 'api://orders' }, 901002, 'invalid_request'],
      [{ id_token_hint: 'nonsense' }, 9002313, 'invalid_request'],
      [{ request: 'x.y.z' }, 9002313, 'invalid_request'],
    ]
    for (const [params, code, error] of cases) {
      const fields = answered(await ask(params))
      const label = JSON.stringify(params)
      expect(fields.get('error_description'), label).to.match(new RegExp(`^AADSTS${code}: `))
      if (error !== '') expect(fields.get('error'), label).to.be.a('string')
      // MSAL searches the text for these words, and would ask the person to sign in.
      expect(fields.get('error_description'), label).not.to.match(
        /interaction_required|login_required|consent_required|bad_token/,
      )
    }
  })

  it('an ID token is not sent where logs would keep it: form_post only', async () => {
    const { app: hybrid } = await registerServerApp(deployment, {
      displayName: 'hybrid',
      allowHybrid: true,
    })
    for (const mode of ['query', 'fragment']) {
      const params = { response_type: 'code id_token', response_mode: mode, nonce: 'n' }
      const fields = answered(await ask(params, hybrid))
      expect(fields.get('error_description'), mode).to.match(/^AADSTS70007: /)
    }
    const missing = await ask(
      { response_type: 'code id_token', response_mode: 'form_post' },
      hybrid,
    )
    expect(answered(missing).get('error_description')).to.include("'nonce'")
  })

  it('the token endpoint: a wrong verifier, a wrong redirect URI, a missing parameter, a code of nobody', async () => {
    const cases: [Record<string, string>, number][] = [
      [{ code_verifier: 'a'.repeat(43) }, 501481],
      [{ redirect_uri: `${redirectUri}/` }, 500112],
      [{ code: '' }, 900144],
      [{ code: 'nonsense' }, 70000],
      [{ grant_type: '' }, 900144],
      [{ client_id: '' }, 900144],
      [{ client_id: 'nobody' }, 700016],
    ]
    for (const [change, number] of cases) {
      const { body } = await redeem(deployment, app, await codeFor(deployment, app), change)
      expect(body.error_codes, JSON.stringify(change)).to.deep.equal([number])
    }
  })

  it('assignment: who is not assigned sees 50105 on the page, and an app that asks silently is told', async () => {
    const guarded = await registerApp(deployment, {
      displayName: 'guarded',
      assignmentRequired: true,
    })
    const visitor = deployment.visitor()
    const hint = { login_hint: 'alice@customer.com' }
    const url = authorizeUrl(deployment, guarded, { ...pkce().params, ...hint })
    const page = await browse(visitor, url)
    expect([page.status, page.aadsts, page.headers.get('location')]).to.deep.equal([
      403,
      50105,
      null,
    ])
    const silent = await visitor.fetch(`${url}&prompt=none`)
    expect(answered(silent).get('error')).to.equal('interaction_required')
    expect(answered(silent).get('error_description')).to.match(/^AADSTS50105: /)
    const assigned = {
      ...guarded,
      assignments: [{ kind: 'group', id: 'Everyone', role: 'Reader' }] as const,
    }
    await deployment.storage.apps.putApp(assigned)
    expect(answered(await visitor.fetch(url)).get('code')).to.be.a('string')
  })

  it('a wrong method, and a path that is none', async () => {
    const base = `${deployment.publicUrl}/${deployment.tenant.id}`
    const got = await fetch(`${base}/oauth2/v2.0/token`)
    expect([got.status, got.headers.get('allow')]).to.deep.equal([405, 'POST'])
    expect((await got.json()).error_codes).to.deep.equal([900561])
    const posted = await fetch(`${base}/discovery/v2.0/keys`, { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).to.deep.equal([405, 'GET'])
    for (const path of ['/oauth2/v2.0/nonsense', '/.well-known/openid-configuration', '/token']) {
      expect((await fetch(base + path)).status, path).to.equal(404)
    }
  })

  it('an interaction that is over, or another browser’s, leads to the page', async () => {
    const visitor = deployment.visitor()
    const begun = await visitor.fetch(authorizeUrl(deployment, app, pkce().params))
    const uid = new URL(begun.headers.get('location') ?? '', deployment.publicUrl).pathname
    const other = deployment.visitor()
    await other.signIn('amina.diallo@customer.com')
    const stolen = await browse(other, await other.fetch(uid))
    expect([stolen.aadsts, stolen.headers.get('location')]).to.deep.equal([50089, null])
    const resume = `/${deployment.tenant.id}/oauth2/v2.0/authorize/AAAAAAAAAAAAAAAAAAAAA`
    for (const path of ['/signin/app/nonsense', '/signin/app/AAAAAAAAAAAAAAAAAAAAA', resume]) {
      expect((await deployment.visitor().fetch(path)).aadsts, path).to.equal(50089)
    }
  })

  it('hostile values come back escaped, on pages, in forms and in JSON', async () => {
    const hostile = '"><script>alert(1)</script>\r\nSet-Cookie: evil=1'
    const pages = [
      await ask({ client_id: hostile }),
      await ask({ redirect_uri: hostile }),
      await ask({ state: hostile, prompt: 'none', response_mode: 'form_post' }),
      await ask({ scope: hostile, response_mode: 'form_post' }),
      await deployment.visitor().fetch(`/${encodeURIComponent(hostile)}/oauth2/v2.0/authorize`),
    ]
    for (const { body, headers } of pages) {
      expect(body).not.to.include('<script>alert')
      expect(headers.getSetCookie().join()).not.to.include('evil')
    }
    const redirect = await ask({ state: hostile, prompt: 'none' })
    expect(answered(redirect).get('state')).to.equal(hostile)
  })

  it('a failure of the server is 90033 without its cause, which stands in the log', async () => {
    const other = await startDeployment()
    try {
      const client = await registerApp(other, {})
      const code = await codeFor(other, client)
      await other.storage.close()
      const { status, body } = await redeem(other, client, code)
      expect([status, body.error_codes]).to.deep.equal([500, [90033]])
      expect(JSON.stringify(body)).not.to.match(/database|sqlite|\.ts\b/i)
      expect(other.logged.join('\n')).to.include(body.trace_id)
    } finally {
      await other.close()
    }
  })
})
