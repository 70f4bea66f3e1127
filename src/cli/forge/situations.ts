import type { CasePlan } from './forgeCase.ts'
import { accountSituations } from './situations/account.ts'
import { policySituations } from './situations/policy.ts'
import { requestSituations } from './situations/request.ts'
import { trustSituations } from './situations/trust.ts'

/** A response that is judged under other circumstances than the usual ones: the clock, the request, the federations, the users. */
export interface Situation extends Omit<CasePlan, 'faults' | 'name' | 'expected'> {
  readonly name: string
  readonly title: string
  readonly faults?: readonly string[]
  readonly expected: NonNullable<CasePlan['expected']> | null
  /** Of one that is refused: the situation that signs in and differs in the one point only; the plain good case when absent. */
  readonly twin?: string
}

export const situations: ReadonlyMap<string, Situation> = new Map(
  [...requestSituations, ...accountSituations, ...trustSituations, ...policySituations].map(
    (one) => [one.name, one],
  ),
)
