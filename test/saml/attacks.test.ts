import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import {
  aliceId,
  attribute,
  makeSigner,
  oktaResponse,
  type ResponseParts,
  type Signer,
  sign,
  signedResponse,
} from './sign.ts'
import { accept, change, cut, expectRefusal, trustIn } from './support.ts'

/*
 * Attacks on genuinely signed documents (saml-security section 1.1). Each starts from a good response, which is shown to pass, so
 * that it is refused for its own reason and not by accident.
 */
const signaturePattern = /<ds:Signature .*?<\/ds:Signature>/s
const assertionPattern = /<saml2:Assertion .*<\/saml2:Assertion>/s
const evilId = 'evil'

describe('saml attacks', () => {
  let okta: Signer
  let assertionSigned: string
  let responseSigned: string
  let both: string
  const nameIdOf = (xml: string) => accept(xml, trustIn(okta)).assertion.nameId?.value

  before(async () => {
    okta = await makeSigner('okta')
    assertionSigned = sign(oktaResponse(), 'Assertion', okta)
    responseSigned = sign(oktaResponse(), 'Response', okta)
    both = signedResponse(okta)
    for (const twin of [assertionSigned, responseSigned, both])
      expect(nameIdOf(twin)).to.equal(aliceId)
  })

  /** A copy with the attacker's name, under an ID of its own, unsigned. */
  const forged = (xml: string) =>
    change(xml.replace(signaturePattern, ''), aliceId, evilId).replace(
      / ID="(\w+)"/,
      ' ID="evil$1"',
    )
  const originalAssertion = () => cut(assertionSigned, assertionPattern)
  const forgedAssertion = () => forged(originalAssertion())
  const withAssertion = (content: string) => change(assertionSigned, assertionPattern, content)

  describe('of later years', () => {
    const inAssertion = (content: string) =>
      change(assertionSigned, '</saml2:AuthnStatement>', `</saml2:AuthnStatement>${content}`)

    const cases: [string, Reason, () => string][] = [
      [
        'an unsigned Object in the genuine Signature',
        'signaturePlacement',
        () =>
          change(assertionSigned, '</ds:Signature>', '<ds:Object><x/></ds:Object></ds:Signature>'),
      ],
      [
        'a decoy Signature before the genuine one',
        'signaturePlacement',
        () => {
          const signature = cut(assertionSigned, signaturePattern)
          return change(assertionSigned, signaturePattern, `${signature}${signature}`)
        },
      ],
      [
        'the Signature moved behind the Subject',
        'signaturePlacement',
        () => {
          const signature = cut(assertionSigned, signaturePattern)
          return change(
            change(assertionSigned, signaturePattern, ''),
            '</saml2:Subject>',
            `</saml2:Subject>${signature}`,
          )
        },
      ],
      [
        'the assertion’s Signature moved into the Response',
        'signaturePlacement',
        () => {
          const signature = cut(assertionSigned, signaturePattern)
          return change(
            change(assertionSigned, signaturePattern, ''),
            '</saml2:Issuer>',
            `</saml2:Issuer>${signature}`,
          )
        },
      ],
      [
        'the genuine assertion hidden in StatusDetail',
        'severalAssertions',
        () =>
          change(
            withAssertion(forgedAssertion()),
            '</saml2p:Status>',
            `<saml2p:StatusDetail>${originalAssertion()}</saml2p:StatusDetail></saml2p:Status>`,
          ),
      ],
      [
        'a decoy of the signed ID',
        'duplicateId',
        () => change(assertionSigned, '<saml2p:Status ', '<x ID="id2002"/><saml2p:Status '),
      ],
      [
        'a decoy of the signed ID as Id inside Status',
        'duplicateId',
        () =>
          change(
            assertionSigned,
            '</saml2p:Status>',
            '<saml2p:StatusDetail><x Id="id2002"/></saml2p:StatusDetail></saml2p:Status>',
          ),
      ],
      [
        'a forged assertion under the genuine ID and Signature',
        'digestMismatch',
        () => change(assertionSigned, aliceId, evilId),
      ],
      [
        'the assertion’s Signature taken away from a signed Response',
        'digestMismatch',
        () => change(both, /(?<=<saml2:Assertion .*?)<ds:Signature .*?<\/ds:Signature>/s, ''),
      ],
      [
        'the Response’s Signature taken away, and the assertion changed',
        'digestMismatch',
        () => change(change(both, signaturePattern, ''), aliceId, evilId),
      ],
      [
        'a comment in the NameID (2018)',
        'forbiddenMarkup',
        () => change(both, aliceId, aliceId.replace('t6', 't6<!-- -->')),
      ],
      [
        'a processing instruction in the NameID (2026)',
        'forbiddenMarkup',
        () => change(both, aliceId, aliceId.replace('t6', 't6<?x ?>')),
      ],
      [
        'a CDATA section around the NameID',
        'forbiddenMarkup',
        () => change(both, aliceId, `<![CDATA[${aliceId}]]>`),
      ],
      [
        'a DOCTYPE whose attribute defaults redefine a namespace (CVE-2025-25292)',
        'forbiddenMarkup',
        () =>
          change(
            both,
            '?>',
            '?><!DOCTYPE x [<!ATTLIST saml2:NameID xmlns CDATA #FIXED "urn:evil">]>',
          ),
      ],
      [
        'an entity for the NameID',
        'forbiddenMarkup',
        () =>
          change(change(both, '?>', `?><!DOCTYPE x [<!ENTITY e "${aliceId}">]>`), aliceId, '&e;'),
      ],
      [
        'a relative namespace URI, which voids canonicalization (2025)',
        'forbiddenMarkup',
        () => change(both, '<ds:SignedInfo>', '<ds:SignedInfo xmlns:v="../void">'),
      ],
      [
        'a child that was added to the signed assertion',
        'digestMismatch',
        () => inAssertion('<saml2:AttributeStatement/>'),
      ],
      [
        'a NameID of a foreign namespace beside the genuine one',
        'digestMismatch',
        () =>
          change(
            both,
            '<saml2:NameID ',
            '<e:NameID xmlns:e="urn:evil">evil</e:NameID><saml2:NameID ',
          ),
      ],
      ['a second root', 'notWellFormed', () => `${both}<x/>`],
    ]
    for (const [name, reason, attack] of cases)
      it(`${name}: ${reason}`, () => {
        expectRefusal(reason, () => accept(attack(), trustIn(okta)))
      })
  })

  describe('signed by an identity provider that lets its users choose', () => {
    const signed = (parts: ResponseParts) =>
      accept(signedResponse(okta, parts), trustIn(okta)).assertion

    const genuine = `<saml2:NameID>${aliceId}</saml2:NameID>`
    for (const [what, subject] of [
      [
        'a NameID of another namespace before it',
        `<e:NameID xmlns:e="urn:evil">evil</e:NameID>${genuine}`,
      ],
      [
        'a NameID of another namespace after it',
        `${genuine}<e:NameID xmlns:e="urn:evil">evil</e:NameID>`,
      ],
      ['a BaseID beside it', `${genuine}<saml2:BaseID>evil</saml2:BaseID>`],
      [
        'a NameID inside a SubjectConfirmation',
        `${genuine}<saml2:SubjectConfirmation><saml2:NameID>evil</saml2:NameID></saml2:SubjectConfirmation>`,
      ],
    ] as const)
      it(`reads the NameID of the SAML namespace, and counts ${what}`, () => {
        const { nameId, identifierCount } = signed({ subject })
        expect([nameId?.value, identifierCount]).to.deep.equal([aliceId, 2])
      })

    it('reads no Issuer that holds elements, for readers would differ about its text', () => {
      expect(signed({ issuer: 'http://www.okta.com/exk1<x>.evil</x>' }).issuer).to.equal(null)
    })

    it('reads an attribute value that holds elements as empty, for the same reason', () => {
      const attributes =
        '<saml2:Attribute Name="mail"><saml2:AttributeValue>a@b.example<x>.evil</x></saml2:AttributeValue></saml2:Attribute>'
      expect(signed({ attributes }).attributes[0]?.values).to.deep.equal([''])
    })

    it('reads the whole text of a NameID with references, as one', () => {
      expect(signed({ nameId: 'a&#x62;&amp;&lt;c&gt;' }).nameId?.value).to.equal('ab&<c>')
    })

    it('reads a NameID that holds elements without their text, and says that it holds them', () => {
      const { nameId } = signed({ nameId: 'a<x>evil</x>b' })
      expect([nameId?.value, nameId?.hasChildren]).to.deep.equal(['ab', true])
    })

    it('counts two NameIDs and two Subjects', () => {
      const { identifierCount } = signed({
        subject: '<saml2:NameID>a</saml2:NameID><saml2:NameID>b</saml2:NameID>',
      })
      expect(identifierCount).to.equal(2)
      const { subjectCount } = signed({
        subject:
          '<saml2:NameID>a</saml2:NameID></saml2:Subject><saml2:Subject><saml2:NameID>b</saml2:NameID>',
      })
      expect(subjectCount).to.equal(2)
    })

    it('keeps attributes apart from everything, whatever their names', () => {
      const names = ['__proto__', 'constructor', 'nameID', 'issuer', 'nameID']
      const attributes = names.map((name) => attribute(name, evilId)).join('')
      const assertion = signed({ attributes })
      expect(assertion.attributes.map(({ name }) => name)).to.deep.equal(names)
      expect(assertion.nameId?.value).to.equal(aliceId)
    })
  })
})
