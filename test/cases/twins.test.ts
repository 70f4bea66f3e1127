import { expect } from 'chai'
import type { CasePlan } from '../../src/cli/forge/forgeCase.ts'
import { goodPlan, planOfSituation } from '../../src/cli/forge/plans.ts'
import { situations } from '../../src/cli/forge/situations.ts'
import { allFaults } from '../../src/demo-okta/faults/index.ts'
import { expectAsPlanned, madeAndJudged, plans } from './made.ts'

/** These are wrong by their circumstances, not by the response. */
const wrongByCircumstances: ReadonlySet<string> = new Set(['replay'])

/** The case without its attack, all else equal: the honest response of the same form, under the same circumstances. */
function twinOf(plan: CasePlan): CasePlan {
  const name = plan.name.slice(plan.name.indexOf('.') + 1)
  if (plan.name.startsWith('situation.')) {
    const twin = situations.get(situations.get(name)?.twin ?? '')
    return twin ? planOfSituation(twin) : goodPlan
  }
  if (wrongByCircumstances.has(name)) return goodPlan
  const { twin } = allFaults.get(name) ?? {}
  return { ...plan, faults: twin === undefined ? [] : [twin], expected: null }
}

describe('every attack has a twin that signs in', () => {
  const refused = [...plans.values()].filter(({ expected }) => expected !== null)
  const twins = new Map(refused.map((plan) => [plan.name, twinOf(plan)]))
  /** Most twins are the same case: each is judged once. */
  const signedIn = new Map<string, Promise<void>>()

  function signsIn(twin: CasePlan): Promise<void> {
    const key = [...twin.faults, twin.name.startsWith('situation.') ? twin.name : ''].join('+')
    const known = signedIn.get(key)
    if (known && twin.circumstances === undefined) return known
    const judged = madeAndJudged(twin).then((result) => expectAsPlanned(result, twin))
    signedIn.set(key, judged)
    return judged
  }

  it('and there are as many as refusals', () => {
    expect(twins.size).to.equal(refused.length).and.above(400)
    for (const [name, { expected }] of twins) expect(expected, name).to.equal(null)
  })

  for (const [name, twin] of twins) it(`${name}: without it`, () => signsIn(twin))
})
