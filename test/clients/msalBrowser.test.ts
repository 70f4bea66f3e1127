import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import type { Browser, Response } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { Person } from '../support/person.ts'
import { root } from '../support/program.ts'
import { type Registered, type Site, startSite } from './support.ts'

const require = createRequire(import.meta.url)
const library = join(
  dirname(require.resolve('@azure/msal-browser/package.json')),
  'lib/msal-browser.min.js',
)

/** The page of docs/apps.md on an https origin of its own, with its API beside it. */
async function servePage(site: Site) {
  const keys = createRemoteJWKSet(new URL(`${site.publicUrl}/common/discovery/v2.0/keys`))
  const files = new Map<string, [type: string, content: string | Buffer]>([
    ['/msal-browser.min.js', ['text/javascript', readFileSync(library)]],
    ['/favicon.ico', ['image/x-icon', '']],
  ])
  const server: Server = createServer(
    { cert: readFileSync(site.files.certFile), key: readFileSync(site.files.keyFile) },
    async (req, res) => {
      const { pathname } = new URL(req.url ?? '', 'https://page')
      if (pathname === '/orders') {
        const token = req.headers.authorization?.slice('Bearer '.length) ?? ''
        const { payload } = await jwtVerify(token, keys, {
          issuer: site.issuer,
          audience: 'api://orders',
        })
        res.end(`for ${payload.name} by ${payload.scp}`)
        return
      }
      const [type, content] = files.get(pathname) ?? ['text/plain', 'no such file']
      res.writeHead(200, { 'content-type': type }).end(content)
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const registered = await site.register('Page', { 'http://localhost:4000': origin })
  files.set('/', ['text/html; charset=utf-8', filledIn(site, registered)])
  return { server, origin, clientId: registered.clientId }
}

/** What the docs ask the reader to put in. */
function filledIn(site: Site, { clientId }: Registered): string {
  return readFileSync(join(root, 'docs/apps/msal-browser.html'), 'utf8')
    .replace('https://localhost:3000/customer.com', site.authority)
    .replace('CLIENT-ID', clientId)
}

describe('@azure/msal-browser, unmodified, in a real browser over TLS', function () {
  this.timeout(120_000)
  let site: Site
  let browser: Browser
  let app: Awaited<ReturnType<typeof servePage>>
  let person: Person
  before(async () => {
    ;[site, browser] = await Promise.all([startSite(), launchBrowser()])
    await site.register('Orders')
    app = await servePage(site)
  })
  after(async () => {
    await browser?.close()
    app?.server.closeAllConnections()
    app?.server.close()
    await site?.close()
  })
  beforeEach(async () => {
    // The browser trusts the demo's authority as a person would have it do.
    person = await Person.at(site, browser, { ignoreHTTPSErrors: true })
  })
  afterEach(() => person?.close())

  const status = () => person.page.getByRole('status')
  const press = (name: string) => person.page.getByRole('button', { name }).click()
  async function signIn(email: string): Promise<void> {
    await person.page.goto(`${app.origin}/`)
    await press('Sign in')
    await person.typeEmail(email)
    await person.page.getByLabel('Password').fill('any')
    await press('Sign in')
  }
  async function bodyOf(response: Response | undefined) {
    if (response === undefined) throw new Error('the token endpoint was not asked')
    return response.json()
  }
  /** Answers of the token endpoint to the page, as they come. */
  function tokenAnswers(): Response[] {
    const answers: Response[] = []
    person.page.on('response', (response) => {
      const isToken = new URL(response.url()).pathname.endsWith('/oauth2/v2.0/token')
      if (isToken && response.request().method() === 'POST') answers.push(response)
    })
    return answers
  }

  it('signs Alice in by redirect, and redeems the code by CORS', async () => {
    const answers = tokenAnswers()
    await signIn('alice@customer.com')
    await status().filter({ hasText: 'Hello Alice Archer' }).waitFor()
    // Neither history nor a reload holds the code.
    expect(person.page.url()).to.equal(`${app.origin}/`)
    expect(answers).to.have.length(1)
    const headers = answers[0]?.headers() ?? {}
    expect(headers['access-control-allow-origin']).to.equal(app.origin)
    const { id_token, client_info } = await bodyOf(answers[0])
    const claims = decodeJwt(id_token)
    expect(claims).to.include({ aud: app.clientId, tid: site.tenant.id, name: 'Alice Archer' })
    expect(JSON.parse(Buffer.from(client_info, 'base64url').toString())).to.deep.equal({
      uid: claims.oid,
      utid: site.tenant.id,
    })
    await person.page.reload()
    await status().filter({ hasText: 'Hello Alice Archer' }).waitFor()
    expect(answers).to.have.length(1)
    expect(person.complaints).to.deep.equal([])
  })

  it('gets a token for a second API silently by the refresh token, once, and the API takes it', async () => {
    await signIn('alice@customer.com')
    await status().filter({ hasText: 'Hello' }).waitFor()
    const answers = tokenAnswers()
    for (const _time of ['by the refresh token', 'from the cache']) {
      await press('Show the orders')
      await status().filter({ hasText: 'Orders: 200 for Alice Archer by Orders.Read' }).waitFor()
    }
    expect(answers).to.have.length(1)
    const sent = new URLSearchParams(answers[0]?.request().postData() ?? '')
    expect(sent.get('grant_type')).to.equal('refresh_token')
    expect(sent.get('scope')?.split(' ')).to.include('api://orders/Orders.Read')
    expect((await bodyOf(answers[0])).refresh_token).not.to.equal(sent.get('refresh_token'))
    expect(person.complaints).to.deep.equal([])
  })

  it('goes to a sign-in that the person sees when her account was disabled', async () => {
    await signIn('amina.diallo@customer.com')
    await status().filter({ hasText: 'Hello' }).waitFor()
    const { directory } = site.storage
    const amina = await directory.userByPrincipalName('amina.diallo@customer.com')
    if (amina === null) throw new Error('the sample tenant has no Amina')
    await directory.writeUsers([
      { kind: 'update', before: amina, user: { ...amina, accountEnabled: false } },
    ])
    await press('Show the orders')
    // Whose account it is, homerealm knows by the hint; Okta lets her in, and homerealm says why it does not.
    await person.atOkta()
    await person.page.getByLabel('Password').fill('any')
    await press('Sign in')
    await person.page.waitForURL(site.acs)
    expect(await person.page.locator('#details dd').last().textContent()).to.match(/^AADSTS50057: /)
  })

  it('signs out at homerealm too, without a question, and comes back', async () => {
    await signIn('alice@customer.com')
    await status().filter({ hasText: 'Hello' }).waitFor()
    expect(await person.signedInAs()).to.equal('alice@customer.com')
    await press('Sign out')
    await status().filter({ hasText: 'Nobody is signed in.' }).waitFor()
    expect(person.page.url().split('?')[0]).to.equal(`${app.origin}/`)
    expect(await person.signedInAs()).to.equal(null)
    expect(person.complaints).to.deep.equal([])
  })

  it('Bob reads AADSTS51004 on homerealm’s page, and the page of the app goes on: he begins anew as Alice', async () => {
    await signIn('bob@customer.com')
    await person.page.waitForURL(site.acs)
    expect(await person.page.locator('#details dd').last().textContent()).to.match(/^AADSTS51004: /)
    // Back at the app by hand, nothing is left half done.
    await person.page.goto(`${app.origin}/`)
    await status().filter({ hasText: 'Nobody is signed in.' }).waitFor()
    await signIn('alice@customer.com')
    await status().filter({ hasText: 'Hello Alice Archer' }).waitFor()
  })

  it('an origin that is not registered gets no token by CORS', async () => {
    // The same page under another name of the machine: another origin.
    await person.page.goto(app.origin.replace('127.0.0.1', 'localhost'))
    await status().filter({ hasText: 'Nobody is signed in.' }).waitFor()
    const url = `${site.authority}/oauth2/v2.0/token`
    const fields = { grant_type: 'refresh_token', client_id: app.clientId, refresh_token: 'x' }
    const ask = (body: string) =>
      person.page.evaluate<string>(
        `fetch('${url}', { method: 'POST', body: new URLSearchParams(${body}) }).then((it) => it.text(), (it) => it.message)`,
      )
    expect(await ask(JSON.stringify(fields))).to.equal('Failed to fetch')
    expect(person.complaints.join('\n')).to.include('blocked by CORS policy')
    await person.page.goto(`${app.origin}/`)
    await status().filter({ hasText: 'Nobody is signed in.' }).waitFor()
    expect(JSON.parse(await ask(JSON.stringify(fields)))).to.include({ error: 'invalid_grant' })
  })
})
