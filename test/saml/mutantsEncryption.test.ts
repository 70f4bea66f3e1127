import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { contentCipher, keyTransport } from '../../src/saml/encryption/algorithms.ts'
import { readEncrypted } from '../../src/saml/encryption/read.ts'
import { encrypted } from './encrypt.ts'
import { parse } from './resign.ts'
import { change, expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
const older = 'http://www.w3.org/2001/04/xmlenc#'
const newer = 'http://www.w3.org/2009/xmlenc11#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('saml encryption algorithms, to the letter', () => {
  it('are AES in two modes and three sizes', () => {
    for (const bits of [128, 192, 256]) {
      const sized = { keyBytes: bits / 8 }
      const gcm = { mode: 'gcm', name: `aes-${bits}-gcm`, ...sized }
      const cbc = { mode: 'cbc', name: `aes-${bits}-cbc`, ...sized }
      expect(contentCipher(`${newer}aes${bits}-gcm`, false)).to.deep.equal(gcm)
      expect(contentCipher(`${older}aes${bits}-cbc`, true)).to.deep.equal(cbc)
      expectRefusal('algorithmNotAllowed', () => contentCipher(`${older}aes${bits}-cbc`, false))
    }
  })

  it('are RSA-OAEP with the digests and masks of the SHA family, SHA-1 where none is named', () => {
    const digests = [
      [null, 'sha1'],
      [sha1, 'sha1'],
      [`${older}sha256`, 'sha256'],
      [`${more}sha384`, 'sha384'],
      [`${older}sha512`, 'sha512'],
    ] as const
    const masks = [
      [null, 'sha1'],
      ...['sha1', 'sha256', 'sha384', 'sha512'].map((it) => [`${newer}mgf1${it}`, it] as const),
    ] as const
    for (const [digestName, digest] of digests) {
      expect(keyTransport(`${older}rsa-oaep-mgf1p`, digestName, null)).to.deep.equal({
        digest,
        maskHash: 'sha1',
      })
      for (const [mask, maskHash] of masks)
        expect(keyTransport(`${newer}rsa-oaep`, digestName, mask)).to.deep.equal({
          digest,
          maskHash,
        })
    }
  })

  it('are refused by name, cut to 128 characters', () => {
    const long = `urn:${'x'.repeat(200)}`
    const cases: [string, string, () => unknown][] = [
      ['AES-GCM', long, () => contentCipher(long, true)],
      ['RSA-OAEP', `${older}rsa-1_5`, () => keyTransport(`${older}rsa-1_5`, null, null)],
      ['digest', 'urn:d', () => keyTransport(`${newer}rsa-oaep`, 'urn:d', null)],
      ['MGF1', 'urn:m', () => keyTransport(`${newer}rsa-oaep`, null, 'urn:m')],
      ['digest', 'none', () => keyTransport(`${newer}rsa-oaep`, '', null)],
      ['MGF1', 'none', () => keyTransport(`${newer}rsa-oaep`, null, '')],
      // the older identifier has a mask of its own, and takes none
      [
        'RSA-OAEP',
        `${older}rsa-oaep-mgf1p`,
        () => keyTransport(`${older}rsa-oaep-mgf1p`, null, `${newer}mgf1sha1`),
      ],
    ]
    for (const [expected, actual, action] of cases) {
      const { evidence } = expectRefusal('algorithmNotAllowed', action)
      expect(evidence.expected).to.contain(expected)
      expect(evidence.actual).to.equal(actual.slice(0, 128))
    }
  })
})

describe('saml EncryptedData, to the letter', () => {
  const xml = encrypted('<a/>', publicKey)
  const read = (text: string) => readEncrypted(parse(text), false)
  const encryptedKey = /<xenc:EncryptedKey .*<\/xenc:EncryptedKey>/s

  it('is read with a key inside or beside, with its Type or without', () => {
    expect(read(xml).keys).to.have.lengthOf(1)
    expect(read(encrypted('<a/>', publicKey, { keyPlace: 'beside' })).keys).to.have.lengthOf(1)
    expect(read(change(xml, / Type="[^"]*"/, '')).keys).to.have.lengthOf(1)
  })

  const shapes: [string, string, string | RegExp, string][] = [
    ['one EncryptedData', 'none', /<xenc:EncryptedData .*<\/xenc:EncryptedData>/s, ''],
    ['type Element', 'another Type', `${older}Element`, `${older}Content`],
    [
      'EncryptionMethod of the content',
      'no method',
      /(?<=Element">)<xenc:EncryptionMethod [^>]*\/>/,
      '',
    ],
    ['an EncryptedKey', 'no key', encryptedKey, ''],
    [
      'EncryptionMethod of the key',
      'no method of a key',
      /(?<=xmldsig#">)<xenc:EncryptionMethod.*?<\/xenc:EncryptionMethod>/s,
      '',
    ],
    [
      'without a label',
      'a label',
      '</xenc:EncryptionMethod>',
      '<xenc:OAEPparams>AA==</xenc:OAEPparams></xenc:EncryptionMethod>',
    ],
    ['base64 CipherValue', 'no base64', /(?<=<xenc:CipherValue>)[^<]*/, '!'],
    [
      'base64 CipherValue',
      'a reference',
      /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>/,
      '<xenc:CipherReference URI="http://evil.test/"/>',
    ],
  ]
  for (const [expected, what, from, to] of shapes)
    it(`is refused with ${what}: decryptionFailed`, () => {
      const { evidence } = expectRefusal('decryptionFailed', () => read(change(xml, from, to)))
      expect(evidence.expected).to.contain(expected)
    })

  it('names algorithms that are missing as none', () => {
    for (const pattern of [
      /(?<=Element"><xenc:EncryptionMethod) Algorithm="[^"]*"/,
      /(?<=xmldsig#"><xenc:EncryptionMethod) Algorithm="[^"]*"/,
      /(?<=<ds:DigestMethod) Algorithm="[^"]*"/,
    ]) {
      const { evidence } = expectRefusal('algorithmNotAllowed', () =>
        read(change(xml, pattern, '')),
      )
      expect(evidence.actual).to.equal('none')
    }
    const mask = `<x:MGF xmlns:x="${newer}"/></xenc:EncryptionMethod>`
    const chosen = change(
      change(xml, `${older}rsa-oaep-mgf1p`, `${newer}rsa-oaep`),
      '</xenc:EncryptionMethod>',
      mask,
    )
    expect(expectRefusal('algorithmNotAllowed', () => read(chosen)).evidence.actual).to.equal(
      'none',
    )
  })

  it('may have three keys, and no fourth: tooComplex', () => {
    const [key = ''] = encryptedKey.exec(xml) ?? []
    expect(read(change(xml, encryptedKey, key.repeat(3))).keys).to.have.lengthOf(3)
    expectRefusal('tooComplex', () => read(change(xml, encryptedKey, key.repeat(4))))
  })
})
