import { createHash } from 'node:crypto'
import type { DemoOktaUser, SignInFacts } from '../../demo-okta/honest.ts'
import type { IdpKey } from '../../demo-okta/keys.ts'
import { newOktaId } from '../../demo-okta/response.ts'
import { seconds } from '../../lib/clock.ts'
import type { RandomSource } from '../../lib/ids.ts'
import { testKey } from './testKeys.ts'

/** What forged cases are about: one tenant, one app at Okta, one person, one moment. */
export interface Setting {
  /** The case's clock, ISO 8601. The identity provider answers a second before. */
  readonly at: string
  readonly acs: string
  readonly audience: string
  readonly issuer: string
  readonly requestId: string
  /** The one who signs in, and whose e-mail was typed at the start. */
  readonly user: DemoOktaUser
  /** What the federation signs with. */
  readonly key: IdpKey
  /** How a certificate stands in a case file: itself, or a path. */
  readonly certificateText: (key: IdpKey) => string
  /** How the server's own decryption key stands there. */
  readonly decryptionKeyText: () => string
  /** Ids and whatever encryption needs, for each case from a source of its own, so that none depends on another. */
  readonly randomFor: (caseName: string) => RandomSource
}

export const tenantId = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
export const publicUrl = 'https://login.example.test'
export const acs = `${publicUrl}/${tenantId}/saml2`
export const audience = 'urn:federation:MicrosoftOnline'
export const issuer = 'http://www.okta.com/exk1demo2homerealm3'
export const otherIssuer = 'http://www.okta.com/exk9other8company7'
export const requestId = '_1f0e6c2a-8f7b-4c1d-9e2a-3b4c5d6e7f80'
export const at = '2026-01-15T09:30:00Z'

export const alice: DemoOktaUser = {
  login: 'alice@customer.com',
  nameId: '6Hz3el8+OkyEvxdtRYYCDw==',
  firstName: 'Alice',
  lastName: 'Archer',
  email: 'alice@customer.com',
  groups: ['Engineering'],
}

/** ImmutableId of the other user here: whom a forger wants to be. */
export const bobNameId = 'kWq0Zc1VnUu4Jt3Xy7RbPg=='

/** The usual setting, self-contained: certificates and keys stand in the case. Reads the test keys. */
export function usualSetting(): Omit<Setting, 'randomFor'> {
  return {
    at,
    acs,
    audience,
    issuer,
    requestId,
    user: alice,
    key: testKey('demo-okta'),
    certificateText: (key) => key.certificateBase64,
    decryptionKeyText: () => testKey('decryption').privateKeyPem,
  }
}

/** The other user's name: Bob, of the same domain, or Carol where Bob is the one who signs in. */
export function otherUserOf(user: DemoOktaUser): string {
  const [name = '', domain = ''] = user.login.split('@')
  return `${name.toLowerCase() === 'bob' ? 'carol' : 'bob'}@${domain}`
}

export function domainOf(user: DemoOktaUser): string {
  return user.login.split('@')[1] ?? ''
}

/** The facts of an honest sign-in. */
export function factsOf(setting: Omit<Setting, 'randomFor'>, random: RandomSource): SignInFacts {
  return {
    now: Date.parse(setting.at) - seconds(1),
    responseId: newOktaId(random),
    assertionId: newOktaId(random),
    issuer: setting.issuer,
    acs: setting.acs,
    audience: setting.audience,
    inResponseTo: setting.requestId,
    user: setting.user,
    key: setting.key,
  }
}

/** Randomness that is the same at every run, so that the same cases come out byte for byte. */
export function seededRandom(seed: string): RandomSource {
  let counter = 0
  return (byteCount) => {
    const blocks: Buffer[] = []
    for (let size = 0; size < byteCount; size += 32) {
      blocks.push(createHash('sha256').update(`${seed}/${counter++}`).digest())
    }
    return Buffer.concat(blocks).subarray(0, byteCount)
  }
}
