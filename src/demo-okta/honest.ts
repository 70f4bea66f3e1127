import { type Instant, minutes } from '../lib/clock.ts'
import type { IdpKey } from './keys.ts'
import type { AssertionSpec, ResponseSpec } from './response.ts'

/** A person of the demo Okta's own directory. It knows nothing of homerealm's. */
export interface DemoOktaUser {
  /** What they type into the sign-in page; found case-insensitively. */
  readonly login: string
  /** What the app's setting puts into the NameID: the `immutableId` of their Okta profile. */
  readonly nameId: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  /** Sent as attribute `groups`; `Everyone` is always among them. */
  readonly groups?: readonly string[]
}

/** All that an honest response depends on. */
export interface SignInFacts {
  readonly now: Instant
  readonly responseId: string
  readonly assertionId: string
  /** The app's entityID at Okta, `http://www.okta.com/exk...`. */
  readonly issuer: string
  /** The app's "Single sign-on URL": Destination and Recipient. */
  readonly acs: string
  /** The app's "Audience URI (SP Entity ID)". */
  readonly audience: string
  /** ID of the AuthnRequest; null when nobody asked (IdP-initiated). */
  readonly inResponseTo: string | null
  readonly user: DemoOktaUser
  readonly key: IdpKey
}

export const nameIdFormats = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
} as const

export const statusCodes = {
  success: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  responder: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
  requestDenied: 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied',
  noPassive: 'urn:oasis:names:tc:SAML:2.0:status:NoPassive',
} as const

/** How long an assertion of Okta's holds, and how far before its making it begins to. */
const lifetime = minutes(5)

/** The response that a stock Okta SAML app sends for a person: both parts signed, RSA-SHA256, five minutes. */
export function oktaResponse(facts: SignInFacts): ResponseSpec {
  return { ...emptyResponse(facts), signed: 'both', assertions: [oktaAssertion(facts)] }
}

/** A failure as Okta reports it: a status, no assertion, the response signed. */
export function oktaRefusal(
  facts: Omit<SignInFacts, 'user' | 'assertionId'>,
  subCode: string,
  message: string | null = null,
): ResponseSpec {
  return { ...emptyResponse(facts), status: { code: statusCodes.responder, subCode, message } }
}

function emptyResponse(facts: Omit<SignInFacts, 'user' | 'assertionId'>): ResponseSpec {
  return {
    id: facts.responseId,
    issueInstant: facts.now,
    issuer: facts.issuer,
    destination: facts.acs,
    inResponseTo: facts.inResponseTo,
    status: { code: statusCodes.success, subCode: null, message: null },
    extensions: '',
    assertions: [],
    signed: 'response',
    algorithm: 'rsa-sha256',
    wrongDigest: false,
    key: facts.key,
  }
}

function oktaAssertion(facts: SignInFacts): AssertionSpec {
  const { now, user } = facts
  return {
    id: facts.assertionId,
    issueInstant: now,
    issuer: facts.issuer,
    nameId: { value: user.nameId, format: nameIdFormats.unspecified },
    confirmations: [
      {
        method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
        recipient: facts.acs,
        notOnOrAfter: now + lifetime,
        inResponseTo: facts.inResponseTo,
      },
    ],
    conditions: {
      notBefore: now - lifetime,
      notOnOrAfter: now + lifetime,
      audiences: [facts.audience],
      further: '',
    },
    authn: {
      instant: now,
      sessionIndex: facts.inResponseTo ?? facts.assertionId,
      sessionNotOnOrAfter: null,
      contextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    },
    attributes: [
      { name: 'IDPEmail', values: [user.email] },
      { name: 'firstName', values: [user.firstName] },
      { name: 'lastName', values: [user.lastName] },
      { name: 'email', values: [user.email] },
      { name: 'groups', values: ['Everyone', ...(user.groups ?? [])] },
    ],
  }
}
