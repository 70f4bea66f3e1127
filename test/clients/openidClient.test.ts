import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeCertificate } from '../saml-messages/certificateMaker.ts'
import { freePort, type Site, startSite, surf, typeUserCode } from './support.ts'

describe('openid-client, unmodified, over TLS', function () {
  this.timeout(120_000)
  let site: Site
  before(async () => {
    site = await startSite()
  })
  after(() => site?.close())

  /** The web app by a secret and `query`, as docs/apps.md registers and starts it. */
  async function board(instead: { readonly CLIENT_SECRET?: string } = {}): Promise<string> {
    const port = await freePort()
    const app = await site.register('Board', { 'localhost:4000': `localhost:${port}` })
    const { clientId: CLIENT_ID, secret, tenantId } = app
    expect(`${site.publicUrl}/${tenantId}/v2.0`).to.equal(site.issuer)
    const environment = { ISSUER: site.issuer, CLIENT_ID, CLIENT_SECRET: secret ?? '', ...instead }
    return (await site.serve('openid-client-web.ts', port, environment)).origin
  }

  /** The web app by a key of its own and `form_post`, over https. */
  async function panel(): Promise<string> {
    const { pem, privateKeyPem } = await makeCertificate()
    const [certificate, PRIVATE_KEY] = [join(site.folder, 'app.pem'), join(site.folder, 'app.key')]
    writeFileSync(certificate, pem)
    writeFileSync(PRIVATE_KEY, privateKeyPem)
    const port = await freePort()
    const here = { 'localhost:4000': `localhost:${port}`, 'app.pem': certificate }
    const { clientId: CLIENT_ID, secret } = await site.register('Panel', here)
    expect(secret).to.equal(null)
    const { files } = site
    const { origin } = await site.serve('openid-client-web.ts', port, {
      ...{ ISSUER: site.issuer, CLIENT_ID, PRIVATE_KEY, RESPONSE_MODE: 'form_post' },
      ...{ TLS_CERT: files.certFile, TLS_KEY: files.keyFile },
    })
    return origin
  }

  const ways = {
    'a secret and response_mode query': () => board(),
    'private_key_jwt and response_mode form_post': panel,
  }
  for (const [way, start] of Object.entries(ways)) {
    describe(`code with PKCE, by ${way}`, () => {
      let app: string
      before(async () => {
        app = await start()
      })

      it('signs Alice in, refreshes again and again, and knows her at userinfo', async () => {
        const visitor = site.visitor()
        const signedIn = await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
        expect([signedIn.url, signedIn.body]).to.deep.equal([`${app}/`, 'Hello Alice Archer'])
        for (const _time of [1, 2]) {
          expect((await visitor.fetch(`${app}/refresh`)).body).to.equal('Still Alice Archer')
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

      it('Bob’s 51004 stays on homerealm’s page; the app, asked silently, says login_required and lets him try again', async () => {
        const visitor = site.visitor()
        const silent = await surf(visitor, `${app}/signin?silent&hint=bob%40customer.com`)
        expect([silent.status, new URL(silent.url).origin]).to.deep.equal([401, app])
        expect(silent.body).to.match(/^login_required: AADSTS50058: /)
        const start = `${app}/signin?hint=bob%40customer.com`
        const refused = await surf(visitor, start, 'bob@customer.com')
        expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([51004, site.publicUrl])
        expect((await visitor.fetch(app)).body).to.include('Nobody is signed in')
        const alice = await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
        expect(alice.body).to.equal('Hello Alice Archer')
      })

      it('takes no answer to a sign-in that this browser did not begin', async () => {
        const stray = await site.visitor().fetch(`${app}/callback?code=x&state=y`)
        expect([stray.status, stray.body]).to.deep.equal([
          401,
          'This sign-in was not begun here.\r\nOpen /signin',
        ])
      })
    })
  }

  it('with a wrong secret says so with the AADSTS text, and shows no stack', async () => {
    const app = await board({ CLIENT_SECRET: 'guessed' })
    const { status, body } = await surf(site.visitor(), `${app}/signin?hint=alice%40customer.com`)
    expect(status).to.equal(401)
    expect(body).to.match(/^invalid_client: AADSTS7000215: /)
    expect(body).not.to.match(/\n\s+at /)
  })

  it('silently signed in after all: prompt=none is enough for whom homerealm knows already', async () => {
    const [first, second] = [await board(), await board()]
    const visitor = site.visitor()
    await surf(visitor, `${first}/signin?hint=alice%40customer.com`)
    expect((await surf(visitor, `${second}/signin?silent`)).body).to.equal('Hello Alice Archer')
  })

  it('by form_post, the cookie of the app comes along from another site', async () => {
    const { headers } = await site.visitor().fetch(`${await panel()}/signin`)
    expect(headers.getSetCookie().join()).to.match(
      /^connect\.sid=.*; HttpOnly; Secure; SameSite=None$/,
    )
    expect(headers.get('location')).to.include('response_mode=form_post')
  })

  it('who is not assigned reads 50105 on homerealm’s page; silently the app is told interaction_required', async () => {
    const app = await board()
    const [registered] = (await site.storage.apps.apps()).filter(({ redirectUris }) =>
      redirectUris.some(({ uri }) => uri === `${app}/`),
    )
    if (registered === undefined) throw new Error('no app')
    await site.storage.apps.putApp({ ...registered, assignmentRequired: true })
    const visitor = site.visitor()
    const refused = await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
    expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([50105, site.publicUrl])
    const silent = await surf(visitor, `${app}/signin?silent`)
    expect([silent.status, new URL(silent.url).origin]).to.deep.equal([401, app])
    expect(silent.body).to.match(/^interaction_required: AADSTS50105: /)
  })

  it('when the app forgot who it was, the person is asked before signing out, and comes back all the same', async () => {
    const app = await board()
    const visitor = site.visitor()
    await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
    await visitor.fetch(`${app}/signout`)
    const question = await surf(visitor, `${app}/signout`)
    expect(question.body).to.include('Do you want to sign out?')
    // The app is http, and a browser follows the form's redirect only to where the page's policy lets forms go.
    expect(question.headers.get('content-security-policy')).to.match(
      /form-action 'self' https: http:;/,
    )
    const fields = { post_logout_redirect_uri: `${app}/` }
    const end = await surf(visitor, await visitor.post('/signout/app', fields))
    expect([end.url, await visitor.signedInAs()]).to.deep.equal([`${app}/`, null])
  })

  it('is told at the refresh that the account was disabled, and forgets the person', async () => {
    const app = await board()
    const visitor = site.visitor()
    const login = 'amina.diallo@customer.com'
    await surf(visitor, `${app}/signin?${new URLSearchParams({ hint: login })}`, login)
    const before = await site.storage.directory.userByPrincipalName(login)
    if (before === null) throw new Error('no Amina')
    const user = { ...before, accountEnabled: false }
    await site.storage.directory.writeUsers([{ kind: 'update', before, user }])
    const refused = await visitor.fetch(`${app}/refresh`)
    expect(refused.status).to.equal(401)
    expect(refused.body).to.match(/^invalid_grant: AADSTS50057: /)
    expect((await visitor.fetch(app)).body).to.include('Nobody is signed in')
  })

  describe('on a device without a browser', () => {
    async function begin(patience = '900') {
      const { clientId: CLIENT_ID } = await site.register('Screen')
      const environment = { ISSUER: site.issuer, CLIENT_ID, PATIENCE_SECONDS: patience }
      const program = site.program('openid-client-device.ts', environment)
      const [, userCode = ''] = await program.until(/type (\S+)/)
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
      expect(stderr).to.match(/^Not signed in: authorization_declined: AADSTS65004: /)
      expect(stderr).not.to.match(/\n\s+at /)
    })

    it('that is not registered says so with the AADSTS text', async () => {
      const CLIENT_ID = '00000000-0000-4000-8000-000000000000'
      const environment = { ISSUER: site.issuer, CLIENT_ID }
      const { status, stderr } = await site.program('openid-client-device.ts', environment).ended
      expect(status).to.equal(1)
      expect(stderr).to.match(/^Not signed in: \w+: AADSTS700016: /)
      expect(stderr).not.to.match(/\n\s+at /)
    })

    it('goes on waiting while Bob reads his 51004, until its patience ends', async () => {
      const { program, userCode } = await begin('6')
      const refused = await typeUserCode(site, userCode, { login: 'bob@customer.com' })
      expect([refused.aadsts, new URL(refused.url).origin]).to.deep.equal([51004, site.publicUrl])
      const { status, stderr } = await program.ended
      expect(status).to.equal(1)
      expect(stderr).to.match(/^Not signed in: .*(?:timeout|timed out|aborted).*\n$/)
    })
  })
})
