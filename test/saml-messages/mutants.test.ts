import { createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import {
  CertificateError,
  readSigningCertificate,
  signingTrust,
} from '../../src/saml/certificates.ts'
import {
  type MadeCertificate,
  makeCertificate,
  refusal,
  spki,
  withPublicKey,
} from './certificateMaker.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
describe('signing certificates, to the letter', () => {
  let made: MadeCertificate

  before(async () => {
    made = await makeCertificate()
  })

  const withRsa = (change: { n?: Buffer; e?: Buffer }) => {
    const key = createPublicKey(made.privateKey).export({ format: 'jwk' })
    if (change.n) key.n = change.n.toString('base64url')
    if (change.e) key.e = change.e.toString('base64url')
    return withPublicKey(made.der, spki(createPublicKey({ key, format: 'jwk' })))
  }
  const modulus = (bits: number) => {
    const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff)
    if (bits % 8 > 0) bytes[0] = 2 ** (bits % 8) - 1
    return bytes
  }

  it('have an RSA modulus of 2048 to 16,384 bits', () => {
    expect(readSigningCertificate(withRsa({ n: modulus(2048) })).keyBits).to.equal(2048)
    expect(readSigningCertificate(withRsa({ n: modulus(16_384) })).keyBits).to.equal(16_384)
    expect(refusal(withRsa({ n: modulus(2047) })).found).to.equal('an RSA key of 2047 bits')
    expect(refusal(withRsa({ n: modulus(16_385) })).found).to.equal('an RSA key of 16385 bits')
  })

  it('have an odd RSA exponent of 3 or more', () => {
    expect(readSigningCertificate(withRsa({ e: Buffer.of(3) })).keyType).to.equal('rsa')
    for (const exponent of [1, 2, 4])
      expect(refusal(withRsa({ e: Buffer.of(exponent) })).found).to.equal(
        `an RSA key with the public exponent ${exponent}`,
      )
  })

  it('may be valid for a single second', async () => {
    const at = '2026-01-01T00:00:00Z'
    const brief = await makeCertificate({ notBefore: at, notAfter: at })
    const { notBefore, notAfter } = readSigningCertificate(brief.der)
    expect([notBefore, notAfter]).to.deep.equal([Date.parse(at), Date.parse(at)])
  })

  it('are limited by bytes, not by characters', () => {
    expect(refusal('ä'.repeat(40_000)).found).to.equal('80000 bytes')
    const padded = `${made.pem}${'x'.repeat(65_536 - made.pem.length)}`
    expect(readSigningCertificate(padded).thumbprint).to.equal(made.thumbprint)
    expect(refusal(`${padded}x`).expected).to.equal('65536 bytes at most')
    expect(refusal(Buffer.alloc(65_537)).found).to.equal('65537 bytes')
  })

  it('are UTF-16 by both bytes of the mark only, and may be bare base64 behind a mark', () => {
    for (const bytes of [Buffer.of(0xff, 0x41), Buffer.of(0xc1, 0xfe)])
      expect(refusal(bytes).found).to.equal('bytes that are neither DER nor text')
    expect(readSigningCertificate(`\uFEFF${made.base64}`).thumbprint).to.equal(made.thumbprint)
  })

  it('are told from metadata that begins with white space', () => {
    expect(refusal('\n <md:EntityDescriptor/>').found).to.equal('XML')
  })

  it('are one whole DER value, whatever its length is written like', () => {
    for (const [hex, found] of [
      ['30', 'content that is not DER'],
      ['3000', 'DER that is no X.509 certificate'],
      ['3080', 'content that is not DER'],
      ['3081', 'content that is not DER'],
      ['308201', 'content that is not DER'],
      ['308100', 'DER that is no X.509 certificate'],
      ['308400000003020101', 'DER that is no X.509 certificate'],
      ['30850000000003020101', 'content that is not DER'],
    ] as const)
      expect(refusal(Buffer.from(hex, 'hex')).found, hex).to.equal(found)
  })

  it('are told from keys of every label, also where they lie among others', () => {
    for (const label of [
      'RSA PRIVATE KEY',
      'EC PRIVATE KEY',
      'ENCRYPTED PRIVATE KEY',
      'PRIVATE KEY',
    ])
      for (const more of ['', made.pem.replaceAll('CERTIFICATE', 'X509 CRL')]) {
        const error = refusal(made.pem.replaceAll('CERTIFICATE', label) + more)
        expect(error.found).to.equal('a private key')
        expect(error.remedy).to.match(/^Give the certificate alone\./)
      }
    const der = made.privateKey.export({ type: 'pkcs8', format: 'der' })
    expect(refusal(der).remedy).to.match(/^Give the certificate alone\./)
    const trusted = refusal(made.pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'))
    expect(trusted.found).to.equal('a certificate with OpenSSL’s own trust settings')
  })

  it('are asked for again where a character or label is strange', () => {
    const download = /^Download the signing certificate from the identity provider/
    expect(refusal(`${made.base64.slice(0, 8)}*`).remedy).to.match(download)
    expect(refusal(made.pem.replaceAll('CERTIFICATE', 'X509 CRL')).remedy).to.match(download)
    expect(refusal(Buffer.from('3003020101', 'hex')).remedy).to.match(download)
  })

  it('are named by their setting, and no other fault of reading is taken for theirs', () => {
    const settings = {
      expiredCertificates: 'refuse',
      allowSha1Signatures: false,
      allowInclusiveCanonicalization: false,
      requireSignedResponse: false,
      requireEncryptedAssertion: false,
      allowCbcEncryption: false,
      signingCertificate: '',
      nextSigningCertificate: null,
    } as const
    expect(() => signingTrust(settings))
      .to.throw(CertificateError)
      .with.property('found', 'in signingCertificate nothing')
    const broken = () => {
      throw new RangeError('of another kind')
    }
    expect(() => signingTrust(settings, broken)).to.throw(RangeError, 'of another kind')
    expect(new CertificateError('', '', '').name).to.equal('CertificateError')
  })
})
