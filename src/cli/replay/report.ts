import type { TraceEntry } from '../../signin/trace.ts'
import { printableLine } from '../printable.ts'
import type { CaseResult } from './judgeCase.ts'

/** One line: what became of the case. */
export function resultLine(result: CaseResult): string {
  const mark = result.asExpected === null ? '  ' : result.asExpected ? 'ok' : 'NO'
  const became =
    result.outcome === 'signedIn'
      ? `signs in ${result.user}`
      : `refused, ${result.reason} (AADSTS${result.aadsts})`
  const expected =
    result.asExpected === null ? '' : result.asExpected ? ', as expected' : ', NOT as expected'
  return `${mark}  ${result.name}: ${became}${expected}`
}

/** The same for a bare response whose certificate came out of the response itself: anyone could have made it. */
export function unprovenLine(result: CaseResult): string {
  if (result.outcome === 'refused') return resultLine(result)
  return `??  ${result.name}: would sign in ${result.user} IF the certificate inside it is the federation’s, which NOTHING here proves; give the true one with --certificate, or take --database`
}

/** The trace as a person reads it: what passed in a word, what failed with both sides and what to change. */
export function explained(trace: readonly TraceEntry[]): string {
  const notRun = trace.filter(isNotRun)
  const lines = trace.filter((entry) => !isNotRun(entry)).map(explainedEntry)
  if (notRun.length > 0) {
    lines.push(`  not run after that: ${notRun.map((entry) => entry.check).join(', ')}`)
  }
  return lines.join('\n')
}

/** Skipped because something before it failed; one that had nothing to look at says why, and is shown. */
function isNotRun({ result, hint }: TraceEntry): boolean {
  return result === 'skipped' && /^(?:Not run|Could not run)/.test(hint ?? '')
}

const marks = { pass: 'pass', fail: 'FAIL', skipped: '  - ' } as const

function explainedEntry(entry: TraceEntry): string {
  const head = `  ${marks[entry.result]}  ${entry.check}`
  return linesOf(head, entry).map(printableLine).join('\n')
}

function linesOf(head: string, entry: TraceEntry): readonly string[] {
  if (entry.result === 'skipped') return [`${head}: ${lowerFirst(entry.hint ?? 'not run.')}`]
  if (entry.result === 'pass') {
    const lines = [entry.actual === null ? head : `${head}: ${entry.actual}`]
    if (entry.hint) lines.push(`            ${entry.hint}`)
    return lines
  }
  const lines = [entry.reason === null ? head : `${head}: ${entry.reason}`]
  if (entry.expected) lines.push(`          expected  ${entry.expected}`)
  if (entry.actual) lines.push(`          actual    ${entry.actual}`)
  if (entry.hint) lines.push(`          to do     ${entry.hint}`)
  return lines
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
