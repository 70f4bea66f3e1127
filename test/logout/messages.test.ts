import { generateKeyPairSync, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { isComplete, readLogoutMessage } from '../../src/saml/logout/message.ts'
import { decodePostMessage, parseLogoutXml } from '../../src/saml/logout/post.ts'
import { readRedirectMessage, verifyRedirectSignature } from '../../src/saml/logout/redirect.ts'
import { logoutRequestXml, logoutResponseXml } from '../../src/saml/logout/write.ts'
import {
  defaultLimits,
  type SignatureTrust,
  type SigningCertificate,
} from '../../src/saml/types.ts'
import { isPage } from '../../src/signin/logout/incomplete.ts'

const now = Date.UTC(2026, 0, 15, 9, 30)
const envelope = { id: '_1', now, issuer: 'urn:us', destination: 'https://idp.example/slo?a=1&b=2' }
const read = (xml: string) => readLogoutMessage(parseLogoutXml(Buffer.from(xml), defaultLimits))

function refusalOf(work: () => unknown): Refusal {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('our own logout messages', () => {
  it('are read by our reader as they were meant', () => {
    const session = { nameId: 'a&<b', nameIdFormat: 'urn:f', sessionIndex: '_s' }
    expect(read(logoutRequestXml(envelope, session))).to.deep.include({
      kind: 'LogoutRequest',
      id: '_1',
      issuer: 'urn:us',
      destination: envelope.destination,
      nameId: 'a&<b',
      nameIdFormat: 'urn:f',
      sessionIndexes: ['_s'],
    })
    const bare = { nameId: 'x', nameIdFormat: null, sessionIndex: null }
    const xml = logoutRequestXml(envelope, bare)
    expect(xml).not.to.include('SessionIndex')
    expect(xml).to.match(/<\/NameID><\/samlp:LogoutRequest>$/)
    const response = read(logoutResponseXml(envelope, '_0'))
    expect(response).to.deep.include({
      kind: 'LogoutResponse',
      inResponseTo: '_0',
      issuer: 'urn:us',
    })
    expect(response.kind === 'LogoutResponse' && isComplete(response)).to.equal(true)
  })
})

describe('a logout message that can be read in two ways', () => {
  const request = logoutRequestXml(envelope, {
    nameId: 'a',
    nameIdFormat: null,
    sessionIndex: '_s',
  })
  const index = '<samlp:SessionIndex>_s</samlp:SessionIndex>'
  for (const [what, changed, expected] of [
    ['no Issuer', request.replace(/<Issuer.*<\/Issuer>/, ''), 'one Issuer'],
    ['another version', request.replace('Version="2.0"', 'Version="1.1"'), 'Version 2.0'],
    ['no ID', request.replace(' ID="_1"', ''), 'an ID'],
    ['an ID that is no name', request.replace(' ID="_1"', ' ID="1 2"'), 'an ID'],
    ['no NameID', request.replace(/<NameID.*<\/NameID>/, ''), 'one NameID'],
    ['elements in the NameID', request.replace('>a</', '>a<b/></'), 'one NameID'],
    ['many SessionIndexes', request.replace(index, index.repeat(17)), 'at most 16 SessionIndexes'],
  ] as const) {
    it(`by ${what} is refused, and the admin is told what was expected`, () => {
      expect(changed).not.to.equal(request)
      const { reason, evidence } = refusalOf(() => read(changed))
      expect([reason, evidence.expected]).to.deep.equal(['logoutMalformed', expected])
    })
  }

  it('by as many SessionIndexes as may be is read', () => {
    const message = read(request.replace(index, index.repeat(16)))
    expect(message.kind === 'LogoutRequest' && message.sessionIndexes).to.have.length(16)
  })
})

describe('where a page can lead to', () => {
  it('is a path here or an http(s) address, not a native app’s own scheme', () => {
    for (const page of ['/signedout', 'https://a.example/', 'http://localhost:3000/x']) {
      expect(isPage(page), page).to.equal(true)
    }
    for (const other of ['com.example.app:/https:', 'msal1://auth', '']) {
      expect(isPage(other), other).to.equal(false)
    }
  })
})

describe('logout messages of the POST binding', () => {
  const message = logoutResponseXml(envelope, '_0')
  const length = Buffer.byteLength(message)
  const base64 = Buffer.from(message).toString('base64')
  const limits = (maxBytes: number) => ({ ...defaultLimits, maxBytes })

  it('are read up to the limit, to the byte', () => {
    expect(decodePostMessage(base64, limits(length)).localName).to.equal('LogoutResponse')
    const refused = refusalOf(() => decodePostMessage(base64, limits(length - 1)))
    expect(refused.reason).to.equal('messageTooLarge')
    expect(refused.evidence.expected).to.equal(`at most ${length - 1} bytes`)
    const long = refusalOf(() => decodePostMessage('A'.repeat(21), limits(10)))
    expect([long.reason, long.evidence.expected]).to.deep.equal([
      'messageTooLarge',
      'at most 10 bytes',
    ])
  })

  it('that are no base64 are refused', () => {
    expect(refusalOf(() => decodePostMessage('a_b-', defaultLimits)).reason).to.equal('notBase64')
  })
})

describe('signatures of the Redirect binding', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const xml = encodeURIComponent(
    deflateRawSync(logoutResponseXml(envelope, '_0')).toString('base64'),
  )
  const certificate = {
    key: publicKey,
    keyType: 'rsa',
    keyBits: 2048,
    notBefore: 10,
    notAfter: 20,
  } as unknown as SigningCertificate

  const verified = (algorithm: string, at: number, expiredCertificates: 'refuse' | 'warn') => {
    const octets = `SAMLResponse=${xml}&SigAlg=${encodeURIComponent(algorithm)}`
    const value = sign('sha256', Buffer.from(octets), privateKey).toString('base64')
    const query = `${octets}&Signature=${encodeURIComponent(value)}`
    const trust = { certificates: [certificate], expiredCertificates } as unknown as SignatureTrust
    return verifyRedirectSignature(readRedirectMessage(query, defaultLimits), trust, at)
  }
  const rsa = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

  it('count by a certificate that is valid now; by another one only where the federation lets it', () => {
    expect(verified(rsa, 15, 'refuse')).to.equal(certificate)
    for (const at of [9, 21]) {
      expect(refusalOf(() => verified(rsa, at, 'refuse')).reason).to.equal(
        'signingCertificateExpired',
      )
      expect(verified(rsa, at, 'warn')).to.equal(certificate)
    }
  })

  it('are RSA with its classical padding: what has another encoding here, or none, is not allowed', () => {
    for (const algorithm of [
      'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
      'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
      'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
      'none',
    ]) {
      const refused = refusalOf(() => verified(algorithm, 15, 'refuse'))
      expect(refused.reason, algorithm).to.equal('algorithmNotAllowed')
    }
  })
})
