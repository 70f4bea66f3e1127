import { expect } from 'chai'
import { hours, minutes, seconds } from '../../src/lib/clock.ts'
import type { VerifiedTime } from '../../src/saml/types.ts'
import { times } from '../../src/signin/checks/times.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import { circumstancesOf, fails, passes } from '../support/circumstances.ts'
import {
  conditionsWith,
  confirmationWith,
  envelopeWith,
  now,
  statementWith,
  time,
  verifiedResponse,
} from '../support/verified.ts'

const skew = seconds(120)

/** The sound response with these times instead; they stand far from now, so that one of them alone decides. */
function saying(
  given: {
    notBefore?: VerifiedTime | null
    notOnOrAfter?: VerifiedTime | null
    confirmUntil?: VerifiedTime | null
    issued?: VerifiedTime | null
    authnInstant?: VerifiedTime | null
    sessionUntil?: VerifiedTime | null
  } = {},
) {
  const {
    notBefore = time(now - hours(1)),
    notOnOrAfter = time(now + hours(1)),
    confirmUntil = time(now + hours(1)),
    issued = time(now),
    authnInstant = time(now - hours(1)),
    sessionUntil = null,
  } = given
  const confirmation = confirmationWith({ notOnOrAfter: confirmUntil })
  return {
    confirmation,
    verified: verifiedResponse({
      issueInstant: issued,
      conditions: conditionsWith({ notBefore, notOnOrAfter }),
      subjectConfirmations: [confirmation],
      authnStatements: [statementWith({ authnInstant, sessionNotOnOrAfter: sessionUntil })],
    }),
  }
}

const at = (more: Partial<Circumstances>) => circumstancesOf({}, more)

