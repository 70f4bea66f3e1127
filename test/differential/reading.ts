import type { VerifiedResponse } from '../../src/saml/types.ts'
import type { RandomResponse } from './randomResponse.ts'

/** What of a response is compared: all that is random in it. */
type Said = Pick<RandomResponse, 'assertionId' | 'issuer' | 'nameId' | 'audience' | 'attributes'>

/** What was meant by a response. */
export function meantBy({ assertionId, issuer, nameId, audience, attributes }: Said) {
  return { assertionId, issuer, nameId, audience, attributes }
}

/** What our verifier read in it, in the same form. */
export function readBy({ assertion }: VerifiedResponse) {
  const texts = assertion.attributes.filter(({ name }) => name !== 'foreign')
  return {
    assertionId: assertion.id,
    issuer: assertion.issuer,
    nameId: assertion.nameId?.value,
    audience: assertion.conditions?.audienceRestrictions[0]?.[0],
    attributes: texts.map(({ name, values }) => [name, values[0]]),
  }
}
