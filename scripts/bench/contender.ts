import type { BenchDocument, Kind } from './documents.ts'
import type { Measurable } from './measure.ts'

/** A verifier, made ready for one kind of document. */
export interface Runner extends Measurable {
  /** Whether it takes this message; a message is base64 of one of the documents that it was opened with, or its tampered twin. */
  accepts(document: BenchDocument, base64: string): Promise<boolean>
  close?(): void
}

/** Somebody who verifies responses. */
export interface Contender {
  readonly id: string
  readonly title: string
  /** What is measured with it, in few words. */
  readonly includes: string
  /** It runs in a process that it starts. */
  readonly startsProcess?: true
  /** Null when it is not installed, or cannot do this kind. */
  open(kind: Kind, documents: readonly BenchDocument[]): Promise<Runner | null>
}

/** Whether work ends without an error. */
export async function succeeds(work: () => unknown): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}
