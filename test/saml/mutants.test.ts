import { expect } from 'chai'
import { canonicalizationKind } from '../../src/saml/signature/algorithms.ts'
import { readSignature } from '../../src/saml/signature/profile.ts'
import { parse, part, resigned } from './resign.ts'
import { aliceId, makeSigner, oktaResponse, type Signer, sign } from './sign.ts'
import { accept, change, expectRefusal, trustIn } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('saml signatures, to the letter', () => {
  let okta: Signer
  let curve: Signer
  let other: Signer
  let xml: string

  before(async () => {
    ;[okta, curve, other] = await Promise.all([
      makeSigner('okta'),
      makeSigner('curve', 'P-256'),
      makeSigner('other'),
    ])
    xml = sign(oktaResponse(), 'Response', okta)
  })

  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
  const more = 'http://www.w3.org/2001/04/xmldsig-more#'
  /** The parameter of the second transform. */
  const prefixList = /(?<=exc-c14n#">)<InclusiveNamespaces [^>]*\/>/
  const inList = (list: string) => xml.replaceAll('PrefixList="xs"', `PrefixList="${list}"`)
  const profileOf = (text: string) => {
    const response = parse(text)
    return readSignature(part(response, 'Signature'), response, 'id1001')
  }

  describe('parameters of transforms', () => {
    const parameter = `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="xs"/>`
    const cases: [string, string | RegExp, string][] = [
      ['a parameter of another name', prefixList, '<x/>'],
      [
        'a parameter of that name in another namespace',
        prefixList,
        '<InclusiveNamespaces xmlns="urn:x" PrefixList="xs"/>',
      ],
      ['two PrefixLists', prefixList, parameter + parameter],
      ['a second parameter', prefixList, `${parameter}<x/>`],
      ['text in a PrefixList', prefixList, parameter.replace('/>', '>x</ec:InclusiveNamespaces>')],
      [
        'a parameter of enveloped-signature',
        /(?<=#enveloped-signature")\s*(?:\/>|>.*?<\/ds:Transform>)/,
        '><x/></ds:Transform>',
      ],
    ]
    for (const [what, from, to] of cases)
      it(`refuses ${what}: signaturePlacement`, () => {
        const changed = change(xml, from, to)
        expectRefusal('signaturePlacement', () => accept(changed, trustIn(okta)))
      })

    it('reads prefixes between any white space, #default as the default namespace', () => {
      const { inclusivePrefixes } = profileOf(
        inList(' xs\n\t saml2  #default '),
      ).contentCanonicalization
      expect([...inclusivePrefixes]).to.deep.equal(['xs', 'saml2', ''])
      expect([...profileOf(inList(' xs')).contentCanonicalization.inclusivePrefixes]).to.deep.equal(
        ['xs'],
      )
      expect([...profileOf(inList('')).contentCanonicalization.inclusivePrefixes]).to.deep.equal([])
    })

    it('takes a missing PrefixList for an empty one', () => {
      const without = xml.replaceAll(' PrefixList="xs"', '')
      expect([...profileOf(without).contentCanonicalization.inclusivePrefixes]).to.deep.equal([])
    })
  })

  it('refuses other transforms by name, whatever parameters they have: algorithmNotAllowed', () => {
    const transforms = /<ds:Transforms>.*<\/ds:Transforms>/
    const xslt = 'http://www.w3.org/TR/1999/REC-xslt-19991116'
    const exclusiveTransform = `<ds:Transform Algorithm="${exclusive}"/>`
    const enveloped =
      '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
    const cases: [string, string][] = [
      [exclusive, exclusiveTransform + exclusiveTransform],
      [xslt, `${enveloped}<ds:Transform Algorithm="${xslt}"><x:s xmlns:x="urn:x"/></ds:Transform>`],
    ]
    for (const [algorithm, content] of cases) {
      const changed = resigned(xml, okta, transforms, `<ds:Transforms>${content}</ds:Transforms>`)
      const { evidence } = expectRefusal('algorithmNotAllowed', () =>
        accept(changed, trustIn(okta)),
      )
      expect(evidence.actual).to.equal(algorithm)
      expect(evidence.expected).to.contain('enveloped')
    }
  })

  it('refuses a DigestValue of another namespace: signaturePlacement, with what was found', () => {
    const foreign = xml.replace(/<(\/?)ds:DigestValue>/g, (_, slash: string) =>
      slash ? '</e:DigestValue>' : '<e:DigestValue xmlns:e="urn:e">',
    )
    const { evidence } = expectRefusal('signaturePlacement', () => accept(foreign, trustIn(okta)))
    expect(evidence.expected).to.equal('Reference of Transforms, DigestMethod, DigestValue')
    expect(evidence.actual).to.equal('Transforms, DigestMethod, DigestValue')
  })

  it('lists eight children of an odd Signature at most', () => {
    const crowded = change(xml, '</ds:SignatureValue>', `</ds:SignatureValue>${'<x/>'.repeat(9)}`)
    const { evidence } = expectRefusal('signaturePlacement', () => accept(crowded, trustIn(okta)))
    expect(evidence.actual).to.equal('SignedInfo, SignatureValue, x, x, x, x, x, x')
  })

  it('names an algorithm by 128 characters at most, and none as none', () => {
    const named = (to: string) =>
      expectRefusal('algorithmNotAllowed', () =>
        accept(change(xml, /(?<=<ds:SignatureMethod) Algorithm="[^"]*"/, to), trustIn(okta)),
      ).evidence.actual
    expect(named(` Algorithm="urn:${'x'.repeat(200)}"`)).to.equal(`urn:${'x'.repeat(124)}`)
    expect(named('')).to.equal('none')
  })

  it('knows inclusive C14N 1.0 and 1.1, both behind the switch', () => {
    const opened = trustIn(okta, { allowInclusiveCanonicalization: true })
    for (const identifier of [
      'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
      'http://www.w3.org/2006/12/xml-c14n11',
    ]) {
      expect(canonicalizationKind(identifier, opened)).to.equal('inclusive')
      expectRefusal('algorithmNotAllowed', () => canonicalizationKind(identifier, trustIn(okta)))
    }
    expect(canonicalizationKind(exclusive, trustIn(okta))).to.equal('exclusive')
  })

  it('verifies a SignedInfo with characters beyond ASCII', () => {
    const signed = sign(oktaResponse(), 'Response', okta, { inclusivePrefixes: ['xs', 'é'] })
    expect(accept(signed, trustIn(okta)).assertion.nameId?.value).to.equal(aliceId)
  })

  it('refuses a signed DigestValue that is no base64: digestMismatch', () => {
    const odd = resigned(xml, okta, /(?<=<ds:DigestValue>)[^<]*/, '!')
    expectRefusal('digestMismatch', () => accept(odd, trustIn(okta)))
  })

  it('shows by its twin that a SignedInfo signed anew holds', () => {
    const twin = resigned(xml, okta, '<ds:SignedInfo>', '<ds:SignedInfo Id="info">')
    expect(accept(twin, trustIn(okta)).assertion.nameId?.value).to.equal(aliceId)
  })

  it('takes no RSA signature under an ECDSA name, and no ECDSA signature under an RSA name', () => {
    const rsa = resigned(xml, okta, `${more}rsa-sha256`, `${more}ecdsa-sha256`)
    const ecdsa = sign(oktaResponse(), 'Response', curve, {
      signatureAlgorithm: `${more}ecdsa-sha256`,
    })
    const named = resigned(ecdsa, curve, `${more}ecdsa-sha256`, `${more}rsa-sha256`)
    const unnamed = (text: string) => change(text, /<ds:KeyInfo>.*?<\/ds:KeyInfo>/s, '')
    expectRefusal('signatureInvalid', () => accept(unnamed(rsa), trustIn(okta)))
    expectRefusal('signatureInvalid', () => accept(unnamed(named), trustIn(curve)))
  })

  describe('evidence about certificates', () => {
    // KeyInfo stands in the enveloped signature, which is not digested
    const naming = (...certificates: string[]) =>
      change(
        sign(oktaResponse(), 'Response', other),
        /(?<=<ds:X509Data>).*(?=<\/ds:X509Data>)/s,
        certificates.map((text) => `<ds:X509Certificate>${text}</ds:X509Certificate>`).join(''),
      )

    it('passes over what is no base64 in KeyInfo', () => {
      const { certificate } = other
      expectRefusal('signatureInvalid', () => accept(naming('!'), trustIn(okta)))
      expectRefusal('signingKeyUnknown', () =>
        accept(naming('!', certificate.base64), trustIn(okta)),
      )
    })

    it('looks at three certificates of a KeyInfo at most', () => {
      const ours = okta.certificate.base64
      const theirs = other.certificate.base64
      expectRefusal('signingKeyUnknown', () => accept(naming(ours, ours, theirs), trustIn(okta)))
      expectRefusal('signatureInvalid', () =>
        accept(naming(ours, ours, ours, theirs), trustIn(okta)),
      )
    })

    it('lists ours one after the other', () => {
      const certificates = [okta.certificate, curve.certificate]
      const { evidence } = expectRefusal('signingKeyUnknown', () =>
        accept(naming(other.certificate.base64), trustIn(okta, { certificates })),
      )
      expect(evidence.expected).to.match(
        new RegExp(
          `${okta.certificate.thumbprint}, valid [^;]*; SHA-256 thumbprint ${curve.certificate.thumbprint}`,
        ),
      )
    })

    it('names the one outside its validity, and the end that it is beyond', () => {
      const late = { now: Date.parse('2040-01-01T00:00:00Z') }
      const early = { now: Date.parse('2020-01-01T00:00:00Z') }
      const told = (at: { now: number }) =>
        expectRefusal('signingCertificateExpired', () => accept(xml, trustIn(okta), at)).evidence
          .actual
      expect(told(late)).to.contain(okta.certificate.thumbprint).and.contain('expired on 2035')
      expect(told(early)).to.contain('not valid before 2025')
    })
  })
})
