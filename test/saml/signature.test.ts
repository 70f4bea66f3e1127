import { expect } from 'chai'
import { decodeResponse } from '../../src/saml/decode.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { verifyResponse } from '../../src/saml/verify.ts'
import {
  aliceId,
  makeSigner,
  now,
  oktaResponse,
  type Signer,
  sign,
  signedResponse,
} from './sign.ts'
import { accept, change, cut, expectRefusal, trustIn } from './support.ts'

const more = 'http://www.w3.org/2001/04/xmldsig-more#'

describe('saml verifyResponse: signatures', () => {
  let okta: Signer
  let other: Signer
  let both: string
  const nameIdOf = (xml: string, trust = trustIn(okta)) =>
    accept(xml, trust).assertion.nameId?.value

  before(async () => {
    okta = await makeSigner('okta')
    other = await makeSigner('other')
    both = signedResponse(okta)
  })

  describe('coverage', () => {
    it('accepts a Response with both signatures, and says who signed', () => {
      const verified = accept(both, trustIn(okta))
      expect(verified.assertion.nameId?.value).to.equal(aliceId)
      expect(verified.envelope?.id).to.equal('id1001')
      expect(verified.signedBy.thumbprint).to.equal(okta.certificate.thumbprint)
      expect(verified.signatureAlgorithm).to.equal(`${more}rsa-sha256`)
      expect(verified.warnings).to.deep.equal([])
    })

    it('accepts a signed assertion in an unsigned Response, and believes nothing of the Response', () => {
      const verified = accept(sign(oktaResponse(), 'Assertion', okta), trustIn(okta))
      expect(verified.assertion.nameId?.value).to.equal(aliceId)
      expect(verified.envelope).to.equal(null)
      expect(verified.signedBytes.toString()).to.match(/^<saml2:Assertion /)
    })

    it('accepts an assertion that only the Response’s signature covers', () => {
      const verified = accept(sign(oktaResponse(), 'Response', okta), trustIn(okta))
      expect(verified.assertion.nameId?.value).to.equal(aliceId)
      expect(verified.signedBytes.toString()).to.match(/^<saml2p:Response /)
    })

    it('refuses an unsigned Response', () => {
      expectRefusal('notSigned', () => accept(oktaResponse(), trustIn(okta)))
    })

    it('refuses a signed assertion alone when a signed Response is required', () => {
      const trust = trustIn(okta, { requireSignedResponse: true })
      expect(nameIdOf(both, trust)).to.equal(aliceId)
      const xml = sign(oktaResponse(), 'Assertion', okta)
      expectRefusal('notSigned', () => accept(xml, trust))
    })

    it('refuses a Response without assertion', () => {
      const xml = change(oktaResponse(), /<saml2:Assertion.*<\/saml2:Assertion>/, '')
      expectRefusal('assertionMissing', () => accept(sign(xml, 'Response', okta), trustIn(okta)))
    })

    it('lets no good signature rescue a broken one', () => {
      const foreign = sign(sign(oktaResponse(), 'Assertion', okta), 'Response', other)
      expectRefusal('signingKeyUnknown', () => accept(foreign, trustIn(okta)))
      const inner = sign(sign(oktaResponse(), 'Assertion', other), 'Response', okta)
      expectRefusal('signingKeyUnknown', () => accept(inner, trustIn(okta)))
      const changed = change(both, 'Destination="https', 'Destination="http')
      expectRefusal('digestMismatch', () => accept(changed, trustIn(okta)))
    })
  })

  describe('tampering', () => {
    it('is a digestMismatch when content changed under a genuine SignedInfo', () => {
      expectRefusal('digestMismatch', () => accept(change(both, aliceId, 'evil'), trustIn(okta)))
      const assertionOnly = sign(oktaResponse(), 'Assertion', okta)
      expectRefusal('digestMismatch', () =>
        accept(change(assertionOnly, aliceId, 'evil'), trustIn(okta)),
      )
    })

    it('is a signatureInvalid when SignedInfo or the signature value changed', () => {
      for (const [from, to] of [
        [/<ds:DigestValue>.{4}/, '<ds:DigestValue>AAAA'],
        [/<ds:SignatureValue>.{4}/, '<ds:SignatureValue>AAAA'],
        [/<ds:SignatureValue>.*?</, '<ds:SignatureValue><'],
        [/<ds:SignatureValue>.*?</, '<ds:SignatureValue>!!!!<'],
        [/<ds:SignatureValue>.*?</, '<ds:SignatureValue>AAAA<'],
      ] as const)
        expectRefusal('signatureInvalid', () => accept(change(both, from, to), trustIn(okta)))
    })

    it('is not what line breaks in a signature value are, referenced carriage returns included', () => {
      const indented = change(
        both,
        /<ds:SignatureValue>.{60}/,
        `${cut(both, /<ds:SignatureValue>.{60}/)}\r\n  `,
      )
      expect(
        nameIdOf(change(indented, '</ds:SignatureValue>', '&#13;\n</ds:SignatureValue>')),
      ).to.equal(aliceId)
    })
  })

  describe('keys', () => {
    it('tells an unknown key by the thumbprint in KeyInfo, beside ours', () => {
      const { evidence } = expectRefusal('signingKeyUnknown', () =>
        accept(signedResponse(other), trustIn(okta)),
      )
      expect(evidence.actual).to.contain(other.certificate.thumbprint)
      expect(evidence.actual).to.contain('valid 2025-01-01T00:00:00Z to 2035-01-01T00:00:00Z')
      expect(evidence.expected).to.contain(okta.certificate.thumbprint)
    })

    it('never trusts KeyInfo: ours around a foreign signature is a bad signature', () => {
      const xml = signedResponse(other, {}, { keyInfo: okta.certificate.base64 })
      expectRefusal('signatureInvalid', () => accept(xml, trustIn(okta)))
    })

    it('needs no KeyInfo', () => {
      expect(nameIdOf(signedResponse(okta, {}, { keyInfo: null }))).to.equal(aliceId)
      const foreign = signedResponse(other, {}, { keyInfo: null })
      expectRefusal('signatureInvalid', () => accept(foreign, trustIn(okta)))
    })

    it('reads no garbage in KeyInfo as a key', () => {
      const xml = signedResponse(other, {}, { keyInfo: Buffer.from('garbage').toString('base64') })
      const { evidence } = expectRefusal('signingKeyUnknown', () => accept(xml, trustIn(okta)))
      expect(evidence.actual).to.contain('no readable certificate')
    })

    it('accepts either of two certificates, and says which one signed', () => {
      const trust = trustIn(okta, { certificates: [okta.certificate, other.certificate] })
      expect(accept(both, trust).signedBy.thumbprint).to.equal(okta.certificate.thumbprint)
      const rolled = accept(signedResponse(other), trust)
      expect(rolled.signedBy.thumbprint).to.equal(other.certificate.thumbprint)
    })

    it('verifies nothing without certificates', () => {
      expectRefusal('signingKeyUnknown', () => accept(both, trustIn(okta, { certificates: [] })))
    })

    it('refuses an RSA key below 2048 bits even when it was configured', () => {
      const certificate = { ...okta.certificate, keyBits: 1024 }
      expectRefusal('signatureInvalid', () =>
        accept(both, trustIn(okta, { certificates: [certificate] })),
      )
    })
  })

  describe('a certificate outside its validity', () => {
    const { notBefore, notAfter } = {
      notBefore: '2025-06-01T00:00:00Z',
      notAfter: '2025-12-31T23:59:59Z',
    }
    let expired: Signer
    before(async () => {
      expired = await makeSigner('expired', 'rsa', { notBefore, notAfter })
    })

    it('verifies nothing by default', () => {
      const { evidence } = expectRefusal('signingCertificateExpired', () =>
        accept(signedResponse(expired), trustIn(expired)),
      )
      expect(evidence.actual).to.contain(`expired on ${notAfter}`)
    })

    it('verifies with a warning when policy says so', () => {
      const trust = trustIn(expired, { expiredCertificates: 'warn' })
      const { warnings } = accept(signedResponse(expired), trust)
      expect(warnings).to.deep.equal([`signing certificate expired on ${notAfter}`])
    })

    it('is in time on its first and last second, not before and after', () => {
      const xml = signedResponse(expired)
      for (const at of [notBefore, notAfter].map(Date.parse))
        expect(accept(xml, trustIn(expired), { now: at }).warnings).to.deep.equal([])
      for (const at of [Date.parse(notBefore) - 1, Date.parse(notAfter) + 1])
        expectRefusal('signingCertificateExpired', () => accept(xml, trustIn(expired), { now: at }))
    })

    it('gives way to a renewed one with the same key', () => {
      const renewed = { ...expired.certificate, notAfter: now + 1, thumbprint: 'renewed' }
      const trust = trustIn(expired, { certificates: [expired.certificate, renewed] })
      expect(accept(signedResponse(expired), trust).signedBy.thumbprint).to.equal('renewed')
    })

    it('is told apart from a wrong key: what it did not sign is not blamed on its age', () => {
      expectRefusal('signingKeyUnknown', () => accept(both, trustIn(expired)))
    })
  })

  it('verifies the same claimed response twice with the same answer', () => {
    const body = Buffer.from(both).toString('base64')
    const claimed = decodeResponse({ encoding: 'base64', body }, defaultLimits)
    const verify = () =>
      verifyResponse(claimed, trustIn(okta), { now, limits: defaultLimits, decryptionKeys: [] })
    expect(verify()).to.deep.equal(verify())
  })
})
