import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { changeApp } from '../../src/oidc/apps.ts'
import { withDirectoryApi } from '../../src/oidc/directoryApi.ts'
import { makeCertificate } from '../saml-messages/certificateMaker.ts'
import { startProbe } from '../support/callerProbe.ts'
import { freePort, type Registered, type Site, startSite, surf, typeUserCode } from './support.ts'

describe('@azure/msal-node, unmodified, over TLS', function () {
  this.timeout(120_000)
  let site: Site
  let apiUrl: string
  before(async () => {
    site = await startSite()
    await site.register('Orders')
    const api = await site.serve('api.ts', await freePort(), { ISSUER: site.issuer })
    apiUrl = api.origin
  })
  after(() => site?.close())

  const settings = ({ clientId, secret }: Registered) => ({
    AUTHORITY: site.authority,
    CLIENT_ID: clientId,
    API_URL: apiUrl,
    ...(secret !== null && { CLIENT_SECRET: secret }),
  })

  describe('in a web app: code with PKCE by a confidential app', () => {
    let app: string
    let registered: Registered
    before(async () => {
      const port = await freePort()
      registered = await site.register('Shop', { 'localhost:4000': `localhost:${port}` })
      app = (await site.serve('msal-web.ts', port, settings(registered))).origin
    })

    it('signs Alice in, and one refresh token gets her a token for the API, which takes it', async () => {
      const visitor = site.visitor()
      expect((await visitor.fetch(app)).body).to.include('Nobody is signed in')
      expect((await surf(visitor, `${app}/signin?hint=alice%40customer.com`)).body).to.equal(
        'Hello Alice Archer',
      )
      for (const _time of ['by the refresh token', 'from the cache']) {
        const { status, body } = await visitor.fetch(`${app}/orders`)
        expect([status, JSON.parse(body)]).to.deep.equal([
          200,
          { reader: 'Alice Archer', orders: ['4711'] },
        ])
      }
    })

    it('signs out at homerealm too, without a question, and comes back', async () => {
      const visitor = site.visitor()
      await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
      expect(await visitor.signedInAs()).to.equal('alice@customer.com')
      const end = await surf(visitor, `${app}/signout`)
      expect([end.url, end.body]).to.deep.equal([`${app}/`, 'Nobody is signed in. Open /signin'])
      expect(await visitor.signedInAs()).to.equal(null)
    })

    it('sends Amina to sign in again when her account was disabled, and there she reads why', async () => {
      const visitor = site.visitor()
      await surf(
        visitor,
        `${app}/signin?hint=amina.diallo%40customer.com`,
        'amina.diallo@customer.com',
      )
      const amina = await site.storage.directory.userByPrincipalName('amina.diallo@customer.com')
      if (amina === null) throw new Error('no Amina')
      const user = { ...amina, accountEnabled: false }
      await site.storage.directory.writeUsers([{ kind: 'update', before: amina, user }])
      const refused = await surf(visitor, `${app}/orders`, 'amina.diallo@customer.com')
      expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([50057, site.publicUrl])
    })

    it('Bob’s 51004 stays on homerealm’s page; the app, asked silently, says login_required and lets him try again', async () => {
      const visitor = site.visitor()
      const silent = await surf(visitor, `${app}/signin?silent&hint=bob%40customer.com`)
      expect([silent.status, silent.url.startsWith(`${app}/callback?`)]).to.deep.equal([401, true])
      expect(silent.body).to.match(/^login_required: AADSTS50058: /)
      const refused = await surf(
        visitor,
        `${app}/signin?hint=bob%40customer.com`,
        'bob@customer.com',
      )
      expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([51004, site.publicUrl])
      expect((await visitor.fetch(app)).body).to.include('Nobody is signed in')
      const alice = await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
      expect(alice.body).to.equal('Hello Alice Archer')
    })

    it('with a wrong secret says so with the AADSTS text, and shows no stack', async () => {
      const port = await freePort()
      const shop = await site.register('Shop', { 'localhost:4000': `localhost:${port}` })
      const environment = settings({ ...shop, secret: 'guessed' })
      const { origin } = await site.serve('msal-web.ts', port, environment)
      const { status, body } = await surf(
        site.visitor(),
        `${origin}/signin?hint=alice%40customer.com`,
      )
      expect(status).to.equal(502)
      expect(body).to.match(/^invalid_client: .*AADSTS7000215: /)
      expect(body).not.to.match(/\n\s+at /)
    })

    it('takes no answer to a sign-in that it did not begin', async () => {
      const visitor = site.visitor()
      const stray = await visitor.fetch(`${app}/callback?code=x&state=y`)
      expect([stray.status, stray.body]).to.deep.equal([
        400,
        'This sign-in was not begun here. Open /signin',
      ])
    })
  })

  describe('in a program on a person’s computer: code with PKCE by a public app', () => {
    let registered: Registered
    before(async () => {
      registered = await site.register('Desk')
    })

    it('signs Alice in at a free loopback port, and refreshes silently for the API', async () => {
      // An app of Entra that is for people of every organization; client credentials want a tenant.
      const AUTHORITY = `${site.publicUrl}/organizations`
      const program = site.program('msal-desktop.ts', { ...settings(registered), AUTHORITY })
      const [, url = ''] = await program.until(/^Open (https:\S+)$/m)
      const done = await surf(site.visitor(), `${url}&login_hint=alice%40customer.com`)
      expect(done.body).to.include('Auth code was successfully acquired')
      const { status, stdout, stderr } = await program.ended
      expect(stdout).to.match(/^Hello Alice Archer$/m)
      expect(stdout).to.match(/^Orders: 200 \{"reader":"Alice Archer","orders":\["4711"\]\}$/m)
      expect([status, stderr]).to.deep.equal([0, ''])
    })

    it('hears nothing of Bob’s 51004, and gives up by itself', async () => {
      const program = site.program('msal-desktop.ts', {
        ...settings(registered),
        PATIENCE_SECONDS: '6',
      })
      const [, url = ''] = await program.until(/^Open (https:\S+)$/m)
      const start = `${url}&login_hint=bob%40customer.com`
      const refused = await surf(site.visitor(), start, 'bob@customer.com')
      expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([51004, site.publicUrl])
      const { status, stderr } = await program.ended
      expect([status, stderr]).to.deep.equal([
        1,
        'Nobody signed in. Did the browser show an error? Its AADSTS number says which.\n',
      ])
    })
  })

  it('a device that is not registered ends with MSAL’s word for it (MSAL reads no AADSTS text of a device code endpoint), and no stack', async () => {
    const stranger = {
      clientId: '00000000-0000-4000-8000-000000000000',
      tenantId: '',
      secret: null,
    }
    const { status, stderr } = await site.program('msal-device.ts', settings(stranger)).ended
    expect(status).to.equal(1)
    expect(stderr)
      .to.match(/^Not signed in: post_request_failed /)
      .and.not.match(/\n\s+at /)
  })

  describe('on a device without a browser', () => {
    let registered: Registered
    before(async () => {
      registered = await site.register('Screen')
    })
    const begin = async (patience = '900') => {
      const environment = { ...settings(registered), PATIENCE_SECONDS: patience }
      const program = site.program('msal-device.ts', environment)
      const [, userCode = ''] = await program.until(/code ([A-Z]{4}-[A-Z]{4})/)
      return { program, userCode }
    }

    it('signs Alice in who types the code and says yes', async () => {
      const { program, userCode } = await begin()
      expect((await typeUserCode(site, userCode)).body).to.include('Your device is signed in')
      const { status, stdout } = await program.ended
      expect(status).to.equal(0)
      expect(stdout).to.match(/^Hello Alice Archer$/m)
    })

    it('is told when she says no', async () => {
      const { program, userCode } = await begin()
      await typeUserCode(site, userCode, { answer: 'no' })
      const { status, stderr } = await program.ended
      expect(status).to.equal(1)
      expect(stderr).to.match(/^Not signed in: .*\bauthorization_declined\b.*\n$/)
    })

    it('goes on waiting while Bob reads his 51004, until its patience ends', async () => {
      const { program, userCode } = await begin('3')
      const refused = await typeUserCode(site, userCode, { login: 'bob@customer.com' })
      expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([51004, site.publicUrl])
      const { status, stderr } = await program.ended
      expect(status).to.equal(1)
      expect(stderr).to.match(/^Not signed in: user_timeout_reached .*\n$/)
    })
  })

  describe('in a job: client credentials', () => {
    it('proves itself by a secret, and its roles open the API', async () => {
      const registered = await site.register('Nightly')
      const program = site.program('msal-daemon.ts', settings(registered))
      const { status, stdout } = await program.ended
      const reader = `app ${registered.clientId}`
      expect([status, stdout]).to.deep.equal([
        0,
        `Orders: 200 ${JSON.stringify({ reader, orders: ['4711'] })}\n`,
      ])
    })

    it('gets a token of the directory API, as for Graph, that the guard of the administration APIs takes', async () => {
      const registered = await site.register('Nightly')
      const app = await site.storage.apps.app(registered.clientId)
      if (app === null) throw new Error('the app is not there')
      const apps = withDirectoryApi(site.storage.apps, site.publicUrl)
      const grantedRoles = [{ api: 'https://graph.microsoft.com', role: 'User.Read.All' }]
      await changeApp(apps, app, { grantedRoles })
      const probe = await startProbe(site)
      try {
        const program = site.program('msal-daemon.ts', {
          ...settings(registered),
          API_SCOPE: 'https://graph.microsoft.com/.default',
          API_URL: `${probe.origin}/v1.0/users`,
        })
        const { status, stdout } = await program.ended
        expect(stdout).to.match(/^Orders: 200 /)
        expect(stdout).to.include(registered.clientId).and.include('"roles":["User.Read.All"]')
        expect([status, probe.refused]).to.deep.equal([0, []])
      } finally {
        await probe.close()
      }
    })

    it('is told when the secret is wrong', async () => {
      const registered = { ...(await site.register('Nightly')), secret: 'guessed' }
      const { status, stderr } = await site.program('msal-daemon.ts', settings(registered)).ended
      expect(status).to.equal(1)
      expect(stderr).to.match(/^No token: invalid_client .*AADSTS7000215: /)
      expect(stderr).not.to.match(/\n\s+at /)
    })

    it('proves itself by a certificate, for which it has no secret', async () => {
      const { pem, privateKeyPem } = await makeCertificate()
      const [CERTIFICATE, PRIVATE_KEY] = [
        join(site.folder, 'app.pem'),
        join(site.folder, 'app.key'),
      ]
      writeFileSync(CERTIFICATE, pem)
      writeFileSync(PRIVATE_KEY, privateKeyPem)
      const registered = await site.register('Weekly', { 'app.pem': CERTIFICATE })
      expect(registered.secret).to.equal(null)
      const environment = { ...settings(registered), CERTIFICATE, PRIVATE_KEY }
      const { status, stdout, stderr } = await site.program('msal-daemon.ts', environment).ended
      expect([status, stderr, stdout]).to.deep.equal([
        0,
        '',
        `Orders: 200 {"reader":"app ${registered.clientId}","orders":["4711"]}\n`,
      ])
      const other = await makeCertificate()
      writeFileSync(PRIVATE_KEY, other.privateKeyPem)
      const forged = await site.program('msal-daemon.ts', environment).ended
      expect(forged.stderr).to.match(/invalid_client.*AADSTS700027: /)
    })
  })

  it('takes every authority an app of Entra may have: only the host is another', async () => {
    const { clientId, secret } = await site.register('Nightly')
    const { publicUrl, tenant } = site
    const authorities = [
      ['AAD', tenant.id],
      ['AAD', 'customer.com'],
      ['AAD', `${tenant.id}/`],
      ['AAD', `${tenant.id}/v2.0`],
      ['OIDC', `${tenant.id}/v2.0`],
    ]
    const program = site.start('test/clients/programs/authorities.ts', {
      CLIENT_ID: clientId,
      CLIENT_SECRET: secret ?? '',
      AUTHORITIES: JSON.stringify(
        authorities.map(([mode, path]) => [mode, `${publicUrl}/${path}`]),
      ),
    })
    const { status, stdout, stderr } = await program.ended
    expect([status, stderr]).to.deep.equal([0, ''])
    const tokens: string[] = JSON.parse(stdout)
    expect(tokens).to.have.length(authorities.length)
    for (const token of tokens) {
      expect(decodeJwt(token)).to.include({ iss: site.issuer, aud: 'api://orders' })
    }
  })
})
