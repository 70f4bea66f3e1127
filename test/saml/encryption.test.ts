import { expect } from 'chai'
import { type EncryptionChoices, encrypted } from './encrypt.ts'
import {
  aliceId,
  makeDecryptionKey,
  makeSigner,
  oktaAssertion,
  oktaResponse,
  type Signer,
  sign,
} from './sign.ts'
import { accept, change, expectRefusal, trustIn } from './support.ts'

const assertionPattern = /<saml2:Assertion .*<\/saml2:Assertion>/s
const { privateKey, publicKey } = makeDecryptionKey()

describe('saml verifyResponse: encryption', () => {
  let okta: Signer
  let signedAssertion: string
  const around = (content: string) => change(oktaResponse(), assertionPattern, content)
  const take = (xml: string, changes = {}, decryptionKeys = [privateKey]) =>
    accept(xml, trustIn(okta, changes), { decryptionKeys })
  /** Signed inside, encrypted, in a Response that is signed around it or not. */
  const message = (
    choices: EncryptionChoices,
    isResponseSigned: boolean,
    inner = signedAssertion,
  ) => {
    const xml = around(encrypted(inner, publicKey, choices))
    return isResponseSigned ? sign(xml, 'Response', okta) : xml
  }

  before(async () => {
    okta = await makeSigner('okta')
    signedAssertion = sign(oktaAssertion(), 'Assertion', okta)
  })

  for (const cipher of ['aes-128-gcm', 'aes-192-gcm', 'aes-256-gcm'] as const)
    for (const oaep of [
      ['sha1', 'sha1'],
      ['sha256', 'sha256'],
      ['sha256', 'sha1'],
      ['sha1', 'sha256'],
    ] as const)
      it(`decrypts ${cipher} with RSA-OAEP, digest ${oaep[0]} and mask ${oaep[1]}`, () => {
        const verified = take(message({ cipher, oaep }, false))
        expect(verified.assertion.nameId?.value).to.equal(aliceId)
        expect([verified.encrypted, verified.envelope]).to.deep.equal([true, null])
      })

  it('finds the EncryptedKey beside EncryptedData too', () => {
    expect(take(message({ keyPlace: 'beside' }, true)).assertion.nameId?.value).to.equal(aliceId)
  })

  it('tries all of our keys', () => {
    const old = makeDecryptionKey().privateKey
    for (const keys of [
      [old, privateKey],
      [privateKey, old],
    ])
      expect(take(message({}, false), {}, keys).assertion.nameId?.value).to.equal(aliceId)
  })

  it('accepts an unsigned assertion inside a signed Response, and in no other', () => {
    const verified = take(message({}, true, oktaAssertion()))
    expect(verified.assertion.nameId?.value).to.equal(aliceId)
    expect(verified.signedBytes.toString()).to.match(/^<saml2:Assertion /)
    expectRefusal('notSigned', () => take(message({}, false, oktaAssertion())))
  })

  it('verifies the signature inside also when the Response is signed', () => {
    const tampered = change(signedAssertion, aliceId, 'evil')
    expectRefusal('digestMismatch', () => take(message({}, true, tampered)))
    expectRefusal('digestMismatch', () => take(message({}, false, tampered)))
  })

  it('verifies the Response before it decrypts', () => {
    const changed = change(message({}, true), 'Destination="https', 'Destination="http')
    expectRefusal('digestMismatch', () => take(changed, {}, []))
  })

  it('refuses a plain assertion when policy asks for encryption', () => {
    const trust = { requireEncryptedAssertion: true }
    expect(take(message({}, false), trust).encrypted).to.equal(true)
    expectRefusal('assertionNotEncrypted', () =>
      take(sign(oktaResponse(), 'Assertion', okta), trust),
    )
  })

  describe('what is inside goes through the same rules', () => {
    const cases = [
      ['forbiddenMarkup', 'a DOCTYPE', (it: string) => `<!DOCTYPE x>${it}`],
      ['forbiddenMarkup', 'a comment', (it: string) => change(it, aliceId, `${aliceId}<!-- -->`)],
      ['notWellFormed', 'two assertions', (it: string) => it + it],
      ['notWellFormed', 'text around it', (it: string) => `${it}x`],
      ['notWellFormed', 'a prefix declared outside only', () => '<saml2:Assertion/>'],
      ['severalAssertions', 'another element', () => '<x/>'],
      [
        'severalAssertions',
        'another encrypted assertion',
        () => encrypted(signedAssertion, publicKey),
      ],
      [
        'severalAssertions',
        'an assertion inside the assertion',
        (it: string) =>
          change(it, '</saml2:Subject>', `${oktaAssertion({ assertionId: 'x' })}</saml2:Subject>`),
      ],
      [
        'duplicateId',
        'an ID of the message outside',
        () => sign(oktaAssertion({ assertionId: 'id1001' }), 'Assertion', okta),
      ],
      [
        'signaturePlacement',
        'an Object in its Signature',
        (it: string) => change(it, '</ds:Signature>', '<ds:Object/></ds:Signature>'),
      ],
      [
        'tooComplex',
        'more elements than allowed',
        (it: string) => change(it, '</saml2:Subject>', `${'<a/>'.repeat(2500)}</saml2:Subject>`),
      ],
    ] as const
    for (const [reason, what, inner] of cases)
      it(`refuses ${what}: ${reason}`, () => {
        expectRefusal(reason, () => take(message({}, true, inner(signedAssertion))))
      })
  })

  describe('one outcome for every failure', () => {
    const flip = (at: number) => (value: Buffer) => {
      const spoiled = Buffer.from(value)
      const index = at < 0 ? value.length + at : at
      spoiled[index] = (spoiled[index] ?? 0) ^ 1
      return spoiled
    }
    const cases: [string, EncryptionChoices][] = [
      ['a changed nonce', { spoilContent: flip(0) }],
      ['a changed ciphertext', { spoilContent: flip(40) }],
      ['a changed tag', { spoilContent: flip(-1) }],
      ['a truncated tag', { spoilContent: (it) => it.subarray(0, -4) }],
      ['no ciphertext', { spoilContent: () => Buffer.alloc(0) }],
      ['a changed key', { spoilKey: flip(20) }],
      ['a key of no length', { spoilKey: () => Buffer.alloc(0) }],
      ['a key too long', { spoilKey: () => Buffer.alloc(300, 1) }],
      [
        'a key for another cipher',
        { cipher: 'aes-128-gcm', contentIdentifier: 'http://www.w3.org/2009/xmlenc11#aes256-gcm' },
      ],
      ['a changed key under a mixed OAEP', { oaep: ['sha256', 'sha1'], spoilKey: flip(20) }],
    ]
    for (const [what, choices] of cases)
      it(`${what}`, () => {
        const { evidence } = expectRefusal('decryptionFailed', () => take(message(choices, false)))
        expect(evidence).to.deep.equal({
          expected: 'content encrypted to a key of this server',
          actual: 'content that does not decrypt',
        })
      })

    it('another’s key', () => {
      const stranger = makeDecryptionKey().privateKey
      expectRefusal('decryptionFailed', () => take(message({}, false), {}, [stranger]))
      expectRefusal('decryptionFailed', () => take(message({}, false), {}, []))
    })
  })

  describe('algorithms', () => {
    const older = 'http://www.w3.org/2001/04/xmlenc#'
    const cases: [string, EncryptionChoices][] = [
      ['AES-CBC', { cipher: 'aes-256-cbc' }],
      ['3DES', { contentIdentifier: `${older}tripledes-cbc` }],
      ['no cipher', { contentIdentifier: '' }],
      ['RSA 1.5', { keyTransport: `${older}rsa-1_5` }],
      ['an object’s own name', { keyTransport: 'constructor' }],
    ]
    for (const [what, choices] of cases)
      it(`refuses ${what} before decrypting`, () => {
        for (const isResponseSigned of [true, false])
          expectRefusal('algorithmNotAllowed', () =>
            take(message(choices, isResponseSigned), {}, []),
          )
      })

    it('refuses more EncryptedKey elements than anyone needs', () => {
      const xml = message({ keyPlace: 'beside' }, false)
      const many = xml.replace(/<xenc:EncryptedKey .*?<\/xenc:EncryptedKey>/s, (it) => it.repeat(4))
      expectRefusal('tooComplex', () => take(many))
    })
  })

  describe('AES-CBC, by its switch', () => {
    const trust = { allowCbcEncryption: true }

    it('is decrypted inside a Response whose signature held, and nowhere else', () => {
      for (const cipher of ['aes-128-cbc', 'aes-256-cbc'] as const) {
        expect(take(message({ cipher }, true), trust).assertion.nameId?.value).to.equal(aliceId)
        expectRefusal('algorithmNotAllowed', () => take(message({ cipher }, false), trust))
      }
    })

    it('has one outcome for all 256 values of the byte that decides the padding', () => {
      const outcomes = new Set<string>()
      for (let mask = 1; mask < 256; mask++) {
        const spoilContent = (value: Buffer) => {
          const spoiled = Buffer.from(value)
          const index = value.length - 17
          spoiled[index] = (spoiled[index] ?? 0) ^ mask
          return spoiled
        }
        const content = encrypted(signedAssertion, publicKey, {
          cipher: 'aes-128-cbc',
          spoilContent,
        })
        const xml = sign(around(content), 'Response', okta)
        const { reason, evidence } = expectRefusal('decryptionFailed', () => take(xml, trust))
        outcomes.add(JSON.stringify([reason, evidence]))
      }
      expect([...outcomes]).to.have.length(1)
    })
  })

  describe('EncryptedID', () => {
    const nameId = `<saml2:NameID xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:f">${aliceId}</saml2:NameID>`
    const holding = (content: string, choices: EncryptionChoices = {}) =>
      sign(
        oktaResponse({
          subject: encrypted(content, publicKey, { ...choices, holder: 'EncryptedID' }),
        }),
        'Assertion',
        okta,
      )

    it('is decrypted from the signed bytes, and no claim is made of it before', () => {
      const { assertion } = take(holding(nameId))
      expect(assertion.identifierCount).to.equal(1)
      expect([assertion.nameId?.value, assertion.nameId?.format]).to.deep.equal([aliceId, 'urn:f'])
    })

    it('must hold a NameID that we can decrypt', () => {
      expectRefusal('decryptionFailed', () => take(holding('<x/>')))
      expectRefusal('decryptionFailed', () => take(holding(nameId), {}, []))
      expectRefusal('algorithmNotAllowed', () => take(holding(nameId, { cipher: 'aes-256-cbc' })))
    })
  })
})
