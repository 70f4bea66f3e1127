import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { hours, minutes, seconds } from '../../src/lib/clock.ts'
import { fingerprint } from '../../src/lib/secrets.ts'
import { signingTrust } from '../../src/saml/certificates.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { acceptedAcsUrls, acsUrl, tenantlessAcsUrl } from '../../src/signin/acsUrls.ts'
import {
  createSignin,
  type SigninDependencies,
  type SigninEvent,
} from '../../src/signin/service.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { alice, customerDomain, federation } from '../support/circumstances.ts'
import { key, type Said, signedMessage } from '../support/signedMessage.ts'
import { acs, aliceAnchor, audience, now, publicUrl, tenantId } from '../support/verified.ts'

const trusting = { ...federation, signingCertificate: key.certificateBase64 }
const browserHandle = 'b'.repeat(43)
const ids = { requestId: 'request-1', correlationId: 'correlation-1' }
const arrival = { ...ids, postedTo: acs, tenantInPath: true, browserHandle }

function deployment(more: Partial<SigninDependencies> = {}) {
  const storage = memoryStorage({
    tenant: { id: tenantId, displayName: 'Customer' },
    federations: [trusting],
    domains: [customerDomain],
    users: [alice],
    principalNameKey,
  })
  const clock = { at: now }
  const events: SigninEvent[] = []
  let randomCalls = 0
  const signin = createSignin({
    settings: {
      publicUrl,
      entityId: audience,
      clockSkew: seconds(120),
      maxLifetime: hours(24),
      longestSession: hours(12),
      limits: defaultLimits,
      diagnose: false,
    },
    tenant: { id: tenantId, displayName: 'Customer' },
    directory: storage.directory,
    state: storage.signin,
    sessions: storage.sessions,
    traces: storage.traces,
    counts: storage.signinCounts,
    clock: () => clock.at,
    random: (byteCount) => Buffer.alloc(byteCount, ++randomCalls),
    trustOf: (of) => signingTrust(of),
    signer: null,
    decryptionKeys: [],
    secondOpinion: null,
    stores: storage,
    proposeTotp: () => 'sealed',
    onVerdict: (event) => events.push(event),
    ...more,
  })
  /** The ID of the AuthnRequest that was sent. */
  async function started(): Promise<string> {
    const message = await signin.start(trusting, 'alice@customer.com', browserHandle)
    const xml = Buffer.from(
      message.binding === 'post' ? (new Map(message.fields).get('SAMLRequest') ?? '') : '',
      'base64',
    ).toString()
    return /ID="([^"]+)"/.exec(xml)?.[1] ?? ''
  }
  const answer = (id: string, said: Partial<Said> = {}) =>
    signedMessage({ inResponseTo: id, confirmationInResponseTo: id, ...said })
  return { signin, storage, clock, events, started, answer }
}

