import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { acs, aliceId, attribute, issuer, oktaResponse } from './sign.ts'
import { change, expectRefusal } from './support.ts'

const plain = oktaResponse()
const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64')
const decode = (body: string, limits = defaultLimits) =>
  decodeResponse({ encoding: 'base64', body }, limits)
const decodeText = (xml: string) => decode(base64(xml))

describe('saml decodeResponse', () => {
  it('reads what the Response claims', () => {
    const { document, ...claimed } = decodeText(plain)
    expect(document).to.be.an('object')
    expect(claimed).to.deep.equal({
      id: 'id1001',
      issuer,
      destination: acs,
      inResponseTo: '_1f0e',
      status: {
        code: 'urn:oasis:names:tc:SAML:2.0:status:Success',
        subCode: null,
        message: null,
      },
      assertionCount: 1,
      encrypted: false,
      nameId: aliceId,
    })
  })

  it('reads a refusal of the identity provider, which has no assertion', () => {
    const xml = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="a" Version="2.0"><p:Status><p:StatusCode Value="urn:x:Responder"><p:StatusCode Value="urn:x:RequestDenied"/></p:StatusCode><p:StatusMessage>not &lt;assigned&gt;</p:StatusMessage></p:Status></p:Response>`
    const claimed = decodeText(xml)
    expect(claimed.assertionCount).to.equal(0)
    expect(claimed.issuer).to.equal(null)
    expect(claimed.status).to.deep.equal({
      code: 'urn:x:Responder',
      subCode: 'urn:x:RequestDenied',
      message: 'not <assigned>',
    })
  })

  it('takes the assertion’s Issuer when the Response has none', () => {
    const xml = change(plain, /<saml2:Issuer.*?<\/saml2:Issuer>/, '')
    expect(decodeText(xml).issuer).to.equal(issuer)
  })

  it('takes none of two Issuers', () => {
    const xml = change(
      plain,
      '<saml2p:Status ',
      `<i:Issuer xmlns:i="urn:oasis:names:tc:SAML:2.0:assertion">x</i:Issuer><saml2p:Status `,
    )
    expect(
      decodeText(change(xml, /(?<=Assertion [^>]*>)<saml2:Issuer.*?<\/saml2:Issuer>/, '')).issuer,
    ).to.equal(null)
  })

  it('takes XML as text, as a capture has it', () => {
    const claimed = decodeResponse({ encoding: 'xml', body: plain }, defaultLimits)
    expect(claimed.id).to.equal('id1001')
  })

  describe('base64', () => {
    const encoded = base64(plain)

    it('may be broken into lines', () => {
      const lines = encoded.replace(/.{76}/g, '$&\r\n')
      expect(decode(lines).id).to.equal('id1001')
      expect(decode(`${lines.replaceAll('\r', '')}\n`).id).to.equal('id1001')
    })

    const bad: [string, string][] = [
      ['is empty', ''],
      ['is line breaks alone', '\r\n'],
      ['has a character of another alphabet', `${encoded.slice(0, 40)}-${encoded.slice(41)}`],
      ['has a space inside', `${encoded.slice(0, 40)} ${encoded.slice(40)}`],
      ['has junk before it', `!${encoded}`],
      ['has junk after it', `${encoded}junk!`],
      ['has padding inside', `${base64('<a>b')}${encoded}`],
      ['has lost its padding', base64('<abc/>\n').replace(/=+$/, '')],
      ['has padding too much', `${encoded}====`],
      ['has bits left over', 'PGEvPh=='],
      ['has a character beyond a byte', `${encoded.slice(0, 40)}\u0141${encoded.slice(41)}`],
      ['is URL-encoded', encodeURIComponent(`${encoded.slice(0, 8)}+/+/${encoded.slice(8)}`)],
    ]
    for (const [what, body] of bad)
      it(`is refused when it ${what}`, () => {
        expectRefusal('notBase64', () => decode(body))
      })
  })

  describe('size', () => {
    const bytes = Buffer.byteLength(plain)

    it('may be just the limit, and not a byte more', () => {
      expect(decode(base64(plain), { ...defaultLimits, maxBytes: bytes }).id).to.equal('id1001')
      expectRefusal('messageTooLarge', () =>
        decode(base64(plain), { ...defaultLimits, maxBytes: bytes - 1 }),
      )
    })

    it('is refused before decoding when the encoding alone is too long', () => {
      expectRefusal('messageTooLarge', () => decode('!'.repeat(400_000)))
      expectRefusal('messageTooLarge', () =>
        decodeResponse({ encoding: 'xml', body: '<'.repeat(300_000) }, defaultLimits),
      )
    })
  })

  it('refuses text with lone surrogates', () => {
    expectRefusal('notUtf8', () =>
      decodeResponse({ encoding: 'xml', body: '<a>\ud800</a>' }, defaultLimits),
    )
  })

  describe('shape', () => {
    const evil = `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="evil" Version="2.0"/>`
    const ds = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    const extensions = (content: string) =>
      change(
        plain,
        '<saml2p:Status ',
        `<saml2p:Extensions>${content}</saml2p:Extensions><saml2p:Status `,
      )
    const inValue = (content: string) => oktaResponse({ attributes: attribute('a', content) })

    const refused: [Reason, string, string][] = [
      ['notAResponse', 'another root', '<a/>'],
      ['notAResponse', 'a Response in no namespace', '<Response Version="2.0" ID="a"/>'],
      [
        'notAResponse',
        'a Response in a foreign namespace',
        change(plain, /urn:oasis:names:tc:SAML:2.0:protocol/, 'urn:evil:protocol'),
      ],
      [
        'notAResponse',
        'a LogoutResponse',
        plain.replaceAll('saml2p:Response', 'saml2p:LogoutResponse'),
      ],
      ['notAResponse', 'SAML 1.1', change(plain, 'Version="2.0"', 'Version="1.1"')],
      ['notAResponse', 'no Version', change(plain, ' Version="2.0"', '')],
      ['notAResponse', 'no ID', change(plain, ' ID="id1001"', '')],
      [
        'signaturePlacement',
        'a Response inside',
        inValue('<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"/>'),
      ],
      [
        'notAResponse',
        'a child that no Response has',
        change(plain, '<saml2p:Status ', '<x/><saml2p:Status '),
      ],
      ['notAResponse', 'text of its own', change(plain, '<saml2p:Status ', 'text<saml2p:Status ')],
      ['duplicateId', 'one ID twice', change(plain, 'ID="id2002"', 'ID="id1001"')],
      ['duplicateId', 'an Id that is another’s ID', inValue('<x Id="id1001"/>')],
      ['duplicateId', 'an id that is another’s ID', inValue('<x id="id2002"/>')],
      ['duplicateId', 'an iD that is another’s ID', inValue('<x iD="id2002"/>')],
      ['duplicateId', 'an xml:id that is another’s ID', inValue('<x xml:id="id1001"/>')],
      ['duplicateId', 'an AssertionID that is another’s ID', inValue('<x AssertionID="id2002"/>')],
      [
        'duplicateId',
        'a namespaced ID that is another’s',
        inValue('<x xmlns:e="urn:e" e:ID="id2002"/>'),
      ],
      ['duplicateId', 'an ID that is no NCName', change(plain, 'ID="id2002"', 'ID="1"')],
      ['duplicateId', 'an empty ID', change(plain, 'ID="id2002"', 'ID=""')],
      ['duplicateId', 'an ID with a reference in it', change(plain, 'ID="id2002"', 'ID="a&amp;b"')],
      ['duplicateId', 'an Assertion without ID', change(plain, ' ID="id2002"', '')],
      [
        'severalAssertions',
        'two assertions',
        change(plain, '</saml2p:Response>', `${evil}</saml2p:Response>`),
      ],
      [
        'severalAssertions',
        'an assertion before the assertion',
        change(plain, '<saml2:Assertion ', `${evil}<saml2:Assertion `),
      ],
      ['severalAssertions', 'an assertion in an attribute value', inValue(evil)],
      [
        'severalAssertions',
        'a lone assertion in Status',
        change(
          plain.replace(/<saml2:Assertion.*<\/saml2:Assertion>/, ''),
          '</saml2p:Status>',
          `<saml2p:StatusDetail>${evil}</saml2p:StatusDetail></saml2p:Status>`,
        ),
      ],
      [
        'severalAssertions',
        'an encrypted beside a plain one',
        change(
          plain,
          '</saml2p:Response>',
          '<saml2:EncryptedAssertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"/></saml2p:Response>',
        ),
      ],
      ['extensionsNotAllowed', 'an assertion in Extensions', extensions(evil)],
      ['extensionsNotAllowed', 'a Signature in Extensions', extensions(`<ds:Signature ${ds}/>`)],
      [
        'extensionsNotAllowed',
        'a Response deep in Extensions',
        extensions(`<x><y>${evil}</y></x>`),
      ],
      ['signaturePlacement', 'a Signature in an attribute value', inValue(`<ds:Signature ${ds}/>`)],
      ['signaturePlacement', 'a SignedInfo outside a Signature', inValue(`<ds:SignedInfo ${ds}/>`)],
      ['signaturePlacement', 'an Object', inValue(`<ds:Object ${ds}/>`)],
      ['signaturePlacement', 'X509Data outside KeyInfo', inValue(`<ds:X509Data ${ds}/>`)],
      [
        'signaturePlacement',
        'an empty Signature',
        change(plain, '<saml2p:Status ', `<ds:Signature ${ds}/><saml2p:Status `),
      ],
    ]
    for (const [reason, what, xml] of refused)
      it(`refuses ${what}: ${reason}`, () => {
        expectRefusal(reason, () => decodeText(xml))
      })

    const allowed: [string, string][] = [
      ['Extensions of other content', extensions('<x xmlns="urn:x" id="x1">y</x>')],
      ['distinct IDs anywhere', inValue('<x id="x1" xml:id="x2"/>')],
      ['white space between the parts', plain.replaceAll('><', '>\n  <')],
    ]
    for (const [what, xml] of allowed)
      it(`takes ${what}`, () => {
        expect(decodeText(xml).assertionCount).to.equal(1)
      })

    it('puts no text of the message into evidence', () => {
      const { evidence } = expectRefusal('duplicateId', () =>
        decodeText(change(plain, 'ID="id2002"', 'ID="&lt;script&gt;"')),
      )
      expect(JSON.stringify(evidence)).not.to.contain('script')
    })
  })
})
