import { expect } from 'chai'
import { hours, seconds } from '../../src/lib/clock.ts'
import { idpEmail, mfa, user } from '../../src/signin/checks/account.ts'
import { destination, recipient } from '../../src/signin/checks/conditions.ts'
import { issuer as issuerCheck, trust } from '../../src/signin/checks/message.ts'
import { once, request } from '../../src/signin/checks/request.ts'
import { nameId } from '../../src/signin/checks/subject.ts'
import { times } from '../../src/signin/checks/times.ts'
import { circumstancesOf, fails, federation, passes, waiting } from '../support/circumstances.ts'
import type { Said } from '../support/signedMessage.ts'
import {
  acs,
  attribute,
  claimed,
  claimedResponse,
  conditionsWith,
  confirmationWith,
  issuer,
  nameIdWith,
  now,
  persistent,
  statementWith,
  tenantlessAcs,
  time,
  unspecified,
  verified,
  verifiedResponse,
} from '../support/verified.ts'
import { refused, signedIn } from './judged.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('checks, to the letter', () => {
  it('nameId: refuses a format character at the very start too', async () => {
    const found = {
      verified: verifiedResponse({ nameId: nameIdWith({ value: verified('\u200Bab') }) }),
    }
    const refusal = await fails(nameId, found)
    expect(refusal.reason).to.equal('nameIdMalformed')
    expect(refusal.actual).to.equal('the character U+200B at position 1')
  })

  it('nameId: refuses a Subject that is told by something else than a NameID', async () => {
    const found = { verified: verifiedResponse({ nameId: null, identifierCount: 1 }) }
    expect((await fails(nameId, found)).reason).to.equal('nameIdMissing')
  })

  it('nameId: names all formats that the federation accepts', async () => {
    const formats = { ...federation, nameIdFormats: [persistent, unspecified] }
    expect((await passes(nameId, { federation: formats })).expected).to.equal(
      `${persistent} or ${unspecified}`,
    )
  })

  it('recipient, destination: name every URL of ours', async () => {
    const ours = `${acs} or ${tenantlessAcs}`
    expect((await passes(recipient)).expected).to.equal(ours)
    expect((await passes(destination)).expected).to.equal(ours)
    const elsewhere = { verified: verifiedResponse({}, { destination: verified('urn:x') }) }
    expect((await fails(destination, elsewhere)).expected).to.equal(ours)
  })

  it('idpEmail: tells every value that was sent, also where nobody asks for it', async () => {
    const attributes = [attribute('IDPEmail', 'a@x.example', 'b@x.example')]
    const passed = await passes(idpEmail, { verified: verifiedResponse({ attributes }) })
    expect(passed.actual).to.equal('a@x.example, b@x.example')
  })

  it('user: tells an identity provider nothing of who exists in the domains of others', async () => {
    for (const loginHint of ['nobody@partner.com', 'nobody@nowhere.example', 'no e-mail']) {
      const found = { nameId: verified('nobody'), request: { ...waiting, loginHint } }
      const refusal = await fails(user, found)
      expect(refusal.reason).to.equal('immutableIdMismatch')
      expect(refusal.hint).to.equal(
        `The typed e-mail ${loginHint} is in no domain of this federation.`,
      )
    }
  })

  it('issuer, request, once: tell what is missing or came before', async () => {
    const versionless = { verified: verifiedResponse({ version: null }) }
    expect((await fails(issuerCheck, versionless)).actual).to.equal('none')
    const confirmation = confirmationWith({ inResponseTo: null })
    const unasked = {
      confirmation,
      claimed: claimedResponse({ inResponseTo: null }),
      verified: verifiedResponse({ subjectConfirmations: [confirmation] }, { inResponseTo: null }),
    }
    expect((await fails(request, unasked)).actual).to.equal('no InResponseTo')
    const world = circumstancesOf()
    await passes(once, {}, world)
    expect((await fails(once, {}, world)).actual).to.equal('another post of it came first')
  })

  it('mfa: tells a missing class reference as none', async () => {
    const refusal = await fails(mfa, {
      federation: { ...federation, federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' },
      verified: verifiedResponse({ authnStatements: [statementWith({ classRef: null })] }),
    })
    expect(refusal.actual).to.equal('none')
  })

  it('trust: guesses at http and https at the start of an Issuer only', async () => {
    for (const [known, sent] of [
      ['urn:a:http:b', 'urn:a:https:b'],
      ['urn:a:https:b', 'urn:a:http:b'],
    ] as const) {
      const world = circumstancesOf({
        federations: [{ ...federation, issuerUri: known }],
        domains: [],
      })
      const found = { claimed: claimedResponse({ issuer: claimed(sent), inResponseTo: null }) }
      expect((await fails(trust, found, world)).hint).to.equal(undefined)
    }
  })
})

