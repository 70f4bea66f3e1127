import { rmSync } from 'node:fs'
import { expect } from 'chai'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { codeFor, redeem, redirectUri, registerApp, type TokenAnswer } from './support.ts'

describe('attacks: replay against two nodes on one database', () => {
  const dataFolder = newDataFolder()
  let nodes: readonly [Deployment, Deployment]
  let app: App
  before(async () => {
    const first = await startDeployment({ dataFolder })
    const second = await startDeployment({ dataFolder, publicUrl: first.publicUrl })
    nodes = [first, second]
    app = await registerApp(first, { displayName: 'two nodes', allowDeviceCode: true })
  })
  after(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    rmSync(dataFolder, { recursive: true, force: true })
  })

  /** The same request thirty times at once, by turns at either node. */
  const storm = (fields: Record<string, string>): Promise<readonly TokenAnswer[]> =>
    Promise.all(Array.from({ length: 30 }, (_, index) => ask(index % 2, fields)))
  async function ask(node: number, fields: Record<string, string>): Promise<TokenAnswer> {
    const { origin, tenant } = nodes[node] ?? nodes[0]
    const response = await fetch(`${origin}/${tenant.id}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: app.id, ...fields }),
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const served = (answers: readonly TokenAnswer[]) => answers.filter(({ status }) => status === 200)
  const refresh = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token })

  it('one redemption of a code is served', async () => {
    const { code, verifier } = await codeFor(nodes[0], app)
    const answers = await storm({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    })
    expect(served(answers)).to.have.length(1)
    for (const { status, body } of answers) {
      if (status !== 200) expect([status, body.error]).to.deep.equal([400, 'invalid_grant'])
    }
  })

  it('one use of a refresh token is served, and whoever comes late with it ends the whole family', async () => {
    const { body } = await redeem(nodes[0], app, await codeFor(nodes[0], app))
    const answers = await storm(refresh(body.refresh_token))
    expect(served(answers)).to.have.length(1)
    const newest = served(answers)[0]?.body.refresh_token
    const late = await ask(1, refresh(body.refresh_token))
    expect(late.body.error).to.equal('invalid_grant')
    const ended = await ask(0, refresh(newest))
    expect([ended.status, ended.body.error]).to.deep.equal([400, 'invalid_grant'])
  })

  it('a family that was ended stays ended, though one of it asked for other scopes at that moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { body } = await redeem(nodes[0], app, await codeFor(nodes[0], app))
      const second = await ask(0, refresh(body.refresh_token))
      const [winner] = await Promise.all([
        ask(0, { ...refresh(second.body.refresh_token), scope: 'openid User.Read' }),
        ask(1, refresh(body.refresh_token)),
      ])
      if (winner.status !== 200) continue
      const later = await ask(1, refresh(winner.body.refresh_token))
      expect([later.status, later.body.error]).to.deep.equal([400, 'invalid_grant'])
    }
  })

  it('a code that comes again takes back what it gave, userinfo included, at the other node too', async () => {
    const began = await codeFor(nodes[0], app)
    const fields = {
      grant_type: 'authorization_code',
      code: began.code,
      code_verifier: began.verifier,
      redirect_uri: redirectUri,
    }
    const first = await ask(0, fields)
    const headers = { authorization: `Bearer ${first.body.access_token}` }
    const userinfo = async () =>
      (await fetch(`${nodes[1].origin}/common/oidc/userinfo`, { headers })).status
    expect(await userinfo()).to.equal(200)
    expect((await ask(1, fields)).body.error_codes).to.deep.equal([54005])
    expect(await userinfo()).to.equal(401)
    expect((await ask(0, refresh(first.body.refresh_token))).status).to.equal(400)
  })

  it('one poll of a device that was said yes to is served', async () => {
    const { origin } = nodes[0]
    const begun = await (
      await fetch(`${origin}/common/oauth2/v2.0/devicecode`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: app.id, scope: 'openid offline_access' }),
      })
    ).json()
    const visitor = nodes[0].visitor()
    await visitor.signIn('alice@customer.com')
    const said = await visitor.post('/devicelogin', { user_code: begun.user_code, answer: 'yes' })
    expect(said.headers.get('location')).to.match(/^\/devicelogin\/done\?/)
    const answers = await storm({ grant_type: 'device_code', device_code: begun.device_code })
    expect(served(answers)).to.have.length(1)
  })

  it('a device that somebody said yes to is not given to the next who says it', async () => {
    const { origin } = nodes[0]
    const visitors = [nodes[0].visitor(), nodes[0].visitor()] as const
    await Promise.all([
      visitors[0].signIn('alice@customer.com'),
      visitors[1].signIn('amina.diallo@customer.com'),
    ])
    for (let round = 0; round < 5; round += 1) {
      const begun = await (
        await fetch(`${origin}/common/oauth2/v2.0/devicecode`, {
          method: 'POST',
          body: new URLSearchParams({ client_id: app.id, scope: 'openid' }),
        })
      ).json()
      const say = (visitor: (typeof visitors)[number], answer: string) =>
        visitor.post('/devicelogin', { user_code: begun.user_code, answer })
      const pages = await Promise.all([say(visitors[0], 'yes'), say(visitors[1], 'yes')])
      const done = pages.filter(({ headers }) =>
        headers.get('location')?.startsWith('/devicelogin/done?'),
      )
      expect(done, 'pages that say it is done').to.have.length(1)
    }
  })
})
