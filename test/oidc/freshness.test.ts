import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { hours, minutes, seconds } from '../../src/lib/clock.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'
import { type Answer, fieldOf, type Visitor } from '../support/visitor.ts'
import { answered, authorizeUrl, browse, leadsTo, pkce, redeem, registerApp } from './support.ts'

describe('an app that wants a person to authenticate anew', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'bank' })
  })
  after(() => deployment?.close())

  /** Alice, signed in two hours ago, and an app's request: it waits at the address given. */
  async function ask(params: Record<string, string>) {
    const visitor = deployment.visitor()
    deployment.clock.at -= hours(2)
    await visitor.signIn('alice@customer.com')
    deployment.clock.at += hours(2)
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    const { verifier, params: challenge } = pkce()
    const hint = { login_hint: 'alice@customer.com' }
    const url = authorizeUrl(deployment, app, { ...challenge, ...hint, ...params })
    // By a form, which waits at an address of its own.
    const [path = '', query] = url.split('?')
    const asked = [...new URLSearchParams(query)]
    const interaction = leadsTo(await visitor.post(path, asked)) ?? ''
    expect(interaction).to.match(/^\/signin\/app\//)
    return { visitor, verifier, interaction }
  }

  /** The page that carries the browser to the identity provider, from where the app's request waits. */
  async function handOver(visitor: Visitor, interaction: string): Promise<Answer> {
    const onward = await visitor.fetch(interaction)
    expect([onward.status, onward.aadsts]).to.deep.equal([303, null])
    const page = await visitor.fetch(onward.headers.get('location') ?? '')
    expect(requestOf(page)).to.include('ForceAuthn="true"')
    return page
  }
  const requestOf = ({ body }: Answer) =>
    Buffer.from(fieldOf(body, 'SAMLRequest') ?? '', 'base64').toString()

  /** The identity provider answers with an authentication of that age, whatever was asked. */
  async function answerWith(visitor: Visitor, page: Answer, age: number): Promise<Answer> {
    const id = / ID="([^"]+)"/.exec(requestOf(page))?.[1] ?? ''
    const instant = deployment.clock.at - age
    const older = eachAssertion(({ authn }) => ({ authn: authn && { ...authn, instant } }))
    const person = deployment.person('alice@customer.com')
    return visitor.deliver(deployment.idp.respond(person, id, older))
  }

  /** Another tab of the browser signs in without ForceAuthn, and is answered out of an old session. */
  async function otherTab(visitor: Visitor): Promise<void> {
    const page = await visitor.fetch('/signin?login_hint=alice%40customer.com')
    expect(requestOf(page)).not.to.include('ForceAuthn')
    await answerWith(visitor, page, hours(1))
  }

  /** It goes on to the app at once; or back to the request, which asks once more. */
  async function expectEnough(visitor: Visitor, back: Answer, interaction: string | null) {
    if (interaction === null) {
      expect(answered(back).get('code')).to.be.a('string')
      return
    }
    expect(leadsTo(back)).to.equal(interaction)
    expect((await visitor.fetch(interaction)).status).to.equal(303)
  }

  for (const params of [{ prompt: 'login' }, { max_age: '0' }, { max_age: '60' }]) {
    const what = JSON.stringify(params)

    it(`is not served by a session that another tab opened meanwhile: ${what}`, async () => {
      const { visitor, verifier, interaction } = await ask(params)
      await otherTab(visitor)
      // Looked at twice, it is still one session: nobody is refused for a reload.
      await handOver(visitor, interaction)
      const page = await handOver(visitor, interaction)
      const back = await answerWith(visitor, page, 0)
      const code = answered(await browse(visitor, back)).get('code') ?? ''
      const { body } = await redeem(deployment, app, { code, verifier })
      expect(decodeJwt(body.id_token).auth_time).to.equal(Math.floor(deployment.clock.at / 1000))
    })

    it(`is refused when the identity provider ignores ForceAuthn, after two times: ${what}`, async () => {
      const { visitor, interaction } = await ask(params)
      for (let time = 0; time < 2; time += 1) {
        const page = await handOver(visitor, interaction)
        expect(leadsTo(await answerWith(visitor, page, hours(1)))).to.equal(interaction)
      }
      for (let time = 0; time < 2; time += 1) {
        const refused = await visitor.fetch(interaction)
        expect([refused.status, refused.aadsts]).to.deep.equal([403, 70044])
        expect(refused.body).to.include('prove anew who you are')
        expect(await deployment.reason(refused)).to.equal('authenticationTooOld')
      }
      // Once the identity provider does as it is told, the very same request goes on.
      const again = await visitor.fetch(
        `/signin?login_hint=alice%40customer.com&return_to=${encodeURIComponent(interaction)}`,
      )
      const end = await browse(visitor, await answerWith(visitor, again, 0))
      expect(answered(end).get('code')).to.be.a('string')
    })
  }

  it('allows the identity provider’s clock what every time is allowed, and no more', async () => {
    const skew = deployment.config.clockSkew
    for (const [age, isEnough] of [
      [skew, true],
      [skew + seconds(1), false],
    ] as const) {
      const { visitor, interaction } = await ask({ prompt: 'login' })
      const back = await answerWith(visitor, await handOver(visitor, interaction), age)
      await expectEnough(visitor, back, isEnough ? null : interaction)
    }
  })

  it('with max_age is content with an authentication that is no older', async () => {
    for (const [age, isEnough] of [
      [minutes(59), true],
      [minutes(60) + deployment.config.clockSkew + seconds(1), false],
    ] as const) {
      const { visitor, interaction } = await ask({ max_age: '3600' })
      const back = await answerWith(visitor, await handOver(visitor, interaction), age)
      await expectEnough(visitor, back, isEnough ? null : interaction)
    }
  })

  it('with both is content with neither but a new one', async () => {
    const { visitor, interaction } = await ask({ max_age: '3600', prompt: 'login' })
    const back = await answerWith(visitor, await handOver(visitor, interaction), minutes(10))
    await expectEnough(visitor, back, interaction)
  })
})
