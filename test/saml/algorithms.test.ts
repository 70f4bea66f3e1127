import { expect } from 'chai'
import {
  aliceId,
  makeSigner,
  oktaResponse,
  type Signer,
  type SigningOptions,
  sign,
  signedResponse,
} from './sign.ts'
import { accept, change, expectRefusal, trustIn } from './support.ts'

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'
const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
const inclusive10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'

describe('saml verifyResponse: algorithms', () => {
  let okta: Signer
  let both: string
  const nameIdOf = (xml: string, trust = trustIn(okta)) =>
    accept(xml, trust).assertion.nameId?.value

  before(async () => {
    okta = await makeSigner('okta')
    both = signedResponse(okta)
  })

  const refused: [string, SigningOptions, string][] = [
    ['RSA-SHA1', { signatureAlgorithm: rsaSha1 }, rsaSha1],
    ['SHA-1 digests', { digestAlgorithm: sha1 }, sha1],
    ['inclusive C14N', { canonicalizationAlgorithm: inclusive10 }, inclusive10],
    [
      'exclusive C14N with comments',
      { canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments' },
      'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
    ],
  ]
  for (const [what, options, identifier] of refused)
    it(`refuses ${what} by name, genuinely signed as it is`, () => {
      const { evidence } = expectRefusal('algorithmNotAllowed', () =>
        accept(signedResponse(okta, {}, { inclusivePrefixes: [], ...options }), trustIn(okta)),
      )
      expect(evidence.actual).to.equal(identifier)
    })

  it('accepts SHA-1 by its switch only', () => {
    const xml = signedResponse(okta, {}, { signatureAlgorithm: rsaSha1, digestAlgorithm: sha1 })
    expect(nameIdOf(xml, trustIn(okta, { allowSha1Signatures: true }))).to.equal(aliceId)
  })

  it('accepts inclusive C14N by its switch only', () => {
    const options = { canonicalizationAlgorithm: inclusive10, inclusivePrefixes: [] }
    const trust = trustIn(okta, { allowInclusiveCanonicalization: true })
    expect(nameIdOf(sign(oktaResponse(), 'Response', okta, options), trust)).to.equal(aliceId)
  })

  it('accepts RSA and digests with SHA-512', () => {
    const options = {
      signatureAlgorithm: `${more}rsa-sha512`,
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
    }
    expect(nameIdOf(signedResponse(okta, {}, options))).to.equal(aliceId)
  })

  for (const [kind, hash] of [
    ['rsa', 'sha256'],
    ['rsa', 'sha384'],
    ['rsa', 'sha512'],
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
  ] as const)
    it(`accepts ${kind === 'rsa' ? 'RSA-PSS' : `ECDSA ${kind}`} with ${hash}, and not with another key`, async () => {
      const signer = await makeSigner('newer', kind)
      const options = {
        signatureAlgorithm:
          kind === 'rsa'
            ? `http://www.w3.org/2007/05/xmldsig-more#${hash}-rsa-MGF1`
            : `${more}ecdsa-${hash}`,
      }
      const xml = signedResponse(signer, {}, options)
      expect(nameIdOf(xml, trustIn(signer))).to.equal(aliceId)
      const stranger = await makeSigner('stranger', kind)
      expectRefusal('signingKeyUnknown', () => accept(xml, trustIn(stranger)))
      expectRefusal('signatureInvalid', () =>
        accept(
          change(xml, /<ds:SignatureValue>.{8}/, '<ds:SignatureValue>AAAAAAAA'),
          trustIn(signer),
        ),
      )
    })

  it('accepts RSA and digests with SHA-384', () => {
    const options = { signatureAlgorithm: `${more}rsa-sha384`, digestAlgorithm: `${more}sha384` }
    expect(nameIdOf(signedResponse(okta, {}, options))).to.equal(aliceId)
  })

  it('tries no key of another kind: ECDSA with an RSA certificate verifies nothing', () => {
    const xml = both.replaceAll(`${more}rsa-sha256`, `${more}ecdsa-sha256`)
    expectRefusal('signatureInvalid', () => accept(xml, trustIn(okta)))
  })

  for (const identifier of [
    `${more}hmac-sha256`,
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
    `${more}rsa-md5`,
    'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
    'constructor',
    '__proto__',
    'toString',
    'none',
    '',
    ` ${more}rsa-sha256`,
    `${more}RSA-SHA256`,
  ])
    it(`refuses the signature method "${identifier}"`, () => {
      const xml = change(both, `${more}rsa-sha256`, identifier)
      expectRefusal('algorithmNotAllowed', () => accept(xml, trustIn(okta)))
    })

  for (const identifier of ['constructor', '', 'http://www.w3.org/2001/04/xmldsig-more#md5'])
    it(`refuses the digest method "${identifier}"`, () => {
      const xml = change(both, 'http://www.w3.org/2001/04/xmlenc#sha256', identifier)
      expectRefusal('algorithmNotAllowed', () => accept(xml, trustIn(okta)))
    })

  for (const transform of [
    'http://www.w3.org/TR/1999/REC-xslt-19991116',
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    'http://www.w3.org/2000/09/xmldsig#base64',
  ])
    it(`refuses the transform ${transform}, in either place`, () => {
      const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
      const first = both.replaceAll(enveloped, transform)
      expectRefusal('algorithmNotAllowed', () => accept(first, trustIn(okta)))
      const bare = signedResponse(okta, {}, { inclusivePrefixes: [] })
      const second = change(
        bare,
        /<ds:Transform Algorithm="http:\/\/www.w3.org\/2001\/10\/xml-exc-c14n#"/,
        `<ds:Transform Algorithm="${transform}"`,
      )
      expectRefusal('algorithmNotAllowed', () => accept(second, trustIn(okta)))
    })

  it('refuses them before any cryptography: also in the second signature, under a broken first', () => {
    const xml = change(
      sign(
        sign(oktaResponse(), 'Assertion', okta, { signatureAlgorithm: rsaSha1 }),
        'Response',
        okta,
      ),
      'Destination="https',
      'Destination="http',
    )
    expectRefusal('algorithmNotAllowed', () => accept(xml, trustIn(okta)))
  })
})
