import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { hours } from '../../src/lib/clock.ts'
import { decodeResponse } from '../../src/saml/decode.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { message, signature } from '../../src/signin/checks/message.ts'
import { circumstancesOf, fails, federation, passes } from '../support/circumstances.ts'
import { foreignKey, key, type Said, signedMessage } from '../support/signedMessage.ts'
import { now } from '../support/verified.ts'

const trusting = { ...federation, signingCertificate: key.certificateBase64 }
const found = (said: Partial<Said> = {}, of: Partial<typeof federation> = {}) => ({
  claimed: decodeResponse(signedMessage(said), defaultLimits),
  federation: { ...trusting, ...of },
})
const thumbprint = (of: typeof key) =>
  new X509Certificate(of.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()

describe('check message', () => {
  it('reads a Response, of which nothing is believed yet', async () => {
    const passed = await passes(message, { message: signedMessage() })
    expect(passed.actual).to.equal('a SAML 2.0 Response, ID id1001')
    expect(Object.keys(passed.found ?? {})).to.deep.equal(['claimed'])
  })

  it('keeps to the limits that it is given: messageTooLarge', async () => {
    const small = circumstancesOf({}, { limits: { ...defaultLimits, maxBytes: 100 } })
    const refusal = await fails(message, { message: signedMessage() }, small)
    expect(refusal.reason).to.equal('messageTooLarge')
  })
})

describe('check signature', () => {
  it('passes by either certificate of the federation, and says which', async () => {
    const first = await passes(signature, found())
    expect(first.actual).to.equal(
      `Response signed by ${thumbprint(key).slice(0, 16)}… (signingCertificate)`,
    )
    expect(first.hint).to.equal(undefined)
    const rolled = { nextSigningCertificate: foreignKey.certificateBase64 }
    const next = await passes(signature, found({ key: foreignKey, signed: 'assertion' }, rolled))
    expect(next.actual).to.equal(
      `Assertion signed by ${thumbprint(foreignKey).slice(0, 16)}… (nextSigningCertificate)`,
    )
    expect(next.expected).to.equal(
      `a signature by ${thumbprint(key).slice(0, 16)}… or ${thumbprint(foreignKey).slice(0, 16)}…`,
    )
  })

  it('establishes what the signed bytes say', async () => {
    const passed = await passes(signature, found())
    expect(passed.found?.verified?.assertion.issuer).to.equal(federation.issuerUri)
  })

  it('takes the keys from the federation and never from the message: signingKeyUnknown', async () => {
    const refusal = await fails(signature, found({ key: foreignKey, named: foreignKey }))
    expect(refusal.reason).to.equal('signingKeyUnknown')
  })

  it('says of an unknown certificate that the federation had it before, and of no other', async () => {
    const said = { key: foreignKey, named: foreignKey }
    const former = await fails(
      signature,
      found(said, { formerSigningCertificates: [thumbprint(foreignKey)] }),
    )
    expect(former.reason).to.equal('signingKeyUnknown')
    expect(former.hint).to.contain('a certificate that this federation had before')
    const others = { formerSigningCertificates: ['00'.repeat(32)] }
    expect((await fails(signature, found(said, others))).hint ?? '').to.not.contain('had before')
    const unnamed = { formerSigningCertificates: [thumbprint(foreignKey)] }
    const unsigned = await fails(signature, found({ signed: 'none' }, unnamed))
    expect(unsigned.reason).to.equal('notSigned')
    expect(unsigned.hint ?? '').to.not.contain('had before')
  })

  it('judges the validity of certificates at the given time, and tells what policy let pass', async () => {
    const later = circumstancesOf({}, { now: now + hours(24 * 366 * 11) })
    expect((await fails(signature, found(), later)).reason).to.equal('signingCertificateExpired')
    const lenient = found({}, { expiredCertificates: 'warn' })
    expect((await passes(signature, lenient, later)).hint).to.match(/certificate/i)
  })
})
