import { refuse } from '../../aadsts/reasons.ts'
import { check } from './check.ts'
import { audienceHint, urlHint } from './hints.ts'

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

/** Every AudienceRestriction must name us (SAML core 2.5.1.4; R11), and no condition may be unknown (2.5.1.1). */
export const audience = check('audience', ['verified'], ({ verified }, { audience: ours }) => {
  const { assertion } = verified
  const { conditions } = assertion
  if (conditions === null || assertion.conditionsCount !== 1) {
    refuse('audienceMismatch', {
      expected: ours,
      actual:
        conditions === null ? 'no Conditions' : `${assertion.conditionsCount} Conditions elements`,
    })
  }
  const [unknown] = conditions.unknown
  if (unknown !== undefined) {
    refuse('conditionUnknown', {
      expected: 'AudienceRestriction, OneTimeUse or ProxyRestriction',
      actual: unknown,
    })
  }
  const restrictions = conditions.audienceRestrictions
  if (restrictions.length === 0) {
    refuse('audienceMismatch', { expected: ours, actual: 'no AudienceRestriction' })
  }
  for (const audiences of restrictions) {
    if (!audiences.some((named) => named === ours)) {
      refuse('audienceMismatch', {
        expected: ours,
        actual: audiences.join(', ') || 'an empty AudienceRestriction',
        hint: audienceHint(audiences, ours),
      })
    }
  }
  return { expected: ours, actual: restrictions.map((r) => r.join(', ')).join('; ') }
})

/** One bearer confirmation, for one of our URLs (SAML profiles 4.1.4.2; R12). Its times are looked at with the others. */
export const recipient = check('recipient', ['verified'], ({ verified }, { acs }) => {
  const { subjectConfirmations, subjectCount } = verified.assertion
  const [confirmation] = subjectConfirmations
  if (subjectCount !== 1 || confirmation === undefined || subjectConfirmations.length !== 1) {
    refuse('subjectConfirmationInvalid', {
      expected: 'one Subject with one SubjectConfirmation',
      actual: `${subjectCount} Subject and ${subjectConfirmations.length} SubjectConfirmation`,
    })
  }
  if (confirmation.method !== BEARER) {
    refuse('subjectConfirmationInvalid', {
      expected: BEARER,
      actual: confirmation.method ?? 'no Method',
    })
  }
  if (confirmation.notBefore !== null) {
    refuse('subjectConfirmationInvalid', {
      expected: 'no NotBefore in SubjectConfirmationData',
      actual: confirmation.notBefore.text,
    })
  }
  const named = confirmation.recipient
  if (named === null || !acs.accepted.includes(named)) {
    refuse('recipientMismatch', {
      expected: acs.accepted.join(' or '),
      actual: named ?? 'no Recipient',
      hint: named === null ? undefined : urlHint(named, acs.accepted),
    })
  }
  return { expected: acs.accepted.join(' or '), actual: named, found: { confirmation } }
})

/**
 * A Destination must be ours, signed or not; a signed Response must have one (SAML bindings 3.5.5.2; R13). The claimed one of
 * an unsigned Response may refuse, never admit.
 */
export const destination = check('destination', ['claimed', 'verified'], (found, { acs }) => {
  const { envelope } = found.verified
  const named = envelope === null ? found.claimed.destination : envelope.destination
  if (named === null && envelope === null) {
    return { notApplicable: 'The Response is not signed itself and names no Destination.' }
  }
  if (named === null || !acs.accepted.includes(named)) {
    refuse('destinationMismatch', {
      expected: acs.accepted.join(' or '),
      actual: named ?? 'no Destination in a signed Response',
      hint: named === null ? undefined : urlHint(named, acs.accepted),
    })
  }
  return { expected: acs.accepted.join(' or '), actual: named }
})
