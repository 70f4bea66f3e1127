import { expect } from 'chai'
import {
  audience as audienceCheck,
  destination,
  recipient,
} from '../../src/signin/checks/conditions.ts'
import { circumstancesOf, fails, passes } from '../support/circumstances.ts'
import {
  acs,
  audience,
  claimed,
  claimedResponse,
  conditionsWith,
  confirmationWith,
  now,
  publicUrl,
  tenantlessAcs,
  time,
  verified,
  verifiedResponse,
} from '../support/verified.ts'

const restrictedTo = (...restrictions: string[][]) => ({
  verified: verifiedResponse({
    conditions: conditionsWith({
      audienceRestrictions: restrictions.map((each) => each.map(verified)),
    }),
  }),
})

describe('check audience', () => {
  it('passes when every restriction names us', async () => {
    expect((await passes(audienceCheck)).actual).to.equal(audience)
    const several = restrictedTo(['urn:other', audience], [audience])
    expect((await passes(audienceCheck, several)).actual).to.equal(
      `urn:other, ${audience}; ${audience}`,
    )
  })

  it('refuses when one restriction of several does not name us: audienceMismatch', async () => {
    const refusal = await fails(audienceCheck, restrictedTo([audience], ['urn:other', 'urn:third']))
    expect(refusal.reason).to.equal('audienceMismatch')
    expect(refusal).to.include({ expected: audience, actual: 'urn:other, urn:third' })
  })

  it('refuses no restriction, an empty one, and no Conditions: audienceMismatch', async () => {
    const without = { verified: verifiedResponse({ conditions: null, conditionsCount: 0 }) }
    for (const [found, actual] of [
      [restrictedTo(), 'no AudienceRestriction'],
      [restrictedTo([]), 'an empty AudienceRestriction'],
      [without, 'no Conditions'],
    ] as const) {
      const refusal = await fails(audienceCheck, found)
      expect(refusal.reason).to.equal('audienceMismatch')
      expect(refusal).to.include({ expected: audience, actual })
    }
  })

  it('refuses two Conditions elements, whatever the first says', async () => {
    const two = { verified: verifiedResponse({ conditionsCount: 2 }) }
    const refusal = await fails(audienceCheck, two)
    expect(refusal.reason).to.equal('audienceMismatch')
    expect(refusal.actual).to.equal('2 Conditions elements')
  })

  it('refuses a condition that nobody knows: conditionUnknown', async () => {
    const unknown = [verified('{urn:x}Weather'), verified('{urn:x}Mood')]
    const found = { verified: verifiedResponse({ conditions: conditionsWith({ unknown }) }) }
    const refusal = await fails(audienceCheck, found)
    expect(refusal.reason).to.equal('conditionUnknown')
    expect(refusal.actual).to.equal('{urn:x}Weather')
  })

  it('takes OneTimeUse, which every assertion is here', async () => {
    const conditions = conditionsWith({ oneTimeUse: true })
    expect(
      (await passes(audienceCheck, { verified: verifiedResponse({ conditions }) })).actual,
    ).to.equal(audience)
  })

  it('compares byte for byte, and says what the difference is', async () => {
    for (const [sent, words] of [
      [audience.toLowerCase(), 'upper and lower case'],
      [` ${audience}`, 'white space'],
      [`${audience}/`, 'trailing slash'],
      [acs, 'ACS URL and Audience URI were probably mixed up'],
      [tenantlessAcs, 'ACS URL and Audience URI were probably mixed up'],
    ] as const) {
      const refusal = await fails(audienceCheck, restrictedTo([sent]))
      expect(refusal.reason, sent).to.equal('audienceMismatch')
      expect(refusal.hint, sent).to.contain(words)
    }
    expect((await fails(audienceCheck, restrictedTo(['urn:other']))).hint).to.equal(undefined)
    const web = circumstancesOf({}, { audience: 'https://login.example.test' })
    const http = await fails(audienceCheck, restrictedTo(['http://login.example.test']), web)
    expect(http.hint).to.contain('http and https')
  })
})

