import { type Reason, refuse } from '../../aadsts/reasons.ts'
import { type Instant, isoMillis, spanInWords } from '../../lib/clock.ts'
import type { VerifiedTime } from '../../saml/types.ts'
import { check } from './check.ts'

/**
 * All the times of the assertion against our clock, with one tolerance that is never switched off (R14, R15). NotOnOrAfter
 * is exclusive, NotBefore inclusive (SAML core 2.5.1.2).
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

  if (notOnOrAfter - notBefore > maxLifetime) {
    refuse('lifetimeTooLong', {
      expected: `at most ${spanInWords(maxLifetime)} from NotBefore to NotOnOrAfter`,
      actual: spanInWords(notOnOrAfter - notBefore),
    })
  }
  notYet('Conditions NotBefore', notBefore)
  notYet('IssueInstant', issued)
  over('Conditions NotOnOrAfter', notOnOrAfter)
  over('SubjectConfirmationData NotOnOrAfter', confirmBefore)
  over('IssueInstant and the longest lifetime', issued + maxLifetime)
  for (const statement of assertion.authnStatements) {
    if (statement.authnInstant !== null) {
      notYet('AuthnInstant', required('AuthnInstant', statement.authnInstant))
    }
    if (statement.sessionNotOnOrAfter !== null) {
      over('SessionNotOnOrAfter', required('SessionNotOnOrAfter', statement.sessionNotOnOrAfter))
    }
  }
  return {
    expected: `${isoMillis(notBefore)} to ${isoMillis(Math.min(notOnOrAfter, confirmBefore))}, give or take ${spanInWords(clockSkew)}`,
    actual: isoMillis(now),
  }

  function notYet(what: string, from: Instant): void {
    if (now < from - clockSkew) outside('assertionNotYetValid', `${what} is`, from, from - now)
  }
  function over(what: string, until: Instant): void {
    if (now >= until + clockSkew) outside('assertionExpired', `${what} was`, until, now - until)
  }
  function outside(reason: Reason, what: string, bound: Instant, by: number): never {
    const past = reason === 'assertionExpired'
    refuse(reason, {
      expected: `${what} ${isoMillis(bound)}, with ${spanInWords(clockSkew)} tolerance`,
      actual: `our clock says ${isoMillis(now)}, ${spanInWords(by)} ${past ? 'later' : 'earlier'}`,
      hint: timeHint(now, issued, by, past),
    })
  }
})

/** Is it the clocks, or did the response lie around? Told by the moment of issue, which an honest clock puts just before now. */
function timeHint(now: Instant, issued: Instant, by: number, past: boolean): string {
  const tolerance = `A tolerance of ${spanInWords(Math.ceil(by / 1000 + (past ? 1 : 0)) * 1000)} would have let it pass.`
  const age = now - issued
  if (!past) {
    return `The identity provider’s clock is ahead of ours, or ours is behind: it was issued ${spanInWords(age)} ${age < 0 ? 'in our future' : 'ago'}. ${tolerance}`
  }
  return `It was issued ${spanInWords(age)} ago: it was kept too long, or the two clocks differ. ${tolerance}`
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
