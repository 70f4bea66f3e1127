/**
 * saml/: pure SAML 2.0. Strict XML in, verified assertion out; AuthnRequest, metadata and logout messages; certificates. It
 * must not know users, domains, HTTP, a database or the machine's clock: the time and the federation's keys are arguments.
 *
 * The way through it: `decodeResponse` (claimed, nothing is trusted) -> `verifyResponse` (verified, from digested bytes).
 */
import type { KeyObject } from 'node:crypto'
import type { Reason } from '../aadsts/reasons.ts'
import type { Claimed, Verified } from '../lib/claimed.ts'
import type { Instant } from '../lib/clock.ts'

/** Bounds on a message, applied before the work they bound (saml-security R1, R3). */
export interface MessageLimits {
  /** Size of the decoded XML in bytes. */
  readonly maxBytes: number
  readonly maxDepth: number
  readonly maxElements: number
  readonly maxAttributesPerElement: number
  readonly maxNamespacesPerElement: number
  /** Elements and attributes together. */
  readonly maxNodes: number
}

export const defaultLimits: MessageLimits = {
  maxBytes: 256 * 1024,
  maxDepth: 48,
  maxElements: 2500,
  maxAttributesPerElement: 32,
  maxNamespacesPerElement: 64,
  maxNodes: 5000,
}

/** One signing certificate of a federation, ready for use: parsed once, its key made once. */
export interface SigningCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  readonly thumbprint: string
  /** base64 of the DER, one line. */
  readonly base64: string
  readonly subject: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  readonly key: KeyObject
  /** `rsa` or `ec`; others are refused when the certificate is read. */
  readonly keyType: 'rsa' | 'ec'
  /** RSA modulus length, or the curve's size. */
  readonly keyBits: number
}

/** How far the verifier trusts one federation. All switches that weaken it are off unless set. */
export interface SignatureTrust {
  /** In order of preference: signingCertificate, then nextSigningCertificate; three at most (R3). */
  readonly certificates: readonly SigningCertificate[]
  /** `refuse`: a certificate outside its validity verifies nothing; `warn`: it does, and the trace says so. */
  readonly expiredCertificates: 'refuse' | 'warn'
  /** Loud switch: accept rsa-sha1 and sha1 digests. */
  readonly allowSha1Signatures: boolean
  /** Opt-in: inclusive C14N 1.0 and 1.1 beside exclusive. */
  readonly allowInclusiveCanonicalization: boolean
  /** Opt-in: a verified signature on the Response is required, one on the assertion alone is not enough. */
  readonly requireSignedResponse: boolean
  readonly requireEncryptedAssertion: boolean
  /** Loud switch: accept AES-CBC, and only inside a Response whose own signature held. */
  readonly allowCbcEncryption: boolean
}

/** SAML status (SAML core 3.2.2) as the unsigned bytes claim it. Codes are shortened to their last segment for display only. */
export interface ClaimedStatus {
  readonly code: Claimed | null
  readonly subCode: Claimed | null
  readonly message: Claimed | null
}

declare const documentBrand: unique symbol
/** The parsed document behind a claimed response. Only `saml/` looks inside. */
export type ParsedDocument = { readonly [documentBrand]: true }

/** A Response that could be read safely, and of which nothing is believed yet. */
export interface ClaimedResponse {
  readonly id: Claimed
  /** Issuer of the Response; of the assertion when the Response has none and the assertion is not encrypted. */
  readonly issuer: Claimed | null
  readonly destination: Claimed | null
  readonly inResponseTo: Claimed | null
  readonly status: ClaimedStatus
  /** How many Assertion and EncryptedAssertion elements are children of the Response (never more than one). */
  readonly assertionCount: 0 | 1
  readonly encrypted: boolean
  /** The NameID as the unsigned bytes have it, null when there is none or it is encrypted. For the trace, never for a decision. */
  readonly nameId: Claimed | null
  readonly document: ParsedDocument
}

export interface VerifiedNameId {
  readonly value: Verified
  readonly format: Verified | null
  readonly nameQualifier: Verified | null
  readonly spNameQualifier: Verified | null
  /** Whether it held child elements; its value is then the text of the NameID itself only. */
  readonly hasChildren: boolean
}

/** A time as written, and its instant; `at` is null when the text is no strict UTC xs:dateTime. */
export interface VerifiedTime {
  readonly text: Verified
  readonly at: Instant | null
}

export interface VerifiedSubjectConfirmation {
  readonly method: Verified | null
  readonly recipient: Verified | null
  readonly inResponseTo: Verified | null
  readonly notBefore: VerifiedTime | null
  readonly notOnOrAfter: VerifiedTime | null
}

