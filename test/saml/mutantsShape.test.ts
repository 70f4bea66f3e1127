import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { parseDateTime } from '../../src/saml/dateTime.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import { assertionShape, responseShape } from '../../src/saml/shape.ts'
import { inspect } from '../../src/saml/structure.ts'
import { defaultLimits, type EncodedMessage } from '../../src/saml/types.ts'
import { encrypted } from './encrypt.ts'
import { parse } from './resign.ts'
import {
  makeDecryptionKey,
  makeSigner,
  oktaAssertion,
  oktaResponse,
  type Signer,
  sign,
  signedResponse,
} from './sign.ts'
import { accept, change, cut, expectRefusal, trustIn } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
const within = (maxBytes: number) => ({ ...defaultLimits, maxBytes })

describe('saml decodeResponse, to the letter', () => {
  // as many bytes as fill base64 groups of four, and lines of 60 characters, whole
  const short = oktaResponse().replace('Å', 'A')
  const size = Math.ceil(Buffer.byteLength(short) / 45) * 45
  const xml = short + ' '.repeat(size - Buffer.byteLength(short))
  const lines = Buffer.from(xml).toString('base64').replace(/.{60}/g, '$&\r\n')

  it('takes a message that is exactly as large as may be, with a line break after every 60 characters', () => {
    const forms: EncodedMessage[] = [
      { encoding: 'base64', body: lines },
      { encoding: 'xml', body: xml },
    ]
    for (const message of forms) {
      expect(decodeResponse(message, within(size)).id).to.equal('id1001')
      expectRefusal('messageTooLarge', () => decodeResponse(message, within(size - 1)))
    }
  })

  it('tells base64 that is none from none at all', () => {
    const told = (body: string) =>
      expectRefusal('notBase64', () => decodeResponse({ encoding: 'base64', body }, defaultLimits))
        .evidence.actual
    expect(told('')).to.equal('nothing')
    expect(told('!')).to.equal('other characters, or wrong padding')
  })
})

describe('saml dateTime, to the letter', () => {
  it('takes twelve digits of a fraction, and no more', () => {
    const at = Date.parse('2026-01-15T09:30:00.123Z')
    expect(parseDateTime('2026-01-15T09:30:00.123456789012Z')).to.equal(at)
    expect(parseDateTime('2026-01-15T09:30:00.1234567890123Z')).to.equal(null)
  })

  it('takes digits only where digits stand', () => {
    for (const text of [
      '2026-01-15T09:30:0 Z',
      '2026-01-15T09:30:0/Z',
      '2026-01-15T09:30:00./Z',
      '202 -01-15T09:30:00Z',
    ])
      expect(parseDateTime(text), text).to.equal(null)
  })
})

