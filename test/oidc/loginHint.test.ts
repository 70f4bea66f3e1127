import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { systemRandom } from '../../src/lib/ids.ts'
import { loginHints } from '../../src/oidc/loginHint.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, fieldOf, type Visitor } from '../support/visitor.ts'
import {
  askTokens,
  authorizeUrl,
  codeFor,
  followed,
  pkce,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
} from './support.ts'

const upn = 'alice@customer.com'

describe('the claim login_hint', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'hints', optionalClaims: ['login_hint'] })
  })
  after(() => deployment?.close())

  interface SignedIn {
    readonly visitor: Visitor
    readonly hint: string
    readonly refreshToken: string
  }
  async function signedIn(visitor = deployment.visitor()): Promise<SignedIn> {
    const { body } = await redeem(deployment, app, await codeFor(deployment, app, {}, visitor))
    const hint = decodeJwt(body.id_token).login_hint as string
    return { visitor, hint, refreshToken: body.refresh_token }
  }

  const leave = (visitor: Visitor, logout_hint: string, more: Record<string, string> = {}) =>
    visitor.fetch(
      `/${deployment.tenant.id}/oauth2/v2.0/logout?${new URLSearchParams({ logout_hint, ...more })}`,
    )
  const isAsked = (answer: Answer) => answer.body.includes('Do you want to sign out?')

  /** What becomes of a `login_hint`: the page that the app's request leads to. */
  async function hinted(login_hint: string): Promise<Answer> {
    const visitor = deployment.visitor()
    const params = { ...pkce().params, login_hint }
    return followed(visitor, authorizeUrl(deployment, app, params))
  }

  it('is opaque, safe in addresses, another in each token, and there for apps that ask for it', async () => {
    const [one, other] = [await signedIn(), await signedIn()]
    expect(one.hint)
      .to.match(/^1\.[\w-]{100,250}$/)
      .and.not.equal(other.hint)
    const alice = await deployment.storage.directory.userByPrincipalName(upn)
    const bytes = Buffer.from(one.hint.slice(2), 'base64url').toString('latin1')
    for (const text of [upn, 'alice', alice?.id ?? '-']) expect(bytes).not.to.include(text)
    const plain = await registerApp(deployment, { displayName: 'without' })
    const { body } = await redeem(deployment, plain, await codeFor(deployment, plain))
    expect(decodeJwt(body.id_token)).not.to.have.property('login_hint')
  })

  it('as logout_hint signs out unasked, and goes back to the app', async () => {
    const { visitor, hint } = await signedIn()
    const answer = await leave(visitor, hint, { post_logout_redirect_uri: redirectUri })
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, redirectUri])
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('of a refreshed ID token and of a hybrid one does so as well', async () => {
    const refreshed = await signedIn()
    const { body } = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: refreshed.refreshToken,
    })
    await leave(refreshed.visitor, String(decodeJwt(body.id_token).login_hint))
    expect(await refreshed.visitor.signedInAs()).to.equal(null)
    const { app: hybrid } = await registerServerApp(deployment, {
      displayName: 'hybrid hints',
      allowHybrid: true,
      optionalClaims: ['login_hint'],
    })
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const params = { response_type: 'id_token', response_mode: 'form_post', nonce: 'n' }
    const page = await visitor.fetch(authorizeUrl(deployment, hybrid, params))
    const claims = decodeJwt(fieldOf(page.body, 'id_token') ?? '')
    await leave(visitor, String(claims.login_hint))
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('signs nobody out unasked but the person of its own session', async () => {
    const { hint } = await signedIn()
    const [later, amina] = [deployment.visitor(), deployment.visitor()]
    await later.signIn(upn)
    await amina.signIn('amina.diallo@customer.com')
    for (const visitor of [later, amina]) {
      expect(isAsked(await leave(visitor, hint))).to.equal(true)
      expect(await visitor.signedInAs()).not.to.equal(null)
    }
  })

  it('cannot be made up: a bare name, a changed value, or one of another tenant asks first', async () => {
    const { visitor, hint } = await signedIn()
    const { pairwiseSecret } = (await deployment.keyRing.current()).keys
    const alice = await deployment.storage.directory.userByPrincipalName(upn)
    const sid = 'd8b669dc-b4d5-597e-1658-3263f16f979a'
    const elsewhere = { ...deployment.tenant, id: 'another' }
    const made = loginHints({ tenant: elsewhere, random: systemRandom }, { pairwiseSecret }).make({
      userId: alice?.id ?? '',
      sid,
    })
    const changed = `${hint.slice(0, -2)}${hint.endsWith('A') ? 'B' : 'A'}${hint.at(-1)}`
    for (const value of [upn, alice?.id ?? '', made, changed, hint.slice(0, -4), '1.', '1.AAAA']) {
      expect(isAsked(await leave(visitor, value)), value).to.equal(true)
    }
    expect(await visitor.signedInAs()).to.equal(upn)
    expect((await leave(visitor, hint)).headers.get('location')).to.equal('/signedout')
  })

  it('as login_hint leads to the realm of the person, as their name does, also when the session is over', async () => {
    const { visitor, hint } = await signedIn()
    await visitor.post('/signout', {})
    for (const value of [hint, upn]) {
      expect((await hinted(value)).body, value).to.include('name="SAMLRequest"')
    }
  })

  it('that stands for nobody leaves the e-mail page as if none had come', async () => {
    const { hint } = await signedIn()
    const { pairwiseSecret } = (await deployment.keyRing.current()).keys
    const { tenant } = deployment
    const hints = loginHints({ tenant, random: systemRandom }, { pairwiseSecret })
    const ofNobody = hints.make({ userId: '00000000-0000-4000-8000-000000000000', sid: 's' })
    for (const value of [ofNobody, `${hint.slice(0, -4)}AAAA`, '1.AAAA']) {
      const page = await hinted(value)
      expect([page.status, fieldOf(page.body, 'username')], value).to.deep.equal([200, ''])
    }
  })
})
