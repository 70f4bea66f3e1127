import { isUtf8 } from 'node:buffer'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { CsvError, fileSystemError } from './csvError.ts'

/** Where CSV comes from. */
export interface CsvSource {
  /** For messages. */
  readonly name: string
  /** How many bytes it has; null when that is not known before its end. */
  readonly size?: () => Promise<number | null>
  /** Its bytes. A piece is good until the next is asked for: all share one buffer. */
  open(): AsyncIterable<Buffer>
}

/** Small enough that what is made of a piece is garbage before the collector takes it for something that stays. */
const pieceSize = 64 * 1024

/** A file, or a pipe by name, read in pieces. */
export function csvFile(path: string): CsvSource {
  return {
    name: path,
    async size() {
      const found = await stat(path).catch(() => null)
      return found?.isFile() ? found.size : null
    },
    async *open() {
      let file: FileHandle | null = null
      const buffer = Buffer.allocUnsafeSlow(pieceSize)
      const next = async (): Promise<Buffer> => {
        try {
          file ??= await open(path)
          const { bytesRead } = await file.read(buffer, 0, pieceSize, null)
          return buffer.subarray(0, bytesRead)
        } catch (error) {
          throw fileSystemError(path, 'read', error)
        }
      }
      try {
        for (let piece = await next(); piece.length > 0; piece = await next()) yield piece
      } finally {
        await (file as FileHandle | null)?.close()
      }
    },
  }
}

/** Bytes in memory, such as standard input read to its end. */
export function csvBytes(name: string, bytes: Uint8Array): CsvSource {
  return {
    name,
    size: async () => bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += pieceSize) {
        yield Buffer.from(
          bytes.buffer,
          bytes.byteOffset + start,
          Math.min(pieceSize, bytes.length - start),
        )
      }
    },
  }
}

/** A row is never this long; what is, has lost its line breaks or is no CSV. */
const maxLineBytes = 256 * 1024

/** Physical lines without their ends, in batches as they come from the file. The first line has the number 1. */
export async function* readLines(source: CsvSource): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 1
  let isStart = true
  for await (const chunk of source.open()) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (isStart) {
      if (bytes.length < 3) {
        rest = Buffer.from(bytes)
        continue
      }
      bytes = withoutByteOrderMark(source.name, bytes)
      isStart = false
    }
    const end = endOfLastLine(bytes)
    rest = Buffer.from(bytes.subarray(end))
    if (rest.length > maxLineBytes) {
      throw new CsvError(source.name, line, `the line is longer than ${maxLineBytes} bytes`)
    }
    if (end === 0) continue
    const lines = decode(source.name, line, bytes.subarray(0, end)).split('\n')
    lines.pop()
    line += lines.length
    yield lines
  }
  if (isStart) rest = withoutByteOrderMark(source.name, rest)
  if (rest.length > 0) yield decode(source.name, line, rest).replace(/\n$/, '').split('\n')
}

/** After the last line feed; in a file that has none (classic Mac OS), after the last carriage return that is surely whole. */
function endOfLastLine(bytes: Buffer): number {
  const lineFeed = bytes.lastIndexOf(0x0a)
  if (lineFeed !== -1) return lineFeed + 1
  return bytes.length < 2 ? 0 : bytes.lastIndexOf(0x0d, bytes.length - 2) + 1
}

function withoutByteOrderMark(file: string, bytes: Buffer): Buffer {
  const [a, b, c] = bytes
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new CsvError(file, null, 'it is UTF-16; save it as "CSV UTF-8" and try again')
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? bytes.subarray(3) : bytes
}

/** Strict UTF-8, with line ends as line feeds. Blocks end at a line, so that no character is cut in two. */
function decode(file: string, firstLine: number, block: Buffer): string {
  if (!isText(block)) {
    const line = firstLine + linesBeforeFault(block)
    throw new CsvError(file, line, 'it is not UTF-8 text; save it as "CSV UTF-8" and try again')
  }
  const text = block.toString('utf8')
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0)
}

function linesBeforeFault(block: Buffer): number {
  const separator = block.includes(0x0a) ? 0x0a : 0x0d
  let count = 0
  for (let start = 0, end = 0; start < block.length; start = end + 1, count++) {
    end = block.indexOf(separator, start)
    if (end === -1 || !isText(block.subarray(start, end))) break
  }
  return count
}