describe('createSignin', () => {
  it('remembers the request for 15 minutes, with this federation, this browser and the typed e-mail', async () => {
    const { started, storage } = deployment()
    const id = await started()
    expect(id).to.match(/^_[0-9a-f-]{36}$/)
    expect(await storage.signin.pendingRequest(id)).to.deep.equal({
      id,
      federationId: federation.id,
      loginHint: 'alice@customer.com',
      browser: fingerprint(browserHandle),
      returnTo: '/me',
      requiresMfa: false,
      askedForMfa: false,
      createdAt: now,
      expiresAt: now + minutes(15),
    })
  })

  it('sends nobody away unsigned to a federation that requires signed requests', async () => {
    const { signin, storage } = deployment()
    const strict = { ...trusting, isSignedAuthenticationRequestRequired: true }
    let message = ''
    try {
      await signin.start(strict, null, browserHandle)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).to.contain('Customer Okta').and.contain('HOMEREALM_SIGNING_KEY')
    const id = `_${'01'.repeat(4)}-0101-4101-8101-${'01'.repeat(6)}`
    expect(await storage.signin.pendingRequest(id)).to.equal(null)
  })

  it('signs the request for a federation that requires it, and for no other', async () => {
    const signer = { privateKeyPem: key.privateKeyPem, certificateBase64: key.certificateBase64 }
    const { signin } = deployment({ signer })
    const sent = async (isSignedAuthenticationRequestRequired: boolean) => {
      const of = { ...trusting, isSignedAuthenticationRequestRequired }
      const message = await signin.start(of, null, browserHandle)
      const fields = message.binding === 'post' ? message.fields : []
      return Buffer.from(new Map(fields).get('SAMLRequest') ?? '', 'base64').toString()
    }
    expect(await sent(true)).to.contain('SignatureValue')
    expect(await sent(false))
      .to.contain('AuthnRequest')
      .and.not.contain('SignatureValue')
  })

  it('opens the session of an accepted response, keeps its trace and tells the event', async () => {
    const { signin, storage, events, started, answer } = deployment()
    const { verdict, next } = await signin.finish(answer(await started()), arrival)
    expect(verdict.outcome).to.equal('signedIn')
    const opened = next?.kind === 'opened' ? next : null
    const kept = await storage.sessions.session(fingerprint(opened?.handle ?? ''), now)
    expect(kept).to.deep.equal(opened?.session)
    expect(kept?.requestId).to.equal('request-1')
    const trace = await storage.traces.trace('request-1', now)
    expect(trace).to.deep.include({
      ...ids,
      at: now,
      expiresAt: now + hours(24),
      outcome: 'signedIn',
      reason: null,
      aadsts: null,
      userPrincipalName: 'alice@customer.com',
      federationId: federation.id,
      trace: verdict.trace,
    })
    expect(await storage.signinCounts.signinsSince(0)).to.deep.equal([
      {
        day: Math.floor(now / 86_400_000),
        domain: 'customer.com',
        federationId: federation.id,
        thumbprint: createHash('sha256').update(key.certificateBase64, 'base64').digest('hex'),
        count: 1,
        lastAt: now,
      },
    ])
    expect(events).to.deep.equal([
      {
        ...ids,
        outcome: 'signedIn',
        reason: null,
        aadsts: null,
        federationId: federation.id,
        federation: 'Customer Okta',
        assertionId: 'id2002',
        userId: alice.id,
        milliseconds: 0,
      },
    ])
  })

  it('opens no session for a refused one, and tells no NameID, claim or assertion to the log', async () => {
    const { signin, storage, events, started, answer } = deployment()
    const message = answer(await started(), { audience: 'urn:x' })
    const { verdict, next } = await signin.finish(message, arrival)
    expect(verdict).to.include({ outcome: 'refused', reason: 'audienceMismatch' })
    expect(next).to.equal(null)
    expect(await storage.signinCounts.signinsSince(0)).to.deep.equal([])
    expect((await storage.traces.trace('request-1', now))?.aadsts).to.equal(500089)
    expect(events[0]).to.include({
      outcome: 'refused',
      reason: 'audienceMismatch',
      aadsts: 500089,
      federationId: federation.id,
      assertionId: 'id2002',
    })
    expect(JSON.stringify(events)).to.not.contain(aliceAnchor).and.not.contain('alice@')
  })

  it('judges the browser by its cookie: none and another are refused', async () => {
    const { signin, started, answer } = deployment()
    const id = await started()
    for (const handle of [null, 'c'.repeat(43)]) {
      const { verdict } = await signin.finish(answer(id), { ...arrival, browserHandle: handle })
      expect(verdict).to.include({ outcome: 'refused', reason: 'browserMismatch' })
    }
    expect((await signin.finish(answer(id), arrival)).verdict.outcome).to.equal('signedIn')
  })

  it('judges at the time of the post: 15 minutes later the request is over', async () => {
    const { signin, clock, started, answer } = deployment()
    const id = await started()
    clock.at = now + minutes(15)
    const notOnOrAfter = clock.at + minutes(5)
    const { verdict } = await signin.finish(answer(id, { notOnOrAfter }), arrival)
    expect(verdict).to.include({ outcome: 'refused', reason: 'requestExpired' })
  })

  it('takes a Recipient that is the address posted to, by domain name as well', async () => {
    const { signin, started, answer } = deployment()
    const postedTo = acsUrl(publicUrl, 'customer.com')
    const said = { recipient: postedTo, destination: postedTo }
    const message = answer(await started(), said)
    expect((await signin.finish(message, arrival)).verdict).to.include({
      reason: 'recipientMismatch',
    })
    const { verdict } = await signin.finish(message, { ...arrival, postedTo })
    expect(verdict.outcome).to.equal('signedIn')
  })

  it('keeps the trace of a refusal before any judgement, with its remedy', async () => {
    const { signin, storage, events } = deployment()
    const refusal = new Refusal('tenantNotFound', { expected: tenantId, actual: 'other' })
    await signin.keepRefusal(refusal.reason, refusal.evidence, ids)
    const kept = await storage.traces.trace('request-1', now)
    expect(kept).to.deep.include({ outcome: 'refused', reason: 'tenantNotFound', aadsts: 90002 })
    expect(kept?.trace).to.have.lengthOf(1)
    expect(kept?.trace[0]).to.include({ check: 'request', expected: tenantId, actual: 'other' })
    expect(kept?.trace[0]?.hint).to.contain('one of its verified domains')
    expect(events).to.have.lengthOf(1)
  })

  it('rejects, and opens nothing, when the trace cannot be kept', async () => {
    const failing = async () => {
      throw new Error('disk full')
    }
    const { signin, storage, started, answer } = deployment({
      traces: { keepTrace: failing, trace: async () => null },
    })
    const message = answer(await started())
    let rejected = false
    try {
      await signin.finish(message, arrival)
    } catch {
      rejected = true
    }
    expect(rejected).to.equal(true)
    expect(await storage.traces.trace('request-1', now)).to.equal(null)
  })
})

describe('acceptedAcsUrls', () => {
  it('has the tenant’s form, the one without tenant, and the one posted to, each once', () => {
    expect(acceptedAcsUrls(publicUrl, tenantId, acs)).to.deep.equal([
      acs,
      tenantlessAcsUrl(publicUrl),
    ])
    const byDomain = acsUrl(publicUrl, 'customer.com')
    expect(acceptedAcsUrls(publicUrl, tenantId, byDomain)).to.deep.equal([
      acs,
      `${publicUrl}/login.srf`,
      `${publicUrl}/customer.com/saml2`,
    ])
  })
})
