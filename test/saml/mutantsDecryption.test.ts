import {
  constants,
  createCipheriv,
  createHash,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { expect } from 'chai'
import { contentCipher } from '../../src/saml/encryption/algorithms.ts'
import { decrypt } from '../../src/saml/encryption/decrypt.ts'
import { oaepDecrypt } from '../../src/saml/encryption/oaep.ts'
import { expectRefusal } from './support.ts'

/* Properties that mutation testing (`npm run mutants`) found nothing else to hold to. */
const older = 'http://www.w3.org/2001/04/xmlenc#'
const newer = 'http://www.w3.org/2009/xmlenc11#'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

describe('saml decryption, to the letter', () => {
  const transport = { digest: 'sha1', maskHash: 'sha1' }
  const wrap = (key: Buffer) => ({
    transport,
    value: publicEncrypt(
      { key: publicKey, oaepHash: 'sha1', padding: constants.RSA_PKCS1_OAEP_PADDING },
      key,
    ),
  })
  const contentKey = Buffer.alloc(16, 7)
  const cbc = contentCipher(`${older}aes128-cbc`, true)
  const gcm = contentCipher(`${newer}aes128-gcm`, false)
  /** CBC blocks without padding of their own. */
  const blocks = (plain: Buffer) => {
    const it = createCipheriv('aes-128-cbc', contentKey, Buffer.alloc(16)).setAutoPadding(false)
    return Buffer.concat([Buffer.alloc(16), it.update(plain), it.final()])
  }
  const sealed = (plain: Buffer) => {
    const it = createCipheriv('aes-128-gcm', contentKey, Buffer.alloc(12))
    return Buffer.concat([Buffer.alloc(12), it.update(plain), it.final(), it.getAuthTag()])
  }
  const opened = (cipher: typeof cbc, value: Buffer, keys = [wrap(contentKey)]) =>
    decrypt({ cipher, value, keys }, [privateKey])

  it('takes off 1 to 16 bytes of padding, whatever is in them', () => {
    for (let size = 1; size <= 16; size++) {
      const plain = Buffer.alloc(32, 'x')
      plain[31] = size
      expect(opened(cbc, blocks(plain)).toString()).to.equal('x'.repeat(32 - size))
    }
    expect(opened(cbc, blocks(Buffer.alloc(16, 16)))).to.have.lengthOf(0)
  })

  it('refuses padding of none, and of more than a block: decryptionFailed', () => {
    for (const size of [0, 17, 32, 255]) {
      const plain = Buffer.alloc(48, size)
      expectRefusal('decryptionFailed', () => opened(cbc, blocks(plain)))
    }
  })

  it('refuses what is too short, or no whole number of blocks: decryptionFailed', () => {
    for (const length of [0, 1, 15, 16, 17, 31, 33])
      expectRefusal('decryptionFailed', () => opened(cbc, Buffer.alloc(length)))
    for (const length of [0, 11, 12, 16, 27, 28])
      expectRefusal('decryptionFailed', () => opened(gcm, Buffer.alloc(length)))
  })

  it('opens a GCM message of nothing as nothing', () => {
    expect(opened(gcm, sealed(Buffer.alloc(0)))).to.have.lengthOf(0)
  })

  it('uses the first key that unwraps to the right length, and no later one', () => {
    const value = sealed(Buffer.from('text'))
    const [right, wrong, short] = [contentKey, Buffer.alloc(16), Buffer.alloc(8)].map(wrap)
    if (!right || !wrong || !short) throw new Error('three keys')
    expect(opened(gcm, value, [short, right, wrong]).toString()).to.equal('text')
    expectRefusal('decryptionFailed', () => opened(gcm, value, [wrong, right]))
  })

  describe('OAEP with a mask of another hash', () => {
    const mixed = { digest: 'sha256', maskHash: 'sha1' }
    const label = createHash('sha256').digest()
    const size = 256
    /** A block as RFC 8017 section 7.1.1 masks it, its parts as given. */
    const masked = (block: Buffer, first = 0) => {
      const seed = randomBytes(32)
      const maskedBlock = xor(block, mask(seed, block.length))
      const maskedSeed = xor(seed, mask(maskedBlock, 32))
      const padded = Buffer.concat([Buffer.from([first]), maskedSeed, maskedBlock])
      return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, padded)
    }
    const blockOf = (message: Buffer, labelHash: Buffer = label) => {
      const zeros = Buffer.alloc(size - 33 - 32 - 1 - message.length)
      return Buffer.concat([labelHash, zeros, Buffer.from([1]), message])
    }

    it('unwraps messages of every length that fits', () => {
      for (const length of [0, 1, 16, 32, 189, size - 66]) {
        const message = Buffer.alloc(length, 1)
        expect(oaepDecrypt(privateKey, mixed, masked(blockOf(message)))).to.deep.equal(message)
      }
    })

    const spoiled: [string, () => Buffer][] = [
      ['a first byte that is not zero', () => masked(blockOf(contentKey), 1)],
      [
        'another label',
        () => masked(blockOf(contentKey, createHash('sha256').update('x').digest())),
      ],
      [
        'one wrong bit of the label',
        () => masked(blockOf(contentKey, xor(label, Buffer.alloc(32, 0).fill(1, 0, 1)))),
      ],
      [
        'another byte among the zeros',
        () => {
          const block = blockOf(contentKey)
          block[40] = 2
          return masked(block)
        },
      ],
      [
        'no byte that ends the zeros',
        () => masked(Buffer.concat([label, Buffer.alloc(size - 65)])),
      ],
    ]
    for (const [what, value] of spoiled)
      it(`refuses ${what}`, () => {
        expect(oaepDecrypt(privateKey, mixed, value())).to.equal(null)
      })
  })
})

function mask(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 20) }, (_, i) =>
    createHash('sha1')
      .update(seed)
      .update(Buffer.from([0, 0, 0, i]))
      .digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}
