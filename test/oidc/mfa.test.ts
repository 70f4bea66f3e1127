import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { loadKeyEncryptionKey } from '../../src/cli/server/keyEncryptionKey.ts'
import type { Federation, User } from '../../src/directory/types.ts'
import { minutes } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { changeApp } from '../../src/oidc/apps.ts'
import type { App } from '../../src/oidc/types.ts'
import {
  disableTotp,
  enableTotp,
  proposeTotp,
  readTotpSecret,
} from '../../src/signin/totp/secondFactor.ts'
import { codeAt } from '../support/authenticator.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'
import { type Answer, fieldOf, type Visitor } from '../support/visitor.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  codeFor,
  leadsTo,
  pkce,
  redeem,
  registerApp,
  tokensFor,
} from './support.ts'

const upn = 'alice@customer.com'
const multipleAuthn = 'http://schemas.microsoft.com/claims/multipleauthn'
const passwordOnly = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
type Behavior = Federation['federatedIdpMfaBehavior']

describe('an app that requires a second factor', () => {
  let deployment: Deployment
  let alice: User
  let app: App
  before(async () => {
    deployment = await startDeployment()
    alice = (await deployment.storage.directory.userByPrincipalName(upn)) as User
    app = await registerApp(deployment, { displayName: 'strict', requireMfa: true })
  })
  after(() => deployment?.close())
  beforeEach(() => setting('acceptIfMfaDoneByFederatedIdp'))

  const parts = () => ({
    ...deployment.storage,
    random: systemRandom,
    sealer: sealer(loadKeyEncryptionKey(deployment.config), 'second factors', systemRandom),
  })

  /** The federation's behavior, and Alice without a second factor here. */
  async function setting(behavior: Behavior): Promise<void> {
    const { directory } = deployment.storage
    const federation = (await directory.federationByIssuer(deployment.idp.issuer)) as Federation
    await directory.putFederation({ ...federation, federatedIdpMfaBehavior: behavior })
    await disableTotp(alice.id, parts())
  }

  /** Gives Alice a second factor here; a code of it. */
  async function enrol(): Promise<string> {
    const sealed = proposeTotp(alice.id, parts())
    const enrolment = { userId: alice.id, sealed, code: null }
    await enableTotp(enrolment, deployment.clock.at, parts())
    return codeAt(readTotpSecret(sealed, alice.id, parts()), deployment.clock.at)
  }

  const changeTo = (changed: App, requireMfa: boolean) =>
    changeApp(deployment.storage.apps, changed, { requireMfa })

  /** From the app's request to the page that carries the AuthnRequest, and its answer. */
  async function start(visitor: Visitor, url: string): Promise<string> {
    let answer = await visitor.fetch(url)
    for (let step = 0; step < 5 && fieldOf(answer.body, 'SAMLRequest') === null; step += 1) {
      answer = await visitor.fetch(answer.headers.get('location') ?? '')
    }
    return requestOf(answer)
  }

  function requestOf(page: Answer): string {
    const xml = Buffer.from(fieldOf(page.body, 'SAMLRequest') ?? '', 'base64').toString('utf8')
    return / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
  }

  function answerIdp(visitor: Visitor, requestId: string, classRef: string): Promise<Answer> {
    const change = eachAssertion(({ authn }) => ({
      authn: authn && { ...authn, contextClassRef: classRef },
    }))
    return visitor.deliver(deployment.idp.respond(deployment.person(upn), requestId, change))
  }

  function request(params: Record<string, string> = {}) {
    const { verifier, params: challenge } = pkce()
    const url = authorizeUrl(deployment, app, { ...challenge, login_hint: upn, ...params })
    return { verifier, url }
  }

  async function amrOf(landed: Answer, visitor: Visitor, verifier: string) {
    const code = answered(await browse(visitor, landed)).get('code') ?? ''
    return decodeJwt((await redeem(deployment, app, { code, verifier })).body.id_token).amr
  }

  it('with max_age takes no older authentication than that, however many factors it had', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    expect(await visitor.signedInAs()).to.equal(upn)
    await setting('enforceMfaByFederatedIdp')
    const { url } = request({ max_age: '600' })
    const answerOfAge = async (age: number) => {
      const instant = deployment.clock.at - age
      const change = eachAssertion(({ authn }) => ({
        authn: authn && { ...authn, contextClassRef: multipleAuthn, instant },
      }))
      const id = await start(visitor, url)
      return visitor.deliver(deployment.idp.respond(deployment.person(upn), id, change))
    }
    expect(leadsTo(await answerOfAge(minutes(60))), 'asked once more').to.match(/^\/signin\/app\//)
    expect(answered(await browse(visitor, await answerOfAge(0))).get('code')).to.be.a('string')
  })

  it('is satisfied by the identity provider’s, where that counts', async () => {
    for (const behavior of ['acceptIfMfaDoneByFederatedIdp', 'enforceMfaByFederatedIdp'] as const) {
      await setting(behavior)
      const visitor = deployment.visitor()
      const { url, verifier } = request()
      const landed = await answerIdp(visitor, await start(visitor, url), multipleAuthn)
      expect(await amrOf(landed, visitor, verifier), behavior).to.deep.equal(['fed', 'mfa'])
    }
  })

  it('accept: homerealm asks for the code of one who has TOTP here; without TOTP 50079', async () => {
    const visitor = deployment.visitor()
    const refused = await answerIdp(visitor, await start(visitor, request().url), passwordOnly)
    expect([refused.status, refused.aadsts]).to.deep.equal([403, 50079])
    const code = await enrol()
    const { url, verifier } = request()
    const asked = await answerIdp(visitor, await start(visitor, url), passwordOnly)
    expect(asked.headers.get('location')).to.equal('/signin/code')
    const landed = await visitor.post('/signin/code', { code })
    expect(await amrOf(landed, visitor, verifier)).to.deep.equal(['fed', 'mfa'])
  })

  it('enforce: goes back to the identity provider once, then refuses', async () => {
    await setting('enforceMfaByFederatedIdp')
    const visitor = deployment.visitor()
    const { url, verifier } = request()
    const again = await answerIdp(visitor, await start(visitor, url), passwordOnly)
    const landed = await answerIdp(visitor, requestOf(again), multipleAuthn)
    expect(await amrOf(landed, visitor, verifier)).to.deep.equal(['fed', 'mfa'])
    const other = deployment.visitor()
    const second = await answerIdp(other, await start(other, request().url), passwordOnly)
    const refused = await answerIdp(other, requestOf(second), passwordOnly)
    expect([refused.status, refused.aadsts]).to.deep.equal([403, 50079])
  })

  it('reject: the identity provider’s does not count, the code here does', async () => {
    await setting('rejectMfaByFederatedIdp')
    const visitor = deployment.visitor()
    const refused = await answerIdp(visitor, await start(visitor, request().url), multipleAuthn)
    expect(refused.aadsts).to.equal(50079)
    const code = await enrol()
    const { url, verifier } = request()
    const asked = await answerIdp(visitor, await start(visitor, url), multipleAuthn)
    expect(asked.headers.get('location')).to.equal('/signin/code')
    const landed = await visitor.post('/signin/code', { code })
    expect(await amrOf(landed, visitor, verifier)).to.deep.equal(['fed', 'mfa'])
  })

  it('a session without one does not do: prompt=none is told 50079, a person is asked and need not type their name', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const silent = await visitor.fetch(request({ prompt: 'none' }).url)
    expect(answered(silent).get('error')).to.equal('interaction_required')
    expect(answered(silent).get('error_description')).to.match(/^AADSTS50079: /)
    const { verifier, params } = pkce()
    const first = await visitor.fetch(authorizeUrl(deployment, app, params))
    const toSignin = await visitor.fetch(first.headers.get('location') ?? '')
    const signin = new URL(toSignin.headers.get('location') ?? '', deployment.publicUrl)
    expect([...signin.searchParams.keys()]).to.deep.equal(['return_to', 'mfa', 'login_hint'])
    expect(signin.searchParams.get('login_hint')).to.equal(upn)
    const code = await enrol()
    await answerIdp(visitor, await start(visitor, signin.href), passwordOnly)
    const landed = await visitor.post('/signin/code', { code })
    expect(await amrOf(landed, visitor, verifier)).to.deep.equal(['fed', 'mfa'])
  })

  it('whoever takes the wish out of the address gets a session, is asked again, and never a code', async () => {
    const visitor = deployment.visitor()
    // By a form, which waits at an address of its own.
    const [path = '', query] = request().url.split('?')
    const first = await visitor.post(path, [...new URLSearchParams(query)])
    const interaction = first.headers.get('location') ?? ''
    const signin = (await visitor.fetch(interaction)).headers.get('location') ?? ''
    const tampered = signin.replace('&mfa=required', '')
    expect(tampered).not.to.equal(signin)
    const landed = await answerIdp(visitor, await start(visitor, tampered), passwordOnly)
    expect(landed.headers.get('location')).to.equal(interaction)
    expect(await visitor.signedInAs()).to.equal(upn)
    const again = await visitor.fetch(interaction)
    expect([again.status, again.headers.get('location')]).to.deep.equal([303, signin])
  })

  it('a person with TOTP who is signed in with it is not asked again', async () => {
    const visitor = deployment.visitor()
    const { url, verifier } = request()
    const landed = await answerIdp(visitor, await start(visitor, url), multipleAuthn)
    await amrOf(landed, visitor, verifier)
    const next = request()
    expect(await amrOf(await visitor.fetch(next.url), visitor, next.verifier)).to.include('mfa')
  })

  it('refresh tokens and codes of before, got without one, are refused as soon as the app requires it, and not used up', async () => {
    const changing = await registerApp(deployment, { displayName: 'stricter from today' })
    const { refresh_token: token } = await tokensFor(deployment, changing)
    const code = await codeFor(deployment, changing)
    const refresh = () =>
      askTokens(deployment, {
        grant_type: 'refresh_token',
        client_id: changing.id,
        refresh_token: token,
      })
    await changeTo(changing, true)
    for (const got of [await refresh(), await redeem(deployment, changing, code)]) {
      expect([got.status, got.body.error, got.body.error_codes]).to.deep.equal([
        400,
        'interaction_required',
        [50076],
      ])
    }
    await changeTo(changing, false)
    expect((await refresh()).status).to.equal(200)
  })

  it('a device waits until the person has one, and a session without one cannot say yes', async () => {
    const tv = await registerApp(deployment, {
      displayName: 'strict TV',
      redirectUris: [],
      allowDeviceCode: true,
      requireMfa: true,
    })
    const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: tv.id, scope: 'openid' }),
    })
    const { device_code: device, user_code: userCode } = await response.json()
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const yes = await visitor.post('/devicelogin', { user_code: userCode, answer: 'yes' })
    expect([yes.status, yes.aadsts]).to.deep.equal([400, 50076])
    const path = `/devicelogin?${new URLSearchParams({ user_code: userCode })}`
    const asked = await visitor.fetch(path)
    const signin = new URL(asked.headers.get('location') ?? '', deployment.publicUrl)
    expect(Object.fromEntries(signin.searchParams)).to.deep.equal({
      return_to: path,
      mfa: 'required',
      login_hint: upn,
    })
    await answerIdp(visitor, await start(visitor, signin.href), multipleAuthn)
    await visitor.post('/devicelogin', { user_code: userCode, answer: 'yes' })
    const fields = { grant_type: 'device_code', client_id: tv.id, device_code: device }
    const { body } = await askTokens(deployment, fields)
    expect(decodeJwt(body.id_token).amr).to.deep.equal(['fed', 'mfa'])
  })
})
