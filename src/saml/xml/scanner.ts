import {
  illegal,
  isWhiteSpace,
  nameClass,
  nameStart,
  plain,
  quote,
  valueClass,
} from './characters.ts'
import { refuseForbidden, refuseMalformed, refuseMarkup } from './faults.ts'
import { canonicalValue } from './text.ts'
import { knownWord } from './vocabulary.ts'

const colonByte = 0x3a

/** A document and how far it has been read: the words of XML, which the parser makes sentences of. */
export class Scanner {
  protected readonly xml: string
  /** The next byte to read. */
  protected at = 0
  /** Whether the value just read is its canonical form as it stands. */
  protected wasPlainValue = false
  private readonly bytes: Uint8Array

  constructor(xml: string) {
    this.xml = xml
    this.bytes = bytesOf(xml)
  }

  /** The byte at a place in the document; 0, which XML has nowhere, right after the last. */
  protected byteAt(at: number): number {
    return this.bytes[at] ?? 0
  }

  /** The text from `start` to `end`, as a shared constant when it is a usual word. */
  protected word(start: number, end: number): string {
    return knownWord(this.bytes, start, end) ?? this.xml.slice(start, end)
  }

  /** Reads `local` or `prefix:local` and returns where its colon stands, or -1. `offset` is where a refusal points to. */
  protected qualifiedName(offset: number): number {
    this.simpleName(offset)
    if (this.byteAt(this.at) !== colonByte) return -1
    const colon = this.at
    this.at += 1
    this.simpleName(offset)
    return colon
  }

  /** Reads one NCName. */
  private simpleName(offset: number): void {
    let at = this.at
    if (nameClass[this.byteAt(at)] !== nameStart) this.refuseName(offset)
    do at += 1
    while (nameClass[this.byteAt(at)])
    this.at = at
    if (this.byteAt(at) >= 0x80) this.refuseName(offset)
  }

  private refuseName(offset: number): never {
    if (this.byteAt(this.at) >= 0x80)
      refuseForbidden(this.xml, offset, 'names of ASCII letters', 'another name')
    refuseMarkup(this.xml, offset, 'a name')
  }

  protected skipWhiteSpace(): void {
    while (isWhiteSpace(this.byteAt(this.at))) this.at += 1
  }

  /** Reads a value and its quotes, and returns it in canonical form; `isWord` when it may be one of the vocabulary. */
  protected quotedValue(isWord: boolean): string {
    const { xml } = this
    const delimiter = this.byteAt(this.at)
    if (valueClass[delimiter] !== quote) refuseMalformed(xml, this.at, 'a quoted value')
    const start = this.at + 1
    let isPlain = true
    for (let at = start; at < xml.length; at++) {
      const byte = this.byteAt(at)
      const kind = valueClass[byte]
      if (kind === plain) continue
      if (byte === delimiter) {
        this.at = at + 1
        this.wasPlainValue = isPlain
        if (!isPlain) return canonicalValue(xml, start, at)
        return isWord ? this.word(start, at) : xml.slice(start, at)
      }
      if (kind === illegal)
        refuseMalformed(xml, at, 'a character of XML', byte === 0x3c ? '"<"' : 'a control code')
      isPlain = false
    }
    return refuseMalformed(xml, xml.length, 'the end of the value')
  }
}

/**
 * Documents shorter than this are read through one buffer that is there already: making one takes longer than filling it. A parser
 * is done with it before the next begins.
 */
const scratch = Buffer.allocUnsafeSlow(16 * 1024)

/** The bytes once more, as numbers, and a 0: V8 reads one from an array in half the time that one from a string takes. */
function bytesOf(xml: string): Uint8Array {
  const bytes = xml.length < scratch.length ? scratch : Buffer.allocUnsafeSlow(xml.length + 1)
  bytes[bytes.write(xml, 'latin1')] = 0
  return bytes
}
