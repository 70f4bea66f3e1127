import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type DemoTls, loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { trustingFetch } from '../../src/demo-app/trustingFetch.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { newDataFolder } from '../support/deployment.ts'

describe('a fetch that trusts one authority', () => {
  let folder: string
  let ours: DemoTls
  let others: DemoTls
  let server: Server
  let origin: string
  before(async () => {
    folder = newDataFolder()
    const making = { now: Date.now(), random: systemRandom }
    ours = await loadOrMakeDemoTls(join(folder, 'ours'), making)
    others = await loadOrMakeDemoTls(join(folder, 'others'), making)
    server = createServer({
      cert: readFileSync(ours.certFile),
      key: readFileSync(ours.keyFile),
    })
    server.on('request', async (req, res) => {
      if (req.url === '/moved') res.writeHead(302, { location: '/elsewhere' })
      if (req.url === '/long') res.end(Buffer.alloc(2 * 1024 * 1024))
      else if (req.url !== '/never') res.end(`${req.method} ${(await req.toArray()).join('')}`)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server?.closeAllConnections()
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (
    path: string,
    more: { method?: string; body?: unknown; signal?: AbortSignal } = {},
  ) =>
    trustingFetch(readFileSync(ours.caFile, 'utf8'))(origin + path, {
      method: 'GET',
      headers: {},
      ...more,
    })
  const failure = (asked: Promise<Response>) =>
    asked.then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    )

  it('gives the answer of a server that the authority vouches for, and sends a form', async () => {
    const answer = await ask('/', { method: 'POST', body: new URLSearchParams({ a: 'b c' }) })
    expect([answer.status, await answer.text()]).to.deep.equal([200, 'POST a=b+c'])
  })

  it('follows no redirect', async () => {
    const answer = await ask('/moved')
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([302, '/elsewhere'])
  })

  it('speaks to nobody whom another authority vouches for', async () => {
    const other = trustingFetch(readFileSync(others.caFile, 'utf8'))
    const init = { method: 'GET', headers: {} }
    expect(await failure(other(`${origin}/`, init))).to.match(/SIGNATURE|SELF_SIGNED|ISSUER/)
  })

  it('reads no answer without end, and waits no longer than it may', async () => {
    expect(await failure(ask('/long'))).to.equal('the answer is too long')
    expect(await failure(ask('/never', { signal: AbortSignal.abort() }))).to.equal('ABORT_ERR')
  })
})
