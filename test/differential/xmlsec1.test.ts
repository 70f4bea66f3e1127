import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { expectRefusal } from '../saml/support.ts'
import { seededShares } from '../support/mutators/choices.ts'
import { mutatedField, randomMutations } from '../support/mutators/mutate.ts'
import { signedKinds, testKey, trustIn, verify } from '../support/signedKinds.ts'
import { isAccepted } from './accepted.ts'
import { meantBy, readBy } from './reading.ts'
import { recordedResponses, recordings } from './recorded.ts'
import {
  allowedFor,
  holdsForXmlsec1,
  randomTemplate,
  signedByXmlsec1,
  signedIds,
  type Template,
  transformsOfXmlsec1,
} from './xmlsec1.ts'

const field = (xml: string) => Buffer.from(xml).toString('base64')
const trustFor = (it: Pick<Template, 'key' | 'canonicalization'>) =>
  trustIn(testKey(it.key), allowedFor(it))

describe('beside xmlsec1', () => {
  describe('its recorded responses (fixtures/xmlsec1)', () => {
    const recorded = recordedResponses()

    it('are all that stand there', () => {
      const files = readdirSync(recordings).filter((name) => name.endsWith('.xml'))
      expect(recorded.map(({ file }) => file)).to.have.members(files)
      expect(recorded).to.have.length.above(5)
    })

    for (const response of recorded)
      it(`${response.file} is accepted, and read as it was meant`, () => {
        const verified = verify(field(response.xml), trustFor(response))
        expect(readBy(verified)).to.deep.equal(meantBy(response))
        expect(verified.signatureAlgorithm).to.equal(response.method)
        expect(verified.envelope?.id ?? null).to.equal(
          response.by === 'assertion' ? null : response.responseId,
        )
      })

    for (const response of recorded)
      it(`${response.file} is refused when its Recipient is changed`, () => {
        const changed = response.xml.replace('https://login.example.test', 'https://evil.example')
        expect(changed).not.to.equal(response.xml)
        expectRefusal('digestMismatch', () => verify(field(changed), trustFor(response)))
      })

    for (const response of recorded.filter((it) => allowedFor(it).allowInclusiveCanonicalization))
      it(`${response.file} is refused without the switch for inclusive canonicalization`, () => {
        const trust = trustIn(testKey(response.key))
        expectRefusal('algorithmNotAllowed', () => verify(field(response.xml), trust))
      })
  })

  const transforms = transformsOfXmlsec1()
  // In addition to the recordings, where the program is there.
  if (transforms !== null)
    describe('the program of this machine', () => {
      it('signs random responses that are accepted, and read as they were meant', () => {
        fc.assert(
          fc.property(randomTemplate(transforms), (template) => {
            const verified = verify(field(signedByXmlsec1(template)), trustFor(template))
            expect(readBy(verified)).to.deep.equal(meantBy(template))
          }),
          { numRuns: 15 },
        )
      })

      it('verifies what it signed and was accepted after a change', () => {
        expectToHold(recordedResponses().map((it) => ({ ...it, document: Buffer.from(it.xml) })))
      })

      it('verifies what xml-crypto signed and was accepted after a change', () => {
        const ids = { responseId: 'id1001', assertionId: 'id2001', key: 'demo-okta' } as const
        const [both, assertion, response] = signedKinds().map(({ documents: [it] }) => it)
        const canonicalization = 'http://www.w3.org/2001/10/xml-exc-c14n#'
        expectToHold(
          [
            { by: 'both', document: both } as const,
            { by: 'assertion', document: assertion } as const,
            { by: 'response', document: response } as const,
          ].map(({ by, document = Buffer.alloc(0) }) => ({
            ...ids,
            by,
            document,
            canonicalization,
          })),
        )
      })
    })
})

/** Changes documents at random until ours has accepted a number of the changed ones; xmlsec1 must verify each. */
function expectToHold(
  documents: readonly (Pick<
    Template,
    'by' | 'key' | 'canonicalization' | 'assertionId' | 'responseId'
  > & { readonly document: Buffer })[],
): void {
  const enough = 12
  const seed = Math.floor(Math.random() * 2 ** 32)
  const share = seededShares(seed)
  let accepted = 0
  for (let i = 0; accepted < enough; i++) {
    const it = documents[i % documents.length]
    if (it === undefined || i > 5000) throw new Error(`too few are accepted, seed ${seed}`)
    const mutations = randomMutations(share, 3)
    const mutated = mutatedField(it.document, it.document, mutations)
    if (!isAccepted(mutated, trustFor(it))) continue
    accepted += 1
    const xml = Buffer.from(mutated, 'base64').toString('utf8')
    const signed =
      verify(mutated, trustFor(it)).envelope === null ? [it.assertionId] : signedIds(it)
    const holds = holdsForXmlsec1(xml, it.key, signed)
    expect(holds, `seed ${seed}: ${JSON.stringify(mutations)}\n${xml}`).to.equal(true)
  }
}
