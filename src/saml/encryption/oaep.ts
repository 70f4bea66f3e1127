import { constants, hash as hashOf, type KeyObject, privateDecrypt } from 'node:crypto'
import type { KeyTransport } from './algorithms.ts'

/**
 * RSAES-OAEP decryption with an empty label (RFC 8017 section 7.1.2). Null when it fails, for whatever cause.
 *
 * node:crypto uses one hash for the label and the mask. XML Encryption lets them differ, and its older identifier fixes the mask to
 * SHA-1, so the mixed case is unpadded here: without a branch on secret bytes until the one verdict at the end.
 */
export function oaepDecrypt(
  key: KeyObject,
  { digest, maskHash }: KeyTransport,
  value: Buffer,
): Buffer | null {
  try {
    if (digest === maskHash)
      return privateDecrypt(
        { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest },
        value,
      )
    const padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, value)
    return unpad(padded, digest, maskHash)
  } catch {
    return null
  }
}

function unpad(padded: Buffer, digest: string, maskHash: string): Buffer | null {
  const labelHash = hashOf(digest, '', 'buffer')
  const size = labelHash.length
  if (padded.length < 2 * size + 2) return null // a matter of the key's size, no secret
  const maskedSeed = padded.subarray(1, 1 + size)
  const maskedBlock = padded.subarray(1 + size)
  const seed = xor(maskedSeed, mgf1(maskedBlock, size, maskHash))
  const block = xor(maskedBlock, mgf1(seed, maskedBlock.length, maskHash))

  let faults = padded[0] ?? 1
  for (let i = 0; i < size; i++) faults |= (block[i] ?? 0) ^ (labelHash[i] ?? 0)
  let isPadding = 1 // until the byte 01 that ends the zeros
  let start = 0
  for (let i = size; i < block.length; i++) {
    const byte = block[i] ?? 0
    const isOne = isZero(byte ^ 1)
    start |= -(isPadding & isOne) & (i + 1)
    faults |= isPadding & ~isOne & ~isZero(byte) & 1
    isPadding &= ~isOne
  }
  return (faults | isPadding) === 0 ? block.subarray(start) : null
}

/** 1 for zero, 0 for any other byte, without a branch. */
function isZero(byte: number): number {
  return ((byte - 1) >>> 31) & 1
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mgf1(seed: Buffer, length: number, hash: string): Buffer {
  const blocks: Buffer[] = []
  const counter = Buffer.alloc(4)
  for (let made = 0, i = 0; made < length; i++) {
    counter.writeUInt32BE(i)
    const block = hashOf(hash, Buffer.concat([seed, counter]), 'buffer')
    blocks.push(block)
    made += block.length
  }
  return Buffer.concat(blocks, length)
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
}
