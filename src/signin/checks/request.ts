import { refuse } from '../../aadsts/reasons.ts'
import { isoMillis, spanInWords } from '../../lib/clock.ts'
import { check } from './check.ts'

/** Was this assertion used before, on whichever node? (SAML profiles 4.1.4.5; R19) Asked before the request, to name it. */
export const replay = check('replay', ['verified', 'federation'], async (found, { state }) => {
  const { id } = found.verified.assertion
  if (await state.wasUsed(found.federation.id, id)) {
    refuse('responseReplayed', { expected: 'an assertion that was never used', actual: id })
  }
  return { expected: 'an assertion that was never used', actual: id }
})

/**
 * Does a sign-in of this browser wait for this response? InResponseTo counts only where it is signed, in the bearer
 * confirmation; what the Response says must agree, so that nobody staples a request to another person's response (R12, R18, R20).
 */
export const request = check(
  'request',
  ['claimed', 'verified', 'federation', 'confirmation'],
  async ({ claimed, verified, federation, confirmation }, { state, browser, now }) => {
    const answered = confirmation.inResponseTo
    const outer = verified.envelope === null ? claimed.inResponseTo : verified.envelope.inResponseTo
    if (outer !== null && outer !== answered) {
      refuse('subjectConfirmationInvalid', {
        expected: `InResponseTo ${outer} in SubjectConfirmationData, as in the Response`,
        actual: answered ?? 'none',
      })
    }
    if (answered === null) {
      if (!federation.allowUnsolicited) {
        refuse('unsolicitedNotAllowed', {
          expected: 'an answer to a request',
          actual: 'no InResponseTo',
        })
      }
      return {
        notApplicable: 'Unsolicited, which the federation allows.',
        found: { request: null },
      }
    }
    const pending = await state.pendingRequest(answered)
    if (pending === null) {
      refuse('requestUnknown', { expected: 'the ID of a request that waits', actual: answered })
    }
    if (pending.federationId !== federation.id) {
      refuse('issuerMismatch', {
        expected: 'the federation that the request was sent to',
        actual: federation.issuerUri,
      })
    }
    if (now >= pending.expiresAt) {
      refuse('requestExpired', {
        expected: `an answer before ${isoMillis(pending.expiresAt)}`,
        actual: `${spanInWords(now - pending.expiresAt)} later`,
      })
    }
    if (pending.browser !== browser) {
      refuse('browserMismatch', {
        expected: 'the browser that started the sign-in',
        actual: browser === null ? 'a browser without our cookie' : 'another browser',
      })
    }
    return { expected: pending.id, actual: answered, found: { request: pending } }
  },
)

/**
 * Uses up request and assertion, atomically and last, when every other check has passed: a refused sign-in can be mended and
 * sent again within its minutes, an accepted one never.
 */
export const once = check(
  'once',
  ['verified', 'federation', 'confirmation', 'request', 'user'],
  async ({ verified, federation, confirmation, request: pending }, circumstances) => {
    const { state, browser, clockSkew, now } = circumstances
    const { assertion } = verified
    const ends = [assertion.conditions?.notOnOrAfter?.at, confirmation.notOnOrAfter?.at]
    const outcome = await state.consume({
      requestId: pending?.id ?? null,
      browser,
      federationId: federation.id,
      assertionId: assertion.id,
      rememberUntil: Math.max(now, ...ends.map((end) => end ?? now)) + clockSkew,
      now,
    })
    if (outcome !== 'consumed') {
      refuse(outcome, { expected: 'the first use', actual: 'another post of it came first' })
    }
    return { expected: 'the first use', actual: 'the first use' }
  },
)
