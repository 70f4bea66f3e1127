import { Refusal } from '../../src/aadsts/reasons.ts'
import type { SignatureTrust } from '../../src/saml/types.ts'
import { verify } from '../support/signedKinds.ts'

/** Whether our verifier accepts a form field; what is neither acceptance nor refusal goes through. */
export function isAccepted(field: string, trust: SignatureTrust): boolean {
  try {
    verify(field, trust)
    return true
  } catch (fault) {
    if (fault instanceof Refusal) return false
    throw fault
  }
}
