import { createPublicKey } from 'node:crypto'
import { rmSync } from 'node:fs'
import { expect } from 'chai'
import express from 'express'
import samlp, { type AuthOptions } from 'samlp'
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
  startDeploymentWithKey,
  startSite,
  whyRefused,
} from './independent.ts'
import { itRefusesTampering } from './tampering.ts'

const issuer = 'urn:samlp:customer.com'

describe('samlp as identity provider', () => {
  let deployment: Deployment
  let serverKey: IdpKey
  let dataFolder: string
  let key: IdpKey
  let site: Site
  let federation: Federation
  /** Changed by a test to configure samlp otherwise; set back after it. */
  let options: Partial<AuthOptions> = {}
  /** The Issuers of the requests that samlp has read. */
  const issuers: string[] = []

  function app() {
    const { nameId, firstName, lastName } = deployment.person(alice)
    const profile = {
      id: nameId,
      emails: [{ value: alice }],
      displayName: `${firstName} ${lastName}`,
      name: { givenName: firstName, familyName: lastName },
    }
    const usual: AuthOptions = {
      issuer,
      cert: key.certificatePem,
      key: key.privateKeyPem,
      getUserFromRequest: () => profile,
      getPostURL: (audience, _request, _incoming, done) => {
        issuers.push(audience)
        done(null, deployment.acs)
      },
      // Left out by default, or made the audience: samlp wants to be told where its responses go.
      destination: deployment.acs,
      recipient: deployment.acs,
    }
    const endpoint = '/samlp'
    return express()
      .get(
        `${endpoint}/FederationMetadata/2007-06/FederationMetadata.xml`,
        samlp.metadata({
          issuer,
          cert: key.certificatePem,
          redirectEndpointPath: endpoint,
          postEndpointPath: endpoint,
        }),
      )
      .use(endpoint, express.urlencoded({ extended: false }), (req, res, next) =>
        samlp.auth({ ...usual, ...options })(req, res, next),
      )
  }

  before(async () => {
    ;({ deployment, serverKey, dataFolder } = await startDeploymentWithKey())
    key = await newKey('samlp')
    site = await startSite(app())
    federation = await federateByMetadata(
      deployment,
      `${site.url}/samlp/FederationMetadata/2007-06/FederationMetadata.xml`,
    )
  })
  after(async () => {
    await site?.close()
    await deployment?.close()
    if (dataFolder !== undefined) rmSync(dataFolder, { recursive: true, force: true })
  })
  afterEach(async () => {
    options = {}
    issuers.length = 0
    await deployment.storage.directory.putFederation(federation)
  })
  const federationWith = (changes: Partial<Federation>) =>
    deployment.storage.directory.putFederation({ ...federation, ...changes })

  it('is described by its metadata', () => {
    expect(federation).to.include({ issuerUri: issuer, signingCertificate: key.certificateBase64 })
    expect(federation.passiveSignInUri).to.equal(`${site.url}/samlp`)
  })

  it('reads our request, and signs Alice in', async () => {
    const xml = await expectAliceIn(deployment)
    expect(issuers).to.deep.equal([deployment.config.entityId])
    expect(xml.match(/<Signature /g)).to.have.length(1)
  })

  it('reads our request from the address, and signs Alice in', async () => {
    await federationWith({ requestBinding: 'redirect' })
    await expectAliceIn(deployment)
    expect(issuers).to.deep.equal([deployment.config.entityId])
  })

  it('signs the Response too', async () => {
    options = { signResponse: true }
    expect((await expectAliceIn(deployment)).match(/<Signature /g)).to.have.length(2)
  })

  it('signs the Response alone', async () => {
    options = { signResponse: true, signAssertion: false }
    expect((await expectAliceIn(deployment)).match(/<Signature /g)).to.have.length(1)
  })

  it('encrypts the assertion to our certificate', async () => {
    const { certificatePem } = serverKey
    options = {
      encryptionCert: certificatePem,
      encryptionPublicKey: createPublicKey(certificatePem)
        .export({ type: 'spki', format: 'pem' })
        .toString(),
    }
    await federationWith({ requireEncryptedAssertion: true })
    const xml = await expectAliceIn(deployment)
    expect(xml).to.include('EncryptedAssertion').and.not.include('NameID')
  })

  for (const requestBinding of ['post', 'redirect'] as const)
    it(`verifies the signature of our request (${requestBinding})`, async () => {
      options = { signingCert: serverKey.certificatePem }
      await federationWith({ isSignedAuthenticationRequestRequired: true, requestBinding })
      await expectAliceIn(deployment)
      options = { signingCert: key.certificatePem }
      expect(await complaintOfIdp(deployment)).to.include('Signature check errors')
    })

  it('with SHA-1 is refused by its name, and let in by the switch only', async () => {
    options = { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' }
    expect(await whyRefused(deployment)).to.equal('algorithmNotAllowed')
    await federationWith({ allowSha1Signatures: true })
    await expectAliceIn(deployment)
  })

  it('with a key that is not in the federation is refused', async () => {
    const other = await newKey('other')
    options = { cert: other.certificatePem, key: other.privateKeyPem }
    expect(await whyRefused(deployment)).to.equal('signingKeyUnknown')
  })

  itRefusesTampering(() => deployment)
})