describe('check times', () => {
  it('passes a response of now, and tells its window', async () => {
    const passed = await passes(times)
    expect(passed.expected).to.equal(
      '2026-01-15T09:25:00.000Z to 2026-01-15T09:35:00.000Z, give or take 2 min',
    )
    expect(passed.actual).to.equal('2026-01-15T09:30:00.000Z')
  })

  const untils = [
    ['Conditions NotOnOrAfter', (t: VerifiedTime) => saying({ notOnOrAfter: t })],
    ['SubjectConfirmationData NotOnOrAfter', (t: VerifiedTime) => saying({ confirmUntil: t })],
  ] as const
  for (const [name, make] of untils) {
    it(`${name} is exclusive, with the tolerance after it, to the millisecond`, async () => {
      await passes(times, make(time(now - skew + 1)))
      const refusal = await fails(times, make(time(now - skew)))
      expect(refusal.reason).to.equal('assertionExpired')
      expect(refusal.expected).to.equal(
        `before ${name}, 2026-01-15T09:28:00.000Z, give or take 2 min`,
      )
      expect(refusal.actual).to.equal('our clock says 2026-01-15T09:30:00.000Z, 2 min later')
    })

    it(`${name} without tolerance refuses at that very millisecond`, async () => {
      await passes(times, make(time(now + 1)), at({ clockSkew: 0 }))
      const refusal = await fails(times, make(time(now)), at({ clockSkew: 0 }))
      expect(refusal.reason).to.equal('assertionExpired')
      expect(refusal.expected).to.match(/without tolerance$/)
      expect(refusal.actual).to.match(/, 0 ms later$/)
    })
  }

  const froms = [
    ['Conditions NotBefore', (t: VerifiedTime) => saying({ notBefore: t })],
    ['IssueInstant', (t: VerifiedTime) => saying({ issued: t })],
    ['AuthnInstant', (t: VerifiedTime) => saying({ authnInstant: t })],
  ] as const
  for (const [name, make] of froms) {
    it(`${name} is inclusive, with the tolerance before it, to the millisecond`, async () => {
      await passes(times, make(time(now + skew)))
      const refusal = await fails(times, make(time(now + skew + 1)))
      expect(refusal.reason).to.equal('assertionNotYetValid')
      expect(refusal.expected).to.equal(
        `${name}, 2026-01-15T09:32:00.001Z, or later, give or take 2 min`,
      )
      expect(refusal.actual).to.equal('our clock says 2026-01-15T09:30:00.000Z, 2 min earlier')
    })
  }

  it('caps the lifetime from NotBefore to NotOnOrAfter; the cap itself still passes', async () => {
    const notBefore = time(now - minutes(1))
    const lasting = (span: number) =>
      saying({ notBefore, notOnOrAfter: time(now - minutes(1) + span) })
    await passes(times, lasting(hours(24)))
    const refusal = await fails(times, lasting(hours(24) + 1))
    expect(refusal.reason).to.equal('lifetimeTooLong')
    expect(refusal).to.include({
      expected: 'at most 1 d from NotBefore to NotOnOrAfter',
      actual: '1 d: 2026-01-15T09:29:00.000Z to 2026-01-16T09:29:00.001Z',
    })
    const short = at({ maxLifetime: hours(1) })
    expect((await fails(times, lasting(hours(1) + 1), short)).reason).to.equal('lifetimeTooLong')
  })

  it('caps how far ahead SubjectConfirmationData may end: its replay is remembered so long', async () => {
    await passes(times, saying({ confirmUntil: time(now + hours(24) + skew) }))
    const refusal = await fails(times, saying({ confirmUntil: time(now + hours(24) + skew + 1) }))
    expect(refusal.reason).to.equal('lifetimeTooLong')
    expect(refusal.expected).to.equal('SubjectConfirmationData NotOnOrAfter at most 1 d ahead')
  })

  it('looks at the IssueInstant of a signed Response too', async () => {
    const envelope = (issueInstant: VerifiedTime | null) => {
      const { confirmation, verified } = saying()
      return { confirmation, verified: { ...verified, envelope: envelopeWith({ issueInstant }) } }
    }
    await passes(times, envelope(time(now + skew)))
    expect((await fails(times, envelope(time(now + skew + 1)))).reason).to.equal(
      'assertionNotYetValid',
    )
    const old = time(now - hours(24) - skew)
    expect((await fails(times, envelope(old))).reason).to.equal('assertionExpired')
    expect((await fails(times, envelope(null))).reason).to.equal('timeMissing')
  })

  it('refuses an issue longer ago than the cap, though the conditions hold: assertionExpired', async () => {
    await passes(times, saying({ issued: time(now - hours(24) - skew + 1) }))
    const refusal = await fails(times, saying({ issued: time(now - hours(24) - skew) }))
    expect(refusal.reason).to.equal('assertionExpired')
    expect(refusal.expected).to.match(/^before IssueInstant plus 1 d, 2026-01-15T09:28:00.000Z,/)
  })

  it('refuses a validity that ends when it begins or before, inside the tolerance too', async () => {
    for (const gap of [0, 1000]) {
      const found = saying({ notBefore: time(now), notOnOrAfter: time(now - gap) })
      const refusal = await fails(times, found)
      expect(refusal.reason).to.equal('assertionExpired')
      expect(refusal.hint).to.contain('never valid')
    }
    await passes(times, saying({ notBefore: time(now), notOnOrAfter: time(now + 1) }))
  })

  it('gives SessionNotOnOrAfter no tolerance: a session that is over is none', async () => {
    await passes(times, saying({ sessionUntil: time(now + 1) }))
    const refusal = await fails(times, saying({ sessionUntil: time(now) }))
    expect(refusal.reason).to.equal('assertionExpired')
    expect(refusal.expected).to.match(/^before SessionNotOnOrAfter, .*, without tolerance$/)
    expect(refusal.hint).to.not.contain('tolerance')
  })

  const needed = [
    ['Conditions NotBefore', (t: VerifiedTime | null) => saying({ notBefore: t })],
    ['Conditions NotOnOrAfter', (t: VerifiedTime | null) => saying({ notOnOrAfter: t })],
    [
      'SubjectConfirmationData NotOnOrAfter',
      (t: VerifiedTime | null) => saying({ confirmUntil: t }),
    ],
    ['IssueInstant', (t: VerifiedTime | null) => saying({ issued: t })],
  ] as const
  for (const [name, make] of needed) {
    it(`refuses a missing ${name}, and one that is no UTC time: timeMissing`, async () => {
      const missing = await fails(times, make(null))
      expect(missing.reason).to.equal('timeMissing')
      expect(missing).to.include({ expected: name, actual: 'none' })
      const local = await fails(times, make(time('2026-01-15T09:30:00')))
      expect(local.reason).to.equal('timeMissing')
      expect(local.expected).to.match(new RegExp(`^${name} as a UTC xs:dateTime`))
      expect(local.actual).to.equal('2026-01-15T09:30:00')
    })
  }

  it('refuses an unreadable AuthnInstant or SessionNotOnOrAfter: timeMissing', async () => {
    for (const found of [
      saying({ authnInstant: time('yesterday') }),
      saying({ sessionUntil: time('tomorrow') }),
    ]) {
      expect((await fails(times, found)).reason).to.equal('timeMissing')
    }
  })

  it('says nothing against a missing AuthnInstant, which is for another check', async () => {
    const parts = saying()
    const assertion = { ...parts.verified.assertion, authnStatements: [] }
    await passes(times, { ...parts, verified: { ...parts.verified, assertion } })
  })

  it('treats missing Conditions as missing times: timeMissing', async () => {
    const found = { verified: verifiedResponse({ conditions: null }) }
    expect((await fails(times, found)).reason).to.equal('timeMissing')
  })

  describe('tells whose clock it may be', () => {
    it('expired: how long ago it was issued', async () => {
      const found = saying({
        issued: time(now - minutes(10)),
        notOnOrAfter: time(now - minutes(5)),
      })
      expect((await fails(times, found)).hint).to.equal(
        'It was issued 10 min ago: it was kept too long, or the two clocks differ.',
      )
    })

    it('not yet valid: that their clock is ahead', async () => {
      const hint = (await fails(times, saying({ issued: time(now + minutes(10)) }))).hint
      expect(hint).to.equal(
        'It was issued 10 min in our future: the identity provider’s clock is ahead of ours, or ours is behind.',
      )
    })

    it('names the tolerance that would have let it pass, and that one does', async () => {
      for (const [by, words, enough] of [
        [1, '1 s', 1],
        [999, '1 s', 1],
        [1000, '2 s', 2],
        [29_500, '30 s', 30],
      ] as const) {
        const found = saying({ notOnOrAfter: time(now - by) })
        const refusal = await fails(times, found, at({ clockSkew: 0 }))
        expect(refusal.hint).to.contain(`A tolerance of ${words} would have let it pass.`)
        await passes(times, found, at({ clockSkew: seconds(enough) }))
      }
      const early = saying({ notBefore: time(now + 1000) })
      expect((await fails(times, early, at({ clockSkew: 0 }))).hint).to.contain('tolerance of 1 s ')
      await passes(times, early, at({ clockSkew: seconds(1) }))
    })

    it('never advises a tolerance that cannot be set', async () => {
      const without = at({ clockSkew: 0 })
      const hint = async (by: number) =>
        (await fails(times, saying({ notBefore: time(now + by) }), without)).hint
      expect(await hint(seconds(120))).to.contain('A tolerance of 2 min would')
      expect(await hint(seconds(120) + 1)).to.not.contain('tolerance')
    })
  })
})
