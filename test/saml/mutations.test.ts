import { expect } from 'chai'
import fc from 'fast-check'
import { Refusal } from '../../src/aadsts/reasons.ts'
import type { VerifiedResponse } from '../../src/saml/types.ts'
import { makeSigner, oktaResponse, type Signer, sign, signedResponse } from './sign.ts'
import { accept, refusal, trustIn } from './support.ts'

/** One change of a document, told by numbers so that fast-check can shrink it. */
type Mutation = (bytes: Buffer) => Buffer

const at = (length: number, share: number) => Math.min(length - 1, Math.floor(share * length))
const share = fc.double({ min: 0, max: 1, noNaN: true })

const flip = fc.tuple(share, fc.integer({ min: 0, max: 255 })).map(
  ([where, byte]): Mutation =>
    (bytes) => {
      const changed = Buffer.from(bytes)
      changed[at(bytes.length, where)] = byte
      return changed
    },
)

const insertion = fc
  .tuple(
    share,
    fc.constantFrom(
      '<!---->',
      '<?x?>',
      '<x/>',
      '&#65;',
      ' ',
      '\r\n',
      'xmlns=""',
      '</',
      '<',
      '"',
      'evil',
    ),
  )
  .map(
    ([where, text]): Mutation =>
      (bytes) => {
        const index = at(bytes.length, where)
        return Buffer.concat([bytes.subarray(0, index), Buffer.from(text), bytes.subarray(index)])
      },
  )

/** Start offsets and ends of all elements without child elements, and of all tags: what a wrapping attack moves around. */
function pieces(xml: string): [number, number][] {
  return [...xml.matchAll(/<([\w:]+)[^<>]*>[^<]*<\/\1>|<[\w:]+[^<>]*\/>|<[^>]*>/g)].map((it) => [
    it.index,
    it.index + it[0].length,
  ])
}

const copyOrMove = fc.tuple(share, share, fc.boolean()).map(
  ([from, to, isMove]): Mutation =>
    (bytes) => {
      const xml = bytes.toString('latin1')
      const all = pieces(xml)
      const [start, end] = all[at(all.length, from)] ?? [0, 0]
      const [target] = all[at(all.length, to)] ?? [0]
      const rest = isMove ? xml.slice(0, start) + xml.slice(end) : xml
      const index = isMove && target >= end ? target - (end - start) : target
      return Buffer.from(rest.slice(0, index) + xml.slice(start, end) + rest.slice(index), 'latin1')
    },
)

const removal = fc.tuple(share, fc.integer({ min: 1, max: 400 })).map(
  ([where, count]): Mutation =>
    (bytes) => {
      const index = at(bytes.length, where)
      return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + count)])
    },
)

const mutations = fc.array(fc.oneof(flip, insertion, copyOrMove, removal), {
  minLength: 1,
  maxLength: 3,
})

/** What was signed, the name of the signature algorithm and the like left out. */
const content = ({ assertion }: VerifiedResponse) => assertion

describe('saml mutations', () => {
  let okta: Signer
  before(async () => {
    okta = await makeSigner('okta')
  })

  const bases: [string, (signer: Signer) => string][] = [
    ['both', (signer) => signedResponse(signer)],
    ['the assertion', (signer) => sign(oktaResponse(), 'Assertion', signer)],
    ['the Response', (signer) => sign(oktaResponse(), 'Response', signer)],
  ]
  for (const [what, make] of bases)
    it(`of a response with ${what} signed are refused, or say exactly what was signed`, () => {
      const genuine = Buffer.from(make(okta))
      const expected = content(accept(genuine, trustIn(okta)))
      fc.assert(
        fc.property(mutations, (changes) => {
          const mutant = changes.reduce<Buffer>((bytes, change) => change(bytes), genuine)
          try {
            expect(content(accept(mutant, trustIn(okta)))).to.deep.equal(expected)
          } catch (fault) {
            if (!(fault instanceof Refusal)) throw fault
          }
        }),
        { numRuns: 1500 },
      )
    })

  it('of any single byte of the NameID element are refused', () => {
    const genuine = Buffer.from(sign(oktaResponse(), 'Assertion', okta))
    const start = genuine.indexOf('<saml2:NameID')
    const end = genuine.indexOf('<saml2:SubjectConfirmation ')
    for (let index = start; index < end; index++) {
      const mutant = Buffer.from(genuine)
      mutant[index] = (mutant[index] ?? 0) ^ 1
      expect(refusal(() => accept(mutant, trustIn(okta)))).to.be.instanceOf(Refusal)
    }
  })
})
