import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { aadstsCode } from '../../src/aadsts/reasons.ts'
import { notStored } from '../../src/cli/forge/notStored.ts'
import { situations } from '../../src/cli/forge/situations.ts'
import { allFaults } from '../../src/demo-okta/faults/index.ts'
import { expectAsPlanned, fixtureFolder, judged, madeAndJudged, plans } from './made.ts'

/** `okta.NAME` or `situation.NAME`, with what it is and what must become of it. */
function titleOf(caseName: string): string {
  const name = caseName.slice(caseName.indexOf('.') + 1)
  const situation = caseName.startsWith('situation.') ? situations.get(name) : undefined
  const what = situation?.title ?? allFaults.get(name)?.title ?? 'An honest response'
  const expected = plans.get(caseName)?.expected
  return `${caseName}: ${what}: ${expected === null ? 'signs in' : `refused, ${expected}`}`
}

describe('the stored cases, judged as live and in diagnosis, with node-saml’s opinion', () => {
  const names = readdirSync(fixtureFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''))

  for (const name of names) {
    it(titleOf(name), async () => {
      const plan = plans.get(name)
      expect(plan, 'its generator').not.to.equal(undefined)
      if (!plan) return
      const file = join(fixtureFolder, `${name}.json`)
      const live = await judged(file)
      expectAsPlanned(live, plan)
      expect(live.asExpected).to.equal(true)
      expect(live.aadsts).to.equal(live.reason && aadstsCode(live.reason))
      const diagnosed = await judged(file, { diagnose: true })
      expect({ ...diagnosed, trace: [] }).to.deep.equal({ ...live, trace: [] })
    })
  }
})

describe('the cases that lie in no file, made and judged the same way', () => {
  for (const name of notStored.keys()) {
    it(titleOf(name), async () => {
      const plan = plans.get(name)
      if (!plan) throw new Error(`no plan ${name}`)
      const result = await madeAndJudged(plan)
      expectAsPlanned(result, plan)
      expect(result.asExpected).to.equal(true)
    })
  }
})
