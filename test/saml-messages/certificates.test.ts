import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { readSigningCertificate, validityAt } from '../../src/saml/certificates.ts'
import {
  type MadeCertificate,
  makeCertificate,
  refusal,
  spki,
  withPublicKey,
} from './certificateMaker.ts'

describe('reading a signing certificate', () => {
  let made: MadeCertificate

  before(async () => {
    made = await makeCertificate({
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '2027-06-30T23:59:59Z',
    })
  })

  describe('takes every form in which an admin has one', () => {
    const forms: [string, () => string | Buffer][] = [
      ['PEM', () => made.pem],
      ['PEM with Windows line ends', () => made.pem.replaceAll('\n', '\r\n')],
      ['PEM bytes', () => Buffer.from(made.pem)],
      ['PEM with a byte order mark', () => `\uFEFF${made.pem}`],
      ['PEM bytes with a byte order mark', () => Buffer.from(`\uFEFF${made.pem}`)],
      ['PEM in UTF-16, as PowerShell writes it', () => Buffer.from(`\uFEFF${made.pem}`, 'utf16le')],
      ['PEM with text around it', () => `subject=CN = example\n\n${made.pem}\nthe end\n`],
      ['PEM with the old label', () => made.pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
      ['base64 on one line', () => made.base64],
      ['base64 in lines', () => `${(made.base64.match(/.{1,76}/g) ?? []).join('\r\n')}\r\n`],
      [
        'base64 indented, as in XML',
        () => `\n\t\t${made.base64.slice(0, 64)}\n\t\t${made.base64.slice(64)}\n`,
      ],
      ['DER', () => made.der],
    ]
    for (const [name, form] of forms) {
      it(name, () => {
        const certificate = readSigningCertificate(form())
        expect(certificate.thumbprint).to.equal(made.thumbprint)
        expect(certificate.base64).to.equal(made.base64)
      })
    }
  })

  it('tells validity, subject, key type and key size', () => {
    const certificate = readSigningCertificate(made.pem)
    expect(certificate.notBefore).to.equal(Date.parse('2026-01-01T00:00:00Z'))
    expect(certificate.notAfter).to.equal(Date.parse('2027-06-30T23:59:59Z'))
    expect(certificate.subject).to.equal('O=Okta, CN=example org')
    expect(certificate.keyType).to.equal('rsa')
    expect(certificate.keyBits).to.equal(2048)
    expect(certificate.key.equals(createPublicKey(made.privateKey))).to.equal(true)
  })

  for (const [curve, bits] of [
    ['P-256', 256],
    ['P-384', 384],
    ['P-521', 521],
  ] as const) {
    it(`takes an EC key on ${curve}`, async () => {
      const certificate = readSigningCertificate((await makeCertificate({ algorithm: curve })).der)
      expect(certificate.keyType).to.equal('ec')
      expect(certificate.keyBits).to.equal(bits)
    })
  }

  describe('refuses a key', () => {
    it('RSA of 1024 bits', async () => {
      const weak = await makeCertificate({ algorithm: 'rsa1024' })
      const error = refusal(weak.pem)
      expect(error.found).to.equal('an RSA key of 1024 bits')
      expect(error.message).to.match(
        /expected RSA of 2048 bits or more, or EC on P-256, P-384 or P-521\. Let/,
      )
    })

    it('Ed25519', async () => {
      const error = refusal((await makeCertificate({ algorithm: 'Ed25519' })).pem)
      expect(error.found).to.equal('a key of type ed25519')
    })

    const strange: [string, () => Buffer, string][] = [
      [
        'EC on a curve that is not listed',
        () => spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
        'an EC key on secp256k1',
      ],
      [
        'RSA that is bound to PSS',
        () => spki(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
        'a key of type rsa-pss',
      ],
      [
        'RSA with the exponent 1, whose signatures anyone can write',
        () => {
          const jwk = createPublicKey(made.privateKey).export({ format: 'jwk' })
          return spki(createPublicKey({ key: { ...jwk, e: 'AQ' }, format: 'jwk' }))
        },
        'an RSA key with the public exponent 1',
      ],
      [
        'of an unknown kind',
        () => Buffer.from('300a300506032a0304030100', 'hex'),
        'a certificate with an unknown kind of key',
      ],
    ]
    for (const [name, key, found] of strange) {
      it(name, () => {
        expect(refusal(withPublicKey(made.der, key())).found).to.equal(found)
      })
    }
  })
})

describe('the validity of a certificate', () => {
  const certificate = { notBefore: 1000, notAfter: 2000 }
  it('begins at notBefore and lasts through notAfter', () => {
    expect([999, 1000, 2000, 2001].map((now) => validityAt(certificate, now))).to.deep.equal([
      'notYetValid',
      'valid',
      'valid',
      'expired',
    ])
  })

  it('that ends before it begins is refused', async () => {
    const backwards = await makeCertificate({
      notBefore: '2027-01-01T00:00:00Z',
      notAfter: '2026-01-01T00:00:00Z',
    })
    expect(refusal(backwards.pem).found).to.match(/^a validity from /)
  })
})
