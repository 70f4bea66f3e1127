import { expect } from 'chai'
import fc from 'fast-check'
import { seededShares } from '../support/mutators/choices.ts'
import { mutatedField, randomMutations } from '../support/mutators/mutate.ts'
import { testKey, trustIn, verify } from '../support/signedKinds.ts'
import { isAccepted } from './accepted.ts'
import { type RandomResponse, randomResponse } from './randomResponse.ts'
import { meantBy, readBy } from './reading.ts'
import { digestAlgorithms, holds, plainPrefixes, signatureAlgorithms, signed } from './xmlCrypto.ts'

const key = testKey('demo-okta')

interface Signed extends RandomResponse {
  readonly by: 'both' | 'assertion' | 'response'
}

/** A random response, signed by xml-crypto in one of its ways. */
const signedResponse: fc.Arbitrary<Signed> = fc
  .record({
    response: randomResponse(plainPrefixes),
    by: fc.constantFrom('both', 'assertion', 'response'),
    signature: fc.constantFrom(...signatureAlgorithms),
    digest: fc.constantFrom(...digestAlgorithms),
    prefix: fc.constantFrom('ds', 'sig', ''),
    inclusivePrefixes: fc.constantFrom([], ['xs'], ['saml', 'pr', 'q']),
    hasKeyInfo: fc.boolean(),
  })
  .map(({ response, by, ...how }) => {
    const { assertionId, responseId } = response
    const inner = by === 'response' ? response.xml : signed(response.xml, assertionId, key, how)
    const xml = by === 'assertion' ? inner : signed(inner, responseId, key, how)
    return { ...response, xml, by }
  })

const field = (xml: string) => Buffer.from(xml).toString('base64')

describe('beside xml-crypto', () => {
  const trust = trustIn(key)

  it('accepts every response that it signs, and reads what was written', () => {
    fc.assert(
      fc.property(signedResponse, (response) => {
        const { xml, by, responseId } = response
        const verified = verify(field(xml), trust)
        expect(readBy(verified)).to.deep.equal(meantBy(response))
        expect(verified.envelope?.id).to.equal(by === 'assertion' ? undefined : responseId)
      }),
      { numRuns: 120 },
    )
  })

  it('refuses every mutated one that it refuses', () => {
    let accepted = 0
    fc.assert(
      fc.property(signedResponse, signedResponse, fc.nat(), (response, partner, seed) => {
        const share = seededShares(seed)
        for (let round = 0; round < 50; round++) {
          const mutations = randomMutations(share, 3)
          const [document, other] = [Buffer.from(response.xml), Buffer.from(partner.xml)]
          const mutated = mutatedField(document, other, mutations)
          if (!isAccepted(mutated, trust)) continue
          accepted += 1
          const xml = Buffer.from(mutated, 'base64').toString('utf8')
          expect(holds(xml, key), `${JSON.stringify(mutations)}\n${xml}`).to.equal(true)
        }
      }),
      { numRuns: 25 },
    )
    // Otherwise nothing was compared.
    expect(accepted).to.be.above(20)
  })

  it('refuses with it a text that was changed after signing', () => {
    fc.assert(
      fc.property(signedResponse, ({ xml }) => {
        expect(holds(xml, testKey('foreign'))).to.equal(false)
        const changed = xml.replace('https://login.example.test/saml2', 'https://evil.example.test')
        expect(changed).not.to.equal(xml)
        expect(holds(changed, key)).to.equal(false)
        expect(isAccepted(field(changed), trust)).to.equal(false)
      }),
      { numRuns: 15 },
    )
  })
})
