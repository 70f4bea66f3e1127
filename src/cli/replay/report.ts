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

/** The trace as a person reads it: what passed in a word, what failed with both sides and what to change. */
export function explained(trace: readonly TraceEntry[]): string {
  return trace.map(explainedEntry).join('\n')
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
  const lines = [`${head}: ${entry.reason}`]
  if (entry.expected) lines.push(`          expected  ${entry.expected}`)
  if (entry.actual) lines.push(`          actual    ${entry.actual}`)
  if (entry.hint) lines.push(`          to do     ${entry.hint}`)
  return lines
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
