import { expect } from 'chai'
import { redirectTarget } from '../../src/admin/domains/metadataFetch.ts'
import { isOwnHost } from '../../src/lib/loopback.ts'
import { certificateOf } from '../graph/certificates.ts'
import { errorOf } from '../graph/errors.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type GraphSite, graphSiteOf } from '../support/graphSite.ts'

/** Addresses of the machine itself, however they are written. */
const own = [
  'http://localhost/metadata',
  'http://127.0.0.1:9090/metrics',
  'http://127.1/',
  'http://2130706433/',
  'http://[::1]/',
  'https://localhost./',
  'https://anything.localhost/',
  'https://127.8.8.8/',
  'https://0.0.0.0/',
  'https://169.254.169.254/latest/meta-data',
  'https://[::]/',
  'https://[fe80::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
]
const others = ['https://okta.example/', 'https://10.0.0.5/', 'https://localhost.example/']

describe('the server asks itself nothing that an app named', () => {
  it('knows its own addresses, however they are written', () => {
    for (const uri of own) expect(isOwnHost(new URL(uri).hostname), uri).to.equal(true)
    for (const uri of others) expect(isOwnHost(new URL(uri).hostname), uri).to.equal(false)
  })

  it('follows no redirect from outside to this machine', () => {
    for (const uri of own.filter((each) => each.startsWith('https'))) {
      expect(() => redirectTarget('https://okta.example/m', uri), uri).to.throw(
        'redirects to this machine',
      )
    }
    expect(redirectTarget('https://okta.example/m', '/n')).to.equal('https://okta.example/n')
    expect(redirectTarget('https://localhost/m', '/n')).to.equal('https://localhost/n')
  })

  describe('by metadataExchangeUri', () => {
    let deployment: Deployment
    let graph: GraphSite
    before(async () => {
      deployment = await startDeployment()
      graph = graphSiteOf(deployment)
    })
    after(() => deployment?.close())

    it('refuses it in a new federation', async () => {
      for (const metadataExchangeUri of own) {
        const refused = await graph.call(
          'POST',
          '/domains/managed.example/federationConfiguration',
          {
            body: {
              issuerUri: 'http://www.okta.com/self',
              passiveSignInUri: 'https://customer.okta.com/sso',
              signingCertificate: certificateOf('demo-okta'),
              metadataExchangeUri,
            },
          },
        )
        expect(errorOf(refused), metadataExchangeUri).to.deep.include({
          status: 400,
          rules: ['uriMalformed'],
          targets: ['metadataExchangeUri InvalidValue'],
        })
      }
    })

    it('refuses it in a change, and lets one stand that the command line named', async () => {
      const { directory } = deployment.storage
      const federation = await directory.federationByIssuer(deployment.idp.issuer)
      if (federation === null) throw new Error('the sample tenant has a federation')
      const path = `/domains/customer.com/federationConfiguration/${federation.id}`
      const metadataExchangeUri = 'http://127.0.0.1:9090/delete?all'
      const change = { body: { metadataExchangeUri } }
      const refused = await graph.call('PATCH', path, change)
      expect(errorOf(refused).rules).to.deep.equal(['uriMalformed'])
      expect((await directory.federation(federation.id))?.metadataExchangeUri).to.equal(null)
      await directory.putFederation({ ...federation, metadataExchangeUri })
      expect((await graph.call('PATCH', path, change)).status).to.equal(204)
    })
  })
})
