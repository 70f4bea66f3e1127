/** The world around a judgement, in memory: two federations with a domain each, some users, a request that waits. */
import { expect } from 'chai'
import { type Evidence, type Reason, Refusal } from '../../src/aadsts/reasons.ts'
import {
  type Domain,
  type Federation,
  federationDefaults,
  type User,
  userDefaults,
} from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { hours, minutes, seconds } from '../../src/lib/clock.ts'
import { signingTrust } from '../../src/saml/certificates.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import type { Check, Passed } from '../../src/signin/checks/check.ts'
import type { Circumstances, Findings } from '../../src/signin/circumstances.ts'
import type { PendingRequest } from '../../src/signin/ports.ts'
import { memoryDirectory, memorySigninState } from '../../src/storage/memory.ts'
import {
  acs,
  aliceAnchor,
  audience,
  claimedResponse,
  confirmationWith,
  issuer,
  now,
  requestId,
  tenantId,
  tenantlessAcs,
  verified,
  verifiedResponse,
} from './verified.ts'

export const federation: Federation = {
  ...federationDefaults,
  id: 'federation-1',
  displayName: 'Customer Okta',
  issuerUri: issuer,
  passiveSignInUri: 'https://customer.okta.com/app/x/exk1/sso/saml',
  signingCertificate: 'MIIC',
}
export const otherFederation: Federation = {
  ...federation,
  id: 'federation-2',
  displayName: 'Partner Okta',
  issuerUri: 'http://www.okta.com/exk2',
}

export const alice = userWith('alice@customer.com', aliceAnchor)

export function userWith(
  userPrincipalName: string,
  onPremisesImmutableId: string | null,
  more: Partial<User> = {},
): User {
  return {
    ...userDefaults,
    id: `id of ${userPrincipalName}`,
    userPrincipalName,
    onPremisesImmutableId,
    accountEnabled: true,
    displayName: userPrincipalName,
    mailNickname: 'someone',
    createdDateTime: now,
    lastModifiedDateTime: now,
    ...more,
  }
}

export function domainWith(id: string, more: Partial<Domain> = {}): Domain {
  return {
    id,
    authenticationType: 'Federated',
    isVerified: true,
    isDefault: false,
    federationId: federation.id,
    ...more,
  }
}

export const managedDomain = domainWith('managed.example', {
  authenticationType: 'Managed',
  federationId: null,
})

export const waiting: PendingRequest = {
  id: requestId,
  federationId: federation.id,
  loginHint: 'alice@customer.com',
  browser: 'this browser',
  returnTo: '/me',
  requiresMfa: false,
  askedForMfa: false,
  createdAt: now - minutes(1),
  expiresAt: now + minutes(14),
}

export interface World {
  readonly federations?: readonly Federation[]
  readonly domains?: readonly Domain[]
  readonly users?: readonly User[]
  readonly requests?: readonly PendingRequest[]
}

export const customerDomain = domainWith('customer.com')
export const partnerDomain = domainWith('partner.com', { federationId: otherFederation.id })

/** Circumstances under which the sound response signs Alice in. */
export function circumstancesOf(
  world: World = {},
  more: Partial<Circumstances> = {},
): Circumstances {
  const state = memorySigninState()
  // The store in memory remembers at once, before the promise is looked at.
  for (const request of world.requests ?? [waiting]) void state.rememberRequest(request)
  return {
    now,
    limits: defaultLimits,
    tenantId,
    audience,
    acs: { accepted: [acs, tenantlessAcs], tenantInPath: true },
    clockSkew: seconds(120),
    maxLifetime: hours(24),
    browser: waiting.browser,
    directory: memoryDirectory({
      federations: world.federations ?? [federation, otherFederation],
      domains: world.domains ?? [customerDomain, partnerDomain, managedDomain],
      users: world.users ?? [alice],
      principalNameKey,
    }),
    state,
    decryptionKeys: [],
    trustOf: (of) => signingTrust(of),
    secondOpinion: null,
    diagnose: false,
    ...more,
  }
}

/** Everything that the checks establish about the sound response. */
export function findingsWith(more: Partial<Findings> = {}): Findings {
  return {
    message: { encoding: 'xml', body: '' },
    claimed: claimedResponse(),
    federation,
    verified: verifiedResponse(),
    confirmation: confirmationWith(),
    nameId: verified(aliceAnchor),
    request: waiting,
    user: alice,
    secondFactor: 'none',
    ...more,
  }
}

/** What a check says that passes; never an empty text. It sees only what it says it needs: the rest is not there. */
export async function passes(
  check: Check,
  found: Partial<Findings> = {},
  circumstances: Circumstances = circumstancesOf(),
): Promise<Passed> {
  const all = findingsWith(found)
  const needed = Object.fromEntries(check.needs.map((need) => [need, all[need]]))
  const passed = await check.run(needed, circumstances)
  const { expected, actual, notApplicable } = passed
  expect(actual ?? notApplicable, `${check.name}: actual`).to.be.a('string')
  expect([expected, actual, notApplicable], `evidence of ${check.name}`).to.not.include('')
  return passed
}

/** The refusal of a check that fails; it says what was expected and what was found. */
export async function fails(
  check: Check,
  found: Partial<Findings> = {},
  circumstances: Circumstances = circumstancesOf(),
): Promise<Evidence & { readonly reason: Reason }> {
  try {
    await passes(check, found, circumstances)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { expected, actual } = error.evidence
    expect(expected, `${error.reason}: expected`).to.be.a('string').with.length.above(0)
    expect(actual, `${error.reason}: actual`).to.be.a('string')
    return { reason: error.reason, ...error.evidence }
  }
  throw new Error(`the check ${check.name} has passed`)
}
