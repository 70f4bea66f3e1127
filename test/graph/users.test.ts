import { expect } from 'chai'
import type { AuditRecord } from '../../src/directory/audit.ts'
import { all } from '../storage/samples.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'
import { addManaged, sendPassword } from '../support/managed.ts'
import { errorOf } from './errors.ts'

describe('/v1.0/users', () => {
  let deployment: Deployment
  let graph: GraphSite
  before(async () => {
    deployment = await startDeployment({ at: Date.UTC(2026, 0, 15, 9, 30) })
    graph = graphSiteOf(deployment)
  })
  after(() => deployment?.close())
  afterEach(() => {
    expect(graph.reported()).to.deep.equal([])
  })

  let number = 0
  /** What New-MgUser sends, with a UPN that nobody has. */
  function newUser(domain = 'customer.com', more: Readonly<Record<string, unknown>> = {}) {
    number += 1
    return {
      accountEnabled: true,
      displayName: `Nora New ${number}`,
      mailNickname: `nora${number}`,
      userPrincipalName: `nora${number}@${domain}`,
      passwordProfile: { forceChangePasswordNextSignIn: false, password: 'xWwvJ]6NMw+bWH-d' },
      ...(domain === 'customer.com' && { onPremisesImmutableId: `anchor${number}==` }),
      ...more,
    }
  }
  async function made(domain?: string, more?: Readonly<Record<string, unknown>>) {
    const answer = await graph.call('POST', '/users', { body: newUser(domain, more) })
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body as { id: string; userPrincipalName: string; '@odata.etag': string }
  }

  /** What the audit has about a user, once there is so much: records of credentials are written after the answer. */
  async function recordsOf(id: string, atLeast: number): Promise<readonly AuditRecord[]> {
    const { audit } = deployment.storage.directory
    let records = await all<AuditRecord>(audit.records({ targetId: id }))
    while (records.length < atLeast) records = await all(audit.records({ targetId: id }))
    return records
  }

  it('a break-glass account is read, and neither changed nor removed, whatever the app was granted', async () => {
    const glass = await addManaged(deployment, { credentials: { isBreakGlass: true } })
    const path = `/users/${glass.id}`
    const profile = { password: 'xWwvJ]6NMw+bWH-d', forceChangePasswordNextSignIn: false }
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', { accountEnabled: false }],
      ['PATCH', { passwordProfile: profile }],
      ['PATCH', { passwordProfile: { forceChangePasswordNextSignIn: true } }],
      ['PATCH', { userPrincipalName: 'other@managed.example' }],
    ] as const) {
      const refused = await graph.call(method, path, { body })
      expect(refused.status, JSON.stringify(body)).to.equal(400)
      expect(errorOf(refused).rules).to.deep.equal(['accountIsBreakGlass'])
    }
    expect((await graph.call('GET', path)).status).to.equal(200)
    expect(await deployment.storage.directory.user(glass.id)).to.deep.equal(glass)
    const { status } = await sendPassword(deployment.visitor(), glass.userPrincipalName)
    expect(status).to.equal(303)
  })

  describe('one user', () => {
    it('is made with 201, its address, an ETag, and the properties that Graph shows', async () => {
      const sent = newUser()
      const { status, headers, body } = await graph.call('POST', '/users', { body: sent })
      expect(status).to.equal(201)
      expect(headers.get('location')).to.equal(`${graph.publicUrl}/v1.0/users/${body.id}`)
      expect(headers.get('etag')).to.equal(body['@odata.etag'])
      expect(body).to.deep.equal({
        '@odata.context': `${graph.publicUrl}/v1.0/$metadata#users/$entity`,
        '@odata.etag': headers.get('etag'),
        id: body.id,
        userPrincipalName: sent.userPrincipalName,
        displayName: sent.displayName,
        businessPhones: [],
        givenName: null,
        surname: null,
        jobTitle: null,
        mail: null,
        mobilePhone: null,
        officeLocation: null,
        preferredLanguage: null,
      })
    })

    it('is found by id and by UPN in any case, and shows its ImmutableId only on $select', async () => {
      const byName = await graph.call('GET', '/users/ALICE%40customer.com')
      const byId = await graph.call('GET', `/users/${byName.body.id}`)
      expect(byId.body).to.deep.equal(byName.body)
      for (const hidden of ['onPremisesImmutableId', 'accountEnabled', 'userType']) {
        expect(byName.body).not.to.have.property(hidden)
      }
      const select = 'onPremisesImmutableId,accountEnabled,userType,createdDateTime'
      const { body } = await graph.call('GET', `/users/${byName.body.id}?$select=${select}`)
      const { '@odata.context': context, '@odata.etag': _, createdDateTime, ...selected } = body
      expect(selected).to.deep.equal({
        onPremisesImmutableId: '6Hz3el8+OkyEvxdtRYYCDw==',
        accountEnabled: true,
        userType: 'Member',
      })
      expect(createdDateTime).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(context).to.contain(`$metadata#users(${select})/$entity`)
    })

    it('who is not there is 404 Request_ResourceNotFound', async () => {
      for (const path of [
        'nobody@customer.com',
        '00000000-0000-4000-8000-000000000000',
        '%00',
        'x',
      ]) {
        const answer = await graph.call('GET', `/users/${path}`)
        expect(errorOf(answer), path).to.include({ status: 404, code: 'Request_ResourceNotFound' })
      }
    })

    it('is changed with 204 and deleted with 204', async () => {
      const { id } = await made()
      const changes = { department: 'Sales', mail: null, userType: 'Member' }
      const changed = await graph.call('PATCH', `/users/${id}`, { body: changes })
      expect([changed.status, changed.body]).to.deep.equal([204, null])
      const { body } = await graph.call('GET', `/users/${id}?$select=department`)
      expect(body.department).to.equal('Sales')
      const removed = await graph.call('DELETE', `/users/${id}`)
      expect([removed.status, removed.body]).to.deep.equal([204, null])
      expect((await graph.call('GET', `/users/${id}`)).status).to.equal(404)
    })

    it('is recorded in the audit with the app, through the door graph', async () => {
      const { id } = await made('customer.com', { passwordProfile: undefined })
      await graph.call('PATCH', `/users/${id}`, { body: { jobTitle: 'Chief' } })
      await graph.call('DELETE', `/users/${id}`)
      const records = await recordsOf(id, 3)
      const caller = /^Provisioning \(app [0-9a-f-]{36}\)$/.exec(records[0]?.who ?? '')?.[0]
      expect(caller).to.be.a('string')
      expect(records.map(({ action, who, door }) => [action, who, door])).to.deep.equal(
        ['userCreated', 'userChanged', 'userDeleted'].map((action) => [action, caller, 'graph']),
      )
      expect(records[1]).to.deep.include({
        before: { jobTitle: null },
        after: { jobTitle: 'Chief' },
      })
    })
  })

  describe('rules of Graph', () => {
    it('a new user in a federated domain needs an ImmutableId', async () => {
      const { onPremisesImmutableId: _, ...body } = newUser()
      expect(errorOf(await graph.call('POST', '/users', { body }))).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['onPremisesImmutableId InvalidValue'],
        rules: ['immutableIdRequired'],
      })
    })

    it('an ImmutableId is not changed while the domain is federated, and is by way of a managed one', async () => {
      const { id } = await made()
      const change = (body: object) => graph.call('PATCH', `/users/${id}`, { body })
      expect(errorOf(await change({ onPremisesImmutableId: 'other==' }))).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['onPremisesImmutableId InvalidValue'],
        rules: ['immutableIdFixed'],
      })
      const name = `mover${number}`
      const away = { userPrincipalName: `${name}@managed.example` }
      expect((await change(away)).status).to.equal(204)
      expect((await change({ onPremisesImmutableId: `other${number}==` })).status).to.equal(204)
      expect((await change({ userPrincipalName: `${name}@customer.com` })).status).to.equal(204)
    })

    it('both are as files have them when HOMEREALM_GRAPH_STRICT is off', async () => {
      const other = await startDeployment({ environment: { HOMEREALM_GRAPH_STRICT: 'off' } })
      const lenient = graphSiteOf(other)
      try {
        const upn = 'lenient@customer.com'
        const { status, body } = await lenient.call('POST', '/users', {
          body: { userPrincipalName: upn },
        })
        expect([status, body.displayName]).to.deep.equal([201, 'lenient'])
        for (const onPremisesImmutableId of ['first==', 'second==', null]) {
          const answer = await lenient.call('PATCH', `/users/${upn}`, {
            body: { onPremisesImmutableId },
          })
          expect(answer.status).to.equal(204)
        }
      } finally {
        await other.close()
      }
    })

    it('no two users have a UPN or an ImmutableId, and the error names the property', async () => {
      const first = newUser()
      await graph.call('POST', '/users', { body: first })
      const upn = { ...newUser(), userPrincipalName: first.userPrincipalName.toUpperCase() }
      const taken = await graph.call('POST', '/users', { body: upn })
      expect(errorOf(taken)).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['userPrincipalName ObjectConflict', 'userPrincipalName ConflictingObjects'],
        rules: ['principalNameTaken'],
      })
      expect(taken.body.error.message).to.equal(
        'Another object with the same value for property userPrincipalName already exists.',
      )
      const anchor = newUser('customer.com', { onPremisesImmutableId: first.onPremisesImmutableId })
      expect(errorOf(await graph.call('POST', '/users', { body: anchor }))).to.deep.include({
        rules: ['immutableIdTaken'],
        targets: [
          'onPremisesImmutableId ObjectConflict',
          'onPremisesImmutableId ConflictingObjects',
        ],
      })
      const otherCase = newUser('customer.com', {
        onPremisesImmutableId: first.onPremisesImmutableId?.toUpperCase(),
      })
      expect((await graph.call('POST', '/users', { body: otherCase })).status).to.equal(201)
    })

    it('a UPN outside the domains here is invalid', async () => {
      const answer = await graph.call('POST', '/users', { body: newUser('elsewhere.example') })
      expect(errorOf(answer)).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['userPrincipalName InvalidValue'],
        rules: ['domainNotHere'],
      })
      expect(answer.body.error.message).to.match(/^Property userPrincipalName is invalid\./)
    })

    it('every broken rule is told at once', async () => {
      const body = newUser('customer.com', {
        onPremisesImmutableId: 'a_b',
        usageLocation: 'sweden',
        mail: 'no address',
      })
      const answer = errorOf(await graph.call('POST', '/users', { body }))
      expect(answer.targets).to.have.members([
        'onPremisesImmutableId InvalidValue',
        'usageLocation InvalidValue',
        'mail InvalidValue',
      ])
    })

    it('what Graph needs of a new user is needed, and told all at once', async () => {
      const answer = errorOf(await graph.call('POST', '/users', { body: {} }))
      expect(answer).to.include({ status: 400, code: 'Request_BadRequest' })
      expect(answer.targets.map((each) => each.split(' ')[0])).to.deep.equal([
        'accountEnabled',
        'displayName',
        'mailNickname',
        'userPrincipalName',
        'passwordProfile',
      ])
    })

    it('properties that are unknown, not kept, or of another type are refused by name', async () => {
      const body = {
        displayNam: 'x',
        employeeId: '7',
        accountEnabled: 'true',
        businessPhones: ['1'],
        jobTitle: '',
        passwordHash: 'x',
        '@odata.type': '#microsoft.graph.group',
      }
      const { id } = await made()
      const answer = await graph.call('PATCH', `/users/${id}`, { body })
      expect(errorOf(answer).targets.map((each) => each.split(' ')[0])).to.have.members(
        Object.keys(body),
      )
      const said = JSON.stringify(answer.body)
      expect(said).to.contain('Is displayName meant?').and.to.contain('not kept')
    })

    it('control information of OData is let through', async () => {
      const body = {
        '@odata.type': '#microsoft.graph.user',
        'businessPhones@odata.type': '#Collection(String)',
        businessPhones: [],
      }
      const { id } = await made()
      expect((await graph.call('PATCH', `/users/${id}`, { body })).status).to.equal(204)
    })
  })

  describe('passwords', () => {
    it('of a new user are kept by the rules of the sign-in, and must be changed unless that is said', async () => {
      const { id } = await made('managed.example')
      const kept = await deployment.storage.credentials.credentials(id)
      expect(kept).to.include({ mustChangePassword: false })
      expect(kept?.passwordHash).to.match(/^\$scrypt\$/)
      const other = await made('managed.example', { passwordProfile: { password: 'xWwvJ]6NMw+b' } })
      const theirs = await deployment.storage.credentials.credentials(other.id)
      expect(theirs).to.include({ mustChangePassword: true })
    })

    it('that are bad make no user, and no message repeats them', async () => {
      const body = newUser('managed.example', { passwordProfile: { password: 'Password1' } })
      const answer = await graph.call('POST', '/users', { body })
      expect(errorOf(answer)).to.include({ status: 400, code: 'Request_BadRequest' })
      expect(errorOf(answer).targets).to.deep.equal(['passwordProfile InvalidValue'])
      expect(JSON.stringify(answer.body)).not.to.contain('Password1')
      expect((await graph.call('GET', `/users/${body.userPrincipalName}`)).status).to.equal(404)
    })

    it('are set by PATCH, which ends the sessions; and stand in no audit', async () => {
      const { id } = await made('managed.example')
      const before = await deployment.storage.credentials.credentials(id)
      const passwordProfile = { password: 'Quite-Another-9', forceChangePasswordNextSignIn: true }
      const answer = await graph.call('PATCH', `/users/${id}`, { body: { passwordProfile } })
      expect(answer.status).to.equal(204)
      const after = await deployment.storage.credentials.credentials(id)
      expect(after?.passwordHash).not.to.equal(before?.passwordHash)
      expect(after?.mustChangePassword).to.equal(true)
      const records = await recordsOf(id, 3)
      const [, first, second, ...more] = records
      expect(more).to.deep.equal([])
      expect(first).to.include({ action: 'credentialsChanged', door: 'graph' })
      expect(second).to.include({
        action: 'credentialsChanged',
        door: 'graph',
        who: records[0]?.who,
      })
      expect(second?.after).to.deep.include({ mustChangePassword: true })
      expect(JSON.stringify(records)).not.to.contain('Quite-Another-9').and.not.to.contain('scrypt')
      const only = { passwordProfile: { forceChangePasswordNextSignIn: false } }
      await graph.call('PATCH', `/users/${id}`, { body: only })
      const last = await deployment.storage.credentials.credentials(id)
      expect(last).to.deep.equal({ ...after, mustChangePassword: false })
    })

    it('need a profile that can be read', async () => {
      const { id } = await made('managed.example')
      const profiles = [
        null,
        'secret-text',
        [],
        {},
        { password: 5 },
        { password: 'Quite-Another-9', hint: 'x' },
        { forceChangePasswordNextSignInWithMfa: true },
        { forceChangePasswordNextSignIn: 'yes' },
      ]
      for (const passwordProfile of profiles) {
        const answer = await graph.call('PATCH', `/users/${id}`, { body: { passwordProfile } })
        const said = JSON.stringify(passwordProfile)
        expect(errorOf(answer).targets, said).to.deep.equal(['passwordProfile InvalidValue'])
        expect(JSON.stringify(answer.body)).not.to.contain('secret-text')
      }
    })
  })

  describe('ETags', () => {
    it('of an older state do not change or delete anything (412)', async () => {
      const { id, '@odata.etag': first } = await made()
      const patch = (tag: string, jobTitle: string) =>
        graph.call('PATCH', `/users/${id}`, { body: { jobTitle }, headers: { 'If-Match': tag } })
      expect((await patch(first, 'One')).status).to.equal(204)
      const stale = await patch(first, 'Two')
      expect(errorOf(stale)).to.include({ status: 412, code: 'Request_PreconditionFailed' })
      const removal = await graph.call('DELETE', `/users/${id}`, { headers: { 'If-Match': first } })
      expect(removal.status).to.equal(412)
      const now = await graph.call('GET', `/users/${id}`)
      expect(now.body.jobTitle).to.equal('One')
      expect((await patch(now.body['@odata.etag'], 'Three')).status).to.equal(204)
      expect((await patch('*', 'Four')).status).to.equal(204)
    })

    it('save a GET of what the client has (304)', async () => {
      const { id, '@odata.etag': tag } = await made()
      const headers = { 'If-None-Match': tag }
      const same = await graph.call('GET', `/users/${id}`, { headers })
      expect([same.status, same.body, same.headers.get('etag')]).to.deep.equal([304, null, tag])
      await graph.call('PATCH', `/users/${id}`, { body: { jobTitle: 'New' } })
      expect((await graph.call('GET', `/users/${id}`, { headers })).status).to.equal(200)
    })

    it('let one of several changes at once through', async () => {
      const { id, '@odata.etag': tag } = await made()
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((jobTitle) =>
          graph.call('PATCH', `/users/${id}`, { body: { jobTitle }, headers: { 'If-Match': tag } }),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 412, 412, 412])
    })
  })
})
