import { expect } from 'chai'
import { all } from '../storage/samples.ts'
import { startGraphSite } from '../support/graphSite.ts'
import { certificateOf as certificate } from './certificates.ts'
import { errorOf } from './errors.ts'

describe('/v1.0/domains', () => {
  let site: Awaited<ReturnType<typeof startGraphSite>>
  before(async () => {
    site = await startGraphSite()
  })
  after(() => site?.close())
  afterEach(() => {
    expect(site.graph.reported()).to.deep.equal([])
  })

  const get = async (path: string) => {
    const { status, body } = await site.graph.call('GET', path)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body
  }
  /** A domain that is there and verified. */
  async function verified(id: string): Promise<string> {
    expect((await site.graph.call('POST', '/domains', { body: { id } })).status).to.equal(201)
    const { value } = await get(`/domains/${id}/verificationDnsRecords`)
    site.dns.zone = { ...site.dns.zone, [id]: { TXT: [['v=spf1 -all'], [value[0].text]] } }
    const answer = await site.graph.call('POST', `/domains/${id}/verify`)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200)
    return id
  }
  /** The body of a federation with an issuer of its own. */
  const federation = (name: string, more: object = {}) => ({
    '@odata.type': '#microsoft.graph.internalDomainFederation',
    displayName: `Okta ${name}`,
    issuerUri: `http://www.okta.com/${name}`,
    passiveSignInUri: `https://customer.okta.com/app/${name}/sso/saml`,
    preferredAuthenticationProtocol: 'saml',
    signingCertificate: certificate('demo-okta'),
    ...more,
  })
  async function federated(id: string, more: object = {}): Promise<string> {
    await verified(id)
    const answer = await site.graph.call('POST', `/domains/${id}/federationConfiguration`, {
      body: federation(id, more),
    })
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    return answer.body.id
  }

  describe('a domain', () => {
    it('stands in the list and alone, in the shape of Graph', async () => {
      const list = await get('/domains')
      expect(list.value.map(({ id }: { id: string }) => id)).to.include.members([
        'customer.co.uk',
        'customer.com',
        'managed.example',
      ])
      const {
        '@odata.context': context,
        '@odata.etag': tag,
        ...domain
      } = await get('/domains/CUSTOMER.com')
      expect(domain).to.deep.equal({
        id: 'customer.com',
        authenticationType: 'Federated',
        availabilityStatus: null,
        isAdminManaged: true,
        isDefault: false,
        isInitial: false,
        isRoot: true,
        isVerified: true,
        manufacturer: null,
        model: null,
        passwordNotificationWindowInDays: null,
        passwordValidityPeriodInDays: 2_147_483_647,
        state: null,
        supportedServices: [],
      })
      expect(context).to.equal(`${site.graph.publicUrl}/v1.0/$metadata#domains/$entity`)
      expect(tag).to.match(/^W\/"/)
    })

    it('lists by pages and by $select', async () => {
      const first = await get('/domains?$top=2&$select=id')
      expect(first.value).to.have.lengthOf(2)
      const second = await get(first['@odata.nextLink'])
      expect(second.value[0].id > first.value[1].id).to.equal(true)
      expect(Object.keys(first.value[0])).to.deep.equal(['@odata.etag', 'id'])
    })

    it('that is not there is 404', async () => {
      for (const path of ['/domains/nowhere.example', '/domains/no%20name', '/domains/x']) {
        const answer = await site.graph.call('GET', path)
        expect(errorOf(answer)).to.include({ status: 404, code: 'Request_ResourceNotFound' })
      }
    })

    it('is added unverified with 201, verified by its TXT record with 200, and removed with 204', async () => {
      const added = await site.graph.call('POST', '/domains', { body: { id: 'Life.Example' } })
      expect(added.status).to.equal(201)
      expect(added.headers.get('location')).to.equal(
        `${site.graph.publicUrl}/v1.0/domains/life.example`,
      )
      expect(added.body).to.include({ id: 'life.example', isVerified: false, isRoot: true })

      const { value: records } = await get('/domains/life.example/verificationDnsRecords')
      expect(records).to.have.lengthOf(1)
      const { id, text, ...record } = records[0]
      expect(record).to.deep.equal({
        '@odata.type': '#microsoft.graph.domainDnsTxtRecord',
        isOptional: false,
        label: 'life.example',
        recordType: 'Txt',
        supportedService: 'Email',
        ttl: 3600,
      })
      expect(text).to.match(/^MS=ms\d{8}$/)
      expect(id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)

      const missing = await site.graph.call('POST', '/domains/life.example/verify')
      expect(errorOf(missing)).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['verificationDnsRecords noSuchDomain'],
        rules: [],
      })
      site.dns.zone = { ...site.dns.zone, 'life.example': { TXT: [[text]] } }
      const { status, body } = await site.graph.call('POST', '/domains/life.example/verify')
      expect(status).to.equal(200)
      expect(body).to.include({ id: 'life.example', isVerified: true })
      const again = await site.graph.call('POST', '/domains/life.example/verify')
      expect(errorOf(again)).to.include({ status: 400, code: 'Request_BadRequest' })

      expect((await site.graph.call('DELETE', '/domains/life.example')).status).to.equal(204)
      expect((await site.graph.call('GET', '/domains/life.example')).status).to.equal(404)
    })

    it('is refused by the rules of the directory when it is added', async () => {
      const post = (body: unknown) => site.graph.call('POST', '/domains', { body })
      expect(errorOf(await post({ id: 'customer.com' }))).to.deep.equal({
        status: 400,
        code: 'Request_BadRequest',
        targets: ['id ObjectConflict', 'id ConflictingObjects'],
        rules: ['domainExists'],
      })
      expect(errorOf(await post({ id: 'no name' })).rules).to.deep.equal(['domainMalformed'])
      expect(errorOf(await post({})).targets).to.deep.equal(['id InvalidValue'])
      expect(errorOf(await post({ id: 5, isVerified: true })).targets).to.have.members([
        'id InvalidValue',
        'isVerified InvalidValue',
      ])
    })

    it('with users, or the default one, is not removed', async () => {
      expect(errorOf(await site.graph.call('DELETE', '/domains/customer.com')).rules).to.deep.equal(
        ['domainHasUsers'],
      )
      expect(
        errorOf(await site.graph.call('DELETE', '/domains/managed.example')).rules,
      ).to.deep.equal(['domainIsDefault'])
    })

    it('tells who is in it, and its root', async () => {
      const { value } = await get('/domains/customer.com/domainNameReferences?$top=999')
      expect(value[0]['@odata.type']).to.equal('#microsoft.graph.user')
      const upns = value.map((each: { userPrincipalName: string }) => each.userPrincipalName)
      expect(upns).to.include('alice@customer.com')
      expect(upns.every((upn: string) => upn.endsWith('@customer.com'))).to.equal(true)
      expect((await get('/domains/customer.com/rootDomain')).id).to.equal('customer.com')
      expect((await get('/domains/customer.com/serviceConfigurationRecords')).value).to.deep.equal(
        [],
      )
    })

    it('below another follows it, and is promoted', async () => {
      await federated('above.example')
      const sub = await site.graph.call('POST', '/domains', { body: { id: 'sub.above.example' } })
      expect(sub.body).to.include({
        isRoot: false,
        isVerified: true,
        authenticationType: 'Federated',
      })
      expect((await get('/domains/sub.above.example/rootDomain')).id).to.equal('above.example')
      const alone = await site.graph.call('PATCH', '/domains/sub.above.example', {
        body: { authenticationType: 'Managed' },
      })
      expect(errorOf(alone).rules).to.deep.equal(['domainFollowsAnother'])
      const promoted = await site.graph.call(
        'POST',
        '/domains/sub.above.example/microsoft.graph.promote',
      )
      expect([promoted.status, promoted.body.value]).to.deep.equal([200, true])
      expect((await get('/domains/sub.above.example')).isRoot).to.equal(true)
      const again = await site.graph.call('POST', '/domains/sub.above.example/promote')
      expect(errorOf(again).rules).to.deep.equal(['domainIsRoot'])
    })
  })

  describe('PATCH of a domain', () => {
    const patch = (id: string, body: object, headers = {}) =>
      site.graph.call('PATCH', `/domains/${id}`, { body, headers })

    it('to what it is already changes nothing (204)', async () => {
      const changes = () => site.deployment.storage.directory.domainRecords.changes()
      const before = (await changes()).length
      const same = await patch('customer.com', { authenticationType: 'Federated' })
      expect([same.status, same.body]).to.deep.equal([204, null])
      await patch('managed.example', { authenticationType: 'Managed', isDefault: true })
      expect(await changes()).to.have.lengthOf(before)
    })

    it('makes a federated domain managed, and no managed one federated without a federation', async () => {
      await federated('flip.example')
      expect((await patch('flip.example', { authenticationType: 'Managed' })).status).to.equal(204)
      expect((await get('/domains/flip.example')).authenticationType).to.equal('Managed')
      expect((await get('/domains/flip.example/federationConfiguration')).value).to.deep.equal([])
      const back = await patch('flip.example', { authenticationType: 'Federated' })
      expect(errorOf(back).targets).to.deep.equal(['authenticationType InvalidValue'])
      expect(back.body.error.message).to.contain('federationConfiguration')
    })

    it('makes another one the default, and never takes the default away', async () => {
      await verified('next.example')
      expect((await patch('next.example', { isDefault: true })).status).to.equal(204)
      expect((await get('/domains/next.example')).isDefault).to.equal(true)
      expect((await get('/domains/managed.example')).isDefault).to.equal(false)
      const none = await patch('next.example', { isDefault: false })
      expect(errorOf(none).targets).to.deep.equal(['isDefault InvalidValue'])
      await patch('managed.example', { isDefault: true })
      const federatedOne = await patch('customer.com', { isDefault: true })
      expect(errorOf(federatedOne).rules).to.deep.equal(['domainIsFederated'])
    })

    it('refuses a domain that is not verified, other properties, and other values', async () => {
      await site.graph.call('POST', '/domains', { body: { id: 'unproven.example' } })
      const unverified = await patch('unproven.example', { authenticationType: 'Managed' })
      expect(errorOf(unverified).targets).to.deep.equal(['isVerified InvalidValue'])
      expect(errorOf(unverified).rules).to.deep.equal(['domainNotVerified'])
      for (const body of [{ authenticationType: 'federated' }, { isVerified: true }, { x: 1 }]) {
        expect(errorOf(await patch('customer.com', body)).code).to.equal('Request_BadRequest')
      }
    })

    it('with an ETag from before is 412', async () => {
      const id = await verified('tagged.example')
      const { '@odata.etag': tag } = await get(`/domains/${id}`)
      await federatedAgain(id)
      const stale = await patch(id, { authenticationType: 'Managed' }, { 'If-Match': tag })
      expect(stale.status).to.equal(412)
      expect((await get(`/domains/${id}`)).authenticationType).to.equal('Federated')
      const removal = await site.graph.call('DELETE', `/domains/${id}`, {
        headers: { 'If-Match': tag },
      })
      expect(removal.status).to.equal(412)
      const { '@odata.etag': now } = await get(`/domains/${id}`)
      const fresh = await patch(id, { authenticationType: 'Managed' }, { 'If-Match': now })
      expect(fresh.status).to.equal(204)
    })

    const federatedAgain = (id: string) =>
      site.graph.call('POST', `/domains/${id}/federationConfiguration`, { body: federation(id) })
  })

  describe('federationConfiguration', () => {
    const post = (id: string, body: object) =>
      site.graph.call('POST', `/domains/${id}/federationConfiguration`, { body })

    it('federates at once, and answers in the shape of Graph', async () => {
      await verified('fed.example')
      const sent = federation('fed', {
        signOutUri: 'https://customer.okta.com/app/fed/slo/saml',
        nextSigningCertificate: certificate('next-okta'),
        isSignedAuthenticationRequestRequired: true,
        federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp',
      })
      const { status, headers, body } = await post('fed.example', sent)
      expect(status).to.equal(201)
      const path = `/domains/fed.example/federationConfiguration`
      expect(headers.get('location')).to.equal(`${site.graph.publicUrl}/v1.0${path}/${body.id}`)
      const {
        '@odata.context': context,
        '@odata.etag': tag,
        ...values
      } = await get(`${path}/${body.id}`)
      const { '@odata.type': _, ...kept } = sent
      expect(values).to.deep.equal({
        ...kept,
        id: body.id,
        metadataExchangeUri: null,
        activeSignInUri: null,
        passwordResetUri: null,
        promptLoginBehavior: null,
        signingCertificateUpdateStatus: null,
      })
      expect(context).to.contain("$metadata#domains('fed.example')/federationConfiguration/$entity")
      const { value } = await get(path)
      expect(value).to.deep.equal([{ '@odata.etag': tag, ...values }])
      expect((await get('/domains/fed.example')).authenticationType).to.equal('Federated')
    })

    it('is there once for a domain', async () => {
      await federated('once.example')
      const second = await post('once.example', federation('once-more'))
      expect(second.status).to.equal(400)
      expect(second.body.error).to.include({
        code: 'Request_BadRequest',
        message: 'Domain already has Federation Configuration set',
      })
    })

    it('has an issuer of its own: joined with the same settings, and refused with others', async () => {
      const first = await federated('one.example')
      await verified('two.example')
      const other = await post('two.example', federation('one.example', { displayName: 'Mine' }))
      expect(errorOf(other).targets).to.deep.equal([
        'issuerUri ObjectConflict',
        'issuerUri ConflictingObjects',
      ])
      expect((await get('/domains/two.example')).authenticationType).to.equal('Managed')
      const same = await post('two.example', federation('one.example'))
      expect([same.status, same.body.id]).to.deep.equal([201, first])
    })

    it('is refused for domains that stay managed, with the words of the rule', async () => {
      await site.graph.call('POST', '/domains', { body: { id: 'pending.example' } })
      await verified('tenant.onmicrosoft.com')
      const rows = [
        ['pending.example', 'domainNotVerified'],
        ['managed.example', 'domainIsDefault'],
        ['tenant.onmicrosoft.com', 'domainCannotBeFederated'],
      ] as const
      for (const [id, rule] of rows) {
        const answer = await post(id, federation(id))
        expect(errorOf(answer)).to.include({ status: 400, code: 'Request_BadRequest' })
        expect(errorOf(answer).rules).to.deep.equal([rule])
        expect(answer.body.error.message).to.contain(id)
      }
    })

    it('is read strictly: certificates, addresses, enumerations', async () => {
      await verified('strict.example')
      const rows: readonly (readonly [object, string])[] = [
        [{ signingCertificate: 'MIIDpDCCAoygAwIBAgIGAX' }, 'signingCertificate'],
        [{ nextSigningCertificate: 'x' }, 'nextSigningCertificate'],
        [{ signingCertificate: null }, 'signingCertificate'],
        [{ passiveSignInUri: 'http://customer.okta.com/sso' }, 'passiveSignInUri'],
        [{ issuerUri: 'not a uri' }, 'issuerUri'],
        [{ federatedIdpMfaBehavior: '' }, 'federatedIdpMfaBehavior'],
        [{ promptLoginBehavior: 'always' }, 'promptLoginBehavior'],
        [{ preferredAuthenticationProtocol: 'wsFed' }, 'preferredAuthenticationProtocol'],
        [
          { isSignedAuthenticationRequestRequired: 'true' },
          'isSignedAuthenticationRequestRequired',
        ],
        [{ signOutUri: '' }, 'signOutUri'],
        [{ allowUnsolicited: true }, 'allowUnsolicited'],
        [{ issuerUri: undefined }, 'issuerUri'],
      ]
      for (const [more, target] of rows) {
        const answer = await post('strict.example', federation('strict', more))
        expect(errorOf(answer), JSON.stringify(more)).to.include({ status: 400 })
        expect(answer.body.error.details[0].target, JSON.stringify(answer.body)).to.equal(target)
      }
      expect((await get('/domains/strict.example')).authenticationType).to.equal('Managed')
    })

    it('is changed by PATCH for every domain that it serves, and keeps what is not named', async () => {
      const id = await federated('patched.example')
      await verified('also.example')
      await post('also.example', federation('patched.example'))
      const path = `/domains/patched.example/federationConfiguration/${id}`
      const body = {
        issuerUri: 'http://www.okta.com/patched-2',
        nextSigningCertificate: certificate('next-okta'),
        federatedIdpMfaBehavior: 'rejectMfaByFederatedIdp',
      }
      const answer = await site.graph.call('PATCH', path, { body })
      expect([answer.status, answer.body]).to.deep.equal([204, null])
      const { value } = await get('/domains/also.example/federationConfiguration')
      expect(value[0]).to.include({ id, ...body, displayName: 'Okta patched.example' })
      expect(value[0].signingCertificate).to.equal(certificate('demo-okta'))
      await site.graph.call('PATCH', path, { body: { nextSigningCertificate: null } })
      expect((await get(path)).nextSigningCertificate).to.equal(null)
      const taken = await site.graph.call('PATCH', path, {
        body: { issuerUri: 'http://www.okta.com/exk1demo2homerealm3' },
      })
      expect(errorOf(taken).targets).to.include('issuerUri ObjectConflict')
    })

    it('with an ETag from before is not changed or deleted (412)', async () => {
      const id = await federated('race.example')
      const path = `/domains/race.example/federationConfiguration/${id}`
      const { '@odata.etag': tag } = await get(path)
      const headers = { 'If-Match': tag }
      const patch = (displayName: string) =>
        site.graph.call('PATCH', path, { body: { displayName }, headers })
      expect([(await patch('A')).status, (await patch('B')).status]).to.deep.equal([204, 412])
      expect((await site.graph.call('DELETE', path, { headers })).status).to.equal(412)
    })

    it('is deleted with 204, and the domain is managed then', async () => {
      const id = await federated('leave.example')
      const path = `/domains/leave.example/federationConfiguration/${id}`
      expect((await site.graph.call('DELETE', path)).status).to.equal(204)
      expect((await get('/domains/leave.example')).authenticationType).to.equal('Managed')
      expect((await site.graph.call('GET', path)).status).to.equal(404)
      expect((await site.graph.call('DELETE', path)).status).to.equal(404)
    })

    it('of another domain is 404', async () => {
      const id = await federated('mine.example')
      const answer = await site.graph.call(
        'GET',
        `/domains/customer.com/federationConfiguration/${id}`,
      )
      expect(errorOf(answer)).to.include({ status: 404, code: 'Request_ResourceNotFound' })
    })

    it('is kept in the history and the audit with the app', async () => {
      await federated('history.example')
      const { domainRecords, audit } = site.deployment.storage.directory
      const records = await all(audit.records({ targetId: 'history.example' }))
      expect(
        records.map(({ action, door, after }) => [action, door, after?.['kind']]),
      ).to.deep.equal(
        ['add', 'verify', 'federate'].map((kind) => ['domainsChanged', 'graph', kind]),
      )
      const [change] = await domainRecords.changes()
      expect(change?.who).to.match(/^Provisioning \(app [0-9a-f-]{36}\)$/)
      expect(change).to.deep.include({
        action: 'federate',
        domains: ['history.example'],
      })
    })
  })
})
