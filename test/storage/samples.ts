import type { Domain, Federation, Tenant, User } from '../../src/directory/types.ts'
import { federationDefaults } from '../../src/directory/types.ts'
import type { KeptTrace, PendingRequest, Session } from '../../src/signin/ports.ts'

/** 2026-01-15T09:30:00Z. */
export const now = Date.UTC(2026, 0, 15, 9, 30)

export const tenant: Tenant = {
  id: '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
  displayName: 'Customer',
}

/** A user whose other values follow from the UPN. */
export function userOf(userPrincipalName: string, more: Partial<User> = {}): User {
  return {
    id: `id of ${userPrincipalName}`,
    userPrincipalName,
    onPremisesImmutableId: `anchor of ${userPrincipalName}`,
    accountEnabled: true,
    displayName: 'Alice Ångström',
    mailNickname: 'alice',
    mail: 'alice@customer.com',
    givenName: 'Alice',
    surname: null,
    jobTitle: null,
    department: 'Sales, “north”',
    officeLocation: null,
    mobilePhone: null,
    usageLocation: 'SE',
    createdDateTime: now,
    lastModifiedDateTime: now,
    ...more,
  }
}

export function federationOf(id: string, more: Partial<Federation> = {}): Federation {
  return {
    ...federationDefaults,
    id,
    displayName: `Okta ${id}`,
    issuerUri: `http://www.okta.com/${id}`,
    passiveSignInUri: `https://customer.okta.com/app/${id}/sso/saml`,
    signingCertificate: 'MIIDpDCCAoygAwIBAgIGAX',
    ...more,
  }
}

export function domainOf(id: string, federationId: string | null): Domain {
  return {
    id,
    authenticationType: federationId === null ? 'Managed' : 'Federated',
    isVerified: true,
    isDefault: false,
    federationId,
  }
}

export function requestOf(id: string, more: Partial<PendingRequest> = {}): PendingRequest {
  return {
    id,
    federationId: 'fed-1',
    loginHint: 'alice@customer.com',
    browser: 'browser-1',
    returnTo: '/me',
    requiresMfa: false,
    askedForMfa: false,
    createdAt: now,
    expiresAt: now + 900_000,
    ...more,
  }
}

export function sessionOf(key: string, more: Partial<Session> = {}): Session {
  return {
    key,
    userId: 'user-1',
    method: 'federated',
    amr: ['fed'],
    federationId: 'fed-1',
    nameId: 'q2w3==',
    nameIdFormat: null,
    sessionIndex: 'id123',
    authnContextClassRef: null,
    authenticatedAt: now,
    createdAt: now,
    expiresAt: now + 3_600_000,
    claims: [
      ['groups', ['b', 'a', '']],
      ['__proto__', ['not a prototype']],
      ['groups', []],
    ],
    requestId: 'request-1',
    ...more,
  }
}

export function traceOf(requestId: string, more: Partial<KeptTrace> = {}): KeptTrace {
  return {
    requestId,
    correlationId: 'correlation-1',
    at: now,
    expiresAt: now + 86_400_000,
    outcome: 'refused',
    reason: 'audienceMismatch',
    aadsts: 500089,
    userPrincipalName: null,
    federationId: 'fed-1',
    trace: [
      {
        check: 'audience',
        result: 'fail',
        reason: 'audienceMismatch',
        expected: 'urn:federation:MicrosoftOnline',
        actual: 'urn:other',
        hint: null,
      },
    ],
    ...more,
  }
}

/** All that an iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** What a promise rejects with; fails the test when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection, but the promise was fulfilled')
}
