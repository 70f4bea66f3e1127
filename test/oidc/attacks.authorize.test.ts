import { expect } from 'chai'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import type { Answer } from '../support/visitor.ts'
import {
  answered,
  authorizeUrl,
  browse,
  codeFor,
  pkce,
  redirectUri,
  registerApp,
  registerServerApp,
} from './support.ts'

/** Addresses that look like `https://routty.example/signin` to somebody, and are another. */
const lookalikes: readonly string[] = [
  'https://routty.example/signin/',
  'https://routty.example/signin?',
  'https://routty.example/signin?next=https://evil.example',
  'https://routty.example/signin#',
  'https://routty.example/signin#@evil.example',
  'https://routty.example/signin%00',
  'https://routty.example/signin ',
  ' https://routty.example/signin',
  'https://routty.example/signin\n',
  'https://routty.example/signin/../evil',
  'https://routty.example/./signin',
  'https://routty.example//signin',
  'https://routty.example\\signin',
  'https://routty.example/SIGNIN',
  'HTTPS://routty.example/signin',
  'https://ROUTTY.example/signin',
  'https://routty.example./signin',
  'https://routty.example:443/signin',
  'https://routty.example:8443/signin',
  'https://user@routty.example/signin',
  'https://routty.example@evil.example/signin',
  'https://evil.example/https://routty.example/signin',
  'https://routty.example.evil.example/signin',
  'https://routty.exampl%65/signin',
  'https://routty。example/signin',
  'https://xn--routty-.example/signin',
  'http://routty.example/signin',
  '//routty.example/signin',
  '/signin',
  'javascript:alert(1)//https://routty.example/signin',
  'data:text/html,https://routty.example/signin',
  'null',
]

/** The same for `http://127.0.0.1/callback` of a native app, whose port alone is free. */
const loopbackLookalikes: readonly string[] = [
  'http://127.0.0.1:8080@evil.example/callback',
  'http://127.0.0.1:8080:80/callback',
  'http://127.0.0.1:99999/callback',
  'http://127.0.0.1:/callback',
  'http://127.0.0.1:+80/callback',
  'http://127.0.0.1:80%2f@evil.example/callback',
  'http://127.0.0.1.evil.example/callback',
  'http://127.0.0.1:80/callback/',
  'http://127.0.0.1:80/callback?x=1',
  'http://127.0.0.1:80/callback#x',
  'http://127.0.0.1:80/evil',
  'http://127.0.0.2:80/callback',
  'http://2130706433:80/callback',
  'http://127.1:80/callback',
  'http://0.0.0.0:80/callback',
  'http://localhost:80/callback',
  'http://[::1]:80/callback',
  'http://[::ffff:127.0.0.1]:80/callback',
  'https://127.0.0.1:80/callback',
]

