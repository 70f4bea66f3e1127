/**
 * signin/: starts a sign-in, judges its response, keeps the browser session and the trace. It must not know HTTP, SQL, the
 * environment or the machine's clock: all that a judgement depends on is handed to it.
 */
import type { Evidence, Reason } from '../aadsts/reasons.ts'

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

/** Traces are kept, so what a stranger can write into one is bounded. */
const EVIDENCE_LIMIT = 1024

/** An entry of a trace; texts are cut to `EVIDENCE_LIMIT` characters. */
export function traceEntry(
  check: string,
  result: TraceEntry['result'],
  evidence: Evidence = {},
  reason: Reason | null = null,
): TraceEntry {
  return {
    check,
    result,
    reason,
    expected: cut(evidence.expected),
    actual: cut(evidence.actual),
    hint: cut(evidence.hint),
  }
}

function cut(text: string | undefined): string | null {
  if (text === undefined) return null
  return text.length > EVIDENCE_LIMIT ? `${text.slice(0, EVIDENCE_LIMIT)}…` : text
}
