import { X509Certificate } from 'node:crypto'
import { SAML } from '@node-saml/node-saml'
import { expect } from 'chai'
import fc from 'fast-check'
import { oktaRefusal, oktaResponse, statusCodes } from '../../src/demo-okta/honest.ts'
import { buildResponse, newOktaId } from '../../src/demo-okta/response.ts'
import {
  acs,
  alice,
  all,
  audience,
  checkSignatures,
  childNames,
  facts,
  foreignKey,
  issuer,
  key,
  now,
  one,
  parse,
  requestId,
  text,
} from './scene.ts'

const iso = (at: number) => new Date(at).toISOString()
const fiveMinutes = 300_000

describe('a response of the demo Okta', () => {
  const xml = buildResponse(oktaResponse(facts()))
  const response = parse(xml)
  const assertion = one(response, 'Assertion')

  it('is signed twice, and xml-crypto finds both signatures good over the whole of their element', () => {
    const [outer, inner] = checkSignatures(xml)
    expect(outer?.holds).to.equal(true)
    expect(outer?.bytes).to.match(/^<saml2p:Response .*<saml2:Assertion .*<\/saml2p:Response>$/s)
    expect(inner?.holds).to.equal(true)
    expect(inner?.bytes).to.match(/^<saml2:Assertion .*<\/saml2:Assertion>$/s)
    expect(checkSignatures(xml)).to.have.length(2)
    expect(checkSignatures(xml, foreignKey.certificatePem).map(({ holds }) => holds)).to.deep.equal(
      [false, false],
    )
  })

  it('is accepted by node-saml, with both signatures required', async () => {
    const saml = new SAML({
      idpCert: key.certificateBase64,
      issuer: audience,
      callbackUrl: acs,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
    })
    const { profile } = await saml.validatePostResponseAsync({
      SAMLResponse: Buffer.from(xml).toString('base64'),
    })
    expect(profile?.nameID).to.equal(alice.nameId)
    expect(profile?.issuer).to.equal(issuer)
    expect(profile?.['lastName']).to.equal(alice.lastName)
  })

  it("has Okta's element order, prefixes and namespaces", () => {
    expect(childNames(response)).to.deep.equal([
      'saml2:Issuer',
      'ds:Signature',
      'saml2p:Status',
      'saml2:Assertion',
    ])
    expect(childNames(assertion)).to.deep.equal([
      'saml2:Issuer',
      'ds:Signature',
      'saml2:Subject',
      'saml2:Conditions',
      'saml2:AuthnStatement',
      'saml2:AttributeStatement',
    ])
    expect(xml).to.match(/^<\?xml version="1\.0" encoding="UTF-8"\?><saml2p:Response /)
  })

  it("has Okta's signature: RSA-SHA256, exclusive C14N with xs inclusive, lines of 76 characters", () => {
    for (const signature of all(response, 'Signature')) {
      expect(one(signature, 'SignatureMethod').getAttribute('Algorithm')).to.match(/#rsa-sha256$/)
      expect(one(signature, 'DigestMethod').getAttribute('Algorithm')).to.match(/xmlenc#sha256$/)
      const [enveloped, c14n] = all(signature, 'Transform')
      expect(enveloped?.getAttribute('Algorithm')).to.match(/#enveloped-signature$/)
      expect(enveloped && childNames(enveloped)).to.deep.equal([])
      expect(c14n?.getAttribute('Algorithm')).to.equal('http://www.w3.org/2001/10/xml-exc-c14n#')
      expect(c14n && childNames(c14n)).to.deep.equal(['ec:InclusiveNamespaces'])
      expect(one(signature, 'InclusiveNamespaces').getAttribute('PrefixList')).to.equal('xs')
      const lines = text(signature, 'X509Certificate').split('\n')
      expect(lines.slice(0, -1).every((line) => line.length === 76)).to.equal(true)
      expect(
        new X509Certificate(Buffer.from(lines.join(''), 'base64')).raw.toString('base64'),
      ).to.equal(key.certificateBase64)
    }
  })

  it('says who, to whom, for whom and in answer to what', () => {
    expect(response.getAttribute('Destination')).to.equal(acs)
    expect(response.getAttribute('InResponseTo')).to.equal(requestId)
    expect(all(response, 'Issuer').map((one) => one.textContent)).to.deep.equal([issuer, issuer])
    expect(one(response, 'Issuer').getAttribute('Format')).to.match(/nameid-format:entity$/)
    expect(text(response, 'NameID')).to.equal(alice.nameId)
    expect(one(response, 'NameID').getAttribute('Format')).to.equal(
      'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    )
    const confirmation = one(response, 'SubjectConfirmationData')
    expect(confirmation.getAttribute('Recipient')).to.equal(acs)
    expect(confirmation.getAttribute('InResponseTo')).to.equal(requestId)
    expect(text(response, 'Audience')).to.equal(audience)
    expect(one(response, 'AuthnStatement').getAttribute('SessionIndex')).to.equal(requestId)
    expect(text(response, 'AuthnContextClassRef')).to.match(/:PasswordProtectedTransport$/)
  })

  it('holds from five minutes ago until five minutes from now, in milliseconds', () => {
    const conditions = one(response, 'Conditions')
    expect(conditions.getAttribute('NotBefore')).to.equal(iso(now - fiveMinutes))
    expect(conditions.getAttribute('NotOnOrAfter')).to.equal(iso(now + fiveMinutes))
    const confirmation = one(response, 'SubjectConfirmationData')
    expect(confirmation.getAttribute('NotOnOrAfter')).to.equal(iso(now + fiveMinutes))
    expect(response.getAttribute('IssueInstant')).to.equal(iso(now))
    expect(one(response, 'AuthnStatement').getAttribute('AuthnInstant')).to.equal(iso(now))
  })

  it('carries the attributes as xs:string values', () => {
    const values = new Map(
      all(response, 'Attribute').map((attribute) => [
        attribute.getAttribute('Name'),
        all(attribute, 'AttributeValue').map((value) => value.textContent),
      ]),
    )
    expect([...values]).to.deep.equal([
      ['IDPEmail', [alice.email]],
      ['firstName', [alice.firstName]],
      ['lastName', [alice.lastName]],
      ['email', [alice.email]],
      ['groups', ['Everyone', 'Sales']],
    ])
    expect(one(response, 'AttributeValue').getAttribute('xsi:type')).to.equal('xs:string')
  })

  it('is the same bytes for the same arguments', () => {
    expect(buildResponse(oktaResponse(facts()))).to.equal(xml)
  })

  it('has neither AttributeStatement nor InclusiveNamespaces when there are no attributes', () => {
    const spec = oktaResponse(facts())
    const bare = buildResponse({
      ...spec,
      assertions: spec.assertions.map((one) => ({ ...one, attributes: [] })),
    })
    expect(bare).not.to.match(/InclusiveNamespaces|AttributeStatement|xmlns:xs=/)
    expect(checkSignatures(bare).map(({ holds }) => holds)).to.deep.equal([true, true])
  })

  it('is signed in the part that was asked for, and nowhere else', () => {
    const owners = (signed: 'both' | 'assertion' | 'response' | 'none') => {
      const signedXml = buildResponse({ ...oktaResponse(facts()), signed })
      expect(checkSignatures(signedXml).every(({ holds }) => holds)).to.equal(true)
      return all(parse(signedXml), 'Signature').map(({ parentNode }) => parentNode?.nodeName)
    }
    expect(owners('both')).to.deep.equal(['saml2p:Response', 'saml2:Assertion'])
    expect(owners('response')).to.deep.equal(['saml2p:Response'])
    expect(owners('assertion')).to.deep.equal(['saml2:Assertion'])
    expect(owners('none')).to.deep.equal([])
  })

  it('reports a failure as a signed status without assertion', () => {
    const refusal = buildResponse(oktaRefusal(facts(), statusCodes.noPassive, 'No session <here>'))
    const codes = all(parse(refusal), 'StatusCode').map((code) => code.getAttribute('Value'))
    expect(codes).to.deep.equal([statusCodes.responder, statusCodes.noPassive])
    expect(text(parse(refusal), 'StatusMessage')).to.equal('No session <here>')
    expect(all(parse(refusal), 'Assertion')).to.deep.equal([])
    expect(checkSignatures(refusal).map(({ holds }) => holds)).to.deep.equal([true])
  })

  it('carries any text that XML can carry unchanged, under a good signature', () => {
    const xmlText = fc
      .string({ unit: 'binary' })
      .filter((value) =>
        /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(value),
      )
    const tricky = fc.constantFrom(
      '<InclusiveNamespaces PrefixList="a"/>',
      ']]>',
      '\r\n',
      '&amp;',
      '"\'',
    )
    fc.assert(
      fc.property(fc.oneof(xmlText, tricky), (nameId) => {
        const built = buildResponse(oktaResponse(facts({ user: { ...alice, nameId } })))
        expect(text(parse(built), 'NameID')).to.equal(nameId)
        expect(checkSignatures(built).map(({ holds }) => holds)).to.deep.equal([true, true])
      }),
      { numRuns: 25 },
    )
  })

  it('refuses a text that XML cannot carry, and says which character', () => {
    const user = { ...alice, nameId: 'abc\u0001' }
    expect(() => buildResponse(oktaResponse(facts({ user })))).to.throw(
      TypeError,
      'XML cannot carry the character U+0001 at position 3',
    )
  })

  it("has ids of Okta's form, which differ", () => {
    const bytes = [7, 9].map((value) => newOktaId((count) => Buffer.alloc(count, value)))
    expect(bytes[0]).to.match(/^id[0-9]{20,30}$/)
    expect(bytes[0]).not.to.equal(bytes[1])
  })
})
