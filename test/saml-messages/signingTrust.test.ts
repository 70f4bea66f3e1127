import { expect } from 'chai'
import { CertificateError, rememberingReader, signingTrust } from '../../src/saml/certificates.ts'
import { type MadeCertificate, makeCertificate } from './certificateMaker.ts'

describe('the trust in a federation', () => {
  const policy = {
    expiredCertificates: 'warn',
    allowSha1Signatures: true,
    allowInclusiveCanonicalization: false,
    requireSignedResponse: true,
    requireEncryptedAssertion: false,
    allowCbcEncryption: false,
  } as const
  let first: MadeCertificate
  let second: MadeCertificate

  before(async () => {
    first = await makeCertificate()
    second = await makeCertificate({ algorithm: 'P-256' })
  })

  it('has the current certificate before the next one, and the policy as it is set', () => {
    const { certificates, ...rest } = signingTrust({
      ...policy,
      signingCertificate: first.base64,
      nextSigningCertificate: second.base64,
    })
    expect(certificates.map((one) => one.thumbprint)).to.deep.equal([
      first.thumbprint,
      second.thumbprint,
    ])
    expect(rest).to.deep.equal(policy)
  })

  it('counts a certificate once that is registered twice, in whatever form', () => {
    const trust = signingTrust({
      ...policy,
      signingCertificate: first.base64,
      nextSigningCertificate: first.pem,
    })
    expect(trust.certificates).to.have.length(1)
  })

  it('has one certificate when there is no next one', () => {
    const trust = signingTrust({
      ...policy,
      signingCertificate: first.base64,
      nextSigningCertificate: null,
    })
    expect(trust.certificates.map((one) => one.thumbprint)).to.deep.equal([first.thumbprint])
  })

  it('says which of the two certificates cannot be used', () => {
    expect(() =>
      signingTrust({ ...policy, signingCertificate: first.base64, nextSigningCertificate: '' }),
    )
      .to.throw(CertificateError)
      .with.property('found', 'in nextSigningCertificate nothing')
  })

  it('makes the key of a certificate once, and forgets the one that was asked for longest ago', () => {
    const read = rememberingReader(2)
    const key = read(first.base64).key
    read(second.base64)
    expect(read(first.base64).key).to.equal(key)
    read(first.pem)
    // Three texts were read and two are kept: the second certificate was asked for longest ago.
    expect(read(first.base64).key).to.equal(key)
    const again = read(second.base64).key
    expect(read(second.base64).key).to.equal(again)
    read(first.pem)
    expect(read(first.base64).key).not.to.equal(key)
  })

  it('does not remember what could not be read', () => {
    const read = rememberingReader(2)
    expect(() => read('no certificate!')).to.throw(CertificateError)
    expect(() => read('no certificate!')).to.throw(CertificateError)
  })
})
