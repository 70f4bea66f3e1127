/**
 * bench/: what `npm run bench` measures, and against whom. Timings stand nowhere else: a test that measures time fails on a busy
 * machine. All figures of one table come from one run, its rounds interleaved, so that their ratios hold where the figures move.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import {
  type Domain,
  type Federation,
  federationDefaults,
  type User,
  userDefaults,
} from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { minutes } from '../../src/lib/clock.ts'
import { signingTrust } from '../../src/saml/certificates.ts'
import { defaultLimits, type MessageLimits } from '../../src/saml/types.ts'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import { REQUEST_LIFETIME } from '../../src/signin/start.ts'
import { memoryDirectory, memorySigninState } from '../../src/storage/memory.ts'

/** Who talks to whom in every document of the benchmarks. */
export const parties = {
  issuer: 'http://www.okta.com/exk1fcia6d6EMsf331d8',
  tenantId: '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
  acs: 'https://login.example.test/9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11/saml2',
  entityId: 'urn:federation:MicrosoftOnline',
  nameId: 'q2w3e4r5t6y7u8i9o0pASg==',
  userPrincipalName: 'alice@customer.com',
} as const

/** One time for all: peers read the machine's clock, so documents are made valid now, and for longer than a run takes. */
export const startedAt = Date.now()
export const clockSkew = minutes(2)

const certificates = new URL('../../certs/', import.meta.url)

/** A key of certs/, which are public and for tests. */
export function testKey(name: 'demo-okta' | 'decryption' | 'foreign'): IdpKey {
  const read = (file: string) => readFileSync(new URL(file, certificates), 'utf8')
  const certificatePem = read(`${name}.pem`)
  return {
    privateKeyPem: read(`${name}.key.pem`),
    certificatePem,
    certificateBase64: certificatePem.replace(/-----[^-]+-----|\s/g, ''),
  }
}

export const idpKey = testKey('demo-okta')
export const decryptionKey: KeyObject = createPrivateKey(testKey('decryption').privateKeyPem)

export const federation: Federation = {
  ...federationDefaults,
  id: 'federation-0',
  displayName: 'Okta',
  issuerUri: parties.issuer,
  passiveSignInUri: 'https://customer.okta.test/app/homerealm/exk1/sso/saml',
  signingCertificate: idpKey.certificateBase64,
}

export const user: User = {
  ...userDefaults,
  id: 'user-0',
  userPrincipalName: parties.userPrincipalName,
  onPremisesImmutableId: parties.nameId,
  accountEnabled: true,
  displayName: 'Alice',
  mailNickname: 'alice',
  createdDateTime: startedAt,
  lastModifiedDateTime: startedAt,
}

export const customerDomain: Domain = {
  id: 'customer.com',
  authenticationType: 'Federated',
  isVerified: true,
  isDefault: true,
  federationId: federation.id,
}

export const directory = memoryDirectory({
  tenant: { id: parties.tenantId, displayName: 'bench' },
  federations: [federation],
  domains: [customerDomain],
  users: [user],
  principalNameKey,
})

/** Circumstances of the live path, with memory stores in which these requests wait for their answers. */
export async function circumstances(
  requestIds: readonly string[],
  limits: MessageLimits = defaultLimits,
): Promise<Circumstances> {
  const state = memorySigninState()
  for (const id of requestIds)
    await state.rememberRequest({
      id,
      federationId: federation.id,
      loginHint: parties.userPrincipalName,
      browser: 'this',
      returnTo: '/me',
      requiresMfa: false,
      askedForMfa: false,
      createdAt: startedAt,
      expiresAt: startedAt + REQUEST_LIFETIME,
    })
  return {
    now: startedAt,
    limits,
    tenantId: parties.tenantId,
    audience: parties.entityId,
    acs: { accepted: [parties.acs], tenantInPath: true },
    clockSkew,
    maxLifetime: minutes(24 * 60),
    browser: 'this',
    directory,
    state,
    decryptionKeys: [decryptionKey],
    trustOf: signingTrust,
    secondOpinion: null,
    diagnose: false,
  }
}
