import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { hours } from '../../src/lib/clock.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, actionOf, fieldOf } from '../support/visitor.ts'
import { askTokens, browse, openidClient, registerApp } from './support.ts'

/** When the test began: other files may have run for many minutes. */
let startedAt = 0

describe('the device flow', () => {
  beforeEach(() => {
    startedAt = Date.now()
  })

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
    expect(done.status).to.equal(303)
    // Reload shows it again, and another one who follows the link is told nothing.
    const shown = done.headers.get('location') ?? ''
    for (const _reload of [1, 2]) {
      const page = await visitor.fetch(shown)
      expect(page.status).to.equal(200)
      expect(page.body).to.include('Your device is signed in')
    }
    const stranger = await deployment.visitor().fetch(shown)
    expect(stranger.headers.get('location')).to.equal('/devicelogin')
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
    const said = await browse(visitor, await visitor.post('/devicelogin', answer))
    expect(said.body).to.include('was not signed in')
    const { body } = await poll(begun.device_code)
    expect([body.error, body.error_codes]).to.deep.equal(['authorization_declined', [65004]])
    const again = await visitor.post('/devicelogin', { ...answer, answer: 'yes' })
    const page = await browse(visitor, again)
    expect([page.status, page.body.includes('That code does not work')]).to.deep.equal([400, true])
  })

  it('of parallel answers by two people one counts, the others are told, and the device is told that one alone', async () => {
    const { storage } = deployment
    const begun = await begin()
    const visitors = [deployment.visitor(), deployment.visitor()]
    await visitors[0]?.signIn('alice@customer.com')
    await visitors[1]?.signIn('amina.diallo@customer.com')
    const { directory } = storage
    const alice = await directory.userByPrincipalName('alice@customer.com')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        visitors[n % 2]?.post('/devicelogin', {
          user_code: begun.user_code,
          answer: n % 4 < 2 ? 'yes' : 'no',
        }),
      ),
    )
    const isDone = (answer: Answer | undefined) =>
      answer?.headers.get('location')?.startsWith('/devicelogin/done?') === true
    expect(answers.filter(isDone)).to.have.length(1)
    const winner = answers.findIndex(isDone)
    // Too late: refused with a page, or led back to the code page, which will say so.
    for (const answer of answers) {
      if (isDone(answer)) continue
      expect([answer?.status, answer?.aadsts]).to.be.deep.oneOf([
        [400, 70018],
        [303, null],
      ])
    }
    const { status, body } = await poll(begun.device_code)
    if (winner % 4 < 2) {
      expect(decodeJwt(body.id_token).oid === alice?.id).to.equal(winner % 2 === 0)
    } else expect([status, body.error]).to.deep.equal([400, 'authorization_declined'])
  })

  it('of an answer that was seen before another one came nothing is left: no grant, no sign-in', async () => {
    const begun = await begin()
    const { storage, clock } = deployment
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const kept: string[] = []
    const parts = storage.providerRecords
    const { put, replace } = parts
    Object.assign(parts, {
      put: (record: Parameters<typeof put>[0]) => {
        if (record.kind === 'Grant') kept.push(record.id)
        return put(record)
      },
      // Just before the answer is written, another one comes.
      replace: async (...args: Parameters<typeof replace>) => {
        const [seen] = args
        const declined = JSON.stringify({ ...JSON.parse(seen.payload), error: 'access_denied' })
        await replace(seen, { payload: declined, grantId: null }, clock.at)
        return replace(...args)
      },
    })
    try {
      const fields = { user_code: begun.user_code, answer: 'yes' }
      const late = await visitor.post('/devicelogin', fields)
      expect([late.status, late.aadsts]).to.deep.equal([400, 70018])
    } finally {
      Object.assign(parts, { put, replace })
    }
    expect(kept).to.have.length(1)
    expect(await parts.find('Grant', kept[0] ?? '', clock.at)).to.equal(null)
    expect(await parts.find('SignIn', kept[0] ?? '', clock.at)).to.equal(null)
    expect((await poll(begun.device_code)).body.error).to.equal('authorization_declined')
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

  it('a device that asks again too soon is told to slow down, by five seconds more each time', async () => {
    const { device_code: code } = await begin()
    const errors: string[] = []
    // Seconds after the first question. The interval is 5; it grows with each question that comes too soon.
    for (const at of [0, 1, 10, 20, 34, 50]) {
      const { status, body } = await atMachineTime(at, () => poll(code))
      expect([status, body.error_codes], String(at)).to.deep.equal(
        body.error === 'slow_down' ? [400, [50196]] : [400, [70016]],
      )
      errors.push(body.error)
    }
    const [wait, slower] = ['authorization_pending', 'slow_down']
    // 1: too soon, 10 from now on. 10 (9 later): in time, a second is allowed. 20: in time. 34, 50: in time.
    expect(errors).to.deep.equal([wait, slower, wait, wait, wait, wait])
    const other = (await begin()).device_code
    const hasty = []
    for (const at of [0, 1, 6, 17, 38]) {
      hasty.push((await atMachineTime(at, () => poll(other))).body.error)
    }
    // 1: 10 from now on. 6: 15 from now on. 17 (11 later): 20 from now on. 38: in time.
    expect(hasty).to.deep.equal([wait, slower, slower, slower, wait])
  })

  it('keeping the interval is never too soon, and once the person has said yes nothing is', async () => {
    const { device_code: code, user_code: userCode } = await begin()
    for (const at of [0, 5, 10, 15]) {
      const { body } = await atMachineTime(at, () => poll(code))
      expect(body.error, String(at)).to.equal('authorization_pending')
    }
    const { visitor } = await toQuestion(userCode)
    await visitor.post('/devicelogin', { user_code: userCode, answer: 'yes' })
    expect((await atMachineTime(15, () => poll(code))).status).to.equal(200)
  })

  it('a code that nobody typed in time has expired, for the device and for the person', async () => {
    const { device_code: code, user_code: userCode } = await begin()
    const visitor = deployment.visitor()
    await atMachineTime(960, async () => {
      const { status, body } = await poll(code)
      expect([status, body.error, body.error_codes]).to.deep.equal([400, 'expired_token', [70019]])
      const page = await visitor.fetch(`/devicelogin?user_code=${userCode}`)
      expect([page.status, page.body.includes('That code has run out')]).to.deep.equal([400, true])
    })
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

describe('guesses of user codes', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('end after fifty wrong ones from one address, whatever the browser; right ones do not count', async () => {
    const app = await registerApp(deployment, { redirectUris: [], allowDeviceCode: true })
    const response = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: app.id, scope: 'openid' }),
    })
    const { user_code: right } = await response.json()
    const ask = (code: string) => deployment.visitor().fetch(`/devicelogin?user_code=${code}`)
    for (let n = 0; n < 60; n += 1) expect((await ask(right)).status).to.equal(303)
    const letters = 'BCDFGHJKLMNPQRSTVWXZ'
    for (let n = 0; n < 50; n += 1) {
      const wrong = `BBBB-BB${letters[Math.floor(n / 20)]}${letters[n % 20]}`
      expect((await ask(wrong)).status).to.equal(400)
    }
    // What cannot be a code is no guess, and is told as before.
    expect((await ask('no code')).status).to.equal(400)
    const stopped = await ask(right)
    expect([stopped.status, stopped.aadsts]).to.deep.equal([429, 90023])
    const answer = await deployment.visitor().post('/devicelogin', {
      user_code: right,
      answer: 'yes',
    })
    expect(answer.headers.get('location')).to.include('/devicelogin?')
    deployment.clock.at += hours(1)
    expect((await ask('BBBB-BBBB')).status).to.equal(400)
  })
})

/** Works at so many seconds after the test began: the provider reads the machine's clock, which is another meanwhile. */
async function atMachineTime<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date
  Date.now = () => startedAt + seconds * 1000
  try {
    return await work()
  } finally {
    Date.now = now
  }
}
