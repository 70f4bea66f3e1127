import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'
import { run } from '../support/program.ts'
import { type Answer, fieldOf, type Visitor } from '../support/visitor.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  codeFor,
  pkce,
  redeem,
  registerApp,
  tokensFor,
} from './support.ts'

const upn = 'alice@customer.com'
const multipleAuthn = 'http://schemas.microsoft.com/claims/multipleauthn'

describe('a user who needs a second factor from now on', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'any', allowDeviceCode: true })
  })
  after(() => deployment?.close())
  afterEach(() => requireMfa('off'))

  /** As an admin does it, beside the running server. */
  async function requireMfa(state: 'on' | 'off'): Promise<string> {
    const environment = { HOMEREALM_DATA: deployment.dataFolder }
    const done = await run(['users', 'require-mfa', upn, state], { environment })
    expect(done.status, done.stderr).to.equal(0)
    return done.stdout
  }

  /** The sign-in page of a request, up to the AuthnRequest, and the answer of an identity provider that asked for a second factor. */
  async function withSecondFactor(visitor: Visitor, from: Answer): Promise<Answer> {
    let answer = from
    for (let step = 0; step < 5 && fieldOf(answer.body, 'SAMLRequest') === null; step += 1) {
      answer = await visitor.fetch(answer.headers.get('location') ?? '')
    }
    const xml = Buffer.from(fieldOf(answer.body, 'SAMLRequest') ?? '', 'base64').toString('utf8')
    const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
    const change = eachAssertion(({ authn }) => ({
      authn: authn && { ...authn, contextClassRef: multipleAuthn },
    }))
    return visitor.deliver(deployment.idp.respond(deployment.person(upn), id, change))
  }

  it('has a session that serves no app silently: prompt=none is 50079, else the person is asked, and then it goes on', async () => {
    const visitor = deployment.visitor()
    await codeFor(deployment, app, {}, visitor)
    expect(await requireMfa('on')).to.include('A session without one serves no app from now on')
    const { params, verifier } = pkce()
    const url = authorizeUrl(deployment, app, params)
    const silent = answered(await visitor.fetch(`${url}&prompt=none`))
    expect(silent.get('error')).to.equal('interaction_required')
    expect(silent.get('error_description')).to.match(/^AADSTS50079: /)
    const first = await visitor.fetch(url)
    expect(first.headers.get('location')).to.match(/^\/signin\/app\//)
    const second = await visitor.fetch(first.headers.get('location') ?? '')
    expect(second.headers.get('location')).to.include('mfa=required')
    const landed = await withSecondFactor(visitor, second)
    const code = answered(await browse(visitor, landed)).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).amr).to.deep.equal(['fed', 'mfa'])
    // This session has one, and is asked no more.
    expect(answered(await visitor.fetch(`${url}&prompt=none`)).get('code')).to.be.a('string')
  })

  it('has codes and refresh tokens that give nothing (50076), and are not used up', async () => {
    const { refresh_token: token } = await tokensFor(deployment, app)
    const code = await codeFor(deployment, app)
    const fields = { grant_type: 'refresh_token', client_id: app.id, refresh_token: token }
    await requireMfa('on')
    for (const got of [await askTokens(deployment, fields), await redeem(deployment, app, code)]) {
      const { error, error_codes: codes } = got.body
      expect([got.status, error, codes]).to.deep.equal([400, 'interaction_required', [50076]])
    }
    await requireMfa('off')
    expect((await askTokens(deployment, fields)).status).to.equal(200)
  })

  it('says yes to no device without one', async () => {
    const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: app.id, scope: 'openid' }),
    })
    const { device_code: device, user_code: userCode } = await response.json()
    const visitor = deployment.visitor()
    await visitor.signIn(upn)
    const path = `/devicelogin?${new URLSearchParams({ user_code: userCode })}`
    expect((await visitor.fetch(path)).status).to.equal(200)
    await requireMfa('on')
    const asked = await visitor.fetch(path)
    expect(asked.headers.get('location')).to.include('mfa=required')
    const yes = await visitor.post('/devicelogin', { user_code: userCode, answer: 'yes' })
    expect(yes.aadsts).to.equal(50076)
    await withSecondFactor(visitor, asked)
    await visitor.post('/devicelogin', { user_code: userCode, answer: 'yes' })
    const fields = { grant_type: 'device_code', client_id: app.id, device_code: device }
    const { body } = await askTokens(deployment, fields)
    expect(decodeJwt(body.id_token).amr).to.deep.equal(['fed', 'mfa'])
  })

  it('is one alone: the others’ sessions go on', async () => {
    await requireMfa('on')
    const visitor = deployment.visitor()
    await visitor.signIn('amina.diallo@customer.com')
    const url = authorizeUrl(deployment, app, { ...pkce().params, prompt: 'none' })
    expect(answered(await visitor.fetch(url)).get('code')).to.be.a('string')
  })
})
