import { refuse } from '../../aadsts/reasons.ts'
import { type Instant, isoMillis, minutes } from '../../lib/clock.ts'
import type { LogoutMessage } from '../../saml/logout/message.ts'

/** A message is this old at most. */
const MAX_AGE = minutes(5)

/** What our side knows of a message before it is read. */
export interface Expected {
  readonly logoutUrls: readonly string[]
  readonly clockSkew: number
  readonly now: Instant
}

/**
 * Whether a message is for us, and of now (SAML bindings 3.4.5.2 and 3.5.5.2: a signed message names its Destination). Refuses with
 * `destinationMismatch` or `assertionExpired`.
 */
export function checkEnvelope(
  message: LogoutMessage,
  { logoutUrls, clockSkew, now }: Expected,
): void {
  const { destination, issueInstant } = message
  if (destination === null || !logoutUrls.includes(destination)) {
    refuse('destinationMismatch', {
      expected: logoutUrls.join(' or '),
      actual: destination ?? 'no Destination',
    })
  }
  const issuedAt = issueInstant?.at ?? Number.NaN
  const isFresh = issuedAt <= now + clockSkew && issuedAt > now - MAX_AGE - clockSkew
  const end = message.kind === 'LogoutRequest' ? message.notOnOrAfter : null
  const isOver = end !== null && !(now - clockSkew < (end.at ?? Number.NaN))
  if (!isFresh || isOver) {
    refuse('assertionExpired', {
      expected: `a message of the last minutes, at ${isoMillis(now)}`,
      actual: `IssueInstant ${issueInstant?.text ?? 'none'}${end ? `, NotOnOrAfter ${end.text}` : ''}`,
    })
  }
}

/** Until when a message that is accepted `now` would be accepted again: its latest IssueInstant, and how old it may be then. */
export function acceptableUntil({ clockSkew, now }: Expected): Instant {
  return now + clockSkew + MAX_AGE + clockSkew
}
