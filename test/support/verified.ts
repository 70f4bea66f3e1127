/**
 * Builds the values that only `saml/` makes otherwise, so that the rules of signin/ can be tested without XML. The casts to the
 * branded types stand here and nowhere else.
 */
import { generateKeyPairSync } from 'node:crypto'
import type { Claimed, Verified } from '../../src/lib/claimed.ts'
import { type Instant, isoMillis, minutes } from '../../src/lib/clock.ts'
import type {
  ClaimedResponse,
  ParsedDocument,
  SigningCertificate,
  VerifiedAssertion,
  VerifiedAttribute,
  VerifiedAuthnStatement,
  VerifiedConditions,
  VerifiedEnvelope,
  VerifiedNameId,
  VerifiedResponse,
  VerifiedSubjectConfirmation,
  VerifiedTime,
} from '../../src/saml/types.ts'

/** 2026-01-15T09:30:00Z. */
export const now: Instant = Date.UTC(2026, 0, 15, 9, 30)
export const tenantId = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
export const publicUrl = 'https://login.example.test'
export const acs = `${publicUrl}/${tenantId}/saml2`
export const tenantlessAcs = `${publicUrl}/login.srf`
export const audience = 'urn:federation:MicrosoftOnline'
export const issuer = 'http://www.okta.com/exk1'
export const requestId = '_1f0e7c52-3c1b-4a6e-9a52-0c6f3f6f2b11'
export const assertionId = 'id2002'
export const aliceAnchor = 'q2w3E4r5T6y7U8i9O0pASg=='
export const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
export const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
export const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'
export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

export const verified = (text: string): Verified => text as Verified
export const claimed = (text: string): Claimed => text as Claimed

/** A time as the assertion states it; a text stands for one that is no strict UTC xs:dateTime. */
export function time(at: Instant | string): VerifiedTime {
  return typeof at === 'string'
    ? { text: verified(at), at: null }
    : { text: verified(isoMillis(at)), at }
}

/** Of a sound response, but for what is given. */
export function nameIdWith(more: Partial<VerifiedNameId> = {}): VerifiedNameId {
  return {
    value: verified(aliceAnchor),
    format: verified(persistent),
    nameQualifier: null,
    spNameQualifier: null,
    hasChildren: false,
    ...more,
  }
}

export function confirmationWith(
  more: Partial<VerifiedSubjectConfirmation> = {},
): VerifiedSubjectConfirmation {
  return {
    method: verified(bearer),
    recipient: verified(acs),
    inResponseTo: verified(requestId),
    notBefore: null,
    notOnOrAfter: time(now + minutes(5)),
    ...more,
  }
}

export function conditionsWith(more: Partial<VerifiedConditions> = {}): VerifiedConditions {
  return {
    notBefore: time(now - minutes(5)),
    notOnOrAfter: time(now + minutes(5)),
    audienceRestrictions: [[verified(audience)]],
    oneTimeUse: false,
    unknown: [],
    ...more,
  }
}

export function statementWith(more: Partial<VerifiedAuthnStatement> = {}): VerifiedAuthnStatement {
  return {
    authnInstant: time(now - minutes(1)),
    sessionIndex: verified(requestId),
    sessionNotOnOrAfter: null,
    classRef: verified('urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'),
    ...more,
  }
}

export function attribute(name: string, ...values: string[]): VerifiedAttribute {
  return { name: verified(name), nameFormat: null, values: values.map(verified) }
}

export function assertionWith(more: Partial<VerifiedAssertion> = {}): VerifiedAssertion {
  return {
    id: verified(assertionId),
    version: verified('2.0'),
    issuer: verified(issuer),
    issueInstant: time(now),
    subjectCount: 1,
    identifierCount: 1,
    nameId: nameIdWith(),
    subjectConfirmations: [confirmationWith()],
    conditionsCount: 1,
    conditions: conditionsWith(),
    authnStatements: [statementWith()],
    attributes: [attribute('IDPEmail', 'alice@customer.com')],
    ...more,
  }
}

export function envelopeWith(more: Partial<VerifiedEnvelope> = {}): VerifiedEnvelope {
  return {
    id: verified('id1001'),
    version: verified('2.0'),
    issuer: verified(issuer),
    issueInstant: time(now),
    destination: verified(acs),
    inResponseTo: verified(requestId),
    statusCode: verified(success),
    ...more,
  }
}

/** Both signed, as Okta does it; `envelope: null` is a response of which the assertion alone is signed. */
export function verifiedResponse(
  assertion: Partial<VerifiedAssertion> = {},
  envelope: Partial<VerifiedEnvelope> | null = {},
): VerifiedResponse {
  return {
    assertion: assertionWith(assertion),
    envelope: envelope && envelopeWith(envelope),
    signedBy: certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    encrypted: false,
    warnings: [],
    signedBytes: Buffer.from('<saml2:Assertion/>'),
  }
}

export function claimedResponse(more: Partial<ClaimedResponse> = {}): ClaimedResponse {
  return {
    id: claimed('id1001'),
    issuer: claimed(issuer),
    destination: claimed(acs),
    inResponseTo: claimed(requestId),
    status: { code: claimed(success), subCode: null, message: null },
    assertionCount: 1,
    encrypted: false,
    nameId: claimed(aliceAnchor),
    document: {} as ParsedDocument,
    ...more,
  }
}

const certificate: SigningCertificate = {
  thumbprint: 'ab'.repeat(32),
  base64: 'MIIC',
  subject: 'CN=demo-okta',
  notBefore: now - minutes(60),
  notAfter: now + minutes(60),
  key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  keyType: 'rsa',
  keyBits: 2048,
}