describe('attacks: authorization requests', () => {
  let deployment: Deployment
  let app: App
  let server: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'spa' })
    server = (await registerServerApp(deployment, { displayName: 'web', allowHybrid: true })).app
  })
  after(() => deployment?.close())

  const ask = (of: App, params: Record<string, string>, more = '') =>
    deployment.visitor().fetch(authorizeUrl(deployment, of, params) + more)
  const expectPage = (answer: Answer, aadsts: number, what: string) =>
    expect(
      [answer.aadsts, answer.headers.get('location'), answer.status >= 400],
      what,
    ).to.deep.equal([aadsts, null, true])

  it('no address but the registered one is answered, whatever the mistake and the response mode', async () => {
    for (const uri of lookalikes) {
      const params = { ...pkce().params, redirect_uri: uri }
      expectPage(await ask(app, params), 50011, uri)
      // A second mistake must not open another way out.
      for (const wrong of [
        { prompt: 'none' },
        { scope: 'openid x/y' },
        { response_type: 'token' },
      ]) {
        for (const mode of ['query', 'fragment', 'form_post']) {
          const answer = await ask(app, { ...params, ...wrong, response_mode: mode })
          expectPage(answer, 50011, `${uri} ${JSON.stringify(wrong)} ${mode}`)
          expect(answer.body).not.to.match(/<form/)
        }
      }
    }
  })

  it('of a native app on loopback the port is free, and nothing else of the address', async () => {
    const native = await registerApp(deployment, {
      displayName: 'native',
      redirectUris: [{ uri: 'http://127.0.0.1/callback', platform: 'native' }],
    })
    const params = { ...pkce().params, prompt: 'none' }
    for (const uri of loopbackLookalikes) {
      expectPage(await ask(native, { ...params, redirect_uri: uri }), 50011, uri)
    }
    const free = await ask(native, { ...params, redirect_uri: 'http://127.0.0.1:49152/callback' })
    expect(free.headers.get('location')).to.match(/^http:\/\/127\.0\.0\.1:49152\/callback\?error=/)
  })

  it('parameters that come twice are refused on the page when they decide where the answer goes', async () => {
    const twice: readonly [param: string, value: string][] = [
      ['redirect_uri', redirectUri],
      ['redirect_uri', 'https://evil.example/'],
      ['client_id', app.id],
      ['client_id', server.id],
    ]
    for (const [param, value] of twice) {
      const more = `&${new URLSearchParams({ [param]: value })}`
      const answer = await ask(app, { ...pkce().params, prompt: 'none' }, more)
      expect([answer.headers.get('location'), answer.aadsts], param).to.deep.equal([null, 9000411])
    }
    for (const param of ['state', 'nonce', 'scope', 'response_type', 'code_challenge', 'prompt']) {
      const params = { ...pkce().params, state: 'a', nonce: 'b', prompt: 'none' }
      const answer = await ask(app, params, `&${param}=other`)
      expect(answered(answer).get('error_description'), param).to.match(/^AADSTS9000411:/)
    }
  })

  it('the scopes name the resource: a parameter `resource` is refused, once or twice', async () => {
    for (const more of [
      '&resource=api://a',
      '&resource=api://a&resource=api://b',
      '&resource=https://x/&resource=',
    ]) {
      const answer = await ask(app, { ...pkce().params, prompt: 'none' }, more)
      expect(answered(answer).get('error_description'), more).to.match(/^AADSTS901002:/)
    }
  })

  const challenge = pkce().params.code_challenge
  const challenges: readonly [what: string, params: Record<string, string>, code: number][] = [
    ['none at all', {}, 9002325],
    ['plain', { code_challenge: challenge, code_challenge_method: 'plain' }, 9002313],
    ['no method, which means plain', { code_challenge: challenge }, 9002313],
    ['another method', { code_challenge: challenge, code_challenge_method: 'S512' }, 9002313],
    [
      'the method in lower case',
      { code_challenge: challenge, code_challenge_method: 's256' },
      9002313,
    ],
    ['a method alone', { code_challenge_method: 'S256' }, 9002313],
    ['too short', { code_challenge: 'short', code_challenge_method: 'S256' }, 9002313],
  ]
  for (const [what, params, code] of challenges) {
    it(`PKCE: ${what}, and a public app gets no code`, async () => {
      const fields = answered(await ask(app, { prompt: 'none', ...params }))
      expect([fields.get('code'), fields.get('error_description')?.split(':')[0]]).to.deep.equal([
        null,
        `AADSTS${code}`,
      ])
    })
  }

  it('an ID token never comes by query or fragment, without a nonce, or to an app that is not allowed it', async () => {
    const cases: readonly [App, Record<string, string>, number][] = [
      [server, { response_type: 'id_token', nonce: 'n', response_mode: 'fragment' }, 70007],
      [server, { response_type: 'id_token', nonce: 'n' }, 70007],
      [server, { response_type: 'code id_token', nonce: 'n', response_mode: 'query' }, 70007],
      [server, { response_type: 'code id_token', response_mode: 'form_post' }, 900144],
      [server, { response_type: 'token', nonce: 'n', response_mode: 'form_post' }, 70005],
      [server, { response_type: 'code token', nonce: 'n', response_mode: 'form_post' }, 70005],
      [server, { response_type: 'none' }, 70005],
      [app, { response_type: 'id_token', nonce: 'n', response_mode: 'form_post' }, 700054],
      [server, { response_mode: 'web_message' }, 70007],
      [server, { response_mode: 'jwt' }, 70007],
      [server, { response_mode: 'query.jwt' }, 70007],
    ]
    for (const [of, params, code] of cases) {
      const fields = answered(await ask(of, { ...pkce().params, ...params }))
      expect(fields.get('id_token')).to.equal(null)
      expect(fields.get('error_description')?.split(':')[0], JSON.stringify(params)).to.equal(
        `AADSTS${code}`,
      )
    }
  })

  it('an answer by form to an app’s own scheme is refused on the page, and is no failure of the server', async () => {
    const own = 'com.example.routty://signin'
    const native = await registerApp(deployment, {
      displayName: 'scheme',
      redirectUris: [{ uri: own, platform: 'native' }],
    })
    const params = { ...pkce().params, redirect_uri: own, prompt: 'none' }
    expectPage(await ask(native, { ...params, response_mode: 'form_post' }), 70007, 'form_post')
    const answer = await ask(native, params)
    expect(answer.headers.get('location')).to.match(/^com\.example\.routty:\/\/signin\?error=/)
    expect(deployment.logged.filter((line) => line.includes('unexpected error'))).to.deep.equal([])
  })

  it('request objects, claims and registrations inside a request are refused or passed over, never fetched', async () => {
    const none = 'eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9.'
    for (const [param, value] of [
      ['request', none],
      ['request_uri', 'http://127.0.0.1:1/request'],
      ['registration', '{}'],
    ] as const) {
      const answer = await ask(app, { ...pkce().params, prompt: 'none', [param]: value })
      const fields = answered(answer)
      expect([fields.get('code'), fields.has('error')], param).to.deep.equal([null, true])
    }
  })

  it('PUT, PATCH and DELETE make no code', async () => {
    const visitor = deployment.visitor()
    await codeFor(deployment, app, {}, visitor)
    const url = authorizeUrl(deployment, app, pkce().params)
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await visitor.fetch(url, { method })
      expect(answer.headers.get('location') ?? '', method).not.to.include('code=')
    }
  })

  it('prompt=none tells an app nothing about who is here but what it asked', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('amina.diallo@customer.com')
    const guarded = await registerApp(deployment, {
      displayName: 'guarded',
      assignmentRequired: true,
    })
    const silent = await visitor.fetch(
      authorizeUrl(deployment, guarded, { ...pkce().params, prompt: 'none' }),
    )
    expect(answered(silent).get('code')).to.equal(null)
    expect(decodeURIComponent(silent.headers.get('location') ?? '')).not.to.match(/amina|customer/i)
  })

  it('a client_id in capitals is the same app, to its tokens and to its sign-out', async () => {
    const visitor = deployment.visitor()
    const { code } = await codeFor(deployment, { ...app, id: app.id.toUpperCase() }, {}, visitor)
    expect(code).to.be.a('string')
    const key = (
      await deployment.storage.sessions.sessionsOfNameId(
        (await deployment.storage.directory.domain('customer.com'))?.federationId ?? '',
        deployment.person('alice@customer.com').nameId,
      )
    ).map((session) => session.key)
    const kept = await Promise.all(
      key.map((each) =>
        deployment.storage.providerRecords.find('Session', each, deployment.clock.at),
      ),
    )
    const apps = kept.flatMap((record) =>
      Object.entries<{ sid?: string; grantId?: string }>(
        record === null ? {} : (JSON.parse(record.payload).authorizations ?? {}),
      ),
    )
    expect(apps.map(([id]) => id))
      .to.include(app.id)
      .and.not.include(app.id.toUpperCase())
    for (const [, { sid, grantId }] of apps) expect([sid, grantId]).not.to.include(undefined)
  })

  it('the address that a page goes on to is on this server, whoever wrote the request', async () => {
    const hint = { login_hint: 'alice@customer.com"><script>', domain_hint: '//evil.example' }
    const page = await browse(
      deployment.visitor(),
      authorizeUrl(deployment, app, { ...pkce().params, ...hint }),
    )
    expect(page.body).not.to.match(/<script>|evil\.example\//)
    expect(page.headers.get('location')).to.equal(null)
  })
})
