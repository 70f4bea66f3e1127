import type { KeyObject } from 'node:crypto'
import type { MessageValues } from '../aadsts/catalogue.ts'
import type { Reason } from '../aadsts/reasons.ts'
import type { DirectoryReader } from '../directory/ports.ts'
import type { Federation, User } from '../directory/types.ts'
import type { Verified } from '../lib/claimed.ts'
import type { Instant } from '../lib/clock.ts'
import type {
  ClaimedResponse,
  EncodedMessage,
  MessageLimits,
  SignatureTrust,
  VerifiedResponse,
  VerifiedSubjectConfirmation,
} from '../saml/types.ts'
import type { PendingRequest, SigninState } from './ports.ts'
import type { Trace } from './trace.ts'

/** Everything a judgement depends on besides the message. */
export interface Circumstances {
  readonly now: Instant
  readonly limits: MessageLimits
  /** GUID of the tenant, for the refusal's message. */
  readonly tenantId: string
  /** Our entityID: the one audience that is accepted. */
  readonly audience: string
  /** Our assertion consumer service. */
  readonly acs: {
    /** Every URL of ours that a Recipient or Destination may name. */
    readonly accepted: readonly string[]
    /** Whether the URL posted to names the tenant (false at `/login.srf`). */
    readonly tenantInPath: boolean
  }
  /** Tolerance between our clock and the identity provider's, in milliseconds. */
  readonly clockSkew: number
  /** Longest span between NotBefore and NotOnOrAfter, and oldest IssueInstant, in milliseconds. */
  readonly maxLifetime: number
  /** Fingerprint of the cookie of the browser that posts; null when it sent none. */
  readonly browser: string | null
  readonly directory: Pick<
    DirectoryReader,
    'domain' | 'federation' | 'federationByIssuer' | 'userByImmutableId' | 'userByPrincipalName'
  > &
    Partial<Pick<DirectoryReader, 'originOf'>>
  readonly state: Pick<SigninState, 'pendingRequest' | 'wasUsed' | 'consume'>
  /** Keys for EncryptedAssertion, newest first; none when encryption is not set up. */
  readonly decryptionKeys: readonly KeyObject[]
  /** The keys and switches of a federation, ready to verify with. */
  readonly trustOf: (federation: Federation) => SignatureTrust
  /** What is known here of users' second factors; left out where none is ever required (a replayed case). */
  readonly secondFactors?: SecondFactors
  /** An independent verifier that must agree with an acceptance; null when it is off. */
  readonly secondOpinion: SecondOpinion | null
  /** Run every check that still can after the first failure. Changes the trace, never the verdict. */
  readonly diagnose: boolean
}

/** Second factors that homerealm keeps itself. */
export interface SecondFactors {
  of(userId: string): Promise<{ readonly isRequired: boolean; readonly isEnrolled: boolean }>
}

/**
 * Asks another verifier about a response that ours accepted. It may say that it cannot judge (an algorithm that it does not
 * know): that is no disagreement, and stands in the trace.
 */
export type SecondOpinion = (
  message: EncodedMessage,
  federation: Federation,
  verified: VerifiedResponse,
  at: { readonly now: Instant; readonly clockSkew: number },
) => Promise<
  | { readonly agrees: true }
  | { readonly agrees: false; readonly differences: string }
  | { readonly agrees: 'cannot'; readonly why: string }
>

/** What the checks establish one after the other, each for those that come later. */
export interface Findings {
  readonly message: EncodedMessage
  readonly claimed: ClaimedResponse
  readonly federation: Federation
  readonly verified: VerifiedResponse
  readonly confirmation: VerifiedSubjectConfirmation
  readonly nameId: Verified
  /** Null when the response is unsolicited and that is allowed. */
  readonly request: PendingRequest | null
  readonly user: User
  /** Who vouches for a second factor: the identity provider, nobody, or homerealm, which has yet to ask. */
  readonly secondFactor: 'byIdp' | 'here' | 'none'
}

export type Verdict = SignedIn | Refused

export interface SignedIn {
  readonly outcome: 'signedIn'
  readonly user: User
  readonly federation: Federation
  readonly verified: VerifiedResponse
  readonly request: PendingRequest | null
  readonly secondFactor: Findings['secondFactor']
  readonly trace: Trace
}

export interface Refused {
  readonly outcome: 'refused'
  readonly reason: Reason
  /** For the message to the outside. */
  readonly values: MessageValues
  readonly federation: Federation | null
  /** Of the signed assertion; null when the refusal came before there was one. */
  readonly assertionId: Verified | null
  readonly request: PendingRequest | null
  readonly trace: Trace
}
