import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
} from '@microsoft/microsoft-graph-client'
import { expect } from 'chai'
import { changeApp } from '../../src/oidc/apps.ts'
import { directoryIdentifier, withDirectoryApi } from '../../src/oidc/directoryApi.ts'
import { certificateOf } from '../graph/certificates.ts'
import { askTokens, registerServerApp } from '../oidc/support.ts'
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts'
import { type Site, startSite } from './support.ts'

interface Listed {
  readonly id: string
  readonly userPrincipalName: string
}

describe('@microsoft/microsoft-graph-client, unmodified, over TLS', function () {
  this.timeout(60_000)
  let site: Site
  let dns: DnsServer
  let graph: Client
  before(async () => {
    dns = await startDnsServer({})
    site = await startSite({ HOMEREALM_DNS_SERVERS: `${dns.address}:${dns.port}` })
    const made = await registerServerApp(site, { displayName: 'Loader' })
    const roles = ['User.ReadWrite.All', 'Domain.ReadWrite.All', 'Group.ReadWrite.All'] as const
    const app = await changeApp(withDirectoryApi(site.storage.apps, site.publicUrl), made.app, {
      grantedRoles: roles.map((role) => ({ api: directoryIdentifier, role })),
    })
    const { body } = await askTokens(site, {
      grant_type: 'client_credentials',
      client_id: app.id,
      client_secret: made.secret,
      scope: 'https://graph.microsoft.com/.default',
    })
    graph = Client.init({
      baseUrl: site.publicUrl,
      customHosts: new Set(['localhost']),
      authProvider: (done) => done(null, body.access_token as string),
    })
  })
  after(async () => {
    await site?.close()
    await dns?.close()
  })

  /** What the client throws. */
  async function failure(promise: Promise<unknown>): Promise<GraphError> {
    try {
      await promise
    } catch (error) {
      if (error instanceof GraphError) return error
      throw error
    }
    throw new Error('nothing was refused')
  }

  it('takes a domain through its whole life', async () => {
    await graph.api('/domains').post({ id: 'client.example' })
    const { value } = await graph.api('/domains/client.example/verificationDnsRecords').get()
    dns.zone = { 'client.example': { TXT: [[value[0].text]] } }
    const verified = await graph.api('/domains/client.example/verify').post(null)
    expect(verified.isVerified).to.equal(true)

    const federations = '/domains/client.example/federationConfiguration'
    const federation = await graph.api(federations).post({
      '@odata.type': '#microsoft.graph.internalDomainFederation',
      displayName: 'Okta',
      issuerUri: 'http://www.okta.com/exkclient',
      passiveSignInUri: 'https://customer.okta.com/app/client/sso/saml',
      preferredAuthenticationProtocol: 'saml',
      signingCertificate: certificateOf('demo-okta'),
    })
    await graph.api('/domains/client.example').patch({ authenticationType: 'Federated' })
    expect((await graph.api('/domains/client.example').get()).authenticationType).to.equal(
      'Federated',
    )
    await graph
      .api(`${federations}/${federation.id}`)
      .patch({ nextSigningCertificate: certificateOf('next-okta') })
    const listed = await graph.api(federations).get()
    expect(listed.value[0].nextSigningCertificate).to.equal(certificateOf('next-okta'))
    await graph.api(`${federations}/${federation.id}`).delete()
    expect((await graph.api('/domains/client.example').get()).authenticationType).to.equal(
      'Managed',
    )
    await graph.api('/domains/client.example').delete()
    const { statusCode, code } = await failure(graph.api('/domains/client.example').get())
    expect({ statusCode, code }).to.deep.equal({
      statusCode: 404,
      code: 'Request_ResourceNotFound',
    })
  })

  it('makes, finds, changes and deletes users', async () => {
    const made = await graph.api('/users').post({
      accountEnabled: true,
      displayName: 'Cleo Client',
      mailNickname: 'cleo',
      userPrincipalName: 'cleo@customer.com',
      onPremisesImmutableId: 'Y2xpZW50LWNsZW8tMDAwMQ==',
      passwordProfile: { forceChangePasswordNextSignIn: true, password: 'xWwvJ]6NMw+bWH-d' },
    })
    const found = await graph
      .api('/users/cleo@customer.com')
      .select(['id', 'onPremisesImmutableId'])
      .get()
    expect(found).to.include({ id: made.id, onPremisesImmutableId: 'Y2xpZW50LWNsZW8tMDAwMQ==' })
    const { value, '@odata.count': count } = await graph
      .api('/users')
      .header('ConsistencyLevel', 'eventual')
      .count(true)
      .filter("startsWith(displayName,'Cleo') and not(accountEnabled eq false)")
      .orderby('displayName desc')
      .top(5)
      .get()
    expect([count, value[0].id]).to.deep.equal([1, made.id])

    const change = (jobTitle: string) =>
      graph.api(`/users/${made.id}`).header('If-Match', made['@odata.etag']).patch({ jobTitle })
    await change('Chief')
    const stale = await failure(change('Clerk'))
    expect([stale.statusCode, stale.code]).to.deep.equal([412, 'Request_PreconditionFailed'])
    const taken = await failure(
      graph.api(`/users/${made.id}`).patch({ userPrincipalName: 'bob@customer.com' }),
    )
    expect([taken.statusCode, taken.code]).to.deep.equal([400, 'Request_BadRequest'])
    expect(JSON.parse(taken.body).details[0]).to.include({
      target: 'userPrincipalName',
      code: 'ObjectConflict',
    })
    await graph.api(`/users/${made.id}`).delete()
    expect((await failure(graph.api(`/users/${made.id}`).get())).statusCode).to.equal(404)
  })

  it('goes through every page by PageIterator', async () => {
    const first = await graph.api('/users').top(3).select('id').get()
    const seen: string[] = []
    await new PageIterator(graph, first, ({ id }: Listed) => {
      seen.push(id)
      return true
    }).iterate()
    const { value } = await graph.api('/users').top(999).select('id').get()
    expect(seen.length).to.be.greaterThan(9)
    expect([...seen].sort()).to.deep.equal(value.map(({ id }: Listed) => id).sort())
  })

  it('sends several requests in a $batch', async () => {
    // The client takes whole addresses, and sends what follows the host.
    const request = (path: string, init: RequestInit) =>
      new Request(`https://graph.example${path}`, init)
    const content = new BatchRequestContent([
      { id: '1', request: request('/users/alice@customer.com?$select=id', { method: 'GET' }) },
      {
        id: '2',
        request: request('/groups', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            displayName: 'By the client',
            mailEnabled: false,
            mailNickname: 'client',
            securityEnabled: true,
          }),
        }),
        dependsOn: ['1'],
      },
    ])
    const answer = await graph.api('/$batch').post(await content.getContent())
    const responses = new BatchResponseContent(answer)
    expect([
      responses.getResponseById('1').status,
      responses.getResponseById('2').status,
    ]).to.deep.equal([200, 201])
    expect((await responses.getResponseById('2').json()).displayName).to.equal('By the client')
  })

  it('hears 401 as an error of Graph when its token is none', async () => {
    const stranger = Client.init({
      baseUrl: site.publicUrl,
      customHosts: new Set(['localhost']),
      authProvider: (done) => done(null, 'no-token'),
    })
    const { statusCode, code } = await failure(stranger.api('/users').get())
    expect({ statusCode, code }).to.deep.equal({
      statusCode: 401,
      code: 'InvalidAuthenticationToken',
    })
  })
})
