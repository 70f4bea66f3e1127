import { expect } from 'chai'
import fc from 'fast-check'
import { minutes } from '../../src/lib/clock.ts'
import type { Circumstances, Verdict } from '../../src/signin/circumstances.ts'
import { judge } from '../../src/signin/judge.ts'
import {
  alice,
  circumstancesOf,
  customerDomain,
  domainWith,
  federation,
  otherFederation,
  waiting,
} from '../support/circumstances.ts'
import { foreignKey, key, type Said, signedMessage } from '../support/signedMessage.ts'
import { now } from '../support/verified.ts'

/** Each part is sound twelve times in thirteen: some responses are sound as a whole, others broken in several parts. */
const mostly = <T>(sound: T, ...broken: T[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(sound) }, fc.constantFrom(...broken))

const said: fc.Arbitrary<Partial<Said>> = fc.record({
  issuer: mostly(federation.issuerUri, otherFederation.issuerUri, 'urn:foreign'),
  status: mostly('urn:oasis:names:tc:SAML:2.0:status:Success', 'urn:x'),
  destination: mostly<string | null>(waitingAcs(), null, 'urn:x'),
  inResponseTo: mostly<string | null>(waiting.id, null, '_another'),
  confirmationInResponseTo: mostly<string | null>(waiting.id, null, '_another'),
  recipient: mostly(waitingAcs(), 'urn:x'),
  audience: mostly('urn:federation:MicrosoftOnline', 'urn:x'),
  notBefore: mostly(now - minutes(5), now + minutes(3), now - minutes(60 * 25)),
  notOnOrAfter: mostly(now + minutes(5), now - minutes(3), now + minutes(60 * 25)),
  nameId: mostly(alice.onPremisesImmutableId ?? '', 'nobody', ' x', '', 'a\u200Bb'),
  nameIdFormat: mostly('urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'urn:x'),
  attributes: mostly<Said['attributes']>(
    [],
    [
      ['a', '1'],
      ['a', '2'],
    ],
    [['IDPEmail', 'x@y.example']],
  ),
  withAuthnStatement: mostly(true, false),
  withAssertion: fc.oneof({ weight: 30, arbitrary: fc.constant(true) }, fc.constant(false)),
  signed: mostly<Said['signed']>('both', 'assertion', 'response', 'none'),
  key: mostly(key, foreignKey),
})

const surroundings = fc.record({
  browser: mostly<string | null>(waiting.browser, 'another', null),
  isEnabled: mostly(true, false),
  accountEnabled: mostly(true, false),
  domain: mostly('customer.com', 'other.example'),
  allowUnsolicited: mostly(false, true),
  requireIdpEmailMatch: mostly(false, true),
  mfa: mostly<'acceptIfMfaDoneByFederatedIdp' | 'enforceMfaByFederatedIdp'>(
    'acceptIfMfaDoneByFederatedIdp',
    'enforceMfaByFederatedIdp',
  ),
  expiresAt: mostly(waiting.expiresAt, now),
  used: mostly(false, true),
  loginHint: mostly<string | null>('alice@customer.com', null, 'nobody@customer.com'),
  opinion: mostly<'off' | 'agrees' | 'differs'>('off', 'agrees', 'differs'),
  consumption: mostly<'consumed' | 'requestUnknown' | 'responseReplayed'>(
    'consumed',
    'requestUnknown',
    'responseReplayed',
  ),
})

function waitingAcs(): string {
  return 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2'
}

function worldOf(given: typeof surroundings extends fc.Arbitrary<infer T> ? T : never) {
  const uses: string[] = []
  const trusting = {
    ...federation,
    signingCertificate: key.certificateBase64,
    isEnabled: given.isEnabled,
    allowUnsolicited: given.allowUnsolicited,
    requireIdpEmailMatch: given.requireIdpEmailMatch,
    federatedIdpMfaBehavior: given.mfa,
  }
  const world = circumstancesOf(
    {
      federations: [trusting, { ...otherFederation, signingCertificate: key.certificateBase64 }],
      domains: [given.domain === 'customer.com' ? customerDomain : domainWith(given.domain)],
      users: [{ ...alice, accountEnabled: given.accountEnabled }],
      requests: [{ ...waiting, expiresAt: given.expiresAt, loginHint: given.loginHint }],
    },
    { browser: given.browser, secondOpinion: opinionOf(given.opinion) },
  )
  const state: Circumstances['state'] = {
    ...world.state,
    wasUsed: async () => given.used,
    consume: async ({ assertionId }) => {
      uses.push(assertionId)
      return given.consumption
    },
  }
  return { uses, circumstances: { ...world, state } }
}

function opinionOf(opinion: 'off' | 'agrees' | 'differs'): Circumstances['secondOpinion'] {
  if (opinion === 'off') return null
  return async () =>
    opinion === 'agrees' ? { agrees: true } : { agrees: false, differences: 'NameID' }
}

const withoutTrace = ({ trace: _, ...rest }: Verdict) => rest

describe('diagnosis', () => {
  it('changes the trace and never the verdict, and uses up nothing that is refused', async () => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(said, surroundings, async (parts, given) => {
        const message = signedMessage(parts)
        const live = worldOf(given)
        const diagnosing = worldOf(given)
        const verdict = await judge(message, live.circumstances)
        const diagnosed = await judge(message, { ...diagnosing.circumstances, diagnose: true })
        expect(withoutTrace(diagnosed)).to.deep.equal(withoutTrace(verdict))

        for (const [{ uses }, { outcome, trace }] of [
          [live, verdict],
          [diagnosing, diagnosed],
        ] as const) {
          const failed = trace.filter(({ result }) => result === 'fail').map(({ check }) => check)
          const mayConsume = outcome === 'signedIn' || failed[0] === 'once'
          expect(uses).to.have.lengthOf(mayConsume ? 1 : 0)
        }
        const firstFailure = (of: Verdict) => of.trace.find(({ result }) => result === 'fail')
        expect(firstFailure(diagnosed)).to.deep.equal(firstFailure(verdict))
        outcomes.add(verdict.outcome === 'refused' ? verdict.reason : 'signedIn')
      }),
      { numRuns: 300 },
    )
    // Otherwise the property would hold of nothing.
    expect(outcomes).to.include('signedIn')
    expect(outcomes.size).to.be.above(8)
  })

  it('runs every check that still can, and says what the others would need', async () => {
    const { circumstances } = worldOf({
      browser: 'another',
      isEnabled: true,
      accountEnabled: false,
      domain: 'customer.com',
      allowUnsolicited: false,
      requireIdpEmailMatch: true,
      mfa: 'enforceMfaByFederatedIdp',
      expiresAt: waiting.expiresAt,
      used: true,
      loginHint: null,
      opinion: 'differs',
      consumption: 'consumed',
    })
    const message = signedMessage({ audience: 'urn:x', destination: 'urn:x', attributes: [] })
    const verdict = await judge(message, { ...circumstances, diagnose: true })
    const failed = verdict.trace.filter(({ result }) => result === 'fail')
    expect(failed.map(({ reason }) => reason)).to.deep.equal([
      'audienceMismatch',
      'destinationMismatch',
      'responseReplayed',
      'browserMismatch',
      'mfaRequired',
    ])
    const hints = new Map(verdict.trace.map(({ check, hint }) => [check, hint]))
    expect(hints.get('user')).to.equal('Could not run: needs request.')
    expect(hints.get('enabled')).to.equal('Could not run: needs user.')
    expect(hints.get('domain')).to.equal('Could not run: needs user.')
    for (const check of ['secondOpinion', 'once']) {
      expect(hints.get(check)).to.equal('Not run: an earlier check failed.')
    }
  })
})
