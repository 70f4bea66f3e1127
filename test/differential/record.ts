/**
 * `node test/differential/record.ts`: makes fixtures/xmlsec1 anew with the xmlsec1 of this machine. To be run by hand and seldom.
 * The texts are the same every time; the signatures of ECDSA are not.
 */
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { type Recorded, recordings } from './recorded.ts'
import { randomTemplate, signedByXmlsec1, type Template, transformsOfXmlsec1 } from './xmlsec1.ts'

/** File name, what is signed, and how the identifiers of signature algorithm and canonicalization end. */
const wanted: readonly (readonly [string, Template['by'], method: string, c14n: string])[] = [
  ['both-rsa-sha256.xml', 'both', '#rsa-sha256', 'exc-c14n#'],
  ['assertion-rsa-sha384.xml', 'assertion', '#rsa-sha384', 'exc-c14n#'],
  ['response-rsa-sha512.xml', 'response', '#rsa-sha512', 'exc-c14n#'],
  ['both-ecdsa-sha256.xml', 'both', '#ecdsa-sha256', 'exc-c14n#'],
  ['assertion-ecdsa-sha384.xml', 'assertion', '#ecdsa-sha384', 'exc-c14n#'],
  ['response-ecdsa-sha512.xml', 'response', '#ecdsa-sha512', 'exc-c14n#'],
  ['response-inclusive-1.0.xml', 'response', '#rsa-sha256', 'REC-xml-c14n-20010315'],
  ['response-inclusive-1.1.xml', 'response', '#rsa-sha256', 'xml-c14n11'],
]

const transforms = transformsOfXmlsec1()
if (transforms === null) throw new Error('there is no program xmlsec1: apt-get install xmlsec1')
const templates = fc.sample(randomTemplate(transforms), { seed: 20260115, numRuns: 4000 })

const meant: Recorded[] = wanted.map(([file, by, method, c14n]) => {
  const template = templates.find(
    (it) =>
      it.by === by &&
      it.method.endsWith(method) &&
      it.canonicalization.endsWith(c14n) &&
      it.nameId.length > 5 &&
      it.attributes.length > 1,
  )
  if (template === undefined) throw new Error(`no template for ${file}`)
  writeFileSync(new URL(file, recordings), signedByXmlsec1(template))
  const { xml: _, ...rest } = template
  return { file, ...rest }
})
writeFileSync(new URL('meant.json', recordings), `${JSON.stringify(meant, null, 2)}\n`)
