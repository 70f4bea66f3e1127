import { createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import { CertificateError, readSigningCertificate } from '../../src/saml/certificates.ts'
import { type MadeCertificate, makeCertificate, refusal, spki } from './certificateMaker.ts'

describe('what is no signing certificate', () => {
  let made: MadeCertificate
  let other: MadeCertificate

  before(async () => {
    made = await makeCertificate()
    other = await makeCertificate()
  })

  describe('says what it is when it is no certificate', () => {
    const keyDer = (type: 'pkcs8' | 'pkcs1') => made.privateKey.export({ type, format: 'der' })
    const publicPem = () =>
      createPublicKey(made.privateKey).export({ type: 'spki', format: 'pem' }).toString()
    const cases: [string, () => string | Buffer, string | RegExp][] = [
      ['a private key', () => made.privateKeyPem, 'a private key'],
      [
        'a private key beside the certificate',
        () => made.pem + made.privateKeyPem,
        'a private key',
      ],
      ['a private key as DER', () => keyDer('pkcs8'), 'a private key'],
      ['an RSA private key as base64', () => keyDer('pkcs1').toString('base64'), 'a private key'],
      ['a public key', publicPem, /^a bare public key/],
      ['a public key as DER', () => spki(createPublicKey(made.privateKey)), /^a bare public key/],
      ['two certificates', () => made.pem + other.pem, '2 certificates'],
      ['the same certificate twice', () => made.pem + made.pem, '2 certificates'],
      [
        'a request for a certificate',
        () => made.pem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
        'a request for a certificate (CSR)',
      ],
      ['a PKCS#7 bundle', () => made.pem.replaceAll('CERTIFICATE', 'PKCS7'), 'a PKCS#7 bundle'],
      [
        'a PKCS#7 bundle as DER',
        () => Buffer.from('300f06092a864886f70d010702a0023000', 'hex'),
        'a PKCS#7 bundle',
      ],
      [
        'a PKCS#12 file',
        () => Buffer.from('30050201033000', 'hex'),
        'a PKCS#12 file, which may hold a private key',
      ],
      [
        'another PEM block',
        () => made.pem.replaceAll('CERTIFICATE', 'X509 CRL'),
        'a PEM block X509 CRL',
      ],
      ['metadata', () => '<?xml version="1.0"?><md:EntityDescriptor/>', 'XML'],
      ['nothing', () => ' \n', 'nothing'],
      ['no bytes', () => Buffer.alloc(0), 'nothing'],
      ['a text', () => 'see attachment!', 'the character "!" at line 1, column 15'],
      ['binary that is no text', () => Buffer.from([0x89, 0xff, 0xfe]), /^bytes that are neither/],
      ['base64 of PEM', () => Buffer.from(made.pem).toString('base64'), 'base64 of a PEM text'],
      [
        'base64 of something',
        () => Buffer.from('hello').toString('base64'),
        'content that is not DER',
      ],
      ['BER of indefinite length', () => Buffer.from('30800000', 'hex'), 'content that is not DER'],
      ['other DER', () => Buffer.from('3003020101', 'hex'), 'DER that is no X.509 certificate'],
      ['65,537 bytes', () => 'A'.repeat(65_537), '65537 bytes'],
    ]
    for (const [name, input, found] of cases) {
      it(name, () => {
        const error = refusal(input())
        if (typeof found === 'string') expect(error.found).to.equal(found)
        else expect(error.found).to.match(found)
        expect(error.message).to.equal(
          `Found ${error.found}; expected ${error.expected}. ${error.remedy}`,
        )
      })
    }
  })

  describe('refuses a damaged one, and names the place', () => {
    it('a foreign character inside PEM', () => {
      const lines = made.pem.split('\n')
      lines[2] = `${lines[2]?.slice(0, 9)}*${lines[2]?.slice(10)}`
      expect(refusal(lines.join('\n')).found).to.equal('the character "*" at line 3, column 10')
    })

    it('line breaks that were written as \\n', () => {
      const error = refusal(made.pem.replaceAll('\n', '\\n'))
      expect(error.found).to.equal('the character "\\\\" at line 1, column 28')
      expect(error.remedy).to.equal('Write real line breaks instead of \\n.')
    })

    it('PEM without its last line', () => {
      expect(refusal(made.pem.slice(0, 300)).found).to.match(/^a PEM block without its line/)
    })

    it('PEM without its first line', () => {
      expect(refusal(made.pem.slice(30)).found).to.equal('PEM without a BEGIN CERTIFICATE line')
    })

    it('base64 that was cut off', () => {
      expect(refusal(made.base64.slice(0, 401)).found).to.match(
        /^401 characters that are not whole/,
      )
      expect(refusal(made.base64.slice(0, 400)).found).to.match(/^300 bytes of a DER value of \d+$/)
    })

    it('DER with something after it', () => {
      const error = refusal(Buffer.concat([made.der, made.der]))
      expect(error.found).to.equal(`${made.der.length} bytes after the end of the DER value`)
    })

    it('never throws anything but CertificateError, wherever a byte of the DER is changed', () => {
      for (let at = 0; at < made.der.length; at += 1) {
        const damaged = Buffer.from(made.der)
        damaged[at] = (damaged[at] ?? 0) ^ 0x55
        try {
          readSigningCertificate(damaged)
        } catch (error) {
          expect(error, `byte ${at}`).to.be.instanceOf(CertificateError)
        }
      }
    })
  })

  it('does not repeat a private key in its error', () => {
    const body = made.privateKeyPem.split('\n')[1] ?? ''
    expect(refusal(made.privateKeyPem).message).not.to.include(body)
  })
})
