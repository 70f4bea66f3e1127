import type { Reason } from '../../aadsts/reasons.ts'

/**
 * The reason that each fault of the demo Okta must be refused with (`null`: it must sign in). Written down by hand, once, so
 * that forged cases carry an expectation of their own instead of what the judgement happens to say. A fault that is missing
 * here fails the tests.
 */
export const expectations: ReadonlyMap<string, Reason | null> = new Map<string, Reason | null>([
  ['expired', 'assertionExpired'],
  ['not-yet-valid', 'assertionNotYetValid'],
  ['no-conditions-times', 'timeMissing'],
  ['lifetime-too-long', 'lifetimeTooLong'],
  ['audience-other', 'audienceMismatch'],
  ['recipient-other', 'recipientMismatch'],
  ['destination-other', 'destinationMismatch'],
  ['issuer-other', 'issuerNotFederated'],
  ['issuer-trailing-slash', 'issuerNotFederated'],
  ['replay', 'responseReplayed'],
  ['unsolicited', 'unsolicitedNotAllowed'],
  ['in-response-to-other', 'requestUnknown'],
  ['status-request-denied', 'statusNotSuccess'],
  ['status-missing-assertion', 'assertionMissing'],
  ['two-assertions', 'severalAssertions'],
  ['extensions-assertion', 'extensionsNotAllowed'],
  ['holder-of-key', 'subjectConfirmationInvalid'],
  ['unknown-condition', 'conditionUnknown'],
  ['no-authn-statement', 'authnStatementMissing'],
  ['unsigned', 'notSigned'],
  ['foreign-key', 'signingKeyUnknown'],
  ['sha1', 'algorithmNotAllowed'],
  ['hmac', 'algorithmNotAllowed'],
  ['bad-digest', 'digestMismatch'],
  ['bad-signature-value', 'signatureInvalid'],
  ['object-in-signature', 'signaturePlacement'],
  ['duplicate-id', 'duplicateId'],
  ['nameid-tampered', 'digestMismatch'],
  ['nameid-missing', 'nameIdMissing'],
  ['nameid-format-transient', 'nameIdFormatNotAllowed'],
  ['nameid-whitespace', 'nameIdMalformed'],
  ['duplicate-attribute', 'attributeMalformed'],
  ['nameid-comment', 'forbiddenMarkup'],
  ['processing-instruction', 'forbiddenMarkup'],
  ['cdata', 'forbiddenMarkup'],
  ['doctype', 'forbiddenMarkup'],
])
