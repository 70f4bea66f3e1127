import { expect } from 'chai'
import { refuse } from '../../src/aadsts/reasons.ts'
import { verifiedAssertion } from '../../src/saml/assertion.ts'
import { readSignature } from '../../src/saml/signature/profile.ts'
import { allowSignature, verifySignature } from '../../src/saml/signature/verify.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { attributeOf, childElements, type XmlElement } from '../../src/saml/xml/tree.ts'
import { examine, fieldOf, type Verifier } from '../support/examine.ts'
import { seededShares } from '../support/mutators/choices.ts'
import { randomMutations } from '../support/mutators/mutate.ts'
import { now, type SignedKind, signedKinds } from '../support/signedKinds.ts'

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

/** Hands out what ours does, but for the white space around a NameID. */
const trimming =
  (genuine: Verifier): Verifier =>
  (field, trust) => {
    const verified = genuine(field, trust)
    const { nameId } = verified.assertion
    const value = nameId?.value.replace(/^q/, 'Q') as typeof nameId extends null ? never : never
    return nameId === null
      ? verified
      : { ...verified, assertion: { ...verified.assertion, nameId: { ...nameId, value } } }
  }

describe('the mutation fuzzer', () => {
  let assertionOnly: SignedKind
  before(() => {
    const kind = signedKinds().find(({ name }) => name === 'assertion only')
    if (kind === undefined) throw new Error('no such kind')
    assertionOnly = kind
  })

  it('wraps its way past a verifier that does not tie what it reads to what was signed', () => {
    const share = seededShares(1)
    const [document = Buffer.alloc(0), partner = document] = assertionOnly.documents
    let n = 0, f=0
    for (; n < 3000; n++) {
      const mutations = randomMutations(share, 4)
      const o = examine(fieldOf({ kind: assertionOnly, document, partner, mutations }), assertionOnly, credulous)
      if (o.is === 'finding') { f++; if(f<12) console.log(n, mutations.map(m => m.mutator), o.what.slice(0,60)) }
    }
    console.log(n, f)
  })
})
