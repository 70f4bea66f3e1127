import { principalNameDomain } from '../directory/upn.ts'
import type { Instant } from '../lib/clock.ts'
import type { Verdict } from './circumstances.ts'
import { dayOf, type SigninCounts } from './ports.ts'

/** What is counted of a sign-in: who came, by which federation, and which certificate signed. */
export interface CountableVerdict {
  readonly outcome: Verdict['outcome']
  readonly federation: { readonly id: string } | null
  readonly user?: { readonly userPrincipalName: string }
  readonly verified?: { readonly signedBy: { readonly thumbprint: string } }
}

/** Counts an accepted sign-in; a refusal is not counted. */
export async function countVerdict(
  counts: SigninCounts,
  { outcome, federation, user, verified }: CountableVerdict,
  at: Instant,
): Promise<void> {
  if (outcome !== 'signedIn' || user === undefined) return
  await counts.countSignin({
    day: dayOf(at),
    domain: principalNameDomain(user.userPrincipalName) ?? '',
    federationId: federation?.id ?? '',
    thumbprint: verified?.signedBy.thumbprint ?? '',
    lastAt: at,
  })
}
