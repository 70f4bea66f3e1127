import { expect } from 'chai'
import { reasons } from '../../src/aadsts/reasons.ts'
import { alice, federation, waiting } from '../support/circumstances.ts'
import { aliceAnchor, publicUrl, requestId, tenantId } from '../support/verified.ts'
import { allNames, namesOf, refused, signedIn } from './judged.ts'

describe('judge', () => {
  it('signs in the user whose ImmutableId is the signed NameID', async () => {
    const verdict = await signedIn()
    expect(verdict.user).to.deep.equal(alice)
    expect(verdict.federation.id).to.equal(federation.id)
    expect(verdict.request?.id).to.equal(requestId)
    expect(verdict.verified.assertion.nameId?.value).to.equal(aliceAnchor)
  })

  it('signs in with either signature alone', async () => {
    for (const signed of ['assertion', 'response'] as const) await signedIn({ signed })
  })

  it('lists every check once and in order, whatever the outcome', async () => {
    expect(new Set(allNames).size).to.equal(allNames.length)
    for (const verdict of [
      await signedIn(),
      await refused({ audience: 'urn:x' }),
      await refused({ audience: 'urn:x' }, {}, { diagnose: true }),
      await refused({ tamper: () => 'no XML' }),
    ]) {
      expect(verdict.trace.map(({ check }) => check)).to.deep.equal(allNames)
    }
  })

  it('has the order in which a response earns trust', () => {
    expect(allNames).to.deep.equal([
      'message',
      'trust',
      'status',
      'assertion',
      'signature',
      'issuer',
      'audience',
      'recipient',
      'destination',
      'times',
      'authnStatement',
      'attributes',
      'nameId',
      'replay',
      'request',
      'user',
      'domain',
      'enabled',
      'idpEmail',
      'mfa',
      'secondFactor',
      'secondOpinion',
      'once',
    ])
  })

  it('writes of an accepted response which checks passed, and why others had nothing to do', async () => {
    const verdict = await signedIn()
    expect(namesOf(verdict, 'fail')).to.deep.equal([])
    expect(namesOf(verdict, 'skipped')).to.deep.equal([
      'idpEmail',
      'mfa',
      'secondFactor',
      'secondOpinion',
    ])
    const mfa = verdict.trace.find(({ check }) => check === 'mfa')
    expect(mfa).to.deep.equal({
      check: 'mfa',
      result: 'skipped',
      reason: null,
      expected: null,
      actual: null,
      hint: 'federatedIdpMfaBehavior is acceptIfMfaDoneByFederatedIdp.',
    })
  })

  it('takes a Recipient at our other addresses', async () => {
    await signedIn({ recipient: `${publicUrl}/login.srf`, destination: `${publicUrl}/login.srf` })
  })

  describe('the trace of a failure', () => {
    it('has the reason, both sides, the near miss and the remedy', async () => {
      const verdict = await refused({ audience: 'urn:federation:microsoftonline' })
      expect(verdict.trace.find(({ result }) => result === 'fail')).to.deep.equal({
        check: 'audience',
        result: 'fail',
        reason: 'audienceMismatch',
        expected: 'urn:federation:MicrosoftOnline',
        actual: 'urn:federation:microsoftonline',
        hint: `They differ in upper and lower case. ${reasons.audienceMismatch.remedy}`,
      })
    })

    it('is cut to a bounded length, whatever was sent', async () => {
      const verdict = await refused({ audience: `urn:${'x'.repeat(5000)}` })
      for (const { expected, actual, hint } of verdict.trace) {
        for (const text of [expected, actual, hint]) {
          expect((text ?? '').length).to.be.at.most(1025)
        }
      }
      const { actual } = verdict.trace.find(({ result }) => result === 'fail') ?? {}
      expect(actual).to.equal(`urn:${'x'.repeat(1020)}…`)
    })

    it('leaves 1024 characters as they are', async () => {
      const audience = `urn:${'x'.repeat(1020)}`
      const verdict = await refused({ audience })
      expect(verdict.trace.find(({ result }) => result === 'fail')?.actual).to.equal(audience)
    })
  })

  describe('what is known of a refusal', () => {
    it('names neither federation nor request before they are established', async () => {
      const unread = await refused({ tamper: () => 'x' })
      const { federation: none, request, assertionId } = unread
      expect([none, request, assertionId]).to.deep.equal([null, null, null])
      expect(unread.values).to.deep.equal({
        tenant: tenantId,
        issuer: undefined,
        nameId: undefined,
        email: undefined,
      })
      const wrongAudience = await refused({ audience: 'urn:x' })
      expect(wrongAudience.federation?.id).to.equal(federation.id)
      expect(wrongAudience.assertionId).to.equal('id2002')
      expect((await refused({ signed: 'none' })).assertionId).to.equal(null)
      expect(wrongAudience.request).to.equal(null)
      expect(wrongAudience.values.nameId).to.equal(undefined)
    })

    it('gives the message the NameID as sent, the tenant, the Issuer and the typed e-mail', async () => {
      const verdict = await refused({ nameId: 'somebody' })
      expect(verdict.values).to.deep.equal({
        tenant: tenantId,
        issuer: federation.issuerUri,
        nameId: 'somebody',
        email: waiting.loginHint,
      })
      expect(verdict.request).to.deep.equal(waiting)
    })

    it('never gives the message an unsigned NameID', async () => {
      expect((await refused({ signed: 'none' })).values.nameId).to.equal(undefined)
    })
  })
})