describe('saml shapes, to the letter', () => {
  let okta: Signer
  let signed: string
  const ds = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
  const told = (reason: Reason, text: string) =>
    expectRefusal(reason, () => responseShape(parse(text))).evidence

  before(async () => {
    okta = await makeSigner('okta')
    signed = sign(oktaResponse(), 'Response', okta)
  })

  it('finds the Signature first when there is no Issuer, and not after another element', () => {
    const issuer = cut(signed, /<saml2:Issuer .*?<\/saml2:Issuer>/)
    const without = change(signed, issuer, '')
    expect(responseShape(parse(without)).responseSignature?.element.localName).to.equal('Signature')
    const status = cut(without, /<saml2p:Status .*<\/saml2p:Status>/)
    const after = change(change(without, status, ''), '<ds:Signature ', `${status}<ds:Signature `)
    expect(told('signaturePlacement', after).actual).to.equal('in another place')
  })

  it('says what was found instead of one Signature, one Assertion, one Version', () => {
    const signature = cut(signed, /<ds:Signature .*<\/ds:Signature>/s)
    expect(
      told('signaturePlacement', change(signed, signature, signature + signature)).actual,
    ).to.equal('several')
    const assertion = oktaAssertion()
    const second = change(assertion, 'ID="id2002"', 'ID="id3003"')
    const twice = change(oktaResponse(), assertion, assertion + second)
    expect(told('severalAssertions', twice).actual).to.equal('2 assertions')
    const inside = change(
      change(oktaResponse(), assertion, ''),
      '</saml2p:Status>',
      `<saml2p:StatusDetail>${assertion}</saml2p:StatusDetail></saml2p:Status>`,
    )
    expect(told('severalAssertions', inside).actual).to.equal('one inside StatusDetail')
    const version = /(?<=<saml2p:Response [^>]*) Version="2.0"/
    expect(told('notAResponse', change(oktaResponse(), version, ' Version="1.1"')).actual).to.equal(
      'another version',
    )
    expect(told('notAResponse', change(oktaResponse(), version, '')).actual).to.equal('none')
  })

  it('says what was found instead of one decrypted assertion', () => {
    const shape = (text: string) =>
      expectRefusal('severalAssertions', () => assertionShape(parse(text), new Set())).evidence
        .actual
    const two = change(
      oktaAssertion(),
      '</saml2:Assertion>',
      `${change(oktaAssertion(), 'ID="id2002"', 'ID="x"')}</saml2:Assertion>`,
    )
    expect(shape(two)).to.equal('several')
    expect(shape('<a/>')).to.equal('something else')
    expect(shape(`<a>${oktaAssertion()}</a>`)).to.equal('something else')
  })

  describe('inspect', () => {
    const inspected = (text: string) => inspect(parse(text), new Set())
    const refused = (text: string) =>
      expectRefusal('signaturePlacement', () => inspected(text)).evidence

    it('takes attributes that only look like IDs a little', () => {
      inspected(
        '<a xmlns:p="urn:p" to="1" p:to="1" is="!" idx="!" assertionids="!" AssertionXX="!"/>',
      )
      for (const name of ['id', 'iD', 'xml:id', 'p:Id', 'AssertionID', 'assertionid'])
        expectRefusal('duplicateId', () => inspected(`<a xmlns:p="urn:p" ${name}="!"/>`))
    })

    it('lets KeyInfo stand in each of its four places', () => {
      for (const [name, namespace] of [
        ['EncryptedData', 'http://www.w3.org/2001/04/xmlenc#'],
        ['EncryptedKey', 'http://www.w3.org/2001/04/xmlenc#'],
        ['SubjectConfirmationData', 'urn:oasis:names:tc:SAML:2.0:assertion'],
      ])
        inspected(
          `<${name} xmlns="${namespace}" ${ds}><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></${name}>`,
        )
      expect(refused(`<a ${ds}><ds:KeyInfo/></a>`)).to.deep.equal({
        expected:
          'KeyInfo inside Signature or EncryptedData or EncryptedKey or SubjectConfirmationData only',
        actual: 'inside a',
      })
    })

    it('refuses what can carry a second message, inside KeyInfo too', () => {
      for (const name of ['Object', 'Manifest', 'SignatureProperties']) {
        const text = `<EncryptedKey xmlns="http://www.w3.org/2001/04/xmlenc#" ${ds}><ds:KeyInfo><ds:${name}/></ds:KeyInfo></EncryptedKey>`
        expect(refused(text)).to.deep.equal({
          expected: `no ${name} here`,
          actual: 'inside KeyInfo',
        })
      }
    })

    it('refuses content of KeyInfo in other parts of a Signature, and a part as the root', () => {
      const method = `<EncryptionMethod xmlns="http://www.w3.org/2001/04/xmlenc#" ${ds}><ds:DigestMethod><ds:X509Data/></ds:DigestMethod></EncryptionMethod>`
      expect(refused(method).actual).to.equal('inside DigestMethod')
      expect(refused(`<ds:Signature ${ds}/>`).actual).to.equal('as the root')
      expect(
        refused(
          `<x:ECKeyValue xmlns:x="http://www.w3.org/2009/xmldsig11#" ${ds}><ds:X509Data/></x:ECKeyValue>`,
        ).actual,
      ).to.equal('inside ECKeyValue')
    })
  })

  it('reads everything that may stand in a confirmation and a statement', () => {
    const more = change(
      change(
        change(
          oktaResponse(),
          '<saml2:NameID ',
          '<saml2:NameID NameQualifier="nq" SPNameQualifier="spnq" ',
        ),
        '<saml2:SubjectConfirmationData ',
        '<saml2:SubjectConfirmationData NotBefore="2026-01-15T09:00:00Z" ',
      ),
      '<saml2:AuthnStatement ',
      '<saml2:AuthnStatement SessionNotOnOrAfter="2026-01-15T19:00:00Z" ',
    )
    const { assertion } = accept(sign(more, 'Response', okta), trustIn(okta))
    expect(assertion.nameId).to.include({ nameQualifier: 'nq', spNameQualifier: 'spnq' })
    expect(assertion.subjectConfirmations[0]?.notBefore?.text).to.equal('2026-01-15T09:00:00Z')
    expect(assertion.authnStatements[0]?.sessionNotOnOrAfter?.text).to.equal('2026-01-15T19:00:00Z')
  })

  it('reads an encrypted assertion that the Response alone covers, beyond ASCII too', () => {
    const { privateKey, publicKey } = makeDecryptionKey()
    const sealed = change(oktaResponse(), oktaAssertion(), encrypted(oktaAssertion(), publicKey))
    const { assertion } = accept(sign(sealed, 'Response', okta), trustIn(okta), {
      decryptionKeys: [privateKey],
    })
    expect(assertion.attributes.flatMap(({ values }) => values)).to.include('Ångström')
  })

  it('reads the confirmations of the first Subject only, of which there may be one', () => {
    const subject = cut(oktaResponse(), /<saml2:Subject .*<\/saml2:Subject>/s)
    const two = sign(change(oktaResponse(), subject, subject + subject), 'Response', okta)
    const { assertion } = accept(two, trustIn(okta))
    expect([assertion.subjectCount, assertion.subjectConfirmations.length]).to.deep.equal([2, 1])
  })

  it('warns of nothing, whichever signatures there are', () => {
    for (const xml of [signed, sign(oktaResponse(), 'Assertion', okta), signedResponse(okta)])
      expect(accept(xml, trustIn(okta)).warnings).to.deep.equal([])
  })

  it('takes canonical forms with more namespaces on an element than a document may have', () => {
    const prefixes = Array.from({ length: 120 }, (_, i) => `p${i}`)
    const declared = prefixes.map((prefix) => ` xmlns:${prefix}="urn:${prefix}"`)
    const wide = change(
      change(
        oktaResponse(),
        '<saml2p:Response',
        `<saml2p:Response${declared.slice(0, 60).join('')}`,
      ),
      '<saml2:Assertion',
      `<saml2:Assertion${declared.slice(60).join('')}`,
    )
    const xml = sign(wide, 'Assertion', okta, { inclusivePrefixes: prefixes })
    expect(accept(xml, trustIn(okta)).signedBytes.toString())
      .to.contain('xmlns:p0=')
      .and.contain('xmlns:p119=')
  })
})
