import { expect } from 'chai'
import { publicTestThumbprints } from '../../src/cli/publicTestKeys.ts'
import { certificateOf } from '../graph/certificates.ts'
import { errorOf } from '../graph/errors.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { graphSiteOf } from '../support/graphSite.ts'

describe('keys that everybody has', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment({ refusedCertificates: publicTestThumbprints() })
  })
  after(() => deployment?.close())

  it('are registered by no app for a federation, in either slot, new or changed', async () => {
    const graph = graphSiteOf(deployment)
    const federation = await deployment.storage.directory.federationByIssuer(deployment.idp.issuer)
    const change = `/domains/customer.com/federationConfiguration/${federation?.id}`
    const own = deployment.idp.key.certificateBase64
    const made = {
      issuerUri: 'http://www.okta.com/public',
      passiveSignInUri: 'https://customer.okta.com/sso',
    }
    for (const name of ['demo-okta', 'foreign', 'ec-okta']) {
      const key = certificateOf(name)
      const make = '/domains/managed.example/federationConfiguration'
      for (const [method, path, body, property] of [
        ['POST', make, { ...made, signingCertificate: key }, 'signingCertificate'],
        [
          'POST',
          make,
          { ...made, signingCertificate: own, nextSigningCertificate: key },
          'nextSigningCertificate',
        ],
        ['PATCH', change, { signingCertificate: key }, 'signingCertificate'],
        ['PATCH', change, { nextSigningCertificate: key }, 'nextSigningCertificate'],
      ] as const) {
        const refused = await graph.call(method, path, { body })
        expect(errorOf(refused), `${method} ${name}`).to.deep.include({
          status: 400,
          rules: ['certificateMalformed'],
          targets: [`${property} InvalidValue`],
        })
      }
    }
    const after = await deployment.storage.directory.federation(String(federation?.id))
    expect(after).to.deep.equal(federation)
    const good = await graph.call('PATCH', change, { body: { nextSigningCertificate: own } })
    expect(good.status).to.equal(204)
  })
})
