import { expect } from 'chai'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { run } from '../support/program.ts'
import { Visitor } from '../support/visitor.ts'
import { askTokens, authorizeUrl, registerServerApp } from './support.ts'

describe('the log says which app was refused, and why', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = (await registerServerApp(deployment, { displayName: 'Shop' })).app
  })
  after(() => deployment?.close())

  /** The lines about refused apps since the last call. */
  function told(): Record<string, unknown>[] {
    const lines = deployment.logged.splice(0).map((line) => JSON.parse(line))
    return lines.filter(({ event }) => event === 'app')
  }
  const show = (params: Record<string, string>) =>
    new Visitor(deployment.publicUrl).fetch(authorizeUrl(deployment, app, params))

  it('a page for a redirect URI that is not registered leads by its Request Id to that URI, without its query', async () => {
    const page = await show({ redirect_uri: 'https://elsewhere.example/cb?key=hunter2' })
    expect(page.aadsts).to.equal(50011)
    const [line, ...more] = told()
    expect(more).to.deep.equal([])
    expect(line).to.deep.include({
      level: 'warn',
      msg: 'app refused',
      requestId: page.headers.get('x-ms-request-id'),
      aadsts: 50011,
      endpoint: 'authorization',
      clientId: app.id,
      app: 'Shop',
      redirectUri: 'https://elsewhere.example/cb',
    })
    const kept = await deployment.kept(page)
    expect(kept).to.deep.include({ outcome: 'refused', reason: null, aadsts: 50011 })
    const [entry] = kept.trace
    expect(entry?.actual).to.include('https://elsewhere.example/cb').and.not.include('hunter2')
    expect(entry?.hint).to.include('homerealm apps set')
  })

  it('trace prints it by the Request Id of the page, safe for a terminal; what an app was told is in the log alone', async () => {
    const page = await show({ client_id: 'x\u001b[31mred' })
    await deployment.kept(page)
    const environment = { HOMEREALM_DATA: deployment.dataFolder }
    const requestId = page.headers.get('x-ms-request-id') ?? ''
    const { status, stdout } = await run(['trace', requestId], { environment })
    expect([status, stdout.split('\n')[0]]).to.deep.equal([0, 'Refused: the app (AADSTS700016)'])
    expect(stdout).to.include('client id x\\u{1b}[31mred').and.include('homerealm apps list')
    const fields = { grant_type: 'client_credentials', client_id: app.id, client_secret: 'wrong' }
    const { trace_id } = (await askTokens(deployment, { ...fields, scope: 'api://x/.default' }))
      .body
    expect(await deployment.storage.traces.trace(trace_id, deployment.clock.at)).to.equal(null)
    expect(told()).to.have.length(2)
  })

  it('an app that there is none of is named as it named itself, cut short', async () => {
    const page = await show({ client_id: 'x'.repeat(500) })
    expect(page.aadsts).to.equal(700016)
    expect(told()[0]).to.deep.include({ aadsts: 700016, clientId: 'x'.repeat(64), app: null })
  })

  it('a wrong secret is told by number and app, and never written', async () => {
    const fields = { grant_type: 'client_credentials', client_id: app.id, client_secret: 'hunter2' }
    const answer = await askTokens(deployment, { ...fields, scope: 'api://orders/.default' })
    expect(answer.body.error_codes).to.deep.equal([7000215])
    expect(deployment.logged.join('')).not.to.include('hunter2')
    const { trace_id: requestId } = answer.body
    expect(told()[0]).to.deep.include({
      requestId,
      aadsts: 7000215,
      endpoint: 'token',
      app: 'Shop',
    })
  })

  it('a silent question when nobody is signed in is no fault, and no line', async () => {
    const answer = await show({ prompt: 'none' })
    expect(answer.headers.get('location')).to.include('AADSTS50058')
    expect(told()).to.deep.equal([])
  })
})
