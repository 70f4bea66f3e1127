import { expect } from 'chai'
import { generateKeyPair, importJWK, SignJWT } from 'jose'
import { demoAppName } from '../../src/cli/server/demoApp.ts'
import { hours } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import { addApp, changeApp } from '../../src/oidc/apps.ts'
import { sessionId } from '../../src/oidc/sessions.ts'
import { browse, leadsTo } from '../oidc/support.ts'
import type { Answer, Visitor } from '../support/visitor.ts'
import { type Site, startRouttyAt, startSite } from './site.ts'

describe('Routty, the sample app', () => {
  let site: Site
  let base: string
  before(async () => {
    site = await startSite()
    base = site.routty.baseUrl
  })
  after(() => site?.close())
  afterEach(() => {
    expect(site.failures).to.deep.equal([])
  })

  const locationOf = (answer: Answer) => leadsTo(answer) ?? ''
  const home = (visitor: Visitor) => visitor.fetch(`${base}/`)
  const post = (visitor: Visitor, path: string, origin = base) =>
    visitor.post(`${base}${path}`, {}, { origin })
  /** From Routty to homerealm and Okta, and to the answer that leads back. */
  async function answerFor(visitor: Visitor, query = ''): Promise<string> {
    const begun = await visitor.fetch(`${base}/signin?login_hint=alice%40customer.com${query}`)
    return locationOf(await browse(visitor, locationOf(begun)))
  }
  async function signedIn(): Promise<Visitor> {
    const visitor = site.deployment.visitor()
    const answer = await visitor.fetch(await answerFor(visitor))
    expect([answer.status, locationOf(answer)]).to.deep.equal([303, '/'])
    return visitor
  }

  it('signs Alice in with code, PKCE, state and nonce, and shows what the tokens say', async () => {
    const visitor = site.deployment.visitor()
    const begun = new URL(locationOf(await visitor.fetch(`${base}/signin`)))
    expect(begun.searchParams.get('code_challenge_method')).to.equal('S256')
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(begun.searchParams.get(name), name).to.match(/^[\w-]{43}$/)
    }
    const { body } = await home(await signedIn())
    for (const text of ['Hello, <bdi>Alice Archer</bdi>', 'ID token', 'Access token', '>nonce<']) {
      expect(body).to.include(text)
    }
    expect(body).to.match(/<dt>azpacr<\/dt><dd>2 /)
    expect(body).to.match(/<dt>amr<\/dt><dd>fed /)
    expect(body).to.match(/<dt>aud<\/dt><dd>http:[^<]*\/oidc\/userinfo /)
  })

  it('no token ever reaches the browser', async () => {
    const visitor = await signedIn()
    const answers = [await home(visitor), await post(visitor, '/renew'), await home(visitor)]
    for (const { body, headers } of answers) {
      expect(body + JSON.stringify([...headers])).not.to.match(/eyJ[\w-]+\.eyJ/)
    }
    const cookie = visitor.jar.get('127.0.0.1', 'routty-session')
    expect(cookie).to.match(/^[\w-]{43}$/)
  })

  it('every page has the strict policy, is not kept, and holds no script', async () => {
    const visitor = await signedIn()
    const paths = ['/', '/callback?code=x', '/signed-out', '/nowhere', '/%ff', '/signin?prompt=x']
    for (const path of paths) {
      const { headers, body } = await visitor.fetch(base + path)
      expect(headers.get('content-security-policy'), path).to.equal(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(headers.get('cache-control')).to.equal('no-store')
      expect(body).not.to.match(/<script|style="|onclick/)
    }
  })

  it('renews with the refresh token, which two clicks at once use only once', async () => {
    const visitor = await signedIn()
    const timeOf = (body: string) => /<dt>uti<\/dt><dd>([^ <]+)/.exec(body)?.[1]
    const before = timeOf((await home(visitor)).body)
    await Promise.all([post(visitor, '/renew'), post(visitor, '/renew')])
    const { body } = await home(visitor)
    expect(body).to.include('The tokens are new').and.include('Renewed so far: 1.')
    expect(timeOf(body)).not.to.equal(before)
    await post(visitor, '/renew')
    expect((await home(visitor)).body).to.include('Renewed so far: 2.')
  })

  it('says why when homerealm renews no more', async () => {
    const visitor = await signedIn()
    const { directory } = site.deployment.storage
    const before = await directory.userByPrincipalName('alice@customer.com')
    if (before === null) throw new Error('the sample tenant has no Alice')
    const disabled = { ...before, accountEnabled: false }
    await directory.writeUsers([{ kind: 'update', before, user: disabled }])
    try {
      expect(locationOf(await post(visitor, '/renew'))).to.equal('/#outcome')
      expect((await home(visitor)).body).to.match(/role="alert">[\s\S]*invalid_grant[\s\S]*AADSTS/)
    } finally {
      await directory.writeUsers([{ kind: 'update', before: disabled, user: before }])
    }
  })

  it('asks userinfo with the access token', async () => {
    const visitor = await signedIn()
    await post(visitor, '/userinfo')
    const { body } = await home(visitor)
    expect(body).to.include('Userinfo answered').and.include('<h2>Userinfo</h2>')
  })

  it('takes no form from another origin, be it another port of the same host', async () => {
    const visitor = await signedIn()
    for (const origin of [site.deployment.oktaUrl, site.deployment.publicUrl, 'null', '']) {
      for (const path of ['/renew', '/userinfo', '/signout']) {
        expect((await post(visitor, path, origin)).status, origin + path).to.equal(403)
      }
    }
    expect((await home(visitor)).body)
      .to.include('Alice Archer')
      .and.not.include('Renewed so far')
  })

  describe('an answer', () => {
    it('is good once: the same one again is told so, and the session stands', async () => {
      const visitor = site.deployment.visitor()
      const url = await answerFor(visitor)
      await visitor.fetch(url)
      const again = await visitor.fetch(url)
      expect(again.status).to.equal(400)
      expect(again.body).to.include('This answer was used already')
      expect(again.body).to.include('still signed in to Routty as <bdi>alice@customer.com</bdi>')
      expect((await home(visitor)).body).to.include('Alice Archer')
    })

    it('counts in the browser that asked alone: nobody is signed in as somebody else', async () => {
      const url = await answerFor(site.deployment.visitor())
      const victim = site.deployment.visitor()
      await victim.fetch(`${base}/signin`)
      const answer = await victim.fetch(url)
      expect(answer.status).to.equal(400)
      expect(answer.body).to.include('state mismatch')
      expect((await home(victim)).body).to.include('Where to today?')
    })

    it('with no state, two, or one that was changed is refused', async () => {
      const visitor = site.deployment.visitor()
      const url = new URL(await answerFor(visitor))
      const changes: ((query: URLSearchParams) => void)[] = [
        (query) => query.delete('state'),
        (query) => query.append('state', 'x'),
        (query) => query.set('state', `${query.get('state')}x`),
      ]
      for (const change of changes) {
        const changed = new URL(url)
        change(changed.searchParams)
        const { status, body } = await visitor.fetch(changed.href)
        expect([status, body.includes('state mismatch')]).to.deep.equal([400, true])
      }
      // None of that used the right one up.
      expect((await visitor.fetch(url.href)).status).to.equal(303)
    })

    it('from another issuer, or without saying from which, is refused', async () => {
      for (const iss of ['https://evil.example/v2.0', null]) {
        const visitor = site.deployment.visitor()
        const url = new URL(await answerFor(visitor))
        if (iss === null) url.searchParams.delete('iss')
        else url.searchParams.set('iss', iss)
        const answer = await visitor.fetch(url.href)
        expect(answer.status).to.equal(502)
        expect(answer.body).to.include('did not pass Routty’s checks')
        expect((await home(visitor)).body).to.include('Where to today?')
      }
    })

    it('that is an hour late is not waited for any more', async () => {
      const visitor = site.deployment.visitor()
      const url = await answerFor(visitor)
      const { clock } = site.deployment
      clock.at += hours(1)
      try {
        expect((await visitor.fetch(url)).body).to.include('state mismatch')
      } finally {
        clock.at -= hours(1)
      }
    })

    it('that is an error says what it means, with the AADSTS text and a way on', async () => {
      const visitor = site.deployment.visitor()
      const begun = await visitor.fetch(`${base}/signin?prompt=none`)
      const answer = await visitor.fetch(locationOf(await browse(visitor, locationOf(begun))))
      expect(answer.status).to.equal(400)
      for (const text of [
        'Nobody is signed in at homerealm',
        'login_required',
        'AADSTS50058: ',
        `href="${site.deployment.publicUrl}/error?code=50058"`,
      ]) {
        expect(answer.body).to.include(text)
      }
    })

    it('that is access_denied is its own page; what a stranger wrote is shown to nobody', async () => {
      const visitor = site.deployment.visitor()
      const begun = new URL(locationOf(await visitor.fetch(`${base}/signin`)))
      const text = 'AADSTS65004: User declined <b>to</b> consent.\r\nTrace ID: 1'
      const query = new URLSearchParams({
        error: 'access_denied',
        error_description: text,
        iss: `${site.deployment.publicUrl}/${site.deployment.tenant.id}/v2.0`,
      })
      const planted = await visitor.fetch(`${base}/callback?${query}&state=guessed`)
      expect(planted.body).to.include('state mismatch').and.not.include('65004')
      query.set('state', begun.searchParams.get('state') ?? '')
      const { status, body } = await visitor.fetch(`${base}/callback?${query}`)
      expect(status).to.equal(403)
      expect(body).to.include('You were not let in').and.include('&lt;b&gt;to&lt;/b&gt;')
    })
  })

  describe('signing out', () => {
    it('ends the session here, then at homerealm, without a question, and comes back', async () => {
      const visitor = await signedIn()
      const leaving = await post(visitor, '/signout')
      const onward = leaving.headers.get('refresh')?.replace(/^0; url=/, '') ?? ''
      expect(onward.startsWith(`${site.deployment.publicUrl}/`)).to.equal(true)
      expect((await home(visitor)).body).to.include('Where to today?')
      const page = await visitor.fetch(onward)
      expect(page.body).to.include(`href="${base}/signed-out"`)
      expect(await visitor.signedInAs()).to.equal(null)
      expect((await visitor.fetch(`${base}/signed-out`)).status).to.equal(200)
    })

    it('elsewhere reaches Routty by its frame, which only homerealm may show', async () => {
      const { apps } = site.deployment.storage
      const routty = (await apps.apps()).find(({ displayName }) => displayName === demoAppName)
      if (routty === undefined) throw new Error('Routty is not registered')
      await changeApp(apps, routty, { backChannelLogoutUri: null })
      const visitor = await signedIn()
      const page = await visitor.post('/signout', {}, { origin: site.deployment.publicUrl })
      await changeApp(apps, routty, { backChannelLogoutUri: routty.backChannelLogoutUri })
      const frame = /<iframe src="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
      expect(frame.startsWith(`${base}/front-channel-logout?iss=`)).to.equal(true)
      const wrong = frame.replace(/sid=.*/, 'sid=another')
      await site.deployment.visitor().fetch(wrong)
      await site.deployment.visitor().fetch(frame.replace('iss=http', 'iss=https'))
      expect((await home(visitor)).body).to.include('Alice Archer')
      // No cookie comes along in a frame of another site.
      const answer = await site.deployment.visitor().fetch(frame)
      expect(answer.headers.get('x-frame-options')).to.equal(null)
      expect(answer.headers.get('content-security-policy')).to.equal(
        `default-src 'none'; frame-ancestors ${site.deployment.publicUrl}`,
      )
      expect((await home(visitor)).body).to.include('Where to today?')
    })
  })

  describe('a logout token', () => {
    const backChannel = (logout_token: string) =>
      fetch(`${base}/back-channel-logout`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token }),
      })

    it('of homerealm ends the session, wherever the browser is by then', async () => {
      const visitor = await signedIn()
      // The frame is not loaded: the page that has it is thrown away.
      await visitor.post('/signout', {}, { origin: site.deployment.publicUrl })
      expect((await home(visitor)).body).to.include('Where to today?')
    })

    it('that is forged, of another kind, or none, ends nothing', async () => {
      const visitor = await signedIn()
      const { storage, keyRing, publicUrl, tenant } = site.deployment
      const app = (await storage.apps.apps()).find(({ displayName }) => displayName === demoAppName)
      const key = (await keyRing.current()).keys.signing[0]
      if (app === undefined || key === undefined) throw new Error('no app, or no key')
      const handle = visitor.jar.get('localhost', 'homerealm-session') ?? ''
      const sid = sessionId(fingerprint(handle))
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const mine = await generateKeyPair('RS256')
      const ours = await importJWK(key.privateJwk, key.alg)
      const made = (claims: object, by: typeof ours = ours, typ = 'logout+jwt', aud = app.id) =>
        new SignJWT({ sid, events, ...claims })
          .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ })
          .setIssuer(`${publicUrl}/${tenant.id}/v2.0`)
          .setAudience(aud)
          .setIssuedAt()
          .setExpirationTime('2m')
          .setJti('x')
          .sign(by)
      for (const [what, token] of [
        ['nothing', ''],
        ['no token', 'a.b.c'],
        ['another key', await made({}, mine.privateKey)],
        ['another type', await made({}, ours, 'JWT')],
        ['another app', await made({}, ours, 'logout+jwt', 'another')],
        ['no event', await made({ events: {} })],
        ['a nonce', await made({ nonce: 'n' })],
        ['no sid', await made({ sid: undefined })],
      ] as const) {
        expect((await backChannel(token)).status, what).to.equal(400)
      }
      expect((await home(visitor)).body).to.include('Alice Archer')
      expect((await backChannel(await made({}))).status).to.equal(200)
      expect((await home(visitor)).body).to.include('Where to today?')
    })
  })

  describe('its registration', () => {
    const named = async () =>
      (await site.deployment.storage.apps.apps()).filter((app) => app.displayName === demoAppName)

    it('is brought up to date at the next start, once, and keeps what an admin set', async () => {
      const { apps } = site.deployment.storage
      const [first] = await named()
      if (first === undefined) throw new Error('Routty is not registered')
      await changeApp(apps, first, { accessTokenSeconds: 600, groupsClaim: 'none' })
      const second = await startRouttyAt(site.deployment)
      try {
        const [after, ...more] = await named()
        expect(more).to.deep.equal([])
        expect(after).to.include({ id: first.id, accessTokenSeconds: 600, groupsClaim: 'none' })
        expect(after?.redirectUris.map(({ uri }) => uri)).to.deep.equal([
          `${second.baseUrl}/callback`,
          `${second.baseUrl}/signed-out`,
        ])
        expect(after?.keys).to.have.length(1)
        expect(after?.keys[0]?.kid).not.to.equal(first.keys[0]?.kid)
        expect(after?.secrets).to.deep.equal([])
      } finally {
        await second.close()
        await changeApp(apps, first, {})
      }
    })

    it('leaves alone a public app that happens to have its name', async () => {
      const { apps } = site.deployment.storage
      const making = { now: site.deployment.clock.at, random: systemRandom }
      const stranger = await addApp(apps, { displayName: demoAppName, isPublic: true }, making)
      const second = await startRouttyAt(site.deployment)
      try {
        expect(await apps.app(stranger.id)).to.deep.equal(stranger)
        expect(await named()).to.have.length(2)
      } finally {
        await second.close()
      }
    })
  })

  it('says so when homerealm cannot be reached', async () => {
    const other = await startSite()
    const visitor = other.deployment.visitor()
    await other.deployment.close()
    try {
      const { status, body } = await visitor.fetch(`${other.routty.baseUrl}/signin`)
      expect(status).to.equal(502)
      expect(body).to.include('homerealm cannot be reached').and.include('ECONNREFUSED')
    } finally {
      await other.routty.close()
    }
  })
})
