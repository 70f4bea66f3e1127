import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { expect } from 'chai'
import { type DemoTls, loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { ConfigError, parseConfig } from '../../src/config.ts'
import { makeIdpKey } from '../../src/demo-okta/keys.ts'
import { startDemoOkta } from '../../src/demo-okta/start.ts'
import { type Listening, listen } from '../../src/http/listen.ts'
import { TlsError } from '../../src/http/tls.ts'
import { hours } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'

const now = Date.now()
const folders: string[] = []
function newFolder(): string {
  const folder = newDataFolder()
  folders.push(folder)
  return folder
}
const makeTls = (folder = newFolder(), at = now) =>
  loadOrMakeDemoTls(folder, { now: at, random: systemRandom })

interface TlsAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

/** A request by a client that trusts one authority only. */
function get(url: string, caFile: string, host = 'localhost'): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const options = { ca: readFileSync(caFile), servername: host, agent: false }
    const sent = request(url, options, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => {
        body += chunk
      })
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** The certificate that a new connection is shown, trusted or not. */
function shown(port: number): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
    })
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** Asks until it is so; the test's own time limit says when it is not. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('TLS', () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  describe('of the server', () => {
    let tls: DemoTls
    let deployment: Deployment
    before(async () => {
      tls = await makeTls()
      const { certFile, keyFile } = tls
      deployment = await startDeployment({
        environment: { HOMEREALM_TLS_CERT: certFile, HOMEREALM_TLS_KEY: keyFile },
      })
    })
    after(() => deployment?.close())

    it('is what a client that trusts the authority alone connects with, by name', async () => {
      expect(deployment.publicUrl).to.match(/^https:\/\/localhost:\d+$/)
      const answer = await get(`${deployment.publicUrl}/healthz`, tls.caFile)
      expect([answer.status, answer.body]).to.deep.equal([200, 'ok\n'])
    })

    it('HSTS goes with the public URL, and never to a whole machine’s localhost for a year', async () => {
      const own = await get(`${deployment.publicUrl}/signin`, tls.caFile)
      // Browsers apply it to every port: the demo's other origins and the developer's own programs.
      expect(own.headers).not.to.have.property('strict-transport-security')
      const { certFile, keyFile } = tls
      const named = await startDeployment({
        publicUrl: 'https://login.example.test',
        environment: { HOMEREALM_TLS_CERT: certFile, HOMEREALM_TLS_KEY: keyFile },
      })
      try {
        const { port } = new URL(named.origin)
        const answer = await get(`https://localhost:${port}/signin`, tls.caFile)
        expect(answer.headers['strict-transport-security']).to.match(/^max-age=\d{8};/)
      } finally {
        await named.close()
      }
    })

    it('the public URL and the cookies follow', async () => {
      const signin = `${deployment.publicUrl}/signin?login_hint=alice%40customer.com`
      const { headers } = await get(signin, tls.caFile)
      const [cookie = ''] = headers['set-cookie'] ?? []
      expect(cookie).to.match(/^__Host-homerealm-browser=[\w-]{43}; .*Secure; SameSite=None$/)
      expect(deployment.acs.startsWith('https://localhost:')).to.equal(true)
    })

    it('is refused by a client that trusts somebody else, and speaks no plain http', async () => {
      const other = await makeTls()
      const failed = await get(`${deployment.publicUrl}/healthz`, other.caFile).catch((e) => e.code)
      expect(failed).to.match(/SIGNATURE|SELF_SIGNED|ISSUER/)
      const plain = deployment.publicUrl.replace('https:', 'http:')
      const refused = await fetch(`${plain}/healthz`).catch(() => 'refused')
      expect(refused).to.equal('refused')
    })

    it('is version 1.2 or newer', async () => {
      const { port } = new URL(deployment.publicUrl)
      const version = (options: { minVersion: 'TLSv1'; maxVersion: 'TLSv1.1' | 'TLSv1.2' }) =>
        new Promise<string | null>((resolve) => {
          const socket = connect({
            port: Number(port),
            host: '127.0.0.1',
            rejectUnauthorized: false,
            ciphers: 'DEFAULT@SECLEVEL=0',
            ...options,
          })
          socket.once('secureConnect', () => {
            resolve(socket.getProtocol())
            socket.destroy()
          })
          socket.once('error', () => resolve(null))
        })
      expect(await version({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).to.equal(null)
      expect(await version({ minVersion: 'TLSv1', maxVersion: 'TLSv1.2' })).to.equal('TLSv1.2')
    })
  })

  describe('when the files change', () => {
    /** A server over copies of a certificate's files, and what it told. */
    async function serving() {
      const folder = newFolder()
      const [first, second] = [await makeTls(), await makeTls()]
      const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
      copyFileSync(first.certFile, files.certFile)
      copyFileSync(first.keyFile, files.keyFile)
      const told = { reloads: 0, faults: [] as unknown[] }
      const server: Listening = await listen(
        (_req, res) => res.end('ok'),
        { host: '127.0.0.1', port: 0, setting: 'HOMEREALM_PORT' },
        {
          files,
          onReload: () => void told.reloads++,
          onFault: (error) => void told.faults.push(error),
          pollEvery: 10,
        },
      )
      return { files, second, told, server }
    }

    it('new connections have the new certificate, without a restart', async () => {
      const { files, second, told, server } = await serving()
      try {
        const before = (await shown(server.port)).serialNumber
        // As renewals do it: another file takes the name.
        for (const [from, to] of [
          [second.certFile, files.certFile],
          [second.keyFile, files.keyFile],
        ] as const) {
          copyFileSync(from, `${to}.new`)
          renameSync(`${to}.new`, to)
        }
        await until(() => told.reloads > 0)
        expect((await shown(server.port)).serialNumber).not.to.equal(before)
        const answer = await get(`https://localhost:${server.port}/`, second.caFile)
        expect(answer.body).to.equal('ok')
      } finally {
        await server.close()
      }
    })

    it('the old certificate stays while the new files do not fit, and each fault is told once', async () => {
      const { files, second, told, server } = await serving()
      try {
        const before = (await shown(server.port)).serialNumber
        copyFileSync(second.certFile, files.certFile)
        await until(() => told.faults.length > 0)
        expect(told.faults[0]).to.be.instanceOf(TlsError)
        expect((await shown(server.port)).serialNumber).to.equal(before)
        rmSync(files.keyFile)
        await until(() => told.faults.length > 1)
        expect(String(told.faults[1])).to.include('HOMEREALM_TLS_KEY cannot be read (ENOENT)')
        copyFileSync(second.keyFile, files.keyFile)
        await until(() => told.reloads > 0)
        expect((await shown(server.port)).serialNumber).not.to.equal(before)
      } finally {
        await server.close()
      }
    })
  })

  describe('when a file cannot be looked at', () => {
    it('the server goes on with what it has, says so, and recovers', async () => {
      const folder = newFolder()
      const [first, second] = [await makeTls(), await makeTls()]
      const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
      copyFileSync(first.certFile, files.certFile)
      copyFileSync(first.keyFile, files.keyFile)
      const told = { reloads: 0, faults: [] as unknown[] }
      const server = await listen(
        (_req, res) => res.end('ok'),
        { host: '127.0.0.1', port: 0, setting: 'HOMEREALM_PORT' },
        {
          files,
          onReload: () => void told.reloads++,
          onFault: (error) => void told.faults.push(error),
          pollEvery: 10,
        },
      )
      try {
        const before = (await shown(server.port)).serialNumber
        // A link that leads to itself fails even to be looked at, as a folder without permission does.
        rmSync(files.certFile)
        symlinkSync(files.certFile, files.certFile)
        await until(() => told.faults.length > 0)
        expect(String(told.faults[0])).to.include('HOMEREALM_TLS_CERT cannot be read (ELOOP)')
        expect((await shown(server.port)).serialNumber).to.equal(before)
        // Half of a file, as one that is being written.
        rmSync(files.certFile)
        const whole = readFileSync(second.certFile, 'utf8')
        writeFileSync(files.certFile, whole.slice(0, whole.length / 2))
        copyFileSync(second.keyFile, files.keyFile)
        await until(() => told.faults.length > 1)
        expect((await shown(server.port)).serialNumber).to.equal(before)
        writeFileSync(files.certFile, whole)
        await until(() => told.reloads > 0)
        expect((await shown(server.port)).serialNumber).not.to.equal(before)
      } finally {
        await server.close()
      }
    })
  })

  describe('in the configuration', () => {
    const problemOf = (environment: Record<string, string>): string => {
      try {
        parseConfig(environment, 'demo')
        return 'none'
      } catch (error) {
        if (error instanceof ConfigError) return error.problems.join('\n')
        throw error
      }
    }

    it('names what is wrong with certificate and key, and never shows them', async () => {
      const [one, other] = [await makeTls(), await makeTls()]
      const empty = join(newFolder(), 'empty.pem')
      writeFileSync(empty, '')
      const key = readFileSync(one.keyFile, 'utf8')
      const problems: [cert: string, key: string, said: string][] = [
        [one.certFile, other.keyFile, 'is not the certificate of'],
        [empty, one.keyFile, 'no certificate in PEM'],
        [one.certFile, empty, 'no private key in PEM'],
        [one.certFile, '/nowhere/key.pem', 'HOMEREALM_TLS_KEY cannot be read (ENOENT)'],
        [one.certFile, key, 'the value is PEM itself'],
      ]
      for (const [HOMEREALM_TLS_CERT, HOMEREALM_TLS_KEY, said] of problems) {
        const problem = problemOf({ HOMEREALM_TLS_CERT, HOMEREALM_TLS_KEY })
        expect(problem).to.include(said)
        expect(problem).not.to.include(key.split('\n')[1])
      }
      const good = { HOMEREALM_TLS_CERT: one.certFile, HOMEREALM_TLS_KEY: one.keyFile }
      expect(problemOf(good)).to.equal('none')
      expect(problemOf({ HOMEREALM_TLS_CERT: one.certFile })).to.include('HOMEREALM_TLS_KEY is not')
      expect(problemOf({ HOMEREALM_TLS_KEY: one.keyFile })).to.include('HOMEREALM_TLS_CERT is not')
      const plain = { ...good, HOMEREALM_PUBLIC_URL: 'http://localhost:3000' }
      expect(problemOf(plain)).to.include('must be https')
    })
  })

  describe('of the demo', () => {
    it('is made once, kept, and made anew a month before its end', async () => {
      const folder = newFolder()
      const first = await makeTls(folder)
      const read = () => readFileSync(first.certFile, 'utf8')
      const made = read()
      expect(statSync(first.keyFile).mode & 0o777).to.equal(0o600)
      expect(readFileSync(first.caFile, 'utf8')).not.to.include('PRIVATE KEY')
      await makeTls(folder, now + hours(24 * 330))
      expect(read()).to.equal(made)
      await makeTls(folder, now + hours(24 * 336))
      expect(read()).not.to.equal(made)
      writeFileSync(first.keyFile, 'damaged')
      const damaged = read()
      await makeTls(folder)
      expect(read()).not.to.equal(damaged)
    })

    it('serves its Okta, too, at 127.0.0.1', async () => {
      const tls = await makeTls()
      const okta = await startDemoOkta({
        issuer: 'http://www.okta.com/exk1',
        acs: 'https://localhost:1/common/saml2',
        audience: 'urn:federation:MicrosoftOnline',
        key: await makeIdpKey({ now }),
        users: [],
        clock: () => now,
        random: systemRandom,
        host: '127.0.0.1',
        port: 0,
        tls: { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') },
      })
      try {
        expect(okta.baseUrl).to.match(/^https:\/\/127\.0\.0\.1:\d+$/)
        expect((await get(`${okta.baseUrl}/`, tls.caFile, '')).status).to.be.below(500)
      } finally {
        await okta.close()
      }
    })
  })
})
