import { expect } from 'chai'
import { freePort, type Site, startSite, surf } from './support.ts'

describe('an Express app with passport-openidconnect and express-session, unmodified, over TLS', function () {
  this.timeout(120_000)
  let site: Site
  let app: string
  before(async () => {
    site = await startSite()
    const port = await freePort()
    const here = { 'localhost:4000': `localhost:${port}` }
    const { clientId: CLIENT_ID, secret } = await site.register('Club', here)
    const environment = { ISSUER: site.issuer, CLIENT_ID, CLIENT_SECRET: secret ?? '' }
    app = (await site.serve('passport.ts', port, environment)).origin
  })
  after(() => site?.close())

  it('signs Alice in and keeps her signed in', async () => {
    const visitor = site.visitor()
    expect((await visitor.fetch(app)).body).to.equal('Nobody is signed in. Open /signin')
    const signedIn = await surf(visitor, `${app}/signin?hint=alice%40customer.com`)
    expect([signedIn.url, signedIn.body]).to.deep.equal([`${app}/`, 'Hello Alice Archer'])
    expect((await visitor.fetch(app)).body).to.equal('Hello Alice Archer')
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

  it('with a wrong secret says so with the AADSTS text, and shows no stack', async () => {
    const port = await freePort()
    const here = { 'localhost:4000': `localhost:${port}` }
    const { clientId: CLIENT_ID } = await site.register('Club', here)
    const environment = { ISSUER: site.issuer, CLIENT_ID, CLIENT_SECRET: 'guessed' }
    const { origin } = await site.serve('passport.ts', port, environment)
    const { status, body } = await surf(
      site.visitor(),
      `${origin}/signin?hint=alice%40customer.com`,
    )
    expect(status).to.equal(401)
    expect(body)
      .to.include('AADSTS7000215: ')
      .and.not.match(/\n\s+at /)
  })

  it('takes no answer to a sign-in that this browser did not begin', async () => {
    const stray = await site.visitor().fetch(`${app}/callback?code=x&state=y`)
    expect([stray.status, stray.body]).to.deep.equal([
      401,
      'signin_failed: Forbidden\r\nOpen /signin',
    ])
  })
})
