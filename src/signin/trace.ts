/**
 * signin/: starts a sign-in, judges its response, keeps the browser session and the trace. It must not know HTTP, SQL, the
 * environment or the machine's clock: all that a judgement depends on is handed to it.
 */
import type { Reason } from '../aadsts/reasons.ts'

/** One check of a response, as it went. */
export interface TraceEntry {
  /** The check's name (signin/checks/). */
  readonly check: string
  readonly result: 'pass' | 'fail' | 'skipped'
  /** Why it failed; null otherwise. */
  readonly reason: Reason | null
  readonly expected: string | null
  readonly actual: string | null
  /** What to change, or why it was skipped. */
  readonly hint: string | null
}

/** Every check in order. */
export type Trace = readonly TraceEntry[]
