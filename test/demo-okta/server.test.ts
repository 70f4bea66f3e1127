import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { minutes } from '../../src/lib/clock.ts'
import { acs, alice, all, audience, issuer, key, one, parse, requestId, text } from './scene.ts'
import {
  authnRequest,
  carried,
  field,
  post,
  posted,
  redirected,
  signIn,
  startSite,
  target,
} from './site.ts'

describe('the demo Okta over HTTP', () => {
  let site: Awaited<ReturnType<typeof startSite>>
  before(async () => {
    site = await startSite()
  })
  after(() => site.close())

  const redirect = (parameters: Record<string, string> | [string, string][]) =>
    fetch(`${site.ssoUrl}?${new URLSearchParams(parameters)}`)

  it('answers an AuthnRequest by POST: sign-in page with the hinted name, then a response to the ACS', async () => {
    const begun = await post(`${site.ssoUrl}?username=alice%40customer.com`, {
      SAMLRequest: posted(authnRequest(`Destination="${site.ssoUrl}"`)),
      RelayState: 'opaque "&<value>',
    })
    const page = await begun.text()
    expect(begun.status).to.equal(200)
    expect(page).to.contain('<title>Sign in - Demo Okta</title>')
    expect(field(page, 'username')).to.equal(alice.login)
    expect(target(page)).to.equal('/login')

    const answer = await post(`${site.baseUrl}/login`, {
      state: field(page, 'state') ?? '',
      username: 'ALICE@customer.com',
      password: 'whatever',
    })
    const carrier = await answer.text()
    expect(target(carrier)).to.equal(acs)
    expect(field(carrier, 'RelayState')).to.equal('opaque "&<value>')
    const response = parse(carried(carrier))
    expect(response.getAttribute('InResponseTo')).to.equal(requestId)
    expect(response.getAttribute('Destination')).to.equal(acs)
    expect(text(response, 'NameID')).to.equal(alice.nameId)
  })

  it('answers an AuthnRequest by Redirect, and sends no RelayState when none came', async () => {
    const begun = await redirect({
      SAMLRequest: redirected(authnRequest()),
      login_hint: alice.login,
    })
    const page = await begun.text()
    expect(field(page, 'username')).to.equal(alice.login)
    const state = field(page, 'state') ?? ''
    const answer = await post(`${site.baseUrl}/login`, { state, username: alice.login })
    const carrier = await answer.text()
    expect(field(carrier, 'RelayState')).to.equal(null)
    expect(parse(carried(carrier)).getAttribute('InResponseTo')).to.equal(requestId)
  })

  it('sends an unsolicited response when nobody asked (the chiclet)', async () => {
    const home = await (await fetch(site.baseUrl)).text()
    const chiclet = /class="chiclet" href="([^"]+)"/.exec(home)?.[1] ?? ''
    const page = await (await fetch(site.baseUrl + chiclet)).text()
    const state = field(page, 'state') ?? ''
    const answer = await post(`${site.baseUrl}/login`, { state, username: alice.login })
    const response = parse(carried(await answer.text()))
    expect(response.getAttribute('InResponseTo')).to.equal(null)
    expect(one(response, 'SubjectConfirmationData').getAttribute('InResponseTo')).to.equal(null)
  })

  it('takes a request that names the configured ACS, and none that names another', async () => {
    const ask = (url: string) =>
      post(site.ssoUrl, {
        SAMLRequest: posted(authnRequest(`AssertionConsumerServiceURL="${url}"`)),
      })
    expect((await ask(acs)).status).to.equal(200)
    const refused = await ask('https://evil.example/acs')
    expect(refused.status).to.equal(400)
    const page = await refused.text()
    expect(page).to.contain('AssertionConsumerServiceURL')
    expect(page).not.to.contain('evil.example')
    expect(field(page, 'state')).to.equal(null)
  })

  it('answers a passive request with NoPassive, since it never has a session', async () => {
    const answer = await post(site.ssoUrl, { SAMLRequest: posted(authnRequest('IsPassive="1"')) })
    const codes = all(parse(carried(await answer.text())), 'StatusCode')
    expect(codes[1]?.getAttribute('Value')).to.match(/:NoPassive$/)
  })

  const evil = '"><script>alert(1)</script>'
  it('escapes what it is given: hint, username, RelayState', async () => {
    const begun = await redirect({
      SAMLRequest: redirected(authnRequest()),
      RelayState: evil,
      username: evil,
    })
    const page = await begun.text()
    expect(page).not.to.contain('<script>alert')
    expect(field(page, 'username')).to.equal(evil)
    const state = field(page, 'state') ?? ''
    const again = await (await post(`${site.baseUrl}/login`, { state, username: evil })).text()
    expect(again).not.to.contain('<script>alert')
    expect(field(again, 'username')).to.equal(evil)
    const carrier = await post(`${site.baseUrl}/login`, { state, username: alice.login })
    const html = await carrier.text()
    expect(html).not.to.contain('<script>alert')
    expect(field(html, 'RelayState')).to.equal(evil)
  })

  it('says "Unable to sign in" to an unknown username, and lets them try again', async () => {
    const { status, html } = await signIn(site, { username: 'nobody@customer.com' })
    expect(status).to.equal(401)
    expect(html).to.contain('Unable to sign in')
    const state = field(html, 'state') ?? ''
    const retry = await post(`${site.baseUrl}/login`, { state, username: alice.login })
    expect(target(await retry.text())).to.equal(acs)
  })

  it('sends the chosen fault', async () => {
    const { html } = await signIn(site, { username: alice.login, fault: 'audience-other' })
    expect(text(parse(carried(html)), 'Audience')).to.equal('urn:federation:SomebodyElse')
    expect(target(html)).to.equal(acs)
  })

  it('replays the last response of that person, and of nobody else', async () => {
    const fresh = await startSite()
    try {
      const first = await signIn(fresh, { username: alice.login })
      const replayed = await signIn(fresh, { username: alice.login, fault: 'replay' })
      expect(carried(replayed.html)).to.equal(carried(first.html))
      const bobs = await signIn(fresh, { username: 'bob@customer.com', fault: 'replay' })
      expect(bobs.status).to.equal(409)
      expect(bobs.html).to.contain('nothing to replay')
    } finally {
      await fresh.close()
    }
  })

  it('makes the foreign key on demand, and only once', async () => {
    const certificates = new Set<string>()
    for (const username of [alice.login, 'bob@customer.com']) {
      const { html } = await signIn(site, { username, fault: 'foreign-key' })
      certificates.add(text(parse(carried(html)), 'X509Certificate').replaceAll('\n', ''))
    }
    expect(certificates.size).to.equal(1)
    expect([...certificates][0]).not.to.equal(key.certificateBase64)
  })

  it('refuses a fault that does not exist, whatever its name', async () => {
    for (const fault of ['nonsense', '__proto__', 'constructor']) {
      expect((await signIn(site, { username: alice.login, fault })).status).to.equal(400)
    }
  })

  it('forgets a sign-in after 15 minutes, and never knew an invented one', async () => {
    const page = await (await redirect({ SAMLRequest: redirected(authnRequest()) })).text()
    const login = (state: string) => post(`${site.baseUrl}/login`, { state, username: alice.login })
    const state = field(page, 'state') ?? ''
    expect((await login('invented')).status).to.equal(400)
    expect((await login(state)).status).to.equal(200)
    site.clock.at += minutes(15)
    const late = await login(state)
    expect(late.status).to.equal(400)
    expect(await late.text()).to.contain('This sign-in is over')
  })

  it("publishes metadata in Okta's shape", async () => {
    const answer = await fetch(`${site.ssoUrl}/metadata`)
    expect(answer.headers.get('content-type')).to.match(/^application\/xml/)
    const root = parse(await answer.text())
    expect(root.getAttribute('entityID')).to.equal(issuer)
    expect(text(root, 'X509Certificate').replaceAll('\n', '')).to.equal(key.certificateBase64)
    expect(
      all(root, 'SingleSignOnService').map((service) => [
        service.getAttribute('Binding')?.split(':').pop(),
        service.getAttribute('Location'),
      ]),
    ).to.deep.equal([
      ['HTTP-POST', site.ssoUrl],
      ['HTTP-Redirect', site.ssoUrl],
    ])
    expect((await fetch(`${site.baseUrl}/app/exkdemo1/sso/saml/metadata`)).status).to.equal(200)
  })

  it('has a landing page that says it is a stand-in, and the settings to compare', async () => {
    const html = await (await fetch(site.baseUrl)).text()
    for (const said of [
      'not Okta',
      issuer,
      acs,
      audience,
      alice.login,
      'Ångström &amp; &lt;Co&gt;',
    ]) {
      expect(html).to.contain(said)
    }
  })

  it('sends strict headers with every answer, errors too, and does not name its framework', async () => {
    for (const path of ['/', '/nowhere', '/demo-okta.css', '/demo-okta.js', '/login']) {
      const { headers } = await fetch(site.baseUrl + path, { redirect: 'manual' })
      expect(headers.get('content-security-policy')).to.equal(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
          "form-action 'self' http://localhost:3000; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(headers.get('cache-control')).to.equal('private, no-cache')
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
      expect(headers.get('x-powered-by')).to.equal(null)
    }
    expect((await fetch(`${site.baseUrl}/nowhere`)).status).to.equal(404)
  })

  it('has neither script nor style inside its pages', async () => {
    const { html } = await signIn(site, { username: alice.login })
    const page = await (await redirect({ SAMLRequest: redirected(authnRequest()) })).text()
    for (const one of [html, page]) {
      expect(one).not.to.match(/<style|\sstyle=|\son[a-z]+=|<script>|javascript:/)
      expect(one).to.match(/<html lang="en">/)
    }
  })

  it('closes at once, with kept-alive and half-sent connections open', async () => {
    const closing = await startSite()
    const { port } = new URL(closing.baseUrl)
    const idle = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(idle, 'data')
    const half = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    half.write('POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstate=')
    await once(half, 'ready')
    const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))
    const ended = Promise.all([closed(idle), closed(half)])
    await closing.close()
    await ended
    await (await startSite({ port: Number(port) })).close()
  })

  it('says so when its port is taken, or its settings are wrong, and leaves nothing open', async () => {
    const failure = (promise: Promise<unknown>) =>
      promise.then(
        () => '',
        (error) => String(error.message),
      )
    const { port } = new URL(site.baseUrl)
    expect(await failure(startSite({ port: Number(port) }))).to.contain('EADDRINUSE')
    expect(await failure(startSite({ issuer: 'urn:x' }))).to.contain('http://www.okta.com/exk1abc')
    const twins = [alice, { ...alice, login: 'ALICE@customer.com' }]
    expect(await failure(startSite({ users: twins }))).to.contain('ALICE@customer.com')
    expect(site.errors).to.deep.equal([])
  })
})
