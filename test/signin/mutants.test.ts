import { expect } from 'chai'
import { hours, seconds } from '../../src/lib/clock.ts'
import { idpEmail, mfa } from '../../src/signin/checks/account.ts'
import { destination, recipient } from '../../src/signin/checks/conditions.ts'
import { audienceHint, issuerHint, urlHint } from '../../src/signin/checks/hints.ts'
import { trust } from '../../src/signin/checks/message.ts'
import { nameId } from '../../src/signin/checks/subject.ts'
import { times } from '../../src/signin/checks/times.ts'
import { circumstancesOf, fails, federation, passes } from '../support/circumstances.ts'
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

describe('hints, to the letter', () => {
  it('see white space on either side', () => {
    expect(issuerHint('urn:a', ' urn:a')).to.contain('white space')
    expect(audienceHint(['urn:a'], 'urn:a ')).to.contain('white space')
  })

  it('take for Okta apps whole Okta issuers only, of any length', () => {
    const other = 'http://www.okta.com/exk2345'
    expect(issuerHint('http://www.okta.com/exk1234', other)).to.contain('Both are Okta apps')
    expect(issuerHint('urn:http://www.okta.com/exk1234', other)).to.equal(undefined)
    expect(issuerHint('http://www.okta.com/exk1234/sso', other)).to.equal(undefined)
  })

  it('take for ACS URLs whole URLs only, of either scheme', () => {
    for (const scheme of ['http', 'https'])
      expect(audienceHint([`${scheme}://sp.example/t/saml2`], 'urn:a')).to.contain(
        'It is an ACS URL',
      )
    for (const audience of ['urn:https://sp.example/t/saml2', 'https://sp.example/saml2/metadata'])
      expect(audienceHint([audience], 'urn:a')).to.equal(undefined)
    expect(urlHint('https://login.example.test/t/saml2/more', [acs])).to.contain('not an ACS URL')
  })

  it('compare without the scheme, which stands at the start or is missing', () => {
    expect(audienceHint(['sp.example'], 'https://sp.example')).to.contain('http and https')
    expect(audienceHint(['urn:https://a'], 'urn:a')).to.equal(undefined)
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
      { notOnOrAfter: now - seconds(125) },
      { notOnOrAfter: now - hours(1), notBefore: now - hours(2) },
      { issuer: `${issuer}/` },
      { signed: 'none' },
    ]
    for (const said of broken) {
      const { trace } = await refused(said, {}, { diagnose: true })
      for (const { hint } of trace)
        expect(hint ?? 'x')
          .to.match(/^\S(?:.*\S)?$/)
          .and.not.match(/\.[A-Z]| {2}/)
    }
  })
})
