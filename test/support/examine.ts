import { type Reason, Refusal } from '../../src/aadsts/reasons.ts'
import type { VerifiedResponse } from '../../src/saml/types.ts'
import { assertionText, responseText, type SignedKind, verify } from './signedKinds.ts'

/** What came of a form field. A `finding` is what must never be. */
export type Outcome =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly reason: Reason }
  | { readonly is: 'finding'; readonly what: string }

/** What a verifier says about a form field; the part of it that is compared. */
export type Verifier = (
  field: string,
  trust: SignedKind['trust'],
) => Pick<VerifiedResponse, 'assertion' | 'envelope' | 'signedBy'>

/**
 * Whether a verifier keeps to what was signed: it refuses the field by a Refusal, or every value it hands out is as some document
 * of that key had it under its own signature.
 */
export function examine(field: string, kind: SignedKind, verifier: Verifier = verify): Outcome {
  try {
    const found = difference(verifier(field, kind.trust), kind)
    return found === null ? { is: 'accepted' } : { is: 'finding', what: found }
  } catch (fault) {
    if (fault instanceof Refusal) return { is: 'refused', reason: fault.reason }
    const what = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    return { is: 'finding', what: `not a refusal, but: ${what}` }
  }
}

function difference(verified: ReturnType<Verifier>, { trust, signed }: SignedKind): string | null {
  if (!trust.certificates.includes(verified.signedBy)) return 'signed by a certificate of others'
  if (verified.envelope !== null) {
    const text = responseText(verified)
    return signed.responses.has(text) ? null : `a Response that nobody signed: ${text}`
  }
  const text = assertionText(verified)
  return signed.assertions.has(text) ? null : `an assertion that nobody signed: ${text}`
}