describe('check recipient', () => {
  const confirmedBy = (...more: Parameters<typeof confirmationWith>[0][]) => ({
    verified: verifiedResponse({ subjectConfirmations: more.map(confirmationWith) }),
  })

  it('passes a bearer confirmation for any of our URLs, and hands it on', async () => {
    for (const url of [acs, tenantlessAcs]) {
      const passed = await passes(recipient, confirmedBy({ recipient: verified(url) }))
      expect(passed.actual).to.equal(url)
      expect(passed.found?.confirmation?.recipient).to.equal(url)
    }
  })

  it('refuses no confirmation, two of them, no Subject, and two: subjectConfirmationInvalid', async () => {
    for (const [found, actual] of [
      [confirmedBy(), '1 Subject and 0 SubjectConfirmation'],
      [confirmedBy({}, {}), '1 Subject and 2 SubjectConfirmation'],
      [{ verified: verifiedResponse({ subjectCount: 0 }) }, '0 Subject and 1 SubjectConfirmation'],
      [{ verified: verifiedResponse({ subjectCount: 2 }) }, '2 Subject and 1 SubjectConfirmation'],
    ] as const) {
      const refusal = await fails(recipient, found)
      expect(refusal.reason).to.equal('subjectConfirmationInvalid')
      expect(refusal.actual).to.equal(actual)
    }
  })

  it('refuses any other method, and none: subjectConfirmationInvalid', async () => {
    for (const method of [verified('urn:oasis:names:tc:SAML:2.0:cm:holder-of-key'), null]) {
      const refusal = await fails(recipient, confirmedBy({ method }))
      expect(refusal.reason).to.equal('subjectConfirmationInvalid')
      expect(refusal.actual).to.equal(method ?? 'no Method')
    }
  })

  it('refuses a NotBefore in the confirmation, even one long past: subjectConfirmationInvalid', async () => {
    const refusal = await fails(recipient, confirmedBy({ notBefore: time(now - 60_000) }))
    expect(refusal.reason).to.equal('subjectConfirmationInvalid')
    expect(refusal.actual).to.equal('2026-01-15T09:29:00.000Z')
  })

  it('refuses another recipient, and none: recipientMismatch', async () => {
    const other = await fails(recipient, confirmedBy({ recipient: verified('https://x.test/acs') }))
    expect(other.reason).to.equal('recipientMismatch')
    expect(other).to.include({
      expected: `${acs} or ${tenantlessAcs}`,
      actual: 'https://x.test/acs',
      hint: 'It is another server.',
    })
    const none = await fails(recipient, confirmedBy({ recipient: null }))
    expect(none.reason).to.equal('recipientMismatch')
    expect(none.actual).to.equal('no Recipient')
    expect(none.hint).to.equal(undefined)
  })

  it('compares URLs byte for byte, and says what the difference is', async () => {
    for (const [sent, words] of [
      [`${acs}/`, 'the trailing slash'],
      [` ${acs}`, 'white space'],
      [acs.replace('https:', 'http:'), 'http and https'],
      [acs.toUpperCase(), 'upper and lower case'],
      ['login.srf', 'no URL'],
      [`${publicUrl}/other/saml2`, 'this server, but another tenant'],
      [`${publicUrl}/saml/acs`, 'this server, but not an ACS URL'],
      ['http://login.example.test/x', 'this server, but not an ACS URL'],
      ['https://login.microsoftonline.com/login.srf', 'Microsoft’s own address'],
      ['https://login.example.test:8443/login.srf', 'another server'],
    ] as const) {
      const refusal = await fails(recipient, confirmedBy({ recipient: verified(sent) }))
      expect(refusal.reason, sent).to.equal('recipientMismatch')
      expect(refusal.hint, sent).to.contain(words)
    }
  })
})

describe('check destination', () => {
  it('passes our URL, signed or claimed', async () => {
    expect((await passes(destination)).actual).to.equal(acs)
    const unsigned = { verified: verifiedResponse({}, null) }
    expect((await passes(destination, unsigned)).actual).to.equal(acs)
  })

  it('does not need one where the Response is not signed', async () => {
    const passed = await passes(destination, {
      verified: verifiedResponse({}, null),
      claimed: claimedResponse({ destination: null }),
    })
    expect(passed.notApplicable).to.be.a('string')
  })

  it('refuses a signed Response without one, though it claims one: destinationMismatch', async () => {
    const refusal = await fails(destination, {
      verified: verifiedResponse({}, { destination: null }),
    })
    expect(refusal.reason).to.equal('destinationMismatch')
    expect(refusal.actual).to.equal('no Destination in a signed Response')
    expect(refusal.hint).to.equal(undefined)
  })

  it('refuses another one, signed, claimed, and empty: destinationMismatch', async () => {
    const elsewhere = 'https://login.microsoftonline.com/login.srf'
    for (const found of [
      { verified: verifiedResponse({}, { destination: verified(elsewhere) }) },
      {
        verified: verifiedResponse({}, null),
        claimed: claimedResponse({ destination: claimed(elsewhere) }),
      },
    ]) {
      const refusal = await fails(destination, found)
      expect(refusal.reason).to.equal('destinationMismatch')
      expect(refusal.actual).to.equal(elsewhere)
      expect(refusal.hint).to.contain('Microsoft’s own address')
    }
    const empty = {
      verified: verifiedResponse({}, null),
      claimed: claimedResponse({ destination: claimed('') }),
    }
    expect((await fails(destination, empty)).reason).to.equal('destinationMismatch')
  })

  it('believes the signed one over the claimed one', async () => {
    const found = { claimed: claimedResponse({ destination: claimed('https://x.test/') }) }
    expect((await passes(destination, found)).actual).to.equal(acs)
  })
})
