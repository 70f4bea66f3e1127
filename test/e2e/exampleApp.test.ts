import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { FederatedDomainStrategy, openSignin } from 'homerealm'
import {
  demoIssuer,
  prepareDemoTenant,
  readDemoOktaUsers,
} from '../../src/cli/server/demoTenant.ts'
import { openDeployment } from '../../src/cli/server/running.ts'
import { parseConfig } from '../../src/config.ts'
import { makeIdpKey } from '../../src/demo-okta/keys.ts'
import { type RunningDemoOkta, startDemoOkta } from '../../src/demo-okta/start.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { newDataFolder } from '../support/deployment.ts'
import { Program, root } from '../support/program.ts'
import { Visitor } from '../support/visitor.ts'

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('the example app of docs/, which mounts FederatedDomainStrategy', function () {
  this.timeout(60_000)
  let dataFolder: string
  let okta: RunningDemoOkta
  let app: Program
  let publicUrl: string

  before(async () => {
    dataFolder = newDataFolder()
    const port = await freePort()
    publicUrl = `http://localhost:${port}`
    const config = parseConfig({ HOMEREALM_DATA: dataFolder }, 'command')
    const key = await makeIdpKey({ now: systemClock() })
    okta = await startDemoOkta({
      issuer: demoIssuer,
      acs: `${publicUrl}/common/saml2`,
      audience: config.entityId,
      key,
      users: readDemoOktaUsers(),
      clock: systemClock,
      random: systemRandom,
      host: '127.0.0.1',
      port: 0,
    })
    const { storage } = await openDeployment(config)
    await prepareDemoTenant(storage.directory, {
      ssoUrl: okta.ssoUrl,
      certificateBase64: key.certificateBase64,
    })
    await storage.close()
    app = new Program([], {
      script: join(root, 'docs/example-app.ts'),
      nodeArguments: ['--conditions=homerealm-source', '--disable-warning=ExperimentalWarning'],
      environment: { PORT: String(port), DATA: dataFolder },
    })
    await app.until(/^Open http:\/\/localhost:\d+\/signin/)
  })
  after(async () => {
    await app?.kill()
    await okta?.close()
    if (dataFolder) rmSync(dataFolder, { recursive: true, force: true })
  })

  it('signs Alice in and greets her by the name that the directory has', async () => {
    const answer = await new Visitor(publicUrl).signIn('alice@customer.com')
    expect([answer.status, answer.body]).to.deep.equal([200, 'Hello Alice Archer'])
  })

  it('tells the refused what their code is, and takes no response twice', async () => {
    const bob = await new Visitor(publicUrl).signIn('bob@customer.com')
    expect(bob.status).to.equal(403)
    expect(bob.body).to.match(/^AADSTS51004: The user account /)
    const visitor = new Visitor(publicUrl)
    const response = await visitor.atOkta(
      await visitor.begin('alice@customer.com'),
      'alice@customer.com',
    )
    expect((await visitor.deliver(response)).status).to.equal(200)
    expect((await visitor.deliver(response)).body).to.match(/^AADSTS500089: /)
    expect((await new Visitor(publicUrl).deliver(response)).body).to.match(/^AADSTS500089: /)
    expect((await visitor.fetch('/signin?login_hint=nobody')).body).to.match(/^AADSTS90013: /)
  })

  it('serves what the hand-over page loads', async () => {
    const visitor = new Visitor(publicUrl)
    const page = await visitor.fetch('/signin?login_hint=alice%40customer.com')
    const links = [...page.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url)
    expect(links.length).to.be.greaterThan(2)
    for (const url of links) expect((await visitor.fetch(url ?? '')).status, url).to.equal(200)
    expect(app.stderr).to.equal('')
  })

  it('openSignin tells all wrong settings at once, and reads no environment', async () => {
    const wrong = openSignin({
      publicUrl: 'http://login.example.test',
      dataFolder,
      settings: { HOMEREALM_CLOCK_SKEW_SECONDS: '600', HOMEREALM_SKEW: '1' },
    })
    const error = await wrong.then(
      () => null,
      (reason: Error) => reason,
    )
    expect(error?.name).to.equal('ConfigError')
    for (const name of ['HOMEREALM_PUBLIC_URL', 'HOMEREALM_CLOCK_SKEW_SECONDS', 'HOMEREALM_SKEW']) {
      expect(error?.message).to.include(`- ${name} `)
    }
    process.env['HOMEREALM_CLOCK_SKEW_SECONDS'] = '600'
    try {
      const signin = await openSignin({ publicUrl, dataFolder })
      expect(new FederatedDomainStrategy(signin).name).to.equal('federated-domain')
      expect(signin.settings.clockSkew).to.equal(120_000)
      await signin.close()
    } finally {
      delete process.env['HOMEREALM_CLOCK_SKEW_SECONDS']
    }
  })
})
