import { type Reason, refuse } from '../../aadsts/reasons.ts'
import { type Instant, isoMillis, seconds, spanInWords } from '../../lib/clock.ts'
import type { VerifiedTime } from '../../saml/types.ts'
import { check } from './check.ts'

/** No server tolerates more than this (R14); a hint must not advise it. */
const MOST_SKEW = seconds(120)

/**
 * All the times of the assertion against our clock, with one tolerance that is never switched off (R14, R15). NotOnOrAfter
 * is exclusive, NotBefore inclusive, and the one must be before the other (SAML core 2.5.1.2). SessionNotOnOrAfter (2.7.2) has no
 * tolerance: the session that it bounds would be over before it begins.
 */
export const times = check('times', ['verified', 'confirmation'], (found, circumstances) => {
  const { now, clockSkew, maxLifetime } = circumstances
  const { assertion } = found.verified
  const notBefore = required('Conditions NotBefore', assertion.conditions?.notBefore)
  const notOnOrAfter = required('Conditions NotOnOrAfter', assertion.conditions?.notOnOrAfter)
  const confirmBefore = required(
    'SubjectConfirmationData NotOnOrAfter',
    found.confirmation.notOnOrAfter,
  )
  const issued = required('IssueInstant', assertion.issueInstant)

  if (notBefore >= notOnOrAfter) {
    refuse('assertionExpired', {
      expected: 'Conditions NotBefore earlier than Conditions NotOnOrAfter',
      actual: `${isoMillis(notBefore)} to ${isoMillis(notOnOrAfter)}`,
      hint: 'It was never valid: the identity provider sets the two the wrong way round.',
    })
  }
  if (notOnOrAfter - notBefore > maxLifetime) {
    refuse('lifetimeTooLong', {
      expected: `at most ${spanInWords(maxLifetime)} from NotBefore to NotOnOrAfter`,
      actual: `${spanInWords(notOnOrAfter - notBefore)}: ${isoMillis(notBefore)} to ${isoMillis(notOnOrAfter)}`,
    })
  }
  notYet('Conditions NotBefore', notBefore)
  notYet('IssueInstant', issued)
  over('Conditions NotOnOrAfter', notOnOrAfter)
  over('SubjectConfirmationData NotOnOrAfter', confirmBefore)
  over(`IssueInstant plus ${spanInWords(maxLifetime)}`, issued + maxLifetime)
  if (confirmBefore - now > maxLifetime + clockSkew) {
    refuse('lifetimeTooLong', {
      expected: `SubjectConfirmationData NotOnOrAfter at most ${spanInWords(maxLifetime)} ahead`,
      actual: `${spanInWords(confirmBefore - now)} ahead: ${isoMillis(confirmBefore)}`,
    })
  }
  const { envelope } = found.verified
  if (envelope !== null) {
    const sent = required('IssueInstant of the Response', envelope.issueInstant)
    notYet('IssueInstant of the Response', sent)
    over(`IssueInstant of the Response plus ${spanInWords(maxLifetime)}`, sent + maxLifetime)
  }
  for (const { authnInstant, sessionNotOnOrAfter } of assertion.authnStatements) {
    if (authnInstant !== null) notYet('AuthnInstant', required('AuthnInstant', authnInstant))
    if (sessionNotOnOrAfter !== null) {
      over('SessionNotOnOrAfter', required('SessionNotOnOrAfter', sessionNotOnOrAfter), null)
    }
  }
  return {
    expected: `${isoMillis(notBefore)} to ${isoMillis(Math.min(notOnOrAfter, confirmBefore))}, ${inWords(clockSkew)}`,
    actual: isoMillis(now),
  }

  function notYet(what: string, from: Instant): void {
    if (now >= from - clockSkew) return
    outside('assertionNotYetValid', {
      expected: `${what}, ${isoMillis(from)}, or later, ${inWords(clockSkew)}`,
      actual: `our clock says ${isoMillis(now)}, ${span(from - now)} earlier`,
      neededSkew: from - now,
    })
  }
  function over(what: string, until: Instant, skew: number | null = clockSkew): void {
    if (now < until + (skew ?? 0)) return
    outside('assertionExpired', {
      expected: `before ${what}, ${isoMillis(until)}, ${inWords(skew ?? 0)}`,
      actual: `our clock says ${isoMillis(now)}, ${span(now - until)} later`,
      neededSkew: skew === null ? null : now - until + 1,
    })
  }
  function outside(
    reason: Reason,
    { neededSkew, ...evidence }: { expected: string; actual: string; neededSkew: number | null },
  ): never {
    const hints = [whoseClock(reason, now - issued), helpfulSkew(neededSkew)]
    refuse(reason, { ...evidence, hint: hints.filter(Boolean).join(' ') })
  }
})

function inWords(skew: number): string {
  return skew === 0 ? 'without tolerance' : `give or take ${spanInWords(skew)}`
}

/** A difference in words; below a second to the millisecond, for it is what decided. */
function span(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : spanInWords(milliseconds)
}

/** Is it the clocks, or did the response lie around? Told by the moment of issue, which an honest clock puts just before now. */
function whoseClock(reason: Reason, age: number): string {
  const issued = `It was issued ${spanInWords(age)} ${age < 0 ? 'in our future' : 'ago'}`
  return reason === 'assertionExpired'
    ? `${issued}: it was kept too long, or the two clocks differ.`
    : `${issued}: the identity provider’s clock is ahead of ours, or ours is behind.`
}

function helpfulSkew(needed: number | null): string | null {
  if (needed === null || needed > MOST_SKEW) return null
  return `A tolerance of ${spanInWords(Math.ceil(needed / 1000) * 1000)} would have let it pass.`
}

function required(what: string, time: VerifiedTime | null | undefined): Instant {
  if (time === null || time === undefined) {
    refuse('timeMissing', { expected: what, actual: 'none' })
  }
  if (time.at === null) {
    refuse('timeMissing', {
      expected: `${what} as a UTC xs:dateTime like 2026-01-15T09:30:00Z`,
      actual: time.text,
    })
  }
  return time.at
}
