import { join } from 'node:path'
import { expect } from 'chai'
import { readCase, readText } from '../../src/cli/replay/caseFile.ts'
import { key } from '../support/signedMessage.ts'
import { issuer } from '../support/verified.ts'
import { CaseFolder, certificatePem, soundCase, usageError } from './caseFolder.ts'

describe('a case file', () => {
  let folder: CaseFolder
  beforeEach(() => {
    folder = new CaseFolder()
  })
  afterEach(() => folder.remove())

  const [federation] = soundCase.federations
  const wrong = (more: Readonly<Record<string, unknown>>) =>
    usageError(() => readCase(folder.writeCase(more)))

  it('is read with what it points to, paths being relative to it', () => {
    const file = folder.writeCase()
    const read = readCase(file)
    expect(read).to.deep.include({ ...soundCase, file, clockSkewSeconds: 120, unsolicited: false })
    expect(read.body).to.contain('<saml2p:Response')
    expect(read.certificateTexts).to.deep.equal([[certificatePem]])
    expect(read.decryptionKeyPem).to.equal(null)
  })

  it('takes certificates inline, as PEM or base64, and several in the order of trust', () => {
    const inline = {
      ...federation,
      signingCertificate: ['okta.pem', key.certificateBase64],
      nextSigningCertificate: certificatePem,
    }
    const read = readCase(folder.writeCase({ federations: [inline] }))
    expect(read.certificateTexts).to.deep.equal([
      [certificatePem, key.certificateBase64, certificatePem],
    ])
    const none = { ...federation, nextSigningCertificate: null }
    expect(
      readCase(folder.writeCase({ federations: [none] })).certificateTexts[0],
    ).to.have.lengthOf(1)
  })

  it('takes a decryption key inline or by path', () => {
    folder.write('key.pem', key.privateKeyPem)
    for (const decryptionKey of ['key.pem', key.privateKeyPem]) {
      expect(readCase(folder.writeCase({ decryptionKey })).decryptionKeyPem).to.equal(
        key.privateKeyPem,
      )
    }
  })

  it('keeps domains in their normal form', () => {
    const federations = [{ ...federation, domains: ['Customer.COM', 'Bücher.example'] }]
    expect(readCase(folder.writeCase({ federations })).federations[0]?.domains).to.deep.equal([
      'customer.com',
      'xn--bcher-kva.example',
    ])
  })

  it('refuses keys that no case has, by name and place', async () => {
    const top = await wrong({ clockSkew: 1, Users: [] })
    expect(top).to.contain('case.json: the case has "clockSkew", "Users", which no case has.')
    const inside = await wrong({ federations: [{ ...federation, issuer: 'x' }] })
    expect(inside).to.contain('federations.0 has "issuer"')
    const expected = await wrong({ expect: { outcome: 'refused', code: 1 } })
    expect(expected).to.contain('expect has "code"')
  })

  it('names file and key of everything that has the wrong form, all at once', async () => {
    const told = await wrong({
      name: 7,
      at: 'yesterday',
      encoding: 'hex',
      acs: 'login.srf',
      audience: undefined,
      clockSkewSeconds: 301,
      request: { id: '', federation: issuer },
      federations: [{ ...federation, signingCertificate: 7, domains: ['customer'] }],
      users: [{ userPrincipalName: 'alice', onPremisesImmutableId: 7 }],
      expect: { outcome: 'refused', reason: 'audienceWrong' },
    })
    for (const place of [
      'name',
      'at',
      'encoding',
      'acs',
      'audience',
      'clockSkewSeconds',
      'request.id',
      'federations.0.signingCertificate',
      'federations.0.domains.0',
      'users.0.userPrincipalName',
      'users.0.onPremisesImmutableId',
      'expect.reason',
    ]) {
      expect(
        told.split('\n').filter((line) => line.includes(`case.json: ${place}: `)),
        place,
      ).to.have.lengthOf(1)
    }
    expect(told).to.contain('"customer" is no domain name')
    expect(told).to.contain('is no user principal name like alice@customer.com')
    expect(told).to.contain('a certificate or its path, or an array of one to three of them')
    expect(told).to.contain('is none of the reasons in docs/reasons.md')
  })

  it('wants a time with its zone', async () => {
    for (const at of ['2026-01-15T09:30:00', '2026-01-15', '2026-02-30T00:00:00Z', 'Jan 1 2100']) {
      expect(await wrong({ at }), at).to.contain('case.json: at: ')
    }
    expect(readCase(folder.writeCase({ at: '2026-01-15T10:30:00.123+01:00' })).at).to.contain(
      '+01:00',
    )
  })

  it('says of a request’s federation that it is none of the case’s', async () => {
    expect(await wrong({ request: { id: '_1', federation: 'urn:x' } })).to.equal(
      `${join(folder.path, 'case.json')}: request.federation "urn:x" is the issuerUri of none of its federations.`,
    )
  })

  it('refuses two records with one key: issuerUri, domain, userPrincipalName, ImmutableId', async () => {
    const other = { ...federation, issuerUri: 'urn:other', domains: ['other.example'] }
    const [user] = soundCase.users
    for (const [more, words] of [
      [{ federations: [federation, { ...other, issuerUri: issuer }] }, `the issuerUri "${issuer}"`],
      [
        { federations: [federation, { ...other, domains: ['CUSTOMER.com'] }] },
        'the domain "customer.com"',
      ],
      [
        { users: [user, { userPrincipalName: 'ALICE@customer.com', onPremisesImmutableId: 'x' }] },
        'the userPrincipalName "alice@customer.com"',
      ],
      [
        {
          users: [
            user,
            {
              userPrincipalName: 'bob@customer.com',
              onPremisesImmutableId: user?.onPremisesImmutableId,
            },
          ],
        },
        'the onPremisesImmutableId',
      ],
    ] as const) {
      expect(await wrong(more))
        .to.contain(words)
        .and.contain('stands there twice')
    }
    const without = { userPrincipalName: 'b@customer.com', onPremisesImmutableId: null }
    readCase(
      folder.writeCase({ users: [without, { ...without, userPrincipalName: 'c@customer.com' }] }),
    )
  })

  it('says which file is missing or a folder, and for which key', async () => {
    expect(await wrong({ response: 'gone.xml' })).to.match(
      /case\.json: response: cannot read .*gone\.xml: there is no such file\.$/,
    )
    expect(await wrong({ response: '.' })).to.match(
      /case\.json: response: cannot read .*: it is a folder\.$/,
    )
    const lost = { ...federation, nextSigningCertificate: 'gone.pem' }
    expect(await wrong({ federations: [lost] })).to.contain(
      'federations.0.nextSigningCertificate: cannot read',
    )
    expect(
      await wrong({ federations: [{ ...federation, signingCertificate: 'gone.pem' }] }),
    ).to.contain('federations.0.signingCertificate: cannot read')
    expect(await wrong({ decryptionKey: 'gone.pem' })).to.contain('decryptionKey: cannot read')
    expect(await usageError(() => readCase(join(folder.path, 'gone.json')))).to.contain(
      'there is no such file',
    )
  })

  it('says of a file that is no JSON, or JSON of something else, what it is', async () => {
    expect(await usageError(() => readCase(folder.write('case.json', '{"name": ')))).to.match(
      /case\.json: is not JSON: /,
    )
    for (const text of ['[]', '7', 'null']) {
      const told = await usageError(() => readCase(folder.write('case.json', text)))
      expect(told, text).to.contain('case.json: the case: ')
    }
  })

  it('refuses a response that is not UTF-8, or larger than 4 MiB', async () => {
    folder.write('response.xml', Buffer.from([0x3c, 0xe9, 0x3e]))
    expect(await wrong({}))
      .to.contain('is not UTF-8')
      .and.contain('"encoding": "base64"')
    const large = folder.write('large', Buffer.alloc(4 * 1024 * 1024 + 1, 0x41))
    expect(await usageError(() => readText(large))).to.contain('is larger than 4 MiB')
    expect(readText(folder.write('fits', Buffer.alloc(4 * 1024 * 1024, 0x41)))).to.have.lengthOf(
      4 * 1024 * 1024,
    )
  })
})
