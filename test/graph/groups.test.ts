import { expect } from 'chai'
import type { GraphRole } from '../../src/admin/graph/ports.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'
import { errorOf } from './errors.ts'

describe('/v1.0/groups', () => {
  let deployment: Deployment
  let graph: GraphSite
  let people: readonly { readonly id: string; readonly userPrincipalName: string }[]
  before(async () => {
    deployment = await startDeployment()
    graph = graphSiteOf(deployment)
    const { body } = await graph.call('GET', '/users?$top=5&$orderby=userPrincipalName')
    people = body.value
  })
  after(() => deployment?.close())

  /** What New-MgGroup sends. */
  const body = (displayName: string, more: object = {}) => ({
    displayName,
    description: null,
    groupTypes: [],
    mailEnabled: false,
    mailNickname: 'library',
    securityEnabled: true,
    ...more,
  })
  async function made(displayName: string): Promise<string> {
    const answer = await graph.call('POST', '/groups', { body: body(displayName) })
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body.id
  }
  const reference = (id: string) => ({
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  })

  it('are made, read, changed and deleted', async () => {
    const id = await made('Sales')
    const { body: group } = await graph.call('GET', `/groups/${id}`)
    expect(group).to.deep.include({
      id,
      displayName: 'Sales',
      description: null,
      mailEnabled: false,
      securityEnabled: true,
      groupTypes: [],
    })
    const change = { displayName: 'Sales, north', description: 'Who sells' }
    expect((await graph.call('PATCH', `/groups/${id}`, { body: change })).status).to.equal(204)
    const filter = encodeURIComponent("startsWith(displayName,'sales')")
    const { body: list } = await graph.call('GET', `/groups?$filter=${filter}&$select=description`)
    expect(list.value[0].description).to.equal('Who sells')
    const stale = { headers: { 'If-Match': group['@odata.etag'] } }
    expect((await graph.call('DELETE', `/groups/${id}`, stale)).status).to.equal(412)
    expect((await graph.call('DELETE', `/groups/${id}`)).status).to.equal(204)
    expect((await graph.call('GET', `/groups/${id}`)).status).to.equal(404)
  })

  it('keep the rules of the directory, and are security groups only', async () => {
    await made('Taken')
    const post = (more: object) => graph.call('POST', '/groups', { body: body('taken', more) })
    expect(errorOf(await post({}))).to.deep.equal({
      status: 400,
      code: 'Request_BadRequest',
      targets: ['displayName ObjectConflict', 'displayName ConflictingObjects'],
      rules: ['groupExists'],
    })
    expect(errorOf(await post({ displayName: '' })).rules).to.deep.equal(['valueRequired'])
    for (const more of [{ mailEnabled: true }, { groupTypes: ['Unified'] }, { visibility: 'x' }]) {
      expect(errorOf(await post(more)).targets).to.deep.equal([
        `${Object.keys(more)[0]} InvalidValue`,
      ])
    }
  })

  it('have members, by reference, page by page', async () => {
    const id = await made('Members')
    for (const person of people) {
      const answer = await graph.call('POST', `/groups/${id}/members/$ref`, {
        body: reference(person.id),
      })
      expect(answer.status, JSON.stringify(answer.body)).to.equal(204)
    }
    const found: string[] = []
    let next: string | undefined = `/groups/${id}/members?$top=2&$count=true&$select=id`
    while (next !== undefined) {
      const page: { body: Record<string, never> & { value: { id: string }[] } } = await graph.call(
        'GET',
        next,
      )
      if (found.length === 0) expect(page.body['@odata.count']).to.equal(5)
      found.push(...page.body.value.map((each) => each.id))
      next = page.body['@odata.nextLink']
    }
    expect(found).to.deep.equal(people.map((person) => person.id))

    const [first] = people
    const { body: memberOf } = await graph.call('GET', `/users/${first?.id}/memberOf`)
    expect(memberOf.value[0]).to.include({ '@odata.type': '#microsoft.graph.group', id })
    const removal = `/groups/${id}/members/${first?.id}/$ref`
    expect((await graph.call('DELETE', removal)).status).to.equal(204)
    expect((await graph.call('DELETE', removal)).status).to.equal(404)
  })

  it('show an app without a role for users no more of their members than names', async () => {
    const id = await made('Names')
    await graph.call('POST', `/groups/${id}/members/$ref`, { body: reference(people[0]?.id ?? '') })
    const members = (roles: readonly GraphRole[], select = '') =>
      graph.call('GET', `/groups/${id}/members${select}`, { roles })
    const { body } = await members(['Group.Read.All'])
    expect(Object.keys(body.value[0])).to.deep.equal([
      '@odata.type',
      'id',
      'displayName',
      'userPrincipalName',
    ])
    const anchors = '?$select=onPremisesImmutableId'
    expect((await members(['Group.Read.All'], anchors)).status).to.equal(400)
    expect((await members(['Group.Read.All', 'User.Read.All'], anchors)).status).to.equal(200)
  })

  it('take no member twice, and none who is not there', async () => {
    const id = await made('Once')
    const add = (address: unknown) =>
      graph.call('POST', `/groups/${id}/members/$ref`, { body: address })
    const person = reference(people[0]?.id ?? '')
    expect((await add(person)).status).to.equal(204)
    expect(errorOf(await add(person)).targets).to.deep.equal(['members InvalidValue'])
    expect((await add(reference('00000000-0000-4000-8000-000000000000'))).status).to.equal(404)
    for (const bad of [{}, { '@odata.id': 'x' }, { '@odata.id': 5 }, { ...person, x: 1 }]) {
      expect((await add(bad)).status, JSON.stringify(bad)).to.equal(400)
    }
  })
})
