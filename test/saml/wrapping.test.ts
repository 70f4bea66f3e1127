import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { aliceId, makeSigner, oktaResponse, type Signer, sign, signedResponse } from './sign.ts'
import { accept, change, cut, expectRefusal, trustIn } from './support.ts'

/*
 * Attacks on genuinely signed documents (saml-security section 1.1). Each starts from a good response, which is shown to pass, so
 * that it is refused for its own reason and not by accident.
 */
const signaturePattern = /<ds:Signature .*?<\/ds:Signature>/s
const assertionPattern = /<saml2:Assertion .*<\/saml2:Assertion>/s
const evilId = 'evil'

describe('saml signature wrapping, numbered as in SAML Raider', () => {
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
  const bareResponse = (xml: string) => xml.replace(/<\?xml.*?\?>/, '')

  const cases: [string, Reason, () => string][] = [
    [
      'XSW1: the signed Response inside the Signature of a forged one',
      'signaturePlacement',
      () => {
        const signature = cut(responseSigned, signaturePattern)
        const original = bareResponse(responseSigned.replace(signaturePattern, ''))
        const wrapped = signature.replace('</ds:Signature>', `${original}</ds:Signature>`)
        return change(forged(responseSigned), '</saml2:Issuer>', `</saml2:Issuer>${wrapped}`)
      },
    ],
    [
      'XSW2: the signed Response beside the Signature in a forged one',
      'signaturePlacement',
      () => {
        const signature = cut(responseSigned, signaturePattern)
        const original = bareResponse(responseSigned.replace(signaturePattern, ''))
        return change(
          forged(responseSigned),
          '</saml2:Issuer>',
          `</saml2:Issuer>${original}${signature}`,
        )
      },
    ],
    [
      'XSW3: a forged assertion before the signed one',
      'severalAssertions',
      () => withAssertion(`${forgedAssertion()}${originalAssertion()}`),
    ],
    [
      'XSW4: the signed assertion inside a forged one',
      'severalAssertions',
      () =>
        withAssertion(
          change(
            forgedAssertion(),
            '</saml2:Assertion>',
            `${originalAssertion()}</saml2:Assertion>`,
          ),
        ),
    ],
    [
      'XSW5: a forged assertion with the Signature, the signed one after it',
      'severalAssertions',
      () => {
        const evil = change(originalAssertion(), aliceId, evilId).replace(
          'ID="id2002"',
          'ID="evil1"',
        )
        return withAssertion(`${evil}${originalAssertion().replace(signaturePattern, '')}`)
      },
    ],
    [
      'XSW6: the signed assertion inside the Signature of a forged one',
      'severalAssertions',
      () => {
        const evil = change(originalAssertion(), aliceId, evilId).replace(
          'ID="id2002"',
          'ID="evil1"',
        )
        const original = originalAssertion().replace(signaturePattern, '')
        return withAssertion(change(evil, '</ds:Signature>', `${original}</ds:Signature>`))
      },
    ],
    [
      'XSW7: a forged assertion in Extensions',
      'extensionsNotAllowed',
      () =>
        change(
          assertionSigned,
          '<saml2p:Status ',
          `<saml2p:Extensions>${forgedAssertion()}</saml2p:Extensions><saml2p:Status `,
        ),
    ],
    [
      'XSW8: the signed assertion in an Object of a forged one’s Signature',
      'signaturePlacement',
      () => {
        const evil = change(originalAssertion(), aliceId, evilId).replace(
          'ID="id2002"',
          'ID="evil1"',
        )
        const original = originalAssertion().replace(signaturePattern, '')
        return withAssertion(
          change(evil, '</ds:Signature>', `<ds:Object>${original}</ds:Object></ds:Signature>`),
        )
      },
    ],
  ]
  for (const [name, reason, attack] of cases)
    it(`${name}: ${reason}`, () => {
      expectRefusal(reason, () => accept(attack(), trustIn(okta)))
    })
})
