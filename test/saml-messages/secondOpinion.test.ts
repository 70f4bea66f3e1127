import { expect } from 'chai'
import { secondOpinion } from '../../src/saml/secondOpinion.ts'
import { type MadeCertificate, makeCertificate } from './certificateMaker.ts'
import { makeResponse, okta, type ResponseOptions } from './responseMaker.ts'

describe('the second opinion of node-saml', () => {
  let signer: MadeCertificate
  let other: MadeCertificate
  before(async () => {
    signer = await makeCertificate()
    other = await makeCertificate()
  })

  function question() {
    return {
      issuerUri: okta.issuer,
      certificatesBase64: [signer.base64],
      entityId: okta.audience,
      acs: okta.acs,
      now: okta.at,
      clockSkew: 120_000,
      expected: { issuer: okta.issuer, nameId: okta.nameId },
    }
  }

  function ask(xml: string, changes: Partial<ReturnType<typeof question>> = {}) {
    return secondOpinion({ encoding: 'xml', body: xml }, { ...question(), ...changes })
  }

  for (const signed of ['both', 'assertion', 'response'] as const) {
    it(`agrees with a good response, signed: ${signed}`, async () => {
      expect(await ask(makeResponse(signer, { signed }))).to.deep.equal({ agrees: true })
    })
  }

  it('takes the response as base64 too', async () => {
    const body = Buffer.from(makeResponse(signer)).toString('base64')
    expect(await secondOpinion({ encoding: 'base64', body }, question())).to.deep.equal({
      agrees: true,
    })
  })

  it('agrees when the second of two certificates made the signature', async () => {
    const certificatesBase64 = [other.base64, signer.base64]
    expect(await ask(makeResponse(signer), { certificatesBase64 })).to.deep.equal({ agrees: true })
  })

  describe('differs, and names the field without its value,', () => {
    const cases: [string, ResponseOptions, () => Partial<ReturnType<typeof question>>, string][] = [
      ['on another NameID', { nameId: 'mallory' }, () => ({}), 'nameID'],
      [
        'on a NameID in another case',
        {},
        () => ({ expected: { issuer: okta.issuer, nameId: okta.nameId.toUpperCase() } }),
        'nameID',
      ],
      ['on a missing NameID', { subjectId: '' }, () => ({}), 'nameID'],
      ['on another Issuer', { issuer: 'http://www.okta.com/mallory' }, () => ({}), 'issuer'],
      [
        'on an Issuer that is not the federation’s',
        {},
        () => ({ issuerUri: 'http://www.okta.com/another' }),
        'issuer',
      ],
      [
        'on Issuer and NameID at once',
        { issuer: 'urn:mallory', nameId: 'mallory' },
        () => ({}),
        'issuer, nameID',
      ],
      ['on another audience', { audience: 'urn:mallory' }, () => ({}), 'audience'],
      [
        'on a signature by a key that is not the federation’s',
        {},
        () => ({ certificatesBase64: [other.base64] }),
        'signature',
      ],
      ['on a time that has passed', {}, () => ({ now: okta.at + 420_000 }), 'times'],
      ['on a time that has not come', {}, () => ({ now: okta.at - 420_001 }), 'times'],
    ]
    for (const [name, options, changes, differences] of cases) {
      it(name, async () => {
        expect(await ask(makeResponse(signer, options), changes())).to.deep.equal({
          agrees: false,
          differences,
        })
      })
    }

    for (const signed of ['both', 'assertion', 'response'] as const) {
      it(`on bytes changed after signing, signed: ${signed}`, async () => {
        const xml = makeResponse(signer, { signed })
        const changed = xml.replace(okta.nameId, 'q2w3ZXJ0eXVpb3Bhc2RmZx==')
        expect(changed).not.to.equal(xml)
        expect(await ask(changed)).to.deep.equal({ agrees: false, differences: 'signature' })
      })
    }

    it('on an assertion that a foreign key signed, inside a Response whose own signature holds', async () => {
      const xml = makeResponse(signer, { assertionSigner: other })
      expect(await ask(xml)).to.deep.equal({ agrees: false, differences: 'signature' })
    })
  })

  it('judges the times at the given clock, tolerance included', async () => {
    const xml = makeResponse(signer)
    expect(await ask(xml, { now: okta.at + 419_999 })).to.deep.equal({ agrees: true })
    expect(await ask(xml, { now: okta.at - 420_000 })).to.deep.equal({ agrees: true })
    expect(await ask(xml, { now: okta.at + 419_999, clockSkew: 0 })).to.deep.equal({
      agrees: false,
      differences: 'times',
    })
  })

  describe('is not given', () => {
    const replaced = (from: string, to: string) => () => makeResponse(signer).replaceAll(from, to)
    const cases: [string, () => string, RegExp][] = [
      [
        'on ECDSA',
        replaced('#rsa-sha256', '#ecdsa-sha256'),
        /does not know the algorithm http:\/\/www\.w3\.org\/2001\/04\/xmldsig-more#ecdsa-sha256$/,
      ],
      ['on RSA with SHA-384', replaced('#rsa-sha256', '#rsa-sha384'), /#rsa-sha384$/],
      ['on a digest that it lacks', replaced('xmlenc#sha256', 'xmldsig-more#sha384'), /#sha384$/],
      [
        'on an encrypted assertion',
        () => makeResponse(signer).replaceAll('saml2:Assertion', 'saml2:EncryptedAssertion'),
        /^the assertion is encrypted/,
      ],
      [
        'on an encrypted NameID',
        () => makeResponse(signer, { subjectId: '<saml2:EncryptedID/>' }),
        /^the NameID is encrypted/,
      ],
    ]
    for (const [name, xml, why] of cases) {
      it(name, async () => {
        const opinion = await ask(xml())
        if (opinion.agrees !== 'cannot') throw new Error(JSON.stringify(opinion))
        expect(opinion.why).to.match(why)
      })
    }
  })
})
