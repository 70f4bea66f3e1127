import { randomBytes } from 'node:crypto'

/** Where randomness comes from: so many bytes of it. Tests hand in a seeded one. */
export type RandomSource = (byteCount: number) => Buffer

/** The operating system's cryptographic randomness. */
export const systemRandom: RandomSource = (byteCount) => randomBytes(byteCount)

/** The same randomness, fetched from its source in larger pieces: for ids by the million. */
export function inBulk(random: RandomSource): RandomSource {
  const pieceSize = 4096
  let piece: Buffer = Buffer.alloc(0)
  let next = 0
  return (byteCount) => {
    if (byteCount > pieceSize) return random(byteCount)
    if (next + byteCount > piece.length) {
      piece = random(pieceSize)
      next = 0
    }
    next += byteCount
    return piece.subarray(next - byteCount, next)
  }
}

/** A version 4 GUID in lower case with hyphens (RFC 9562 section 5.4). */
export function newGuid(random: RandomSource): string {
  const bytes = random(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * As `newGuid`, for `count` records that are written one after the other: each GUID is greater than the one before, so that an index
 * over them is written from one end to the other instead of all over. The first four bytes are spread evenly over all that there are, and
 * are at random within their share; the rest is at random. Throws a RangeError when asked for more than `count`.
 */
export function ascendingGuids(random: RandomSource, count: number): () => string {
  const share = 2 ** 32 / count
  let next = 0
  return () => {
    if (next >= count) throw new RangeError(`only ${count} GUIDs were asked for`)
    const place = next++
    return newGuid((byteCount) => {
      const bytes = random(byteCount)
      bytes.writeUInt32BE(Math.floor((place + bytes.readUInt32BE(0) / 2 ** 32) * share), 0)
      return bytes
    })
  }
}

/** An unguessable handle of 256 bits, base64url: for cookies and records that a browser points to. */
export function newHandle(random: RandomSource): string {
  return random(32).toString('base64url')
}

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether a text is a GUID in the usual form with hyphens and no braces. */
export function isGuid(text: string): boolean {
  return guidPattern.test(text)
}
