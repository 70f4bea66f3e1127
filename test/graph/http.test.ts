import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { graphRoles } from '../../src/admin/graph/ports.ts'
import { isGuid } from '../../src/lib/ids.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf, registerCaller } from '../support/graphSite.ts'
import { errorOf } from './errors.ts'

describe('requests to /v1.0', () => {
  let deployment: Deployment
  let graph: GraphSite
  before(async () => {
    deployment = await startDeployment({ at: Date.UTC(2026, 0, 15, 9, 30) })
    graph = graphSiteOf(deployment)
  })
  after(() => deployment?.close())

  it('carry ids, and errors tell them with the time', async () => {
    const sent = 'A5B1C2D3-0000-4000-8000-123456789ABC'
    const { headers, body } = await graph.call('GET', '/users/nobody@customer.com', {
      headers: { 'client-request-id': sent },
    })
    expect(headers.get('client-request-id')).to.equal(sent.toLowerCase())
    expect(isGuid(headers.get('request-id') ?? '')).to.equal(true)
    expect(body.error.innerError).to.deep.equal({
      date: '2026-01-15T09:30:00',
      'request-id': headers.get('request-id'),
      'client-request-id': sent.toLowerCase(),
    })
    expect(body.error.message).to.equal(
      "Resource 'nobody@customer.com' does not exist or one of its queried reference-property objects are not present.",
    )
  })

  it('without a credential hear 401 and nothing of what is there', async () => {
    for (const path of ['/users', '/nothing', '/$batch', '/users/alice@customer.com/x']) {
      const answer = await graph.call('GET', path, { roles: null })
      expect(errorOf(answer)).to.include({ status: 401, code: 'InvalidAuthenticationToken' })
    }
  })

  it('need the role of what they ask for; writing contains reading', async () => {
    const body = { id: 'never.example' }
    const rows = [
      ['GET', '/users', 'User.Read.All', 200],
      ['GET', '/users', 'User.ReadWrite.All', 200],
      ['GET', '/users', 'Domain.ReadWrite.All', 403],
      ['DELETE', '/users/nobody@customer.com', 'User.Read.All', 403],
      ['DELETE', '/users/nobody@customer.com', 'User.ReadWrite.All', 404],
      ['GET', '/domains', 'Domain.Read.All', 200],
      ['GET', '/domains', 'User.Read.All', 403],
      ['GET', '/domains/customer.com/domainNameReferences', 'Domain.ReadWrite.All', 403],
      ['GET', '/domains/customer.com/domainNameReferences', 'User.Read.All', 200],
      ['POST', '/domains', 'Domain.Read.All', 403],
      ['GET', '/domains/customer.com/federationConfiguration', 'Domain.Read.All', 200],
      ['DELETE', '/domains/customer.com/federationConfiguration/x', 'Domain.Read.All', 403],
      ['GET', '/groups', 'Group.Read.All', 200],
      ['GET', '/groups', 'User.ReadWrite.All', 403],
    ] as const
    for (const [method, path, role, status] of rows) {
      const answer = await graph.call(method, path, {
        roles: [role],
        ...(method === 'POST' && { body }),
      })
      expect(answer.status, `${method} ${path} as ${role}`).to.equal(status)
    }
    expect((await graph.call('GET', '/domains/never.example')).status).to.equal(404)
  })

  it('to a path that is not there are 404, and by a wrong method 405 with Allow', async () => {
    for (const path of [
      '',
      '/',
      '/me',
      '/users/a/b/c',
      '/organization',
      '/domains/x/forceDelete',
    ]) {
      const answer = await graph.call('GET', path)
      expect(errorOf(answer), path).to.include({ status: 404, code: 'Request_ResourceNotFound' })
    }
    const wrong = await graph.call('PUT', '/domains/customer.com', { body: {} })
    expect(errorOf(wrong)).to.include({ status: 405, code: 'Request_BadRequest' })
    expect(wrong.headers.get('allow')).to.equal('GET, PATCH, DELETE')
    expect((await graph.call('GET', '/$batch')).headers.get('allow')).to.equal('POST')
    expect((await graph.call('DELETE', '/users')).status).to.equal(405)
  })

  it('name collections in any case, and actions with their namespace', async () => {
    expect((await graph.call('GET', '/Users/$Count')).status).to.equal(200)
    const answer = await graph.call('POST', '/domains/customer.com/microsoft.graph.verify')
    expect(answer.status).to.equal(400)
    expect((await graph.call('GET', '/users/microsoft.graph.x@customer.com')).status).to.equal(404)
  })

  it('by HEAD are answered without a body', async () => {
    const { status, body, headers } = await graph.call('HEAD', '/users/alice@customer.com')
    expect([status, body]).to.deep.equal([200, null])
    expect(headers.get('etag')).to.match(/^W\//)
  })

  it('with a body that cannot be taken are 415, 413 or 400', async () => {
    const post = (body: string, type = 'application/json') =>
      graph.call('POST', '/domains', { body, headers: { 'Content-Type': type } })
    const rows: readonly (readonly [string, string, number, string])[] = [
      ['id=a.example', 'application/x-www-form-urlencoded', 415, 'Request_UnsupportedMediaType'],
      ['{"id":"a.example"}', 'text/plain', 415, 'Request_UnsupportedMediaType'],
      [
        JSON.stringify({ id: 'a'.repeat(65_536) }),
        'application/json',
        413,
        'Request_EntityTooLarge',
      ],
      ['{"id":', 'application/json', 400, 'Request_BadRequest'],
      ['["a.example"]', 'application/json', 400, 'Request_BadRequest'],
      ['"a.example"', 'application/json', 400, 'Request_BadRequest'],
      ['null', 'application/json', 400, 'Request_BadRequest'],
      ['{"__proto__":{"id":"a.example"}}', 'application/json', 400, 'Request_BadRequest'],
    ]
    for (const [body, type, status, code] of rows) {
      expect(errorOf(await post(body, type)), body.slice(0, 40)).to.include({ status, code })
    }
    const typed = 'application/json; odata.metadata=minimal; charset=utf-8'
    expect((await post('{"id":"typed.example"}', typed)).status).to.equal(201)
    const empty = await graph.call('POST', '/domains')
    expect(errorOf(empty)).to.include({ status: 400, code: 'Request_BadRequest' })
    expect(graph.reported()).to.deep.equal([])
  })

  it('that are deep or broken in their path cost an answer and no more', async () => {
    const deep = `{"passwordProfile":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
    const answer = await graph.call('PATCH', '/users/alice@customer.com', { body: deep })
    expect(errorOf(answer).targets).to.deep.equal(['passwordProfile InvalidValue'])
    expect((await graph.call('GET', '/users/%FF')).status).to.equal(400)
    expect((await graph.call('GET', '/users/a%2Fb')).status).to.equal(404)
    expect(graph.reported()).to.deep.equal([])
  })

  it('at work at once are bounded for each address, and told so in the form of Graph', async () => {
    const { key } = await registerCaller(deployment, graphRoles)
    const { port } = new URL(graph.publicUrl)
    const head = `POST /v1.0/domains HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n`
    const sockets: Socket[] = []
    try {
      for (let count = 0; count < 100; count += 1) {
        const socket = connect(Number(port), '127.0.0.1')
        sockets.push(socket)
        await once(socket, 'connect')
        socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`)
      }
      let answer = await graph.call('GET', '/domains')
      while (answer.status === 200) answer = await graph.call('GET', '/domains')
      expect(errorOf(answer)).to.include({ status: 503, code: 'ServiceUnavailable' })
      expect(answer.headers.get('retry-after')).to.equal('1')
    } finally {
      for (const socket of sockets) socket.destroy()
    }
    let answer = await graph.call('GET', '/domains')
    while (answer.status !== 200) answer = await graph.call('GET', '/domains')
    expect(graph.reported()).to.deep.equal([])
  })

  it('that fail inside are 500 in general words, with the cause in the log alone', async () => {
    const { storage } = deployment
    const working = storage.directory.foundUsers.count
    Object.assign(storage.directory.foundUsers, {
      count: () => Promise.reject(new Error('disk of secrets is full')),
    })
    try {
      const answer = await graph.call('GET', '/users/$count')
      expect(errorOf(answer)).to.include({ status: 500, code: 'InternalServerError' })
      expect(JSON.stringify(answer.body)).not.to.contain('secrets')
      expect(graph.reported()).to.have.lengthOf(1)
    } finally {
      Object.assign(storage.directory.foundUsers, { count: working })
    }
  })
})
