import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { newDataFolder } from '../support/deployment.ts'
import { Program, run, takenPort } from '../support/program.ts'
import { Visitor } from '../support/visitor.ts'

function stillRunningAfter(milliseconds: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('it still runs')), milliseconds).unref()
  })
}

describe('homerealm demo and serve as processes', function () {
  this.timeout(60_000)
  let folder: string
  const programs: Program[] = []
  beforeEach(() => {
    folder = newDataFolder()
  })
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = () => ({
    HOMEREALM_DATA: join(folder, 'data'),
    HOMEREALM_PORT: '0',
    HOMEREALM_DEMO_OKTA_PORT: '0',
    HOMEREALM_DEMO_APP_PORT: '0',
  })

  /** Starts the demo; resolves when it says that it is ready. */
  async function startDemo(more: Record<string, string> = {}) {
    const program = new Program(['demo'], { environment: { ...environment(), ...more } })
    programs.push(program)
    const [, appUrl = '', publicUrl = ''] = await program.until(
      /ready\. Start[^:]*:\s+(http:\S+) +Routty,.*\s+(http:\S+) +homerealm itself\n[\s\S]*stops all three\./,
    )
    const [, oktaUrl = ''] = await program.until(/The demo Okta is at (http:\S+)/)
    return { program, publicUrl, oktaUrl, appUrl }
  }

  async function connected(url: string): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    await once(socket, 'connect')
    return socket.on('error', () => {})
  }

  it('prints address, people and three things to try once it can serve, and the first of them works', async () => {
    const { program, publicUrl } = await startDemo()
    // At the moment of the words, it serves.
    expect((await new Visitor(publicUrl).signIn('alice@customer.com')).status).to.equal(303)
    for (const name of ['alice', 'bob', 'carol', 'dave']) {
      expect(program.stdout).to.include(`${name}@customer.com`)
    }
    for (const code of [51004, 50034, 50057]) expect(program.stdout).to.include(`AADSTS${code}`)
    expect(program.stdout.match(/^ {4}npx homerealm /gm)).to.have.length(3)
    // The commands need the folder too, which stands nowhere but in this environment.
    expect(program.stdout).to.include(`export HOMEREALM_DATA=${join(folder, 'data')}:\n`)
    expect(program.stderr).to.equal('')
    // Each verdict is a line, with the command that explains a refusal.
    const refused = await new Visitor(publicUrl).signIn('bob@customer.com')
    const requestId = refused.headers.get('x-ms-request-id')
    await program.until(new RegExp(`immutableIdMismatch .*npx homerealm trace ${requestId}`))
    // The first thing to try lets Carol in, without a restart.
    expect((await new Visitor(publicUrl).signIn('carol@customer.com')).aadsts).to.equal(50034)
    const command = /npx homerealm (users import \S+)/.exec(program.stdout)?.[1] ?? ''
    const imported = await run(command.split(' '), { environment: environment() })
    expect(imported.status, imported.stderr).to.equal(0)
    expect((await new Visitor(publicUrl).signIn('carol@customer.com')).status).to.equal(303)
  })

  it('a second start keeps tenant, users, sessions and the key of the demo Okta', async () => {
    const first = await startDemo()
    const visitor = new Visitor(first.publicUrl)
    const acs = (
      await visitor.atOkta(await visitor.begin('alice@customer.com'), 'alice@customer.com')
    ).acs
    await visitor.signIn('alice@customer.com')
    await run(['users', 'import', 'fixtures/csv/carol.csv'], { environment: environment() })
    const key = readFileSync(join(folder, 'data', 'demo-okta.pem'), 'utf8')
    first.program.signal('SIGINT')
    expect((await first.program.ended).status).to.equal(0)

    const second = await startDemo()
    const same = new Visitor(second.publicUrl)
    for (const name of ['homerealm-session', 'homerealm-browser']) {
      same.jar.set('localhost', name, visitor.jar.get('localhost', name) ?? '')
    }
    expect(await same.signedInAs()).to.equal('alice@customer.com')
    expect((await same.signIn('carol@customer.com')).status).to.equal(303)
    const again = await same.atOkta(await same.begin('bob@customer.com'), 'bob@customer.com')
    expect(new URL(again.acs).pathname).to.equal(new URL(acs).pathname)
    expect(readFileSync(join(folder, 'data', 'demo-okta.pem'), 'utf8')).to.equal(key)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`${signal} ends all three servers at once and cleanly, however connections hang`, async () => {
      const { program, publicUrl, oktaUrl, appUrl } = await startDemo()
      const sockets: Socket[] = []
      for (const url of [publicUrl, oktaUrl, appUrl]) {
        const keptAlive = await connected(url)
        keptAlive.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
        await once(keptAlive, 'data')
        const halfSent = await connected(url)
        halfSent.write(
          'POST /common/saml2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nSAML',
        )
        sockets.push(keptAlive, halfSent, await connected(url))
      }
      const closed = Promise.all(
        sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
      )
      program.signal(signal)
      // Left to itself, the request that was half sent would hold its server for thirty seconds.
      const ended = await Promise.race([program.ended, stillRunningAfter(15_000)])
      expect([ended.status, ended.signal]).to.deep.equal([0, null])
      expect(ended.stdout).to.match(/Stopping\. The data stays in .*\n$/)
      expect(ended.stderr).to.equal('')
      await closed
      // The log of writes was folded into the database: nothing is left beside it.
      expect(existsSync(join(folder, 'data', 'homerealm.sqlite-wal'))).to.equal(false)
    })
  }

  for (const setting of ['HOMEREALM_PORT', 'HOMEREALM_DEMO_OKTA_PORT', 'HOMEREALM_DEMO_APP_PORT']) {
    it(`a port that is taken (${setting}) is one clear line and status 2`, async () => {
      const { port, free } = await takenPort()
      try {
        const ended = await run(['demo'], {
          environment: { ...environment(), [setting]: String(port) },
        })
        expect(ended.status).to.equal(2)
        expect(ended.stdout).to.equal('')
        expect(ended.stderr).to.match(
          new RegExp(
            `^homerealm: Port ${port} .*is taken by another program\\..*${setting}=\\d+\\n$`,
          ),
        )
      } finally {
        await free()
      }
    })
  }

  it('a broken key of the demo Okta is a clear message without a stack', async () => {
    writeFileSync(join(folder, 'demo-okta.pem'), 'not a key')
    const ended = await run(['demo'], { environment: { ...environment(), HOMEREALM_DATA: folder } })
    expect(ended.status).to.equal(2)
    expect(ended.stderr).to.match(/^homerealm: .*demo-okta\.pem: it holds no private key; .*\n$/)
  })

  it('serve has nothing of the demo, logs in JSON lines, and ends as cleanly', async () => {
    const program = new Program(['serve'], {
      environment: {
        ...environment(),
        HOMEREALM_PUBLIC_URL: 'http://localhost:3999',
        HOMEREALM_TENANT_NAME: 'Customer Inc.',
      },
    })
    programs.push(program)
    const [, port] = await program.until(/"port":(\d+).*"homerealm serves"/)
    const visitor = new Visitor(`http://localhost:${port}`)
    expect((await visitor.fetch('/readyz')).body).to.equal('ready\n')
    const page = await visitor.fetch('/signin')
    expect(page.body).to.include('Customer Inc.')
    expect(page.body).not.to.include('alice@customer.com')
    expect((await visitor.fetch('/signin?login_hint=alice%40customer.com')).status).to.equal(400)
    expect((await visitor.post('/login.srf', { SAMLResponse: 'QQ==' })).aadsts).to.equal(75005)
    program.signal('SIGTERM')
    const { status, stdout, stderr } = await program.ended
    expect([status, stderr]).to.deep.equal([0, ''])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['homerealm serves', 'refused', 'stopping'])
    expect(existsSync(join(folder, 'data', 'demo-okta.pem'))).to.equal(false)
  })

  it('serve warns of a proxy that is not trusted, and of none where it speaks https itself', async () => {
    const tls = await loadOrMakeDemoTls(folder, { now: Date.now(), random: systemRandom })
    const own = { HOMEREALM_TLS_CERT: tls.certFile, HOMEREALM_TLS_KEY: tls.keyFile }
    for (const [more, warned] of [
      [{}, 1],
      [own, 0],
      [{ ...own, HOMEREALM_TRUST_PROXY: '1' }, 0],
    ] as const) {
      const url = { HOMEREALM_PUBLIC_URL: 'https://login.example.test' }
      const program = new Program(['serve'], { environment: { ...environment(), ...url, ...more } })
      programs.push(program)
      await program.until(/"homerealm serves"/)
      program.signal('SIGTERM')
      const { stdout } = await program.ended
      expect(stdout.match(/HOMEREALM_TRUST_PROXY is 0 behind a proxy/g) ?? []).to.have.length(
        warned,
      )
    }
  })
})
