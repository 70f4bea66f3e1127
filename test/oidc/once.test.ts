import { expect } from 'chai'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  askTokens,
  codeFor,
  redeem,
  registerApp,
  registerServerApp,
  type TokenAnswer,
  tokensFor,
} from './support.ts'

const codesOf = (answers: readonly TokenAnswer[]) =>
  new Set(answers.filter(({ status }) => status !== 200).flatMap(({ body }) => body.error_codes))

describe('codes and refresh tokens are good once', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  const refresh = (clientId: string, token: string) =>
    askTokens(deployment, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: token,
    })

  it('of fifty parallel redemptions of a code one gives tokens', async () => {
    const app = await registerApp(deployment, { displayName: 'fifty codes' })
    const code = await codeFor(deployment, app)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => redeem(deployment, app, code)),
    )
    const served = answers.filter(({ status }) => status === 200)
    expect(served).to.have.length(1)
    expect([...codesOf(answers)]).to.satisfy((codes: number[]) =>
      codes.every((each) => [54005, 50173, 70000].includes(each)),
    )
  })

  it('of fifty parallel uses of a refresh token one gives tokens', async () => {
    const app = await registerApp(deployment, { displayName: 'fifty refresh tokens' })
    const { refresh_token: token } = await tokensFor(deployment, app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(app.id, token)))
    expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    expect([...codesOf(answers)]).to.satisfy((codes: number[]) =>
      codes.every((each) => [50173, 70000].includes(each)),
    )
  })

  it('a code that comes a second time is refused, and what it gave before is taken back', async () => {
    const app = await registerApp(deployment, { displayName: 'code twice' })
    const code = await codeFor(deployment, app)
    const first = await redeem(deployment, app, code)
    const second = await redeem(deployment, app, code)
    expect([second.status, second.body.error, second.body.error_codes]).to.deep.equal([
      400,
      'invalid_grant',
      [54005],
    ])
    const later = await refresh(app.id, first.body.refresh_token)
    expect(later.body.error).to.equal('invalid_grant')
  })

  it('refresh tokens rotate; the use of an old one ends the newest as well', async () => {
    const app = await registerApp(deployment, { displayName: 'rotation' })
    const { refresh_token: first } = await tokensFor(deployment, app)
    const second = (await refresh(app.id, first)).body.refresh_token
    expect(second).to.be.a('string').and.not.equal(first)
    const third = (await refresh(app.id, second)).body.refresh_token
    const stolen = await refresh(app.id, first)
    expect([stolen.status, stolen.body.error, stolen.body.error_codes]).to.deep.equal([
      400,
      'invalid_grant',
      [50173],
    ])
    expect((await refresh(app.id, third)).body.error).to.equal('invalid_grant')
  })

  it('a refresh token of one app is nothing to another, and stays good for its own', async () => {
    const app = await registerApp(deployment, { displayName: 'owner' })
    const other = await registerApp(deployment, { displayName: 'other' })
    const { refresh_token: token } = await tokensFor(deployment, app)
    expect((await refresh(other.id, token)).body.error_codes).to.deep.equal([70000])
    expect((await refresh(app.id, token)).status).to.equal(200)
  })

  it('a code of one app is nothing to another, with its secret or without', async () => {
    const app = await registerApp(deployment, { displayName: 'code owner' })
    const { app: other, secret } = await registerServerApp(deployment, {
      displayName: 'code thief',
    })
    const code = await codeFor(deployment, app)
    const stolen = await redeem(deployment, other, code, { client_secret: secret })
    expect([stolen.status, stolen.body.error_codes]).to.deep.equal([400, [70000]])
    expect((await redeem(deployment, app, code)).status).to.equal(200)
  })

  it('codes run out after ten minutes, refresh tokens after their app’s time, and the answer says so', async () => {
    const app = await registerApp(deployment, {
      displayName: 'short',
      refreshTokenSeconds: 3600,
    })
    const { refresh_token: token } = await tokensFor(deployment, app)
    const code = await codeFor(deployment, app)
    const restore = moveMachineClock(3601)
    try {
      expect((await redeem(deployment, app, code)).body.error_codes).to.deep.equal([70008])
      expect((await refresh(app.id, token)).body.error_codes).to.deep.equal([700082])
    } finally {
      restore()
    }
    expect((await refresh(app.id, token)).status).to.equal(200)
  })

  it('nothing that opens anything stands in the database: no code, no refresh token, no secret', async () => {
    const { app, secret } = await registerServerApp(deployment, { displayName: 'at rest' })
    const code = await codeFor(deployment, app)
    const { body } = await redeem(deployment, app, code, { client_secret: secret })
    const { records } = { records: deployment.storage.providerRecords }
    for (const [kind, id] of [
      ['AuthorizationCode', code.code],
      ['RefreshToken', body.refresh_token],
    ]) {
      expect(await records.find(kind ?? '', id, deployment.clock.at)).to.equal(null)
    }
    expect(JSON.stringify(await deployment.storage.apps.app(app.id))).not.to.include(secret)
    expect(deployment.logged.join('\n')).not.to.include(secret)
  })
})

/** The provider reads the machine's clock, so that for a moment it is another. */
function moveMachineClock(seconds: number): () => void {
  const real = Date.now
  Date.now = () => real() + seconds * 1000
  return () => {
    Date.now = real
  }
}
