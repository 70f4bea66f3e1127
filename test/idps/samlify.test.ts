import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { Constants } from 'samlify'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import type { Federation } from '../../src/directory/types.ts'
import type { Deployment } from '../support/deployment.ts'
import {
  alice,
  complaintOfIdp,
  expectAliceIn,
  federateByMetadata,
  newKey,
  type Site,
  serverMetadata,
  startDeploymentWithKey,
  startSite,
  whyRefused,
} from './independent.ts'
import { issuer, type Options, persistent, type SeenRequest, samlifyApp } from './samlify.ts'
import { itRefusesTampering } from './tampering.ts'

describe('samlify as identity provider', () => {
  let deployment: Deployment
  let dataFolder: string
  let key: IdpKey
  let site: Site
  let ourMetadata: string
  let federation: Federation
  /** Changed by a test to configure samlify otherwise; set back after it. */
  let options: Partial<Options> = {}
  /** What samlify has read in our requests. */
  const requests: SeenRequest[] = []

  before(async () => {
    ;({ deployment, dataFolder } = await startDeploymentWithKey())
    ourMetadata = await serverMetadata(deployment)
    key = await newKey('samlify')
    const app = samlifyApp(
      () => site.url,
      () => ({ key, serverMetadata: ourMetadata, user: deployment.person(alice), ...options }),
      (request) => requests.push(request),
    )
    site = await startSite(app)
    federation = await federateByMetadata(deployment, `${site.url}/metadata`)
  })
  after(async () => {
    await site?.close()
    await deployment?.close()
    if (dataFolder !== undefined) rmSync(dataFolder, { recursive: true, force: true })
  })
  afterEach(async () => {
    options = {}
    requests.length = 0
    await deployment.storage.directory.putFederation(federation)
  })
  const federationWith = (changes: Partial<Federation>) =>
    deployment.storage.directory.putFederation({ ...federation, ...changes })

  it('is described by its metadata', () => {
    expect(federation).to.include({ issuerUri: issuer, signingCertificate: key.certificateBase64 })
    expect(federation.passiveSignInUri).to.equal(`${site.url}/sso`)
  })

  it('reads our metadata and our request, and signs Alice in', async () => {
    const xml = await expectAliceIn(deployment)
    const [request] = requests
    expect(request).to.include({ issuer: deployment.config.entityId, nameIdFormat: persistent })
    expect(xml).to.include(`InResponseTo="${request?.id}"`)
    expect(xml.match(/<ds:Signature /g)).to.have.length(1)
  })

  it('reads our request from the address, and signs Alice in', async () => {
    await federationWith({ requestBinding: 'redirect' })
    await expectAliceIn(deployment)
    expect(requests[0]?.issuer).to.equal(deployment.config.entityId)
  })

  it('signs the Response too', async () => {
    options = { wantMessageSigned: true }
    expect((await expectAliceIn(deployment)).match(/<ds:Signature /g)).to.have.length(2)
  })

  for (const [name, signatureAlgorithm] of [
    ['RSA-SHA512', Constants.algorithms.signature.RSA_SHA512],
    ['RSA-PSS', 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'],
  ] as const)
    it(`signs with ${name}`, async () => {
      options = { signatureAlgorithm }
      expect(await expectAliceIn(deployment)).to.include(
        `SignatureMethod Algorithm="${signatureAlgorithm}"`,
      )
    })

  it('encrypts the assertion to the certificate of our metadata', async () => {
    options = { dataEncryptionAlgorithm: Constants.algorithms.encryption.data.AES_128_GCM }
    await federationWith({ requireEncryptedAssertion: true })
    expect(await expectAliceIn(deployment))
      .to.include('EncryptedAssertion')
      .and.not.include('NameID')
  })

  it('with AES-CBC is refused by its name, outside of a signed Response whatever is allowed', async () => {
    options = { dataEncryptionAlgorithm: Constants.algorithms.encryption.data.AES_256 }
    expect(await whyRefused(deployment)).to.equal('algorithmNotAllowed')
    await federationWith({ allowCbcEncryption: true })
    expect(await whyRefused(deployment)).to.equal('algorithmNotAllowed')
  })

  for (const requestBinding of ['post', 'redirect'] as const)
    it(`verifies the signature of our request (${requestBinding})`, async () => {
      options = { wantAuthnRequestsSigned: true }
      await federationWith({ isSignedAuthenticationRequestRequired: true, requestBinding })
      await expectAliceIn(deployment)
      await federationWith({ isSignedAuthenticationRequestRequired: false, requestBinding })
      expect(await complaintOfIdp(deployment)).to.match(/SIGNATURE|SIG_ALG/)
    })

  it('with its template as it comes has no AuthnStatement, and is refused for that', async () => {
    options = { authnStatement: '' }
    expect(await whyRefused(deployment)).to.equal('authnStatementMissing')
  })

  it('with SHA-1 is refused by its name, and let in by the switch only', async () => {
    options = { signatureAlgorithm: Constants.algorithms.signature.RSA_SHA1 }
    expect(await whyRefused(deployment)).to.equal('algorithmNotAllowed')
    await federationWith({ allowSha1Signatures: true })
    await expectAliceIn(deployment)
  })

  it('with a key that is not in the federation is refused', async () => {
    options = { key: await newKey('other') }
    expect(await whyRefused(deployment)).to.equal('signingKeyUnknown')
  })

  itRefusesTampering(() => deployment)
})
