import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, actionOf, fieldOf, type Visitor } from '../support/visitor.ts'
import {
  answered,
  authorizeUrl,
  browse,
  followed,
  leadsTo,
  pkce,
  redeem,
  redirectUri,
  registerApp,
} from './support.ts'

const hint = { login_hint: 'alice@customer.com' }
const toApp = /^0; url=https:\/\/routty\.example\/signin\?code=/

describe('an app’s sign-in without the addresses between', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'direct' })
  })
  after(() => deployment?.close())

  const ask = (visitor: Visitor, params: Record<string, string>) =>
    visitor.fetch(authorizeUrl(deployment, app, { ...pkce().params, ...params }))
  /** What the ACS answers to Alice, whom the hand-over page sent to Okta. */
  async function back(visitor: Visitor, page: Answer, login = 'alice@customer.com') {
    const begun = {
      requestId: '',
      action: actionOf(page.body) ?? '',
      samlRequest: fieldOf(page.body, 'SAMLRequest') ?? '',
    }
    const carried = await visitor.atOkta(begun, login)
    return { carried, answer: await visitor.deliver(carried) }
  }
  const uidOf = ({ headers }: Answer) =>
    /homerealm-resume=([\w-]+)/.exec(headers.getSetCookie().join())?.[1] ?? ''
  const resume = (uid: string) => `/${deployment.tenant.id}/oauth2/v2.0/authorize/${uid}`

  it('three requests: the hand-over page, the page that goes on to the app, the tokens', async () => {
    const visitor = deployment.visitor()
    const { verifier, params } = pkce()
    const page = await ask(visitor, { ...params, ...hint, state: 'a;b,c "d"' })
    expect(page.status).to.equal(200)
    expect(page.headers.get('content-security-policy')).to.include('form-action http:;')
    const again = /href="([^"]+)">Continue</.exec(page.body)?.[1] ?? ''
    expect(decodeURIComponent(again)).to.include(`&amp;return_to=/signin/app/${uidOf(page)}`)
    const { answer } = await back(visitor, page)
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([200, null])
    expect(answer.headers.get('refresh')).to.match(toApp)
    expect(answer.headers.get('cache-control')).to.include('no-store')
    expect(answered(answer).get('state')).to.equal('a;b,c "d"')
    const code = answered(answer).get('code') ?? ''
    const { body } = await redeem(deployment, app, { code, verifier })
    expect(decodeJwt(body.id_token).preferred_username).to.equal('alice@customer.com')
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
  })

  it('it is over then: neither the response nor the request is good for a second code', async () => {
    const visitor = deployment.visitor()
    const page = await ask(visitor, hint)
    const { carried, answer } = await back(visitor, page)
    expect(answer.headers.get('refresh')).to.match(toApp)
    const again = await visitor.deliver(carried)
    expect([again.status >= 400, leadsTo(again)]).to.deep.equal([true, null])
    const uid = uidOf(page)
    visitor.jar.set('localhost', 'homerealm-resume', uid)
    expect((await visitor.fetch(resume(uid))).aadsts).to.equal(50089)
  })

  it('an answer by form, and one for an app’s own scheme, go the long way, as a request by form does', async () => {
    const own = 'com.example.routty://signin'
    const native = await registerApp(deployment, {
      displayName: 'native',
      redirectUris: [{ uri: own, platform: 'native' }],
    })
    const visitors = [deployment.visitor(), deployment.visitor()]
    const urls = [
      authorizeUrl(deployment, app, { ...pkce().params, ...hint, response_mode: 'form_post' }),
      authorizeUrl(deployment, native, { ...pkce().params, ...hint, redirect_uri: own }),
    ]
    for (const [at, visitor] of visitors.entries()) {
      const { answer } = await back(visitor, await visitor.fetch(urls[at] ?? ''))
      expect(leadsTo(answer)).to.match(/^\/signin\/app\//)
      const end = await followed(visitor, answer)
      expect(end.body + leadsTo(end)).to.match(/name="code"|com\.example\.routty:\/\/signin\?code=/)
    }
    const visitor = deployment.visitor()
    const [path = '', query] = authorizeUrl(deployment, app, { ...pkce().params, ...hint }).split(
      '?',
    )
    const posted = await visitor.post(path, [...new URLSearchParams(query)])
    expect(leadsTo(posted)).to.match(/^\/signin\/app\//)
    expect(answered(await browse(visitor, posted)).get('code')).to.be.a('string')
  })

  it('a sign-in that is sent to another’s request does not answer it', async () => {
    const attacker = deployment.visitor()
    const uid = uidOf(await ask(attacker, hint))
    const victim = deployment.visitor()
    const path = `/signin/app/${uid}`
    const query = new URLSearchParams({ ...hint, return_to: path })
    const { answer } = await back(victim, await victim.fetch(`/signin?${query}`))
    expect(leadsTo(answer)).to.equal(path)
    expect((await victim.fetch(path)).aadsts).to.equal(50089)
    const resumed = await attacker.fetch(resume(uid))
    expect(leadsTo(resumed) ?? '').not.to.include('code=')
  })

  it('with another’s cookie in a browser, the answer still goes to the browser of whoever signed in', async () => {
    const attacker = deployment.visitor()
    const page = await ask(attacker, hint)
    const uid = uidOf(page)
    const victim = deployment.visitor()
    const handle = /homerealm-browser=([\w-]+)/.exec(page.headers.getSetCookie().join())?.[1] ?? ''
    victim.jar.set('localhost', 'homerealm-browser', handle)
    await back(victim, page)
    const resumed = await attacker.fetch(resume(uid))
    expect([resumed.aadsts, leadsTo(resumed)]).to.deep.equal([50089, null])
    expect(await attacker.signedInAs()).to.equal(null)
  })

  it('refusals stay what they are: of the response, and of a person whom the app does not admit', async () => {
    const bob = deployment.visitor()
    const { answer } = await back(
      bob,
      await ask(bob, { login_hint: 'bob@customer.com' }),
      'bob@customer.com',
    )
    expect([answer.aadsts, leadsTo(answer)]).to.deep.equal([51004, null])
    const closed = await registerApp(deployment, {
      displayName: 'closed',
      assignmentRequired: true,
    })
    const alice = deployment.visitor()
    const url = authorizeUrl(deployment, closed, { ...pkce().params, ...hint })
    const refused = (await back(alice, await alice.fetch(url))).answer
    expect([refused.aadsts, leadsTo(refused)]).to.deep.equal([50105, null])
  })

  it('no code is given out that could not be kept', async () => {
    const { providerRecords } = deployment.storage
    const { put } = providerRecords
    for (const kind of ['Grant', 'SignIn', 'AuthorizationCode', 'Session']) {
      const visitor = deployment.visitor()
      const page = await ask(visitor, hint)
      Object.assign(providerRecords, {
        put: async (record: Parameters<typeof put>[0]) => {
          // Later than everything else that the request does.
          await new Promise((resolve) => setTimeout(resolve, 20))
          if (record.kind === kind) throw new Error('the disk is full')
          return put(record)
        },
      })
      try {
        const { answer } = await back(visitor, page)
        const told = answered(answer)
        expect([told.get('code'), told.get('error')], kind).to.deep.equal([
          null,
          'temporarily_unavailable',
        ])
        expect(answer.headers.get('refresh')).to.include(redirectUri)
      } finally {
        Object.assign(providerRecords, { put })
      }
    }
    expect(deployment.logged.join('\n')).to.include('the disk is full')
  })
})
