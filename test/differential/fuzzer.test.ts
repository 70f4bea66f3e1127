import { expect } from 'chai'
import { fuzz } from '../../scripts/fuzz/fuzz.ts'
import { refuse } from '../../src/aadsts/reasons.ts'
import { verifiedAssertion } from '../../src/saml/assertion.ts'
import { readSignature } from '../../src/saml/signature/profile.ts'
import { allowSignature, verifySignature } from '../../src/saml/signature/verify.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { attributeOf, childElements, type XmlElement } from '../../src/saml/xml/tree.ts'
import { examine, type Verifier } from '../support/examine.ts'
import { seededShares } from '../support/mutators/choices.ts'
import { mutatedField, randomMutations } from '../support/mutators/mutate.ts'
import { now, people, type SignedKind, signedKinds, verify } from '../support/signedKinds.ts'

/** The first element for which it holds, in document order. */
function firstThat(
  element: XmlElement,
  holds: (it: XmlElement) => boolean,
): XmlElement | undefined {
  if (holds(element)) return element
  for (const child of childElements(element)) {
    const found = firstThat(child, holds)
    if (found !== undefined) return found
  }
  return undefined
}

function orRefuse(element: XmlElement | undefined): XmlElement {
  return element ?? refuse('notSigned')
}

const named = (name: string) => (it: XmlElement) => it.localName === name
const withId = (id: string) => (it: XmlElement) => attributeOf(it, 'ID') === id

/** As service providers were written once: some signature somewhere holds, and the first assertion is believed. */
const credulous: Verifier = (field, trust) => {
  const root = parseXml(decodeXml(Buffer.from(field, 'base64')), defaultLimits)
  const signature = orRefuse(firstThat(root, named('Signature')))
  const id = attributeOf(orRefuse(firstThat(signature, named('Reference'))), 'URI')?.slice(1) ?? ''
  const signed = orRefuse(firstThat(root, withId(id)))
  const allowed = allowSignature(readSignature(signature, signed, id), trust)
  const { signedBy } = verifySignature(allowed, trust, now, defaultLimits.maxBytes)
  const assertion = orRefuse(
    firstThat(root, (it) => named('Assertion')(it) && attributeOf(it, 'ID') !== null),
  )
  return {
    assertion: verifiedAssertion(assertion, () => refuse('decryptionFailed')),
    envelope: null,
    signedBy,
  }
}

function kindNamed(name: string): SignedKind {
  const kind = kinds.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`no kind is named ${name}`)
  return kind
}

const kinds = signedKinds()
const fieldFrom = ({ documents }: SignedKind, which = 0) =>
  documents[which]?.toString('base64') ?? ''

describe('the mutation fuzzer', () => {
  it('wraps its way past a verifier that does not tie what it reads to what was signed', async () => {
    const kind = kindNamed('assertion only')
    const upTo = ({ documents }: { documents: number }) => documents < 5000
    const { finding } = await fuzz([kind], 1, upTo, credulous)
    if (finding === null) throw new Error('5000 documents, and it was never wrong')
    expect(finding.kind).to.equal(kind.name)
    expect(finding.what).to.match(/^an assertion that nobody signed/)
    // The document of a finding is one again, for that verifier; ours refuses it.
    expect(examine(finding.field, kind, credulous).is).to.equal('finding')
    expect(examine(finding.field, kind).is).to.equal('refused')
    // None of the mutations that it keeps could be left out.
    expect(finding.mutations).to.have.length.within(1, 4)
  })

  it('finds nothing in ours, and counts every document', async () => {
    const { tally, finding } = await fuzz(kinds, 2, ({ documents }) => documents < 640)
    expect(finding).to.equal(null)
    const refused = [...tally.refusals.values()].reduce((sum, many) => sum + many, 0)
    expect(tally.documents).to.equal(640)
    expect(tally.accepted + refused).to.equal(640)
    expect([...tally.refusals.keys()]).to.include.members(['digestMismatch', 'signaturePlacement'])
  })

  it('gives the same document for the same seed', () => {
    const kind = kindNamed('both')
    const [document = Buffer.alloc(0), partner = document] = kind.documents
    const fields = (seed: number) => {
      const share = seededShares(seed)
      return Array.from({ length: 50 }, () =>
        mutatedField(document, partner, randomMutations(share, 4)),
      )
    }
    expect(fields(7)).to.deep.equal(fields(7))
    expect(fields(7)).not.to.deep.equal(fields(8))
  })

  it('takes every document of every kind as it is, for what was put into it', () => {
    for (const kind of kinds)
      for (const [which, { nameId, request }] of people.entries()) {
        const field = fieldFrom(kind, which)
        expect(examine(field, kind), kind.name).to.deep.equal({ is: 'accepted' })
        const { assertion } = verify(field, kind.trust)
        const [confirmation] = assertion.subjectConfirmations
        expect([assertion.nameId?.value, confirmation?.inResponseTo]).to.deep.equal([
          nameId,
          request,
        ])
        expect(assertion.attributes.at(-1)?.values.at(-1), kind.name).to.equal(kind.name)
      }
  })

  it('tells a value that nobody signed', () => {
    const kind = kindNamed('both')
    const outcome = examine(fieldFrom(kind), kind, (field, trust) => {
      const { assertion, ...rest } = verify(field, trust)
      return { ...rest, assertion: { ...assertion, nameIdCount: 2 } }
    })
    expect(outcome).to.include({ is: 'finding' })
  })

  it('tells the parts of two that were signed each on its own', () => {
    const kind = kindNamed('response only')
    const outcome = examine(fieldFrom(kind), kind, (field, trust) => ({
      ...verify(field, trust),
      assertion: verify(fieldFrom(kind, 1), trust).assertion,
    }))
    expect(outcome).to.include({ is: 'finding' })
  })

  it('tells an assertion that only its Response covers, without that Response', () => {
    const kind = kindNamed('response only')
    const outcome = examine(fieldFrom(kind), kind, (field, trust) => ({
      ...verify(field, trust),
      envelope: null,
    }))
    expect(outcome).to.include({ is: 'finding' })
  })

  it('tells an exception that is no refusal', () => {
    const kind = kindNamed('both')
    const outcome = examine('', kind, () => {
      throw new TypeError('undefined is not a function')
    })
    expect(outcome).to.include({ is: 'finding' })
  })
})
