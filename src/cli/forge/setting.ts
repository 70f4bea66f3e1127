import { createHash } from 'node:crypto'
import type { DemoOktaUser, SignInFacts } from '../../demo-okta/honest.ts'
import type { IdpKey } from '../../demo-okta/keys.ts'
import { newOktaId } from '../../demo-okta/response.ts'
import type { RandomSource } from '../../lib/ids.ts'

/** What forged cases are about when nothing else is said: one tenant, one Okta app, one person, one moment. */
export const tenantId = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
export const publicUrl = 'https://login.example.test'
export const acs = `${publicUrl}/${tenantId}/saml2`
export const audience = 'urn:federation:MicrosoftOnline'
export const issuer = 'http://www.okta.com/exk1demo2homerealm3'
export const otherIssuer = 'http://www.okta.com/exk9other8company7'
export const at = '2026-01-15T09:30:00Z'

export const alice: DemoOktaUser = {
  login: 'alice@customer.com',
  nameId: '6Hz3el8+OkyEvxdtRYYCDw==',
  firstName: 'Alice',
  lastName: 'Archer',
  email: 'alice@customer.com',
  groups: ['Engineering'],
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

/** The facts of an honest sign-in, answered a second before the case's clock. */
export function factsOf(
  given: Partial<Pick<SignInFacts, 'user' | 'key' | 'issuer' | 'acs' | 'inResponseTo'>> & {
    readonly key: IdpKey
    readonly at?: string
  },
  random: RandomSource,
): SignInFacts {
  return {
    now: Date.parse(given.at ?? at) - 1000,
    responseId: newOktaId(random),
    assertionId: newOktaId(random),
    issuer: given.issuer ?? issuer,
    acs: given.acs ?? acs,
    audience,
    inResponseTo: given.inResponseTo === undefined ? requestId : given.inResponseTo,
    user: given.user ?? alice,
    key: given.key,
  }
}

export const requestId = '_1f0e6c2a-8f7b-4c1d-9e2a-3b4c5d6e7f80'
