import { expect } from 'chai'
import { limits, urns } from '../../src/admin/scim/names.ts'
import type { AuditRecord } from '../../src/directory/audit.ts'
import { changeApp } from '../../src/oidc/apps.ts'
import { directoryIdentifier, withDirectoryApi } from '../../src/oidc/directoryApi.ts'
import { askTokens, registerServerApp } from '../oidc/support.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { addManaged, sendPassword } from '../support/managed.ts'
import { type Provisioner, provisioner } from './support.ts'

const person = (userName: string, more: object = {}) => ({
  method: 'POST',
  path: '/Users',
  body: { schemas: [urns.user], userName, ...more },
})
const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'

describe('the SCIM door', () => {
  let deployment: Deployment
  let okta: Provisioner
  before(async () => {
    deployment = await startDeployment()
    okta = await provisioner(deployment)
  })
  after(() => deployment?.close())

  const audited = (records: readonly AuditRecord[]) =>
    records.map(({ who, door, action, target, before, after }) => ({
      by: `${who} ${door}`,
      action,
      name: target.name,
      before,
      after,
    }))

  it('answers in SCIM’s form whom it does not let in', async () => {
    const refused = await okta.send({ path: '/Users', headers: { authorization: 'Bearer x' } })
    expect(refused.status).to.equal(401)
    expect(refused.headers.get('content-type')).to.equal('application/scim+json; charset=utf-8')
    expect(refused.headers.get('www-authenticate')).to.match(/^Bearer /)
    expect(refused.body)
      .to.include({ status: '401' })
      .and.to.have.deep.property('schemas', [errorUrn])
    const roles = [{ api: directoryIdentifier, role: 'User.ReadWrite.All' }]
    const other = await provisioner(deployment, { displayName: 'Loader', grantedRoles: roles })
    const forbidden = await other.send(person('never@managed.example'))
    expect([forbidden.status, forbidden.body.status]).to.deep.equal([403, '403'])
    for (const path of ['/Users', '/Groups/x', '/Bulk', '/Me', '/Nothing', '/Users/.search']) {
      const answer = await fetch(`${deployment.publicUrl}/scim/v2${path}`)
      expect([path, answer.status]).to.deep.equal([path, 401])
    }
  })

  it('reads break-glass accounts, and neither changes nor removes one', async () => {
    const glass = await addManaged(deployment, { credentials: { isBreakGlass: true } })
    const path = `/Users/${glass.id}`
    const off = [{ op: 'replace', path: 'active', value: false }]
    const password = [{ op: 'replace', path: 'password', value: 'a long new passphrase' }]
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', { schemas: [urns.patchOp], Operations: off }],
      ['PATCH', { schemas: [urns.patchOp], Operations: password }],
      ['PUT', { schemas: [urns.user], userName: glass.userPrincipalName, active: false }],
    ] as const) {
      const refused = await okta.send({ method, path, ...(body && { body }) })
      expect([refused.status, refused.body.detail]).to.deep.equal([
        400,
        `id: ${glass.userPrincipalName} is a break-glass account. Apps do not change or remove it; an administrator does, by homerealm users on the command line.`,
      ])
    }
    expect((await okta.send({ path })).status).to.equal(200)
    expect(await deployment.storage.directory.user(glass.id)).to.deep.equal(glass)
    const { status } = await sendPassword(deployment.visitor(), glass.userPrincipalName)
    expect(status).to.equal(303)
  })

  it('takes an access token that the app got by client credentials, as long as it has the role', async () => {
    const { app, secret } = await registerServerApp(deployment, { displayName: 'By token' })
    const apps = withDirectoryApi(deployment.storage.apps, deployment.publicUrl)
    const granted = await changeApp(apps, app, {
      grantedRoles: [{ api: directoryIdentifier, role: 'Scim.Provision' }],
    })
    const { body } = await askTokens(deployment, {
      grant_type: 'client_credentials',
      client_id: app.id,
      client_secret: secret,
      scope: `${directoryIdentifier}/.default`,
    })
    const headers = { authorization: `Bearer ${body.access_token}` }
    expect((await okta.send({ ...person('token@managed.example'), headers })).status).to.equal(201)
    await changeApp(apps, granted, { grantedRoles: [] })
    expect((await okta.send({ path: '/Users', headers })).status).to.equal(403)
  })

  it('finds nobody by values that nobody can have, in filters and in paths', async () => {
    for (const value of ['\\u0000', '\\ud800', '%', "' or 1=1 --", '\\"', '\u{10FFFF}']) {
      for (const name of ['userName', 'id', 'externalId', 'groups', 'emails', 'title']) {
        const filter = encodeURIComponent(`${name} eq "${value}"`)
        const { status, body } = await okta.send({ path: `/Users?filter=${filter}` })
        expect([name, value, status, body.totalResults]).to.deep.equal([name, value, 200, 0])
      }
    }
    for (const id of ['%00', '..%2F..', '%F0%9F%98%80', 'x'.repeat(3000)]) {
      expect((await okta.send({ path: `/Users/${id}` })).status).to.equal(404)
    }
  })

  it('tells what it can do without a token', async () => {
    const ask = async (path: string) => {
      const answer = await fetch(`${deployment.publicUrl}/scim/v2${path}`)
      return { status: answer.status, body: await answer.json() }
    }
    const config = await ask('/ServiceProviderConfig')
    expect(config.status).to.equal(200)
    expect(config.body).to.deep.include({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: limits.payload },
      filter: { supported: true, maxResults: 200 },
      etag: { supported: true },
    })
    const schemas = await ask('/Schemas')
    const ids = schemas.body.Resources.map(({ id }: { id: string }) => id)
    expect(ids).to.deep.equal([urns.user, urns.group, urns.enterprise, urns.homerealm])
    expect(await ask(`/Schemas/${urns.homerealm}`)).to.deep.equal({
      status: 200,
      body: schemas.body.Resources[3],
    })
    expect(schemas.body.Resources[3].attributes[0]).to.include({
      name: 'immutableId',
      caseExact: true,
      uniqueness: 'server',
    })
    const types = await ask('/ResourceTypes')
    expect(
      types.body.Resources.map(({ endpoint }: { endpoint: string }) => endpoint),
    ).to.deep.equal(['/Users', '/Groups'])
    expect((await ask('/ResourceTypes/User')).body).to.deep.equal(types.body.Resources[0])
    expect((await ask('/Schemas/none')).status).to.equal(404)
    expect((await ask('/Schemas?filter=id%20eq%20%22x%22')).status).to.equal(403)
  })

  it('names in /Schemas exactly what a user can show, and nothing that is only ignored', async () => {
    const full = await okta.send(
      person('full@managed.example', {
        name: { givenName: 'G', familyName: 'F' },
        title: 'T',
        emails: [{ value: 'full@managed.example' }],
        phoneNumbers: [{ value: '+1', type: 'mobile' }],
        [urns.enterprise]: { department: 'D' },
        [urns.homerealm]: { immutableId: 'fullAnchor', officeLocation: 'O', usageLocation: 'US' },
      }),
    )
    await okta.send({
      method: 'POST',
      path: '/Groups',
      body: { schemas: [urns.group], displayName: 'Full', members: [{ value: full.body.id }] },
    })
    const { body: shown } = await okta.send({ path: `/Users/${full.body.id}` })
    const { body: schemas } = await okta.send({ path: '/Schemas' })
    const named = (urn: string): string[] =>
      schemas.Resources.find(({ id }: { id: string }) => id === urn).attributes.map(
        ({ name }: { name: string }) => name,
      )
    const common = ['schemas', 'id', 'externalId', 'meta', urns.enterprise, urns.homerealm]
    const core = Object.keys(shown).filter((name) => !common.includes(name))
    expect(named(urns.user).filter((name) => name !== 'password')).to.have.members(core)
    expect(named(urns.enterprise)).to.have.members(Object.keys(shown[urns.enterprise]))
    expect(named(urns.homerealm)).to.have.members(Object.keys(shown[urns.homerealm]))
  })

  it('takes both media types and no other, no broken UTF-8, and nothing larger than it says', async () => {
    const { body } = person('media@managed.example')
    const text = JSON.stringify(body)
    const sent = (type: string, content: string | Uint8Array<ArrayBuffer> = text) =>
      fetch(`${deployment.publicUrl}/scim/v2/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${okta.key}`, 'content-type': type },
        body: content,
      })
    expect((await sent('text/plain')).status).to.equal(415)
    expect((await sent('application/x-www-form-urlencoded')).status).to.equal(415)
    expect((await sent('application/json', Uint8Array.of(0x7b, 0xff, 0x7d))).status).to.equal(400)
    const large = `{"a":"${'x'.repeat(limits.payload)}"}`
    const answer = await sent('application/scim+json', large)
    expect([answer.status, (await answer.json()).status]).to.deep.equal([413, '413'])
    expect((await sent('application/json; charset=utf-8')).status).to.equal(201)
    const none = await okta.send({ path: '/Users?filter=userName eq "never@managed.example"' })
    expect(none.body.totalResults).to.equal(0)
  })

  it('says in SCIM’s form what is not there, and what a path takes', async () => {
    const statuses: [string, string, number][] = [
      ['PUT', '/Users', 405],
      ['POST', '/Users/x', 405],
      ['GET', '/Bulk', 405],
      ['GET', '/Users/x', 404],
      ['DELETE', '/Groups/00000000-0000-4000-8000-000000000000', 404],
      ['GET', '/Me', 501],
      ['GET', '/', 501],
      ['POST', '/.search', 501],
      ['GET', '/Nothing', 404],
      ['GET', '/Users/%', 400],
      ['DELETE', '/Schemas', 405],
    ]
    for (const [method, path, status] of statuses) {
      const answer = await okta.send({ method, path })
      expect([method, path, answer.status]).to.deep.equal([method, path, status])
      expect(answer.body).to.include({ status: String(status) })
    }
    expect((await okta.send({ method: 'PUT', path: '/Groups' })).headers.get('allow')).to.equal(
      'GET, POST',
    )
  })

  it('refuses hostile JSON by its form, and goes on', async () => {
    const hostile = [
      `{"schemas":["${urns.user}"],"userName":"h@managed.example","username":"i@managed.example"}`,
      `${'['.repeat(500_000)}`,
      `{"schemas":["${urns.user}"],"userName":"h@managed.example","x":[${'0,'.repeat(200_000)}0]}`,
      '{"a":',
      '',
    ]
    for (const body of hostile) {
      const answer = await okta.send({ method: 'POST', path: '/Users', body })
      expect([answer.status, answer.body.scimType]).to.deep.equal([400, 'invalidSyntax'])
    }
    const polluting = `{"schemas":["${urns.user}"],"userName":"proto@managed.example","__proto__":{"active":false},"constructor":{"prototype":{"active":false}}}`
    const made = await okta.send({ method: 'POST', path: '/Users', body: polluting })
    expect([made.status, made.body.active]).to.deep.equal([201, true])
  })

  it('takes a list of members as long as the body may be, and refuses too many operations', async () => {
    const members = Array.from({ length: 10_000 }, (_, n) => ({ value: `nobody-${n}` }))
    const group = { schemas: [urns.group], displayName: 'Crowd', members }
    const refused = await okta.send({ method: 'POST', path: '/Groups', body: group })
    expect([refused.status, refused.body.scimType]).to.deep.equal([400, 'invalidValue'])
    const Operations = Array.from({ length: 1001 }, () => ({ method: 'DELETE', path: '/Users/x' }))
    const bulk = { schemas: [urns.bulkRequest], Operations }
    expect((await okta.send({ method: 'POST', path: '/Bulk', body: bulk })).status).to.equal(413)
    const patch = Operations.map(() => ({ op: 'remove', path: 'title' }))
    const { body: made } = await okta.send(person('patched@managed.example'))
    const patched = await okta.send({
      method: 'PATCH',
      path: `/Users/${made.id}`,
      body: { schemas: [urns.patchOp], Operations: patch },
    })
    expect([patched.status, patched.body.scimType]).to.deep.equal([400, 'tooMany'])
    const terms = Array.from({ length: 60 }, () => 'type eq "work"').join(' and ')
    const costly = `emails[${terms}].value`
    for (const operation of [
      { op: 'replace', path: costly, value: 'a@managed.example' },
      { op: 'replace', value: { [costly]: 'a@managed.example' } },
    ]) {
      const refused = await okta.send({
        method: 'PATCH',
        path: `/Users/${made.id}`,
        body: { schemas: [urns.patchOp], Operations: Array(120).fill(operation) },
      })
      expect([refused.status, refused.body.scimType]).to.deep.equal([400, 'tooMany'])
    }
  })

  it('leaves one record in the audit for each change, in the name of the app', async () => {
    const client = await provisioner(deployment, { displayName: 'Audited client' })
    // Another app may have the same name.
    const who = `Audited client (app ${client.app.id})`
    const made = await client.send(person('audited@managed.example', { title: 'One' }))
    const { id } = made.body
    const patch = (value: object) =>
      client.send({
        method: 'PATCH',
        path: `/Users/${id}`,
        body: { schemas: [urns.patchOp], Operations: [{ op: 'replace', value }] },
      })
    await patch({ title: 'Two', active: false })
    await patch({ title: 'Two' })
    await patch({ title: 'x'.repeat(200) })
    await patch({ password: 'Long-enough-4' })
    await client.send({ method: 'DELETE', path: `/Users/${id}` })
    const records = audited(await deployment.storage.directory.audit.latest(10, { who }))
    const by = `${who} scim`
    const name = 'audited@managed.example'
    expect(records.map(({ before: _b, after: _a, ...record }) => record)).to.deep.equal([
      { by, name, action: 'userCreated' },
      { by, name, action: 'userChanged' },
      { by, name, action: 'credentialsChanged' },
      { by, name, action: 'userDeleted' },
    ])
    expect(records[1]).to.deep.include({
      before: { accountEnabled: true, jobTitle: 'One' },
      after: { accountEnabled: false, jobTitle: 'Two' },
    })
    expect(JSON.stringify(records)).not.to.include('Long-enough-4')
    const { audit } = deployment.storage.directory
    const about = await audit.latest(10, { targetId: id })
    expect(about.map(({ who }) => who)).to.deep.equal(Array(4).fill(who))
  })

  it('keeps what each client calls a user apart from what the others do', async () => {
    const entra = await provisioner(deployment, { displayName: 'Entra' })
    const made = await okta.send(person('two@managed.example', { externalId: 'okta-1' }))
    const path = `/Users/${made.body.id}`
    expect((await entra.send({ path })).body).not.to.have.property('externalId')
    const Operations = [{ op: 'add', path: 'externalId', value: 'entra-1' }]
    await entra.send({ method: 'PATCH', path, body: { schemas: [urns.patchOp], Operations } })
    expect((await okta.send({ path })).body.externalId).to.equal('okta-1')
    expect((await entra.send({ path })).body.externalId).to.equal('entra-1')
    const search = await entra.send({ path: '/Users?filter=externalId eq "okta-1"' })
    expect(search.body.totalResults).to.equal(0)
  })

  it('sets a password that its owner signs in with, and ends the sessions of the old one', async () => {
    const password = 'Correct-horse-7'
    const made = await okta.send(person('pw@managed.example', { password }))
    const signIn = async (secret: string) => {
      const visitor = deployment.visitor()
      await sendPassword(visitor, 'pw@managed.example', secret)
      return visitor
    }
    const visitor = await signIn(password)
    expect((await visitor.fetch('/me')).status).to.equal(200)
    const Operations = [{ op: 'replace', value: { password: 'Battery-staple-8' } }]
    const path = `/Users/${made.body.id}`
    await okta.send({ method: 'PATCH', path, body: { schemas: [urns.patchOp], Operations } })
    expect((await visitor.fetch('/me')).status).not.to.equal(200)
    expect((await (await signIn(password)).fetch('/me')).status).not.to.equal(200)
    expect((await (await signIn('Battery-staple-8')).fetch('/me')).status).to.equal(200)
    expect(deployment.logged.join('')).not.to.include(password)
  })

  it('adds members that come at the same time all of them', async () => {
    const people = await Promise.all(
      Array.from({ length: 10 }, (_, n) => okta.send(person(`many${n}@managed.example`))),
    )
    const group = { schemas: [urns.group], displayName: 'Many' }
    const made = await okta.send({ method: 'POST', path: '/Groups', body: group })
    const path = `/Groups/${made.body.id}`
    const answers = await Promise.all(
      people.map(({ body }) => {
        const Operations = [{ op: 'add', path: 'members', value: [{ value: body.id }] }]
        return okta.send({ method: 'PATCH', path, body: { schemas: [urns.patchOp], Operations } })
      }),
    )
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 204))
    const { body } = await okta.send({ path })
    expect(body.members.map(({ value }: { value: string }) => value)).to.have.members(
      people.map((each) => each.body.id),
    )
  })

  it('lets a person whom it provisioned sign in through the identity provider', async () => {
    const { nameId } = deployment.person('carol@customer.com')
    const made = await okta.send(
      person('carol@customer.com', { [urns.homerealm]: { immutableId: nameId } }),
    )
    expect(made.status).to.equal(201)
    await deployment.signInOverSockets('carol@customer.com')
    expect(deployment.verdicts.at(-1)).to.deep.include({ outcome: 'signedIn' })
    const Operations = [{ op: 'Replace', path: 'active', value: 'False' }]
    const path = `/Users/${made.body.id}`
    await okta.send({ method: 'PATCH', path, body: { schemas: [urns.patchOp], Operations } })
    await deployment.signInOverSockets('carol@customer.com')
    expect(deployment.verdicts.at(-1)).to.deep.include({ outcome: 'refused' })
  })
})
