import { expect } from 'chai'
import { testKey } from '../../src/cli/forge/testKeys.ts'
import { allFaults } from '../../src/demo-okta/faults/index.ts'
import { checkSignatures } from '../demo-okta/scene.ts'
import { forgedXml, plans } from './made.ts'

/** What no independent verifier can say anything about, and why: everything else must be judged by xml-crypto. */
const notToBeJudged = {
  'nothing is signed, or what is signed is encrypted': `
    unsigned status-message-script encrypted-assertion-signed encrypted-unsigned`,
  'xmldom takes it for no XML either': `
    extensions-signature signature-empty xsw-id-by-entity xml-declaration-inside doctype-internal-entity
    doctype-billion-laughs text-before-root text-after-root white-space-before-declaration two-roots truncated empty
    end-tag-other end-tag-missing attribute-unquoted attribute-twice attribute-without-value attributes-without-space
    less-than-in-attribute entity-undeclared prefix-undeclared name-with-two-colons comment-unclosed html json
    prefix-declared-twice`,
  'xml-crypto does not know the algorithm': 'rsa-sha384 ecdsa-sha256',
} as const

/** The signature itself is what is wrong, or what it covers was changed: that is the attack. One flag a signature: does it hold? */
const brokenByDesign: Readonly<Record<string, string>> = {
  '00': `
    nameid-tampered foreign-key hmac bad-digest digest-value-empty digest-of-nothing void-canonicalization pi-in-audience
    keyinfo-same-subject keyinfo-poses keyinfo-two-certificates keyinfo-two-data keyinfo-none-foreign keyinfo-key-value
    keyinfo-key-name keyinfo-retrieval-method keyinfo-no-certificate`,
  '01': `
    bad-signature-value signature-value-empty signature-value-missing comment-in-signature-value id-changed
    xsw-second-assertion-unsigned pi-in-digest-value`,
}

/** Odd signatures that hold, made over just these odd bytes, which xml-crypto refuses as well or reads another way. */
const refusedByXmlCryptoToo = `
  duplicate-id id-polluted id-polluted-capital id-polluted-small id-polluted-xml id-polluted-prefixed id-same-for-both
  id-decoy-with-signature signature-method-empty signature-method-none signature-method-constructor signature-method-proto
  signature-method-to-string signature-method-md5 signature-method-dsa signature-method-hmac-sha1 signature-method-upper-case
  digest-method-empty digest-method-none digest-method-constructor digest-method-proto digest-method-to-string
  digest-method-md5 digest-method-sha1 c14n-method-empty c14n-method-none c14n-method-constructor c14n-method-proto
  c14n-method-to-string c14n-method-xslt transform-empty transform-none transform-constructor transform-proto
  transform-to-string transform-base64 transform-xpath transform-xpath-filter transform-enveloped-twice transform-xslt
  transforms-swapped transforms-missing transforms-one transforms-three reference-uri-empty reference-uri-missing
  reference-uri-hash reference-uri-external reference-uri-file reference-uri-xpointer reference-uri-xpointer-root
  reference-uri-quote reference-uri-white-space reference-uri-encoded reference-none digest-value-two
  signed-info-two signed-info-second signed-info-foreign signature-value-decoy signature-twice reference-to-assertion
  xsw-signature-copied xsw-signature-transplanted xsw-object-of-decoy xsw-object-same-id xsw-signature-of-refusal
  xsw-signed-metadata xsw-evil-signature-first`

const words = (text: string): string[] => text.trim().split(/\s+/)

const excepted = new Set(
  [...Object.values(notToBeJudged), ...Object.values(brokenByDesign), refusedByXmlCryptoToo]
    .flatMap(words)
    .map((name) => `okta.${name}`),
)
const { certificatePem } = testKey('demo-okta')

async function signaturesOf(name: string): Promise<string> {
  const plan = plans.get(name)
  if (!plan) throw new Error(`no plan ${name}`)
  return checkSignatures(await forgedXml(plan), certificatePem)
    .map(({ holds }) => (holds ? '1' : '0'))
    .join('')
}

describe('what is wrong is the only thing wrong: xml-crypto finds the signatures good', () => {
  const encoded = new Set(
    [...allFaults.values()].filter(({ posted }) => posted).map(({ name }) => `okta.${name}`),
  )
  const encrypted = /^okta\.encrypted-/
  const intact = [...plans.values()].filter(
    ({ name }) =>
      name.startsWith('okta.') &&
      !excepted.has(name) &&
      !encoded.has(name) &&
      !encrypted.test(name),
  )

  for (const { name } of intact) {
    it(`${name}: under signatures that hold`, async () => {
      expect(await signaturesOf(name)).to.match(/^1+$/)
    })
  }

  for (const [flags, names] of Object.entries(brokenByDesign)) {
    for (const name of words(names)) {
      it(`okta.${name}: the signature is what is wrong`, async () => {
        expect(await signaturesOf(`okta.${name}`)).to.equal(flags)
      })
    }
  }

  it('and each exception names a fault that there is', () => {
    for (const name of excepted) expect(plans.has(name), name).to.equal(true)
  })
})