export interface VerifiedConditions {
  readonly notBefore: VerifiedTime | null
  readonly notOnOrAfter: VerifiedTime | null
  /** One entry for each AudienceRestriction: all must hold, each by any of its audiences (SAML core 2.5.1.4). */
  readonly audienceRestrictions: readonly (readonly Verified[])[]
  readonly oneTimeUse: boolean
  /** Qualified names of conditions that are none of the three known ones. */
  readonly unknown: readonly Verified[]
}

export interface VerifiedAuthnStatement {
  readonly authnInstant: VerifiedTime | null
  readonly sessionIndex: Verified | null
  readonly sessionNotOnOrAfter: VerifiedTime | null
  readonly classRef: Verified | null
}

/** An attribute as sent. Names are kept apart from values; nothing is keyed by name on a plain object (R17). */
export interface VerifiedAttribute {
  readonly name: Verified
  readonly nameFormat: Verified | null
  readonly values: readonly Verified[]
}

/** What the signed bytes of the assertion say; every text is copied, so that nothing holds the document in memory. */
export interface VerifiedAssertion {
  readonly id: Verified
  readonly version: Verified | null
  readonly issuer: Verified | null
  readonly issueInstant: VerifiedTime | null
  /**
   * How many Subject elements, and in the first of them elements that could tell who it is (NameID, BaseID, EncryptedID, others that
   * do not belong there): 1 and 1 in a sound assertion.
   */
  readonly subjectCount: number
  readonly identifierCount: number
  readonly nameId: VerifiedNameId | null
  readonly subjectConfirmations: readonly VerifiedSubjectConfirmation[]
  readonly conditionsCount: number
  readonly conditions: VerifiedConditions | null
  readonly authnStatements: readonly VerifiedAuthnStatement[]
  readonly attributes: readonly VerifiedAttribute[]
}

/** The Response's own attributes, when its own signature held. */
export interface VerifiedEnvelope {
  readonly id: Verified
  readonly version: Verified | null
  readonly issuer: Verified | null
  readonly issueInstant: VerifiedTime | null
  readonly destination: Verified | null
  readonly inResponseTo: Verified | null
  readonly statusCode: Verified | null
}

export interface VerifiedResponse {
  readonly assertion: VerifiedAssertion
  /** Null when only the assertion is signed. */
  readonly envelope: VerifiedEnvelope | null
  /** The certificate that verified it: of the Response's signature when there is one, else of the assertion's. */
  readonly signedBy: SigningCertificate
  readonly signatureAlgorithm: string
  readonly encrypted: boolean
  /** Things that were let pass by policy, `signing certificate expired on ...` for example. */
  readonly warnings: readonly string[]
  /** The canonical bytes that were digested and held the assertion, for a second opinion or a test. Not for storage. */
  readonly signedBytes: Buffer
}

/**
 * Thrown by `saml/` for a message that must be refused. It is a Refusal (aadsts/reasons.ts) whose evidence names the place:
 * line and column for what cannot be read, the element or algorithm for the rest.
 */
export type SamlReason = Extract<
  Reason,
  | 'messageTooLarge'
  | 'notBase64'
  | 'notUtf8'
  | 'notWellFormed'
  | 'forbiddenMarkup'
  | 'tooComplex'
  | 'notAResponse'
  | 'duplicateId'
  | 'signaturePlacement'
  | 'severalAssertions'
  | 'extensionsNotAllowed'
  | 'assertionMissing'
  | 'notSigned'
  | 'algorithmNotAllowed'
  | 'signingKeyUnknown'
  | 'signingCertificateExpired'
  | 'signatureInvalid'
  | 'digestMismatch'
  | 'decryptionFailed'
  | 'assertionNotEncrypted'
>

/** How a message arrives: base64 as the form field has it, or XML as a capture may have it. */
export interface EncodedMessage {
  readonly encoding: 'base64' | 'xml'
  readonly body: string
}

/** `decodeResponse` in `decode.ts`: R1 to R5. Throws Refusal with a SamlReason. */
export type DecodeResponse = (message: EncodedMessage, limits: MessageLimits) => ClaimedResponse

/** `verifyResponse` in `verify.ts`: R6 to R8, R24. Throws Refusal with a SamlReason. `now` is for the certificates only. */
export type VerifyResponse = (
  claimed: ClaimedResponse,
  trust: SignatureTrust,
  context: {
    readonly now: Instant
    readonly limits: MessageLimits
    readonly decryptionKeys: readonly KeyObject[]
  },
) => VerifiedResponse
