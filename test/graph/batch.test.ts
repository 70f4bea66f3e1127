import { expect } from 'chai'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphCallOptions, type GraphSite, graphSiteOf } from '../support/graphSite.ts'
import { errorOf } from './errors.ts'

interface PartReply {
  readonly id: string
  readonly status: number
  readonly headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: JSON from a server, looked at member by member.
  readonly body: any
}

describe('POST /v1.0/$batch', () => {
  let deployment: Deployment
  let graph: GraphSite
  before(async () => {
    deployment = await startDeployment()
    graph = graphSiteOf(deployment)
  })
  after(() => deployment?.close())

  const batch = (requests: unknown, options: GraphCallOptions = {}) =>
    graph.call('POST', '/$batch', { ...options, body: { requests } })
  async function parts(requests: unknown, options: GraphCallOptions = {}): Promise<PartReply[]> {
    const { status, body } = await batch(requests, options)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body.responses
  }
  const json = { 'Content-Type': 'application/json' }
  const group = (id: string, displayName: string, more: object = {}) => ({
    id,
    method: 'POST',
    url: '/groups',
    headers: json,
    body: { displayName, mailNickname: id, mailEnabled: false, securityEnabled: true },
    ...more,
  })

  it('answers each request as if it came alone, in their order', async () => {
    const answers = await parts([
      { id: 'a', method: 'GET', url: '/users/alice@customer.com' },
      { id: 'b', method: 'GET', url: 'users/nobody%40customer.com' },
      { id: 'c', method: 'GET', url: '/users/$count' },
      { id: 'd', method: 'GET', url: '/users?$top=1&$select=id' },
      { id: 'e', method: 'DELETE', url: '/domains' },
      group('f', 'Made in a batch'),
    ])
    expect(answers.map(({ id, status }) => [id, status])).to.deep.equal([
      ['a', 200],
      ['b', 404],
      ['c', 200],
      ['d', 200],
      ['e', 405],
      ['f', 201],
    ])
    const [alice, nobody, count, list, , made] = answers
    const alone = await graph.call('GET', '/users/alice@customer.com')
    expect(alice?.body).to.deep.equal(alone.body)
    expect(alice?.headers).to.deep.equal({
      ETag: alone.headers.get('etag'),
      'Content-Type': 'application/json',
    })
    expect(nobody?.body.error.code).to.equal('Request_ResourceNotFound')
    expect(count).to.deep.include({ headers: { 'Content-Type': 'text/plain' } })
    expect(list?.body['@odata.nextLink']).to.be.a('string')
    const { body } = await graph.call('GET', list?.body['@odata.nextLink'])
    expect(body.value).to.have.lengthOf(1)
    expect(made?.headers['Location']).to.contain(made?.body.id)
  })

  it('keeps dependencies in order, and does not try what depends on a failure (424)', async () => {
    const answers = await parts([
      { id: '3', method: 'GET', url: '/users/alice@customer.com', dependsOn: ['2'] },
      group('2', 'After the first', { dependsOn: ['1'] }),
      group('1', 'The first'),
      group('4', 'The first', { dependsOn: ['2'] }),
      group('5', 'Never made', { dependsOn: ['4'] }),
      { id: '6', method: 'GET', url: '/users/alice@customer.com', dependsOn: ['5'] },
    ])
    expect(answers.map(({ id, status }) => [id, status])).to.deep.equal([
      ['3', 200],
      ['2', 201],
      ['1', 201],
      ['4', 400],
      ['5', 424],
      ['6', 424],
    ])
    const filter = encodeURIComponent("displayName eq 'Never made'")
    const { body } = await graph.call('GET', `/groups?$filter=${filter}`)
    expect(body.value).to.deep.equal([])
  })

  it('has the caller of the batch for every request, whatever stands in it', async () => {
    const requests = [
      { id: '1', method: 'GET', url: '/users/alice@customer.com' },
      {
        id: '2',
        method: 'GET',
        url: '/domains',
        headers: { Authorization: 'Bearer Domain.Read.All' },
      },
      { id: '3', method: 'DELETE', url: '/users/alice@customer.com' },
    ]
    const answers = await parts(requests, { roles: ['User.Read.All'] })
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 403, 403])
    expect(answers[1]?.body.error.code).to.equal('Authorization_RequestDenied')
    expect((await batch(requests, { roles: null })).status).to.equal(401)
  })

  it('keeps conditions of the requests', async () => {
    const { headers } = await graph.call('GET', '/users/alice@customer.com')
    const tag = headers.get('etag') ?? ''
    const patch = (id: string, ifMatch: string, jobTitle: string) => ({
      id,
      method: 'patch',
      url: '/users/alice@customer.com',
      headers: { ...json, 'if-match': ifMatch },
      body: { jobTitle },
    })
    const answers = await parts([
      {
        id: '0',
        method: 'GET',
        url: '/users/alice@customer.com',
        headers: { 'If-None-Match': tag },
      },
      patch('1', tag, 'One'),
      patch('2', tag, 'Two'),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([304, 204, 412])
    expect(answers[1]).not.to.have.property('body')
  })

  it('wants a Content-Type beside a body', async () => {
    const [answer] = await parts([group('1', 'No type', { headers: {} })])
    expect(answer?.status).to.equal(415)
  })

  const one = { id: '1', method: 'GET', url: '/users' }
  const bad: readonly (readonly [what: string, requests: unknown, says: string])[] = [
    ['no list', {}, '1 to 20'],
    ['an empty list', [], '1 to 20'],
    [
      'more than twenty requests',
      Array.from({ length: 21 }, (_, n) => ({ ...one, id: String(n) })),
      '21',
    ],
    ['a request that is no object', [null], 'no object'],
    ['a request without id', [{ method: 'GET', url: '/users' }], 'id'],
    ['two requests of one id', [one, one], 'twice'],
    ['an unknown method', [{ ...one, method: 'TRACE' }], 'method'],
    ['a whole address', [{ ...one, url: 'https://graph.microsoft.com/v1.0/users' }], 'relative'],
    ['an address without scheme', [{ ...one, url: '//other.example/users' }], 'relative'],
    ['a batch inside', [{ ...one, method: 'POST', url: '/$batch' }], 'batch itself'],
    ['a dependency that is not there', [{ ...one, dependsOn: ['2'] }], 'depends on 2'],
    ['a dependency on itself', [{ ...one, dependsOn: ['1'] }], 'depends on 1'],
    [
      'dependencies in a circle',
      [
        { ...one, dependsOn: ['2'] },
        { ...one, id: '2', dependsOn: ['1'] },
      ],
      'circle',
    ],
    ['headers that are no texts', [{ ...one, headers: { a: 1 } }], 'headers'],
    ['an unknown member', [{ ...one, atomicityGroup: 'g' }], 'atomicityGroup'],
  ]
  for (const [what, requests, says] of bad) {
    it(`refuses ${what}, with nothing done`, async () => {
      const answer = await batch(requests)
      expect(errorOf(answer)).to.include({ status: 400, code: 'Request_BadRequest' })
      expect(answer.body.error.message).to.contain(says)
    })
  }

  it('takes no nested batch by another spelling', async () => {
    const answers = await parts([{ ...one, method: 'POST', url: '/%24batch' }])
    expect(answers[0]?.status).to.equal(404)
  })
})
