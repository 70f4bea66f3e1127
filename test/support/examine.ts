import { type Reason, Refusal } from '../../src/aadsts/reasons.ts'
import type { VerifiedResponse } from '../../src/saml/types.ts'
import { mutatedField } from './mutators/mutate.ts'
import type { Mutation } from './mutators/mutator.ts'
import { assertionText, responseText, type SignedKind, verify } from './signedKinds.ts'

/** One mutated response, told so that it can be made again from the same keys. */
export interface Mutated {
  readonly kind: SignedKind
  /** Which of the kind's documents is changed. */
  readonly document: Buffer
  /** Another one of the same key. */
  readonly partner: Buffer
  readonly mutations: readonly Mutation[]
}

/** What came of one. A `finding` is what must never be. */
export type Outcome =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly reason: Reason }
  | { readonly is: 'finding'; readonly what: string }

/** What a verifier says about a form field; the part of it that is compared. */
export type Verifier = (
  field: string,
  trust: SignedKind['trust'],
) => Pick<VerifiedResponse, 'assertion' | 'envelope' | 'signedBy'>

export function fieldOf({ document, partner, mutations }: Mutated): string {
  return mutatedField(document, partner, mutations)
}

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
