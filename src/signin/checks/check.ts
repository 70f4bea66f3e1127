import type { Circumstances, Findings } from '../circumstances.ts'

/** What a check that passed tells: evidence for the trace, and what it established for later checks. */
export interface Passed {
  readonly expected?: string | undefined
  readonly actual?: string | undefined
  readonly hint?: string | undefined
  readonly found?: Partial<Findings>
  /** Says why the check had nothing to look at; the trace then shows it as skipped. */
  readonly notApplicable?: string
}

/** One named test of a response. Its `run` refuses (throws a Refusal) when it fails. */
export interface Check {
  readonly name: string
  /** What must be established before it can run. */
  readonly needs: readonly (keyof Findings)[]
  readonly run: (found: Partial<Findings>, circumstances: Circumstances) => Passed | Promise<Passed>
}

/** Declares a check whose `run` sees just what it needs. */
export function check<K extends keyof Findings>(
  name: string,
  needs: readonly K[],
  run: (found: Pick<Findings, K>, circumstances: Circumstances) => Passed | Promise<Passed>,
): Check {
  // The runner calls it only when everything in `needs` is established.
  return {
    name,
    needs,
    run: (found, circumstances) => run(found as Pick<Findings, K>, circumstances),
  }
}
