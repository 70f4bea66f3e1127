import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { axeFindings, horizontalOverflow } from '../support/pageChecks.ts'
import { Person } from '../support/person.ts'
import { askTokens, authorizeUrl, pkce, registerApp } from './support.ts'

/** An app on an origin of its own: it shows what came back to it. */
async function startApp(): Promise<{ server: Server; origin: string; received: string[] }> {
  const received: string[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      if (!req.url?.startsWith('/favicon')) received.push(`${req.method} ${req.url} ${body}`)
      res.writeHead(200, { 'content-type': 'text/html' })
      res.end('<!doctype html><link rel="icon" href="data:,"><title>app</title><h1>The app</h1>')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, received, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('an app and a real browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let deployment: Deployment
  let app: Awaited<ReturnType<typeof startApp>>
  let person: Person
  before(async () => {
    ;[browser, deployment, app] = await Promise.all([
      launchBrowser(),
      startDeployment(),
      startApp(),
    ])
  })
  after(async () => {
    await browser?.close()
    await deployment?.close()
    app?.server.closeAllConnections()
    app?.server.close()
  })
  beforeEach(async () => {
    person = await Person.at(deployment, browser, { viewport: { width: 360, height: 640 } })
    app.received.length = 0
  })
  afterEach(() => person?.close())

  const register = (displayName: string, more = {}) =>
    registerApp(deployment, {
      displayName,
      redirectUris: [{ uri: `${app.origin}/cb`, platform: 'spa' }],
      ...more,
    })
  async function signInAtOkta() {
    await person.page.getByLabel('Password').fill('any')
    await person.page.getByRole('button', { name: 'Sign in' }).click()
  }

  for (const mode of ['query', 'fragment', 'form_post']) {
    it(`app, e-mail page, Okta, and back to the app by ${mode}`, async () => {
      const client = await register(`by ${mode}`)
      const { params, verifier } = pkce()
      const redirect_uri = `${app.origin}/cb`
      const asked = { ...params, redirect_uri, response_mode: mode, state: 'xyz' }
      await person.page.goto(authorizeUrl(deployment, client, asked))
      await person.typeEmail('alice@customer.com')
      await signInAtOkta()
      await person.page.waitForURL(`${app.origin}/cb**`)
      expect(person.complaints).to.deep.equal([])
      const answer =
        mode === 'form_post'
          ? (app.received.find((line) => line.startsWith('POST /cb ')) ?? '').slice(9)
          : new URL(person.page.url())[mode === 'query' ? 'search' : 'hash'].slice(1)
      const fields = new URLSearchParams(answer)
      expect(fields.get('state')).to.equal('xyz')
      const { body } = await askTokens(deployment, {
        grant_type: 'authorization_code',
        client_id: client.id,
        code: fields.get('code') ?? '',
        code_verifier: verifier,
        redirect_uri,
      })
      expect(decodeJwt(body.id_token).preferred_username).to.equal('alice@customer.com')
      // Back leads to no page that would send the answer again, or sign in again by itself.
      app.received.length = 0
      // It may end at a page of the identity provider that the browser does not send a form to again by itself.
      await person.page.goBack().catch(() => null)
      expect(app.received.filter((line) => line.startsWith('POST'))).to.deep.equal([])
    })
  }

  it('with a hint straight to Okta and back; Back, and a reload on the way, post nothing twice', async () => {
    const client = await register('with a hint')
    const redirect_uri = `${app.origin}/cb`
    const hint = { login_hint: 'alice@customer.com' }
    const url = authorizeUrl(deployment, client, { ...pkce().params, ...hint, redirect_uri })
    // Without its script the hand-over page stays, so that it can be reloaded.
    await person.page.route('**/assets/go.js*', (route) => route.fulfill({ body: '' }), {
      times: 1,
    })
    await person.page.goto(url)
    expect(await axeFindings(person.page)).to.deep.equal([])
    await person.page.reload()
    await person.atOkta()
    await signInAtOkta()
    await person.page.waitForURL(`${app.origin}/cb**`)
    expect(person.page.url()).to.include('code=')
    expect(person.acsPosts).to.equal(1)
    expect(person.complaints).to.deep.equal([])
    await person.page.goBack().catch(() => null)
    await person.page.goForward().catch(() => null)
    expect(person.acsPosts).to.equal(1)
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  it('Bob’s refusal keeps the way to the app: he starts again, as Alice, and comes to it', async () => {
    const client = await register('start again')
    const redirect_uri = `${app.origin}/cb`
    const url = authorizeUrl(deployment, client, { ...pkce().params, redirect_uri })
    await person.page.goto(url)
    await person.typeEmail('bob@customer.com')
    await signInAtOkta()
    await person.page.waitForURL(deployment.acs)
    await person.page.getByRole('link', { name: 'Start again' }).click()
    await person.typeEmail('alice@customer.com')
    await signInAtOkta()
    await person.page.waitForURL(`${app.origin}/cb**`)
    expect(person.page.url()).to.include('code=')
  })

  it('device flow: the pages are accessible, and fit into 360 pixels', async () => {
    const client = await register('TV', { allowDeviceCode: true })
    const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.id, scope: 'openid profile' }),
    })
    const begun = await response.json()
    const check = async () => {
      expect(await axeFindings(person.page)).to.deep.equal([])
      expect(await horizontalOverflow(person.page)).to.equal(0)
    }
    await person.page.goto(begun.verification_uri)
    await check()
    await person.page.getByLabel('Code').fill(begun.user_code.toLowerCase())
    await person.page.getByRole('button', { name: 'Next' }).click()
    await person.typeEmail('alice@customer.com')
    await signInAtOkta()
    await person.page.getByRole('button', { name: 'Yes, sign in' }).waitFor()
    await check()
    await person.page.getByRole('button', { name: 'Yes, sign in' }).click()
    await person.page.getByRole('heading', { name: 'Your device is signed in' }).waitFor()
    await check()
    const { body } = await askTokens(deployment, {
      grant_type: 'device_code',
      client_id: client.id,
      device_code: begun.device_code,
    })
    expect(decodeJwt(body.id_token).name).to.equal('Alice Archer')
    expect(person.complaints).to.deep.equal([])
  })

  it('logout: the question, the frames of the apps, and back to the app', async () => {
    const client = await register('leaving', { frontChannelLogoutUri: `${app.origin}/frame` })
    const redirect_uri = `${app.origin}/cb`
    const hint = { login_hint: 'alice@customer.com' }
    await person.page.goto(
      authorizeUrl(deployment, client, { ...pkce().params, ...hint, redirect_uri }),
    )
    await person.atOkta()
    await signInAtOkta()
    await person.page.waitForURL(`${app.origin}/cb**`)
    app.received.length = 0
    const query = new URLSearchParams({
      client_id: client.id,
      post_logout_redirect_uri: redirect_uri,
    })
    await person.page.goto(`${deployment.publicUrl}/common/oauth2/v2.0/logout?${query}`)
    expect(await axeFindings(person.page)).to.deep.equal([])
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await person.page.waitForURL(redirect_uri)
    expect(app.received.map((line) => line.split('?')[0])).to.include('GET /frame')
    expect(await person.signedInAs()).to.equal(null)
    expect(person.complaints).to.deep.equal([])
  })
})
