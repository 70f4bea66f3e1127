import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { examine } from '../support/examine.ts'
import { choicesEach } from '../support/mutators/choices.ts'
import { mutatedField, mutatorNames } from '../support/mutators/mutate.ts'
import { signedKinds } from '../support/signedKinds.ts'
import { makeSigner, oktaResponse, sign } from './sign.ts'
import { accept, refusal, trustIn } from './support.ts'

const share = fc.integer({ min: 0, max: 2 ** 16 - 1 }).map((it) => it / 2 ** 16)
const mutations = fc.array(
  fc.record({
    mutator: fc.constantFrom(...mutatorNames),
    shares: fc.array(share, { minLength: choicesEach, maxLength: choicesEach }),
  }),
  { minLength: 1, maxLength: 3 },
)

/** `npm run fuzz` does the same for as long as it is told to. */
describe('saml mutations', () => {
  for (const kind of signedKinds())
    it(`of a response (${kind.name}) are refused, or say exactly what was signed`, () => {
      const [document, ...others] = kind.documents
      if (document === undefined) throw new Error('no document')
      fc.assert(
        fc.property(fc.constantFrom(...others), mutations, (partner, changes) => {
          const field = mutatedField(document, partner, changes)
          const outcome = examine(field, kind)
          expect(outcome.is, JSON.stringify(outcome)).not.to.equal('finding')
        }),
        { numRuns: 350 },
      )
    })

  it('of any single byte of the NameID element are refused', async () => {
    const okta = await makeSigner('okta')
    const genuine = Buffer.from(sign(oktaResponse(), 'Assertion', okta))
    const start = genuine.indexOf('<saml2:NameID')
    const end = genuine.indexOf('<saml2:SubjectConfirmation ')
    for (let index = start; index < end; index++) {
      const one = Buffer.from(genuine)
      one[index] = (one[index] ?? 0) ^ 1
      expect(refusal(() => accept(one, trustIn(okta)))).to.be.instanceOf(Refusal)
    }
  })
})
