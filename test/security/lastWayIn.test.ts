import { expect } from 'chai'
import type { DirectoryError } from '../../src/directory/directoryError.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { newVerificationCode } from '../../src/directory/ownership.ts'
import { directoryPasswords } from '../../src/http/directoryPasswords.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { certificateOf } from '../graph/certificates.ts'
import { errorOf } from '../graph/errors.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'
import { addManaged, locationOf, sendPassword } from '../support/managed.ts'

describe('the last way in', () => {
  let deployment: Deployment
  let graph: GraphSite
  before(async () => {
    deployment = await startDeployment()
    graph = graphSiteOf(deployment)
  })
  after(() => deployment?.close())

  const verified = (id: string) =>
    addDomain(deployment.storage.directory, id, {
      isVerified: true,
      record: {
        at: deployment.clock.at,
        who: 'test',
        door: 'commandLine',
        code: newVerificationCode(systemRandom),
      },
    })
  const federation = (name: string) => ({
    displayName: name,
    issuerUri: `http://www.okta.com/${name}`,
    passiveSignInUri: `https://attacker.okta.com/app/${name}/sso/saml`,
    signingCertificate: certificateOf('demo-okta'),
  })
  const glassAt = (userPrincipalName: string) =>
    addManaged(deployment, { user: { userPrincipalName }, credentials: { isBreakGlass: true } })

  it('is not taken by an app that federates the domain of a break-glass account, alone or in a batch', async () => {
    await verified('glass.example')
    const { userPrincipalName } = await glassAt('glass@glass.example')
    const path = '/domains/glass.example/federationConfiguration'
    const roles = ['Domain.ReadWrite.All'] as const
    const alone = await graph.call('POST', path, { body: federation('glass'), roles })
    expect(errorOf(alone).rules).to.deep.equal(['accountIsBreakGlass'])
    expect(JSON.stringify(alone.body), 'names nobody').not.to.include(userPrincipalName)

    const request = { id: '1', method: 'POST', url: path, body: federation('glass') }
    const headers = { 'Content-Type': 'application/json' }
    const batch = { requests: [{ ...request, headers }] }
    const { body } = await graph.call('POST', '/$batch', { body: batch, roles })
    expect(body.responses[0].body.error.innerError.rules).to.deep.equal(['accountIsBreakGlass'])

    const answer = await sendPassword(deployment.visitor(), userPrincipalName)
    expect(locationOf(answer)).to.equal('/me')
  })

  it('is not taken through the domain above it', async () => {
    await verified('above.example')
    await verified('below.above.example')
    await glassAt('glass@below.above.example')
    const refused = await graph.call('POST', '/domains/above.example/federationConfiguration', {
      body: federation('above'),
    })
    expect(errorOf(refused).rules).to.deep.equal(['accountIsBreakGlass'])
    const { directory } = deployment.storage
    expect((await directory.domain('above.example'))?.authenticationType).to.equal('Managed')
    expect(await directory.federationByIssuer('http://www.okta.com/above')).to.equal(null)
  })

  it('keeps its password when it is marked while an app sets another', async () => {
    const { storage, clock } = deployment
    const hasher = passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 })
    const passwords = directoryPasswords(storage, hasher)
    const user = await addManaged(deployment)
    const prepared = await passwords.prepare(user.userPrincipalName, 'Another-Password-7')
    if ('problem' in prepared) throw new Error(prepared.problem)
    await changeCredentials(storage.credentials, user.id, (before) => ({
      ...before,
      isBreakGlass: true,
    }))
    const act = { at: clock.at, who: 'Loader', door: 'graph' } as const
    for (const late of [
      prepared.keep(user, false, act),
      passwords.setMustChange(user, true, act),
    ]) {
      const error = await late.then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect((error as DirectoryError).problems[0]?.rule).to.equal('accountIsBreakGlass')
    }
    const answer = await sendPassword(deployment.visitor(), user.userPrincipalName)
    expect(locationOf(answer)).to.equal('/me')
  })

  it('stands while other domains are federated, and join a federation that is there', async () => {
    for (const id of ['free.example', 'joins.example']) {
      await verified(id)
      const answer = await graph.call('POST', `/domains/${id}/federationConfiguration`, {
        body: federation('free'),
      })
      expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
    }
  })
})
