import { expect } from 'chai'
import { readCase } from '../../src/cli/replay/caseFile.ts'
import { type CaseResult, judgeCase } from '../../src/cli/replay/judgeCase.ts'
import { explained, resultLine } from '../../src/cli/replay/report.ts'
import { type Said, signedMessage } from '../support/signedMessage.ts'
import { assertionId, issuer, publicUrl, requestId } from '../support/verified.ts'
import { CaseFolder, soundCase, usageError } from './caseFolder.ts'

describe('judging a case', () => {
  let folder: CaseFolder
  beforeEach(() => {
    folder = new CaseFolder()
  })
  afterEach(() => folder.remove())

  const options = { diagnose: false, secondOpinion: null, database: null }

  function judged(
    more: Readonly<Record<string, unknown>> = {},
    said: Partial<Said> = {},
  ): Promise<CaseResult> {
    folder.write('response.xml', signedMessage(said).body)
    return judgeCase(readCase(folder.writeCase(more)), options)
  }

  it('signs in at the case’s own clock', async () => {
    const result = await judged()
    expect(result).to.include({
      name: 'sound',
      outcome: 'signedIn',
      user: 'alice@customer.com',
      reason: null,
      aadsts: null,
      asExpected: null,
    })
    expect(await judged({ at: '2026-01-15T10:30:00Z' })).to.include({
      outcome: 'refused',
      user: null,
      reason: 'assertionExpired',
      aadsts: 500089,
    })
  })

  it('has exactly the keys that --json prints, in their order', async () => {
    expect(Object.keys(await judged())).to.deep.equal([
      'file',
      'name',
      'outcome',
      'user',
      'reason',
      'aadsts',
      'asExpected',
      'trace',
    ])
  })

  it('judges base64 as posted as it judges XML', async () => {
    folder.write('response.b64', Buffer.from(signedMessage().body).toString('base64'))
    const given = readCase(folder.writeCase({ response: 'response.b64', encoding: 'base64' }))
    expect((await judgeCase(given, options)).outcome).to.equal('signedIn')
  })

  describe('what was expected', () => {
    const refusal = { outcome: 'refused', reason: 'audienceMismatch', aadsts: 500089 }
    for (const [what, expectation, audience, asExpected] of [
      ['the outcome alone', { outcome: 'signedIn' }, null, true],
      [
        'the user as well',
        { outcome: 'signedIn', user: 'alice@customer.com', reason: null, aadsts: null },
        null,
        true,
      ],
      ['another user', { outcome: 'signedIn', user: 'bob@customer.com' }, null, false],
      ['a refusal that did not come', refusal, null, false],
      ['the refusal that came', refusal, 'urn:x', true],
      ['any refusal', { outcome: 'refused' }, 'urn:x', true],
      ['another reason', { ...refusal, reason: 'notSigned' }, 'urn:x', false],
      ['another code', { ...refusal, aadsts: 50008 }, 'urn:x', false],
      ['a sign-in that was refused', { outcome: 'signedIn' }, 'urn:x', false],
      ['no user where none signed in', { ...refusal, user: null }, 'urn:x', true],
    ] as const) {
      it(`${what}: ${asExpected ? 'as expected' : 'not as expected'}`, async () => {
        const said = audience === null ? {} : { audience }
        expect((await judged({ expect: expectation }, said)).asExpected).to.equal(asExpected)
      })
    }
  })

  it('takes the case’s clock skew', async () => {
    const at = '2026-01-15T09:35:30Z'
    expect((await judged({ at })).outcome).to.equal('signedIn')
    expect((await judged({ at, clockSkewSeconds: 30 })).reason).to.equal('assertionExpired')
  })

  it('refuses an unsolicited response unless the case allows it', async () => {
    const said = { inResponseTo: null, confirmationInResponseTo: null }
    expect((await judged({ request: null }, said)).reason).to.equal('unsolicitedNotAllowed')
    expect((await judged({ request: null, unsolicited: true }, said)).outcome).to.equal('signedIn')
  })

  it('knows the request’s age, another browser, and assertions that were used before', async () => {
    const { request } = soundCase
    expect((await judged({ request: { ...request, ageSeconds: 899 } })).outcome).to.equal(
      'signedIn',
    )
    expect((await judged({ request: { ...request, ageSeconds: 900 } })).reason).to.equal(
      'requestExpired',
    )
    expect((await judged({ request: { ...request, otherBrowser: true } })).reason).to.equal(
      'browserMismatch',
    )
    expect((await judged({ usedAssertions: [assertionId] })).reason).to.equal('responseReplayed')
    expect((await judged({ usedAssertions: ['another'] })).outcome).to.equal('signedIn')
  })

  it('does not confuse a case: judged twice it says the same', async () => {
    const given = readCase(folder.writeCase())
    const first = await judgeCase(given, options)
    expect(await judgeCase(given, options)).to.deep.equal(first)
  })

  it('tells the three ways to match nobody by request, users and address', async () => {
    const said = { nameId: 'nobody' }
    expect((await judged({}, said)).reason).to.equal('immutableIdMismatch')
    expect((await judged({ users: [] }, said)).reason).to.equal('userNotFound')
    const login = `${publicUrl}/login.srf`
    const unsolicited = {
      ...said,
      recipient: login,
      destination: login,
      inResponseTo: null,
      confirmationInResponseTo: null,
    }
    expect(
      (await judged({ acs: login, request: null, unsolicited: true }, unsolicited)).reason,
    ).to.equal('tenantNotIdentified')
  })

  it('applies the federation’s settings and the user’s state', async () => {
    const [federation] = soundCase.federations
    const [user] = soundCase.users
    for (const [more, reason] of [
      [{ federations: [{ ...federation, isEnabled: false }] }, 'federationDisabled'],
      [
        { federations: [{ ...federation, federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' }] },
        'mfaRequired',
      ],
      [{ federations: [{ ...federation, requireSignedResponse: true }] }, 'notSigned'],
      [{ federations: [{ ...federation, nameIdFormats: ['urn:x'] }] }, 'nameIdFormatNotAllowed'],
      [{ federations: [{ ...federation, domains: [] }] }, 'upnDomainNotFederatedHere'],
      [{ users: [{ ...user, accountEnabled: false }] }, 'userDisabled'],
    ] as const) {
      expect((await judged(more, { signed: 'assertion' })).reason).to.equal(reason)
    }
  })

  it('names the key of a certificate or decryption key that cannot be used', async () => {
    const [federation] = soundCase.federations
    folder.write('bad.pem', 'nothing')
    const given = readCase(
      folder.writeCase({ federations: [{ ...federation, signingCertificate: 'bad.pem' }] }),
    )
    expect(await usageError(() => judgeCase(given, options))).to.contain(
      'case.json: federations.0.signingCertificate: ',
    )
    const withKey = readCase(folder.writeCase({ decryptionKey: 'bad.pem' }))
    const told = await usageError(() => judgeCase(withKey, options))
    expect(told).to.contain('case.json: decryptionKey is no PEM private key')
    expect(told).to.not.contain('nothing')
  })

  describe('as it is printed', () => {
    it('is one line, marked when something was expected', async () => {
      expect(resultLine(await judged())).to.equal('    sound: signs in alice@customer.com')
      const expected = await judged({ expect: { outcome: 'signedIn' } })
      expect(resultLine(expected)).to.equal('ok  sound: signs in alice@customer.com, as expected')
      const other = await judged({ expect: { outcome: 'signedIn' } }, { audience: 'urn:x' })
      expect(resultLine(other)).to.equal(
        'NO  sound: refused, audienceMismatch (AADSTS500089), NOT as expected',
      )
    })

    it('explains every check in order: what passed, what failed, what was not run', async () => {
      const { trace } = await judged({}, { audience: 'urn:x' })
      const lines = explained(trace).split('\n')
      expect(lines).to.include(`  pass  trust: ${issuer}`)
      const accepted = explained((await judged()).trace).split('\n')
      const user = accepted.findIndex((line) => line.startsWith('  pass  user: '))
      expect(accepted[user + 1]).to.equal(
        '            It is the onPremisesImmutableId of alice@customer.com.',
      )
      expect(accepted.every((line) => line.trim() !== '')).to.equal(true)
      const at = lines.indexOf('  FAIL  audience: audienceMismatch')
      expect(lines.slice(at + 1, at + 3)).to.deep.equal([
        '          expected  urn:federation:MicrosoftOnline',
        '          actual    urn:x',
      ])
      expect(lines[at + 3]).to.match(/^ {10}to do {5}Set Audience URI/)
      const heads = lines.filter((line) => /^ {2}(pass|FAIL| {2}- ) {2}/.test(line))
      const notRun = trace.slice(heads.length).map(({ check }) => check)
      expect(notRun).to.include('recipient')
      expect(lines.at(-1)).to.equal(`  not run after that: ${notRun.join(', ')}`)
    })

    it('lets no sent value begin a line', async () => {
      const { trace } = await judged({}, { audience: 'urn:x\n  pass  once: forged' })
      const text = explained(trace)
      expect(text).to.contain('          actual    urn:x\\u{a}  pass  once: forged')
      expect(text.split('\n').filter((line) => line.startsWith('  pass  once'))).to.deep.equal([])
    })
  })

  it('never answers for another request than the case’s', async () => {
    const request = { ...soundCase.request, id: '_another' }
    const result = await judged({ request })
    expect(result.reason).to.equal('requestUnknown')
    expect(result.trace.find(({ result: how }) => how === 'fail')?.actual).to.equal(requestId)
  })
})
