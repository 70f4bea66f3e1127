import { allFaults } from '../../demo-okta/faults/index.ts'
import { expectations } from './expectations.ts'
import type { CasePlan } from './forgeCase.ts'
import { otherUserOf } from './setting.ts'
import { type Situation, situations } from './situations.ts'

/** The honest response under the usual circumstances. */
export const goodPlan: CasePlan = { name: 'okta.good', faults: [], expected: null }

/** What is otherwise for a fault that only shows under other circumstances. */
const circumstancesOfFault: ReadonlyMap<string, NonNullable<CasePlan['circumstances']>> = new Map<
  string,
  NonNullable<CasePlan['circumstances']>
>([['replay', (_setting, facts) => ({ usedAssertions: [facts.assertionId] })]])

/** The faults that are no fault of the response's, but sign in somebody else. */
const signsInTheOther: ReadonlySet<string> = new Set(['nameid-other'])

/** A response with that fault. @throws Error for a fault without expectation */
export function planOfFault(name: string): CasePlan {
  const expected = expectations.get(name)
  if (expected === undefined) throw new Error(`the fault ${name} is missing in expectations.ts`)
  const circumstances = circumstancesOfFault.get(name)
  return {
    name: `okta.${name}`,
    faults: [name],
    expected,
    ...(circumstances && { circumstances }),
    ...(signsInTheOther.has(name) && { signsIn: ({ user }) => otherUserOf(user) }),
  }
}

/** Several faults in one response. Which one is refused first is for the judgement to say, so nothing is expected. */
export function planOfFaults(names: readonly string[]): CasePlan {
  const [only] = names
  return names.length === 1 && only !== undefined
    ? planOfFault(only)
    : { name: `okta.${names.join('+')}`, faults: names }
}

export function planOfSituation(situation: Situation): CasePlan {
  const { name, faults = [], facts, circumstances, expected, signsIn } = situation
  return {
    name: `situation.${name}`,
    faults,
    expected,
    ...(facts && { facts }),
    ...(circumstances && { circumstances }),
    ...(signsIn && { signsIn }),
  }
}

/** Everything that can be made: the good one, each fault, each situation. */
export function allPlans(): readonly CasePlan[] {
  return [
    goodPlan,
    ...[...allFaults.keys()].map(planOfFault),
    ...[...situations.values()].map(planOfSituation),
  ]
}
