import { expect } from 'chai'
import fc from 'fast-check'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'

/** Parts of requests that mean something here, and some that mean nothing anywhere. */
const segments = fc.constantFrom(
  ...['users', 'domains', 'groups', '$batch', '$count', 'members', '$ref', 'verify', 'promote'],
  ...['federationConfiguration', 'verificationDnsRecords', 'rootDomain', 'memberOf'],
  ...['alice@customer.com', 'customer.com', 'managed.example', 'x', '%00', '..%2F..', '__proto__'],
  ...['00000000-0000-4000-8000-000000000000', '%F0%9F%98%80', "o'brien", '$', '('],
)
const options = fc.constantFrom(
  ...['$top=3', '$top=-1', '$count=true', '$orderby=displayName desc', '$select=id,mail'],
  ...["$filter=startsWith(mail,'a')", '$filter=((', '$skipToken=1.AAAA', '$expand=x', '%FF=%FF'],
  ...["$filter=userPrincipalName eq '%00'", '$select=__proto__', '$filter=displayName eq null'],
)
const names = fc.constantFrom(
  ...['id', 'userPrincipalName', 'displayName', 'mailNickname', 'accountEnabled', 'mail'],
  ...['onPremisesImmutableId', 'passwordProfile', 'issuerUri', 'signingCertificate', 'isDefault'],
  ...['authenticationType', 'requests', '@odata.type', '@odata.id', '__proto__', 'constructor'],
)
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    'a@customer.com',
    'customer.com',
    '\u0000',
    '\uD800',
    'x'.repeat(2000),
    -0,
    1e308,
  ),
)
const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
  path: fc.array(segments, { minLength: 1, maxLength: 5 }).map((all) => `/${all.join('/')}`),
  query: fc.array(options, { maxLength: 3 }).map((all) => all.join('&')),
  body: fc.option(
    fc.array(fc.tuple(names, values), { maxLength: 5 }).map((all) => Object.fromEntries(all)),
  ),
  ifMatch: fc.option(fc.constantFrom('*', 'W/"x"', '"', ',')),
})

describe('any request to /v1.0', function () {
  this.timeout(60_000)
  let deployment: Deployment
  let graph: GraphSite
  before(async () => {
    deployment = await startDeployment()
    graph = graphSiteOf(deployment)
  })
  after(() => deployment?.close())

  it('gets an answer in the form of Graph, and none of them is a fault inside', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, path, query, body, ifMatch }) => {
        const hasBody = body !== null && !['GET', 'HEAD', 'DELETE'].includes(method)
        const answer = await graph.call(method, `${path}?${query}`, {
          ...(hasBody && { body }),
          ...(ifMatch !== null && { headers: { 'If-Match': ifMatch } }),
        })
        expect(answer.status, `${method} ${path}?${query}`).to.be.lessThan(500)
        if (answer.status >= 400 && method !== 'HEAD') {
          expect(answer.body.error.code).to.be.a('string')
          expect(answer.body.error.innerError['request-id']).to.be.a('string')
        }
      }),
      { numRuns: 400 },
    )
    expect(graph.reported()).to.deep.equal([])
  })
})
