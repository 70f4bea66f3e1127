import { expect } from 'chai'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'
import { errorOf } from './errors.ts'

interface Listed {
  readonly userPrincipalName: string
  readonly id: string
}

describe('lists of /v1.0/users', () => {
  let deployment: Deployment
  let graph: GraphSite
  let names: readonly string[]
  before(async () => {
    deployment = await startDeployment()
    graph = graphSiteOf(deployment)
    names = (await graph.call('GET', '/users?$top=999')).body.value.map(
      (user: Listed) => user.userPrincipalName,
    )
  })
  after(() => deployment?.close())

  const list = (query: Readonly<Record<string, string>>) =>
    graph.call('GET', `/users?${new URLSearchParams(query)}`)
  const upns = async (query: Readonly<Record<string, string>>): Promise<string[]> => {
    const { status, body } = await list(query)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body.value.map((user: Listed) => user.userPrincipalName)
  }
  /** Every page, following the links. */
  async function pages(query: Readonly<Record<string, string>>): Promise<Listed[][]> {
    const found: Listed[][] = []
    let next: string | undefined = `/users?${new URLSearchParams(query)}`
    while (next !== undefined && found.length < 100) {
      const { status, body } = await graph.call('GET', next)
      expect(status, JSON.stringify(body)).to.equal(200)
      found.push(body.value)
      next = body['@odata.nextLink']
    }
    return found
  }

  it('go through everybody, page by page, each once and in order', async () => {
    expect(names.length).to.be.greaterThan(15)
    for (const query of [
      { $top: '4' },
      { $top: '4', $orderby: 'userPrincipalName' },
      { $top: '4', $orderby: 'displayName desc' },
      { $top: '4', $filter: "startsWith(mail,'') or mail eq null" },
      { $top: '4', $filter: 'onPremisesImmutableId ne null' },
    ]) {
      const found = await pages(query)
      const all = found.flat()
      expect(new Set(all.map(({ id }) => id)).size, JSON.stringify(query)).to.equal(all.length)
      expect(found.slice(0, -1).every((page) => page.length === 4)).to.equal(true)
      expect(all.length).to.be.greaterThan(8)
    }
    const down = (await pages({ $orderby: 'userPrincipalName desc', $top: '7' })).flat()
    const up = (await pages({ $orderby: 'userPrincipalName asc', $top: '5' })).flat()
    expect(down.map(({ id }) => id)).to.deep.equal(up.map(({ id }) => id).reverse())
  })

  it('link to the next page under the public address, with the options of the first', async () => {
    const query = { $top: '2', $select: 'id,displayName', $filter: "contains(displayName,'a')" }
    const { body } = await list(query)
    const link = new URL(body['@odata.nextLink'])
    expect(`${link.origin}${link.pathname}`).to.equal(`${graph.publicUrl}/v1.0/users`)
    const { $skipToken, ...rest } = Object.fromEntries(link.searchParams)
    expect(rest).to.deep.equal(query)
    expect($skipToken).to.be.a('string')
    expect(body['@odata.context']).to.equal(
      `${graph.publicUrl}/v1.0/$metadata#users(id,displayName)`,
    )
    expect(Object.keys(body.value[0])).to.deep.equal(['@odata.etag', 'id', 'displayName'])
  })

  it('refuse the $skipToken of another query, and one that was made up', async () => {
    const { body } = await list({ $top: '2', $filter: "contains(displayName,'a')" })
    const token = new URL(body['@odata.nextLink']).searchParams.get('$skipToken') ?? ''
    const others = [
      { $skipToken: token },
      { $skipToken: token, $filter: "contains(displayName,'b')" },
      { $skipToken: token, $filter: "contains(displayName,'a')", $orderby: 'displayName' },
      { $skipToken: 'made-up', $filter: "contains(displayName,'a')" },
    ]
    for (const other of others) {
      expect(errorOf(await list(other)).targets).to.deep.equal(['$skipToken InvalidValue'])
    }
    const groups = await graph.call('GET', `/groups?$skipToken=${encodeURIComponent(token)}`)
    expect(groups.status).to.equal(400)
    const same = { $skipToken: token, $filter: "contains(displayName,'a')", $top: '5' }
    expect((await list(same)).status).to.equal(200)
  })

  it('are filtered by what the directory keeps', async () => {
    const alice = ['alice@customer.com']
    const rows: readonly (readonly [string, readonly string[]])[] = [
      ["userPrincipalName eq 'ALICE@customer.com'", alice],
      ["onPremisesImmutableId eq '6Hz3el8+OkyEvxdtRYYCDw=='", alice],
      ["onPremisesImmutableId eq '6hz3el8+OkyEvxdtRYYCDw=='", []],
      ["onPremisesImmutableId in ('6Hz3el8+OkyEvxdtRYYCDw==','x')", alice],
      ["startsWith(userPrincipalName,'ALI')", alice],
      ["userPrincipalName in ('alice@customer.com','nobody@customer.com')", alice],
      ["mail eq 'alice@customer.com' and accountEnabled eq true", alice],
      ["mail eq 'alice@customer.com' and not(accountEnabled eq true)", []],
      ["contains(displayName,'archer') and userType eq 'Member'", alice],
      ["startsWith(displayName,'Siobhán O''B')", ["siobhan.o'brien@customer.com"]],
      ["userType eq 'Guest'", []],
      ['createdDateTime lt 2000-01-01T00:00:00Z', []],
    ]
    for (const [$filter, wanted] of rows) {
      expect(await upns({ $filter }), $filter).to.deep.equal(wanted)
    }
    const disabled = await upns({ $filter: 'accountEnabled eq false' })
    expect(disabled).to.include('dave@customer.com').and.not.to.include('alice@customer.com')
    const others = await upns({ $filter: "userPrincipalName ne 'alice@customer.com'", $top: '999' })
    expect(others).to.have.lengthOf(names.length - 1)
    const late = await upns({ $filter: "userPrincipalName ge 'm' and userPrincipalName le 'o'" })
    expect(late.sort()).to.deep.equal(names.filter((name) => name >= 'm' && name <= 'o').sort())
  })

  it('are counted beside the first page, with ConsistencyLevel or without', async () => {
    for (const headers of [{}, { ConsistencyLevel: 'eventual' }]) {
      const first = await graph.call('GET', '/users?$count=true&$top=2', { headers })
      expect(first.body['@odata.count']).to.equal(names.length)
      const next = await graph.call('GET', first.body['@odata.nextLink'])
      expect(next.body).not.to.have.property('@odata.count')
    }
    expect((await list({ $top: '2' })).body).not.to.have.property('@odata.count')
  })

  it('are counted alone at /users/$count, as text', async () => {
    const all = await graph.call('GET', '/users/$count')
    expect([all.status, all.body]).to.deep.equal([200, String(names.length)])
    expect(all.headers.get('content-type')).to.match(/^text\/plain/)
    const some = await graph.call(
      'GET',
      `/users/$count?$filter=${encodeURIComponent("startsWith(mail,'alice')")}`,
    )
    expect(some.body).to.equal('1')
  })

  it('refuse what they cannot do by name', async () => {
    const rows: readonly (readonly [Record<string, string>, string, string])[] = [
      [{ $filter: "startsWith(onPremisesImmutableId,'a')" }, 'Request_UnsupportedQuery', '$filter'],
      [{ $filter: "city eq 'Oslo'" }, 'Request_UnsupportedQuery', '$filter'],
      [{ $filter: 'mail eq' }, 'Request_BadRequest', '$filter'],
      [{ $orderby: 'mail' }, 'Request_UnsupportedQuery', '$orderby'],
      [{ $top: '1000' }, 'Request_BadRequest', '$top'],
      [{ $select: 'id,pasword' }, 'Request_BadRequest', '$select'],
      [{ $expand: 'memberOf' }, 'Request_UnsupportedQuery', '$expand'],
      [{ $search: '"displayName:a"' }, 'Request_UnsupportedQuery', '$search'],
    ]
    for (const [query, code, target] of rows) {
      const answer = await list(query)
      expect(errorOf(answer), JSON.stringify(query)).to.include({ status: 400, code })
      expect(answer.body.error.details[0].target).to.equal(target)
    }
  })

  it('end with an empty value, and no link', async () => {
    const { status, body } = await list({ $filter: "mail eq 'nobody@customer.com'" })
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      '@odata.context': `${graph.publicUrl}/v1.0/$metadata#users`,
      value: [],
    })
  })
})
