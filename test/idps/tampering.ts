import { expect } from 'chai'
import type { Deployment } from '../support/deployment.ts'
import type { Carried } from '../support/visitor.ts'
import { alice, atIdp, xmlOf } from './independent.ts'

/** The response with something changed in it after it was signed. Throws when that changes nothing. */
function tampered(carried: Carried, change: (xml: string) => string): Carried {
  const xml = xmlOf(carried)
  const changed = change(xml)
  if (changed === xml) throw new Error('nothing was changed')
  return { ...carried, samlResponse: Buffer.from(changed).toString('base64') }
}

/** What an attacker makes of a genuine response, and the reason for which it must be refused; prefixes as the provider writes them. */
const tamperings: readonly (readonly [what: string, reason: string, (xml: string) => string])[] = [
  [
    'the NameID of another',
    'digestMismatch',
    (xml) => xml.replace(/(<saml:NameID[^>]*>)[^<]*/, '$1bWFsbG9yeSBvZiBwYXJ0bmVyIQ=='),
  ],
  [
    'a longer life',
    'digestMismatch',
    (xml) => xml.replaceAll(/NotOnOrAfter="20/g, 'NotOnOrAfter="29'),
  ],
  [
    'a comment in the NameID',
    'forbiddenMarkup',
    (xml) => xml.replace(/(<saml:NameID[^>]*>)/, '$1<!---->'),
  ],
  [
    'no signature at all',
    'notSigned',
    (xml) => xml.replaceAll(/<(\w+:)?Signature .*?<\/\1?Signature>/gs, ''),
  ],
  [
    'another signature value',
    'signatureInvalid',
    (xml) => xml.replace(/(SignatureValue>)\s*.{8}/, '$1AAAAAAAA'),
  ],
  [
    'an evil assertion around the genuine one',
    'severalAssertions',
    (xml) =>
      xml.replace(
        /<saml:Assertion .*<\/saml:Assertion>/s,
        (genuine) =>
          `${genuine
            .replace(/ID="[^"]*"/, 'ID="evil"')
            .replace(/<(\w+:)?Signature .*<\/\1?Signature>/s, '')
            .replace(
              '</saml:Assertion>',
              '',
            )}<saml:Advice>${genuine}</saml:Advice></saml:Assertion>`,
      ),
  ],
]

/** The tests of what is changed in the response of the identity provider that serves Alice's domain. */
export function itRefusesTampering(deployed: () => Deployment): void {
  for (const [what, reason, change] of tamperings)
    it(`its response with ${what} is refused: ${reason}`, async () => {
      const deployment = deployed()
      const visitor = deployment.visitor()
      const genuine = await atIdp(visitor)
      const answer = await visitor.deliver(tampered(genuine, change))
      expect(await deployment.reason(answer)).to.equal(reason)
      expect(await visitor.signedInAs()).to.equal(null)
      // It used nothing up, so it was the change and nothing else.
      await visitor.deliver(genuine)
      expect(await visitor.signedInAs()).to.equal(alice)
    })
}
