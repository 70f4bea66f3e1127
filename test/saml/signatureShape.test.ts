import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { aliceId, makeSigner, oktaResponse, type Signer, sign, signedResponse } from './sign.ts'
import { accept, change, expectRefusal, trustIn } from './support.ts'

describe('saml verifyResponse: the shape of a Signature', () => {
  let okta: Signer
  let both: string
  const nameIdOf = (xml: string, trust = trustIn(okta)) =>
    accept(xml, trust).assertion.nameId?.value

  before(async () => {
    okta = await makeSigner('okta')
    both = signedResponse(okta)
  })

  const cases: [Reason, string, string | RegExp, string][] = [
    ['signaturePlacement', 'an empty URI', 'URI="#id1001"', 'URI=""'],
    ['signaturePlacement', 'no URI', ' URI="#id1001"', ''],
    ['signaturePlacement', 'a bare #', 'URI="#id1001"', 'URI="#"'],
    ['signaturePlacement', 'another element’s ID', 'URI="#id1001"', 'URI="#id2002"'],
    [
      'signaturePlacement',
      'an address elsewhere',
      'URI="#id1001"',
      'URI="http://evil.test/#id1001"',
    ],
    ['signaturePlacement', 'an XPointer', 'URI="#id1001"', `URI="#xpointer(id('id1001'))"`],
    [
      'signaturePlacement',
      'a second Reference',
      '</ds:Reference></ds:SignedInfo>',
      '</ds:Reference><ds:Reference URI="#x"/></ds:SignedInfo>',
    ],
    [
      'signaturePlacement',
      'a second SignedInfo',
      '<ds:SignatureValue>',
      '<ds:SignedInfo/><ds:SignatureValue>',
    ],
    [
      'signaturePlacement',
      'a SignatureValue before SignedInfo',
      '<ds:SignedInfo>',
      '<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignedInfo>',
    ],
    [
      'signaturePlacement',
      'a second DigestValue',
      '</ds:DigestValue>',
      '</ds:DigestValue><ds:DigestValue>AAAA</ds:DigestValue>',
    ],
    [
      'signaturePlacement',
      'a third Transform',
      '</ds:Transforms>',
      '<ds:Transform Algorithm="x"/></ds:Transforms>',
    ],
    ['signaturePlacement', 'an Object', '</ds:Signature>', '<ds:Object/></ds:Signature>'],
    [
      'signaturePlacement',
      'a SignedInfo of another namespace',
      '<ds:SignedInfo>',
      '<SignedInfo xmlns="urn:evil"/><ds:SignedInfo>',
    ],
    ['signaturePlacement', 'an element in DigestValue', /<ds:DigestValue>/, '<ds:DigestValue><x/>'],
    [
      'signaturePlacement',
      'text between the parts',
      '<ds:SignatureValue>',
      'text<ds:SignatureValue>',
    ],
    [
      'signaturePlacement',
      'a parameter of the signature method',
      /(?<=rsa-sha256")\/>/,
      '><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>',
    ],
    [
      'signaturePlacement',
      'an Object inside KeyInfo',
      '<ds:X509Data>',
      '<ds:Object/><ds:X509Data>',
    ],
    [
      'forbiddenMarkup',
      'a comment in DigestValue',
      '<ds:DigestValue>',
      '<ds:DigestValue><!-- x -->',
    ],
    [
      'forbiddenMarkup',
      'a processing instruction in DigestValue',
      '<ds:DigestValue>',
      '<ds:DigestValue><?x y?>',
    ],
  ]
  for (const [reason, what, from, to] of cases)
    it(`refuses ${what}: ${reason}`, () => {
      const signed = sign(oktaResponse(), 'Response', okta)
      expect(nameIdOf(signed)).to.equal(aliceId)
      expectRefusal(reason, () => accept(change(signed, from, to), trustIn(okta)))
    })

  it('is checked before any key is needed', () => {
    const xml = change(both, '</ds:Signature>', '<ds:Object/></ds:Signature>')
    const body = Buffer.from(xml).toString('base64')
    expectRefusal('signaturePlacement', () =>
      decodeResponse({ encoding: 'base64', body }, defaultLimits),
    )
  })
})
