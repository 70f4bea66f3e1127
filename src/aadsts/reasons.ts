import type { AadstsCode } from './catalogue.ts'
import { reasons } from './reasonTable.ts'

export { reasons } from './reasonTable.ts'

export type Reason = keyof typeof reasons

/** The AADSTS number that stands for a reason outside. */
export function aadstsCode(reason: Reason): AadstsCode {
  return reasons[reason].aadsts
}

/** Whether a text is one of our reasons (for input such as a case's `expect`). */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(reasons, text)
}

/** What is known about one refusal: data for the trace and the log, never for the page. */
export interface Evidence {
  /** What would have passed. */
  readonly expected?: string | undefined
  /** What was found. */
  readonly actual?: string | undefined
  /** How to get from one to the other, where that can be told. */
  readonly hint?: string | undefined
  /** SHA-256 (lower-case hex) of the certificate that the refusal is about. */
  readonly thumbprint?: string | undefined
}

/** A refusal on its way up: thrown by the rules, caught by the one who reports. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly reason: Reason
  readonly evidence: Evidence

  constructor(reason: Reason, evidence: Evidence = {}) {
    super(reason)
    this.reason = reason
    this.evidence = evidence
  }
}

/** Throws the refusal. Reads as a sentence: `if (...) refuse('audienceMismatch', { expected, actual })`. */
export function refuse(reason: Reason, evidence?: Evidence): never {
  throw new Refusal(reason, evidence)
}
