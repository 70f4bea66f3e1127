import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { actionOf, fieldOf } from '../support/visitor.ts'
import { askTokens, browse, openidClient, registerApp } from './support.ts'

describe('the device flow', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, {
      displayName: 'TV',
      redirectUris: [],
      allowDeviceCode: true,
    })
  })
  after(() => deployment?.close())

  async function begin(scope = 'openid profile offline_access') {
    const response = await fetch(`${deployment.publicUrl}/organizations/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: app.id, scope }),
    })
    return response.json()
  }
  const poll = (code: string, grantType = 'device_code') =>
    askTokens(deployment, { grant_type: grantType, client_id: app.id, device_code: code })

  /** Types the code, signs in, and comes to the question. */
  async function toQuestion(userCode: string) {
    const visitor = deployment.visitor()
    const typed = await visitor.post('/devicelogin', { user_code: userCode.toLowerCase() })
    const page = await browse(visitor, typed)
    const email = await visitor.post('/signin', {
      username: 'alice@customer.com',
      return_to: fieldOf(page.body, 'return_to') ?? '',
    })
    const question = await browse(visitor, email)
    expect(question.body).to.include('TV').and.to.include(userCode)
    return { visitor, question }
  }

  it('signs a device in: code, page, sign-in, yes; tokens and refresh token', async () => {
    const begun = await begin()
    expect(begun).to.include({ expires_in: 900, interval: 5 })
    expect(begun.verification_uri).to.equal(`${deployment.publicUrl}/devicelogin`)
    expect(begun.message).to.include(begun.user_code).and.to.include(begun.verification_uri)
    const pending = await poll(begun.device_code)
    expect([pending.status, pending.body.error, pending.body.error_codes]).to.deep.equal([
      400,
      'authorization_pending',
      [70016],
    ])
    const { visitor, question } = await toQuestion(begun.user_code)
    expect(actionOf(question.body)).to.equal('/devicelogin')
    const done = await visitor.post('/devicelogin', {
      user_code: fieldOf(question.body, 'user_code') ?? '',
      answer: 'yes',
    })
    expect(done.body).to.include('Your device is signed in')
    const { body } = await poll(begun.device_code)
    expect(decodeJwt(body.id_token)).to.include({ name: 'Alice Archer', aud: app.id })
    const refreshed = await askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: app.id,
      refresh_token: body.refresh_token,
    })
    expect(decodeJwt(refreshed.body.id_token).sub).to.equal(decodeJwt(body.id_token).sub)
    expect((await poll(begun.device_code)).body.error_codes).to.deep.equal([70018])
  })

  it('works with openid-client, which names the grant in full', async () => {
    const config = await openidClient(deployment, app)
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'openid profile' })
    const { visitor } = await toQuestion(begun.user_code)
    await visitor.post('/devicelogin', { user_code: begun.user_code, answer: 'yes' })
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0.01 })
    expect(tokens.claims()?.name).to.equal('Alice Archer')
    expect(tokens.refresh_token).to.equal(undefined)
  })

  it('the device is told when the person says no', async () => {
    const begun = await begin()
    const { visitor } = await toQuestion(begun.user_code)
    const answer = { user_code: begun.user_code, answer: 'no' }
    expect((await visitor.post('/devicelogin', answer)).body).to.include('was not signed in')
    const { body } = await poll(begun.device_code)
    expect([body.error, body.error_codes]).to.deep.equal(['authorization_declined', [65004]])
    const again = await visitor.post('/devicelogin', { ...answer, answer: 'yes' })
    const page = await browse(visitor, again)
    expect([page.status, page.body.includes('That code does not work')]).to.deep.equal([400, true])
  })

  it('of fifty parallel polls one gets the tokens', async () => {
    const begun = await begin()
    const { visitor } = await toQuestion(begun.user_code)
    await visitor.post('/devicelogin', { user_code: begun.user_code, answer: 'yes' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(begun.device_code)))
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
  })

  it('another site’s form says nothing for the person, and an unknown code leads nowhere', async () => {
    const begun = await begin()
    const { visitor } = await toQuestion(begun.user_code)
    const fields = { user_code: begun.user_code, answer: 'yes' }
    const foreign = await visitor.post('/devicelogin', fields, { origin: 'https://evil.example' })
    expect(foreign.status).to.equal(400)
    expect((await poll(begun.device_code)).body.error).to.equal('authorization_pending')
    const unknown = await browse(
      visitor,
      await visitor.post('/devicelogin', { user_code: '<script>BCDF' }),
    )
    expect(unknown.status).to.equal(400)
    expect(unknown.body).not.to.include('<script>BCDF')
    const code = await poll('no-such-code')
    expect([code.body.error, code.body.error_codes]).to.deep.equal([
      'bad_verification_code',
      [70018],
    ])
  })

  it('needs an app that is allowed to', async () => {
    const other = await registerApp(deployment, { displayName: 'no device' })
    const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: other.id, scope: 'openid' }),
    })
    expect((await response.json()).error_codes).to.deep.equal([700051])
  })
})
