import { basename } from 'node:path'
import { expect } from 'chai'
import { type BareOptions, caseOfBareResponse } from '../../src/cli/replay/bareResponse.ts'
import { judgeCase } from '../../src/cli/replay/judgeCase.ts'
import { foreignKey, key, type Said, signedMessage } from '../support/signedMessage.ts'
import { acs, aliceAnchor, audience, issuer, now, requestId } from '../support/verified.ts'
import { CaseFolder, usageError } from './caseFolder.ts'

describe('a captured response without a case', () => {
  let folder: CaseFolder
  beforeEach(() => {
    folder = new CaseFolder()
  })
  afterEach(() => folder.remove())

  const options: BareOptions = { database: false, now, entityId: audience }
  const named = { named: key }

  /** The case that is made of a response, and how it is judged. */
  function replayed(said: Partial<Said> = {}, given: Partial<BareOptions> = {}) {
    const file = folder.write('captured.xml', signedMessage({ ...named, ...said }).body)
    const made = caseOfBareResponse(file, { ...options, ...given })
    return {
      ...made,
      verdict: judgeCase(made.case, { diagnose: false, secondOpinion: null, database: null }),
    }
  }

  it('is judged with what it says of itself, and every assumption is listed', async () => {
    const { case: made, assumed, verdict } = replayed()
    expect(made).to.deep.include({ acs, audience, clockSkewSeconds: 120, unsolicited: false })
    expect(made.name).to.equal(basename(made.file))
    expect(await verdict).to.include({ outcome: 'signedIn', user: 'someone@assumed.invalid' })
    expect(assumed.map((line) => line.split(' (')[0])).to.deep.equal([
      'clock: 2026-01-15T09:30:00.000Z',
      `ACS: ${acs}`,
      `audience: ${audience}`,
      `request: ${requestId}`,
      'typed e-mail: none, so no user is compared with the NameID',
      `federation: ${issuer}`,
      'certificate: the one inside the response',
      'user: someone@assumed.invalid',
    ])
    expect(assumed.join('\n')).to.contain('ANYONE can sign with a key of their own')
  })

  it('assumes nothing that was given', async () => {
    const certificate = folder.write('okta.pem', key.certificatePem)
    const {
      case: made,
      assumed,
      verdict,
    } = replayed(
      {},
      { at: '2026-01-15T09:31:00Z', acs, audience, certificate, loginHint: 'alice@customer.com' },
    )
    expect(assumed.map((line) => line.split(':')[0])).to.deep.equal([
      'request',
      'federation',
      'user',
    ])
    expect(made.at).to.equal('2026-01-15T09:31:00Z')
    expect(made.request?.loginHint).to.equal('alice@customer.com')
    expect(made.users).to.deep.equal([
      { userPrincipalName: 'alice@customer.com', onPremisesImmutableId: aliceAnchor },
    ])
    expect((await verdict).user).to.equal('alice@customer.com')
  })

  it('is refused by the true certificate when another key has signed it', async () => {
    const certificate = folder.write('okta.pem', key.certificatePem)
    const said = { key: foreignKey, named: foreignKey }
    expect((await replayed(said).verdict).outcome).to.equal('signedIn')
    expect((await replayed(said, { certificate }).verdict).reason).to.equal('signingKeyUnknown')
  })

  it('is refused for what it is when it is broken', async () => {
    expect(
      (
        await replayed(
          { signed: 'none' },
          { certificate: folder.write('c.pem', key.certificatePem) },
        ).verdict
      ).reason,
    ).to.equal('notSigned')
    expect((await replayed({ audience: 'urn:x' }).verdict).reason).to.equal('audienceMismatch')
    const tampered = { tamper: (xml: string) => xml.replace(aliceAnchor, 'forged==') }
    expect((await replayed(tampered).verdict).reason).to.equal('digestMismatch')
  })

  it('counts as unsolicited, and allowed, when it answers no request; the list says so', async () => {
    const {
      case: made,
      assumed,
      verdict,
    } = replayed({ inResponseTo: null, confirmationInResponseTo: null })
    expect(made.request).to.equal(null)
    expect(made.unsolicited).to.equal(true)
    expect(assumed.some((line) => /^request: none, so unsolicited/.test(line))).to.equal(true)
    expect((await verdict).outcome).to.equal('signedIn')
  })

  it('may be base64 as posted, a whole form body, or XML with white space around it', async () => {
    const xml = signedMessage(named).body
    const base64 = Buffer.from(xml).toString('base64')
    const form = new URLSearchParams({ SAMLResponse: base64, RelayState: 'x' }).toString()
    for (const [name, text, encoding] of [
      ['base64', `${base64}\n`, 'base64'],
      ['form', form, 'base64'],
      ['form the other way round', `RelayState=x&${form}`, 'base64'],
      ['xml', `\n${xml}\n`, 'xml'],
      ['xml with a byte order mark', `\uFEFF${xml}`, 'xml'],
    ] as const) {
      const { case: made } = caseOfBareResponse(folder.write('captured', text), options)
      expect(made.encoding, name).to.equal(encoding)
      expect(made.body, name).to.equal(encoding === 'xml' ? xml : base64)
    }
  })

  it('assumes an ACS when it names none that is a URL', async () => {
    for (const destination of [null, 'nowhere', 'javascript:alert(1)']) {
      const { case: made, assumed } = replayed({ destination })
      expect(made.acs).to.equal('https://login.invalid/login.srf')
      expect(assumed.join('\n')).to.contain('the response names no URL as Destination')
    }
  })

  it('cannot be judged without a certificate: the message says how to give one', async () => {
    for (const text of [signedMessage({ named: null }).body, 'not a response']) {
      const file = folder.write('captured', text)
      const told = await usageError(() => caseOfBareResponse(file, options))
      expect(told).to.contain('--certificate FILE').and.contain('--database')
    }
  })

  it('needs no certificate and no user with --database', () => {
    const { case: made, assumed } = replayed({ named: null }, { database: true })
    expect(made.users).to.deep.equal([])
    expect(assumed.join('\n')).to.not.contain('certificate')
  })

  it('refuses options that are not of their form', async () => {
    for (const [given, words] of [
      [
        { at: '2026-01-15T09:30:00' },
        '--at 2026-01-15T09:30:00: expected an ISO 8601 time with its zone',
      ],
      [{ at: 'Jan 1 2100' }, '--at Jan 1 2100: '],
      [{ acs: 'login.srf' }, '--acs login.srf: expected a URL'],
      [{ acs: 'ftp://x.example/' }, '--acs ftp://x.example/: '],
      [{ loginHint: 'alice' }, '--login-hint alice: expected an e-mail address: it has no @.'],
    ] as const) {
      expect(await usageError(() => replayed({}, given)), words).to.contain(words)
    }
    const file = folder.write('captured.xml', signedMessage(named).body)
    const missing = { ...options, certificate: '/nowhere/okta.pem' }
    expect(await usageError(() => caseOfBareResponse(file, missing))).to.contain(
      'there is no such file',
    )
    expect(await usageError(() => caseOfBareResponse('/nowhere/x.xml', options))).to.contain(
      'there is no such file',
    )
  })
})
