import { generateKeyPairSync } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import {
  readRedirectMessage,
  signedRedirectUrl,
  verifyRedirectSignature,
} from '../../src/saml/logout/redirect.ts'
import {
  defaultLimits,
  type SignatureTrust,
  type SigningCertificate,
} from '../../src/saml/types.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signer = { privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
const xml = '<p:LogoutRequest xmlns:p="urn:x" a="é &amp; +"/>'

function reasonOf(query: string): string | null {
  try {
    readRedirectMessage(query, defaultLimits)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.reason
    throw error
  }
}

describe('messages of the Redirect binding', () => {
  it('are read as they were written, whatever the address already has', () => {
    for (const destination of ['https://idp.example/slo', 'https://idp.example/slo?a=b']) {
      const url = signedRedirectUrl(
        destination,
        { field: 'SAMLRequest', xml, relayState: 'a=b&c +%' },
        signer,
      )
      const read = readRedirectMessage(new URL(url).search.slice(1), defaultLimits)
      expect(read.field).to.equal('SAMLRequest')
      expect(read.xml.toString('utf8')).to.equal(xml)
      expect(read.relayState).to.equal('a=b&c +%')
      expect(url).to.include(`${read.signedOctets}&Signature=`)
    }
  })

  const packed = (bytes: Buffer | string) =>
    encodeURIComponent(deflateRawSync(bytes).toString('base64'))
  const query = (message: string) => `SAMLRequest=${message}&SigAlg=x&Signature=AAAA`

  it('a bomb of 50 MB is stopped at the limit', () => {
    const bomb = packed(Buffer.alloc(50 * 1024 * 1024))
    expect(bomb.length).to.be.below(defaultLimits.maxBytes)
    expect(reasonOf(query(bomb))).to.equal('messageTooLarge')
    expect(reasonOf(query(packed(Buffer.alloc(defaultLimits.maxBytes + 1))))).to.equal(
      'messageTooLarge',
    )
    expect(reasonOf(query(packed(Buffer.alloc(defaultLimits.maxBytes))))).to.equal(null)
  })

  it('more base64 than any message needs is not decoded', () => {
    expect(reasonOf(query('A'.repeat(defaultLimits.maxBytes * 2 + 4)))).to.equal('messageTooLarge')
  })

  for (const [what, sent, reason] of [
    ['that is not base64', query('%%%'), 'logoutMalformed'],
    ['of other characters', query('a_b-'), 'notBase64'],
    ['that is not deflated', query(encodeURIComponent(btoa('<plain/>'))), 'logoutMalformed'],
    [
      'with a long RelayState',
      `${query(packed(xml))}&RelayState=${'x'.repeat(81)}`,
      'logoutMalformed',
    ],
    ['without a signature', `SAMLRequest=${packed(xml)}`, 'notSigned'],
    ['with an empty signature', `SAMLRequest=${packed(xml)}&SigAlg=x&Signature=`, 'notSigned'],
    ['that is not there', 'RelayState=a&SigAlg=x&Signature=AAAA', 'logoutMalformed'],
    ['of nothing', '', 'logoutMalformed'],
  ] as const) {
    it(`a message ${what} is refused with ${reason}`, () => {
      expect(reasonOf(sent)).to.equal(reason)
    })
  }

  it('count only by an RSA key of 2048 bits or more, whatever was configured', () => {
    const outcome = (modulusLength: number): string => {
      const pair = generateKeyPairSync('rsa', { modulusLength })
      const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      const sent = { field: 'SAMLRequest', xml, relayState: null } as const
      const url = signedRedirectUrl('https://idp.example/slo', sent, { privateKeyPem: pem })
      const certificate = {
        key: pair.publicKey,
        keyType: 'rsa',
        keyBits: modulusLength,
        notBefore: 0,
        notAfter: 2,
      } as unknown as SigningCertificate
      const trust = {
        certificates: [certificate],
        expiredCertificates: 'refuse',
      } as unknown as SignatureTrust
      try {
        verifyRedirectSignature(
          readRedirectMessage(new URL(url).search.slice(1), defaultLimits),
          trust,
          1,
        )
        return 'holds'
      } catch (error) {
        if (error instanceof Refusal) return error.reason
        throw error
      }
    }
    expect([outcome(2048), outcome(1024)]).to.deep.equal(['holds', 'signatureInvalid'])
  })
})
