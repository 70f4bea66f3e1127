import { expect } from 'chai'
import { startGraphSite } from '../support/graphSite.ts'
import { IdentityProvider } from '../support/identityProvider.ts'
import { locationOf, sendPassword } from '../support/managed.ts'

const password = 'xWwvJ]6NMw+bWH-d'
const anchor = 'Z3JhcGgtZ3dlbi0wMDAwMQ=='

describe('sign-ins of people who were made by Graph', () => {
  let site: Awaited<ReturnType<typeof startGraphSite>>
  before(async () => {
    site = await startGraphSite()
  })
  after(() => site?.close())

  const done = async (method: string, path: string, body?: unknown) => {
    const answer = await site.graph.call(method, path, { body })
    expect(answer.status, JSON.stringify(answer.body)).to.be.within(200, 204)
    return answer.body
  }
  const newUser = (userPrincipalName: string, more: object) =>
    done('POST', '/users', {
      accountEnabled: true,
      displayName: 'Gwen Graph',
      mailNickname: 'gwen',
      userPrincipalName,
      ...more,
    })

  it('work through the identity provider of a domain that Graph federated, and by password after it', async () => {
    const { acs, config, clock, idp } = site.deployment
    const issuer = 'http://www.okta.com/exkgraph'
    const provider = new IdentityProvider({
      issuer,
      acs,
      audience: config.entityId,
      key: idp.key,
      clock: () => clock.at,
    })
    await done('POST', '/domains', { id: 'graph.example' })
    const { value } = await done('GET', '/domains/graph.example/verificationDnsRecords')
    site.dns.zone = { 'graph.example': { TXT: [[value[0].text]] } }
    await done('POST', '/domains/graph.example/verify')
    const { id } = await done('POST', '/domains/graph.example/federationConfiguration', {
      issuerUri: issuer,
      passiveSignInUri: 'https://customer.okta.com/app/graph/sso/saml',
      signingCertificate: idp.key.certificateBase64,
    })
    const upn = 'gwen@graph.example'
    await newUser(upn, {
      onPremisesImmutableId: anchor,
      passwordProfile: { password, forceChangePasswordNextSignIn: false },
    })

    const visitor = site.deployment.visitor()
    const { requestId } = await visitor.begin(upn)
    const person = { ...site.deployment.person('alice@customer.com'), login: upn, nameId: anchor }
    const answer = await visitor.deliver(provider.respond(person, requestId))
    expect([answer.status, answer.aadsts]).to.deep.equal([303, null])
    expect(await visitor.signedInAs()).to.equal(upn)

    const early = await sendPassword(site.deployment.visitor(), upn, password)
    expect(locationOf(early)).not.to.equal('/me')
    await done('DELETE', `/domains/graph.example/federationConfiguration/${id}`)
    const later = site.deployment.visitor()
    const byPassword = await sendPassword(later, upn, password)
    expect([byPassword.status, locationOf(byPassword)]).to.deep.equal([303, '/me'])
    expect(await later.signedInAs()).to.equal(upn)
  })

  it('lead to a new password first, unless that is said; and end when the password is set anew', async () => {
    const upn = 'gwen@managed.example'
    const { id } = await newUser(upn, { passwordProfile: { password } })
    const first = await sendPassword(site.deployment.visitor(), upn, password)
    expect(locationOf(first)).to.equal('/signin/new-password')
    const set = (profile: object) => done('PATCH', `/users/${id}`, { passwordProfile: profile })
    await set({ forceChangePasswordNextSignIn: false })
    const visitor = site.deployment.visitor()
    expect(locationOf(await sendPassword(visitor, upn, password))).to.equal('/me')
    expect(await visitor.signedInAs()).to.equal(upn)
    await set({ password: 'Quite-Another-9' })
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('are refused once Graph disabled the user', async () => {
    const upn = 'gwen2@managed.example'
    const profile = { password, forceChangePasswordNextSignIn: false }
    const { id } = await newUser(upn, { passwordProfile: profile })
    const visitor = site.deployment.visitor()
    await sendPassword(visitor, upn, password)
    expect(await visitor.signedInAs()).to.equal(upn)
    await done('PATCH', `/users/${id}`, { accountEnabled: false })
    expect(await visitor.signedInAs()).to.equal(null)
  })
})
