/**
 * Identity providers that others wrote, before the running server: what is common to them. They share no code with the server, the
 * demo Okta or each other, but for xml-crypto in different versions.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ErrorRequestHandler, Express } from 'express'
import { type IdpKey, makeIdpKey } from '../../src/demo-okta/keys.ts'
import { federate } from '../../src/directory/federations.ts'
import type { Federation } from '../../src/directory/types.ts'
import { minutes } from '../../src/lib/clock.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { readIdpMetadata } from '../../src/saml/metadata/idpMetadata.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { actionOf, type Carried, fieldOf, type Visitor } from '../support/visitor.ts'

export const alice = 'alice@customer.com'

/** A new key that has been valid for an hour: the clock of a deployment stands still from before these are made. */
export function newKey(commonName: string): Promise<IdpKey> {
  return makeIdpKey({ now: Date.now() - minutes(60), commonName })
}

/** A deployment with a key of its own, for requests that it signs and assertions that it decrypts, and that key. */
export async function startDeploymentWithKey(): Promise<{
  readonly deployment: Deployment
  readonly serverKey: IdpKey
  readonly dataFolder: string
}> {
  const dataFolder = newDataFolder()
  const serverKey = await newKey('homerealm')
  const keyFile = join(dataFolder, 'server.key.pem')
  const certificateFile = join(dataFolder, 'server.pem')
  writeFileSync(keyFile, serverKey.privateKeyPem, { mode: 0o600 })
  writeFileSync(certificateFile, serverKey.certificatePem)
  const deployment = await startDeployment({
    dataFolder,
    environment: {
      HOMEREALM_SIGNING_KEY: keyFile,
      HOMEREALM_SIGNING_CERTIFICATE: certificateFile,
      HOMEREALM_DECRYPTION_KEY: keyFile,
      HOMEREALM_DECRYPTION_CERTIFICATE: certificateFile,
    },
  })
  return { deployment, serverKey, dataFolder }
}

/** An Express app on a free port of this machine. */
export interface Site {
  readonly url: string
  readonly close: () => Promise<void>
}

/** What an identity provider has against a request, as its answer instead of on the console. */
const answerWithError: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(400).type('text').send(String(error))
}

export async function startSite(app: Express): Promise<Site> {
  const server = createServer(app.use(answerWithError))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

/** What an identity provider has to know of the server, from the server's metadata. */
export async function serverMetadata(deployment: Deployment): Promise<string> {
  const path = `/${deployment.tenant.id}/federationmetadata/saml20/federationmetadata.xml`
  return (await deployment.visitor().fetch(path)).body
}

/** Moves Alice's domain to the identity provider of this metadata, as an admin does who has its address. */
export async function federateByMetadata(deployment: Deployment, url: string): Promise<Federation> {
  const xml = await (await fetch(url)).text()
  const { issuerUri, passiveSignInUri, requestBinding, signingCertificates } = readIdpMetadata(xml)
  const { after } = await federate(
    deployment.storage.directory,
    {
      domains: ['customer.com'],
      issuerUri,
      passiveSignInUri,
      requestBinding,
      signingCertificate: signingCertificates[0]?.base64 ?? '',
      replace: true,
    },
    () => newGuid(systemRandom),
  )
  return after
}

/** Alice types her name and is sent on; gives what the identity provider hands her browser to post. */
export async function atIdp(
  visitor: Visitor,
  signin = `/signin?login_hint=${alice}`,
): Promise<Carried> {
  const sent = await visitor.fetch(signin)
  const location = sent.headers.get('location')
  const answer =
    location === null
      ? await visitor.post(actionOf(sent.body) ?? '', {
          SAMLRequest: fieldOf(sent.body, 'SAMLRequest') ?? '',
        })
      : await visitor.fetch(location)
  const acs = actionOf(answer.body)
  const samlResponse = fieldOf(answer.body, 'SAMLResponse')
  if (acs === null || samlResponse === null)
    throw new Error(`no response: status ${answer.status}\n${answer.body}`)
  return { acs, samlResponse }
}

export function xmlOf({ samlResponse }: Carried): string {
  return Buffer.from(samlResponse, 'base64').toString('utf8')
}

/** Signs Alice in by way of the identity provider; gives the XML of its response. */
export async function expectAliceIn(deployment: Deployment): Promise<string> {
  const visitor = deployment.visitor()
  const carried = await atIdp(visitor)
  const answer = await visitor.deliver(carried)
  expect((await deployment.kept(answer)).reason).to.equal(null)
  expect(await visitor.signedInAs()).to.equal(alice)
  return xmlOf(carried)
}

/** Why Alice is refused. */
export async function whyRefused(deployment: Deployment): Promise<string | null> {
  const visitor = deployment.visitor()
  const answer = await visitor.deliver(await atIdp(visitor))
  expect(await visitor.signedInAs()).to.equal(null)
  return deployment.reason(answer)
}

/** What the identity provider has against our request. Throws when it answers it. */
export async function complaintOfIdp(deployment: Deployment): Promise<string> {
  const { samlResponse } = await atIdp(deployment.visitor()).catch((error: Error) => ({
    samlResponse: error,
  }))
  if (typeof samlResponse === 'string') throw new Error('the request was answered')
  return samlResponse.message
}