describe('check times, to the letter', () => {
  const saying = (until: number, issued = now) => {
    const confirmation = confirmationWith({ notOnOrAfter: time(now + hours(1)) })
    return {
      confirmation,
      verified: verifiedResponse({
        issueInstant: time(issued),
        conditions: conditionsWith({ notBefore: time(now - hours(1)), notOnOrAfter: time(until) }),
        subjectConfirmations: [confirmation],
      }),
    }
  }

  it('leaves a missing AuthnInstant to the check that names it', async () => {
    const verifiedWithout = verifiedResponse({
      authnStatements: [statementWith({ authnInstant: null })],
    })
    await passes(times, { verified: verifiedWithout })
  })

  it('names the time that is written wrongly', async () => {
    for (const [name, statement] of [
      ['AuthnInstant', { authnInstant: time('yesterday') }],
      ['SessionNotOnOrAfter', { sessionNotOnOrAfter: time('tomorrow') }],
    ] as const) {
      const found = { verified: verifiedResponse({ authnStatements: [statementWith(statement)] }) }
      const refusal = await fails(times, found)
      expect(refusal.reason).to.equal('timeMissing')
      expect(refusal.expected).to.match(new RegExp(`^${name} as a UTC`))
    }
  })

  it('names the IssueInstant of the Response, apart from that of the assertion', async () => {
    const sent = (at: number) => ({ verified: verifiedResponse({}, { issueInstant: time(at) }) })
    expect((await fails(times, sent(now + hours(1)))).expected).to.match(
      /^IssueInstant of the Response, /,
    )
    expect((await fails(times, sent(now - hours(25)))).expected).to.match(
      /^before IssueInstant of the Response plus 1 d, /,
    )
  })

  it('tells how far ahead a confirmation ends that lasts too long', async () => {
    const confirmation = confirmationWith({ notOnOrAfter: time(now + hours(25)) })
    const found = {
      confirmation,
      verified: verifiedResponse({ subjectConfirmations: [confirmation] }),
    }
    expect((await fails(times, found)).actual).to.equal('1 d 1 h ahead: 2026-01-16T10:30:00.000Z')
  })

  it('tells the window that ends with the earlier of the two ends', async () => {
    const passed = await passes(times, saying(now + hours(2)))
    expect(passed.expected).to.contain(' to 2026-01-15T10:30:00.000Z')
  })

  it('tells a window that is the wrong way round as it was sent', async () => {
    const refusal = await fails(times, saying(now - hours(2)))
    expect(refusal.actual).to.equal('2026-01-15T08:30:00.000Z to 2026-01-15T07:30:00.000Z')
  })

  it('tells a whole second in seconds, and what is below in milliseconds', async () => {
    const exact = circumstancesOf({}, { clockSkew: 0 })
    const late = async (by: number) => (await fails(times, saying(now - by, now), exact)).actual
    expect(await late(999)).to.contain(', 999 ms later')
    expect(await late(1000)).to.contain(', 1 s later')
  })

  it('tells the age of a response that is issued at this very moment as past', async () => {
    const refusal = await fails(times, saying(now - seconds(121)))
    expect(refusal.hint).to.match(/^It was issued 0 s ago: /)
  })
})

describe('the trace, to the letter', () => {
  it('is of passes and skips alone when someone is signed in', async () => {
    const { trace } = await signedIn()
    expect(new Set(trace.map(({ result }) => result))).to.deep.equal(new Set(['pass', 'skipped']))
    expect(trace[0]?.result).to.equal('pass')
  })

  it('says of every check that a text which is no XML leaves nothing to look at', async () => {
    const verdict = await refused({ tamper: () => 'no XML' }, {}, { diagnose: true })
    const hints = new Map(verdict.trace.map(({ check, hint }) => [check, hint]))
    expect(hints.get('signature')).to.equal('Could not run: needs claimed and federation.')
    expect(hints.get('trust')).to.equal('Could not run: needs claimed.')
  })

  it('sets the sentences of a hint apart by one space, with none around them', async () => {
    const broken: Partial<Said>[] = [
      { audience: 'urn:x' },
      { nameId: 'nobody' },
      { nameId: ' x' },
      { notOnOrAfter: now - seconds(90) },
      { notOnOrAfter: now - hours(1), notBefore: now - hours(2) },
      { issuer: `${issuer}/` },
      { signed: 'none' },
    ]
    for (const said of broken) {
      const { trace } = await refused(said, {}, { diagnose: true, clockSkew: seconds(60) })
      for (const { hint } of trace)
        expect(hint ?? 'x')
          .to.match(/^\S(?:.*\S)?$/)
          .and.not.match(/\.[A-Z]| {2}/)
    }
  })
})
