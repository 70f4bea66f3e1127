import type { CaseResult } from './judgeCase.ts'

/** Whether a case came out as it says; a case that expects nothing should sign in. */
export function isAsWanted(result: CaseResult): boolean {
  return result.asExpected ?? result.outcome === 'signedIn'
}
