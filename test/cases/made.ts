/** Every case that can be made, made once for all tests of this folder. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { fixtureSetting } from '../../src/cli/forge/fixtures.ts'
import { type CasePlan, filesOf, forgeCase } from '../../src/cli/forge/forgeCase.ts'
import { allPlans } from '../../src/cli/forge/plans.ts'
import { type Setting, seededRandom, usualSetting } from '../../src/cli/forge/setting.ts'
import { readCase } from '../../src/cli/replay/caseFile.ts'
import { type CaseResult, judgeCase } from '../../src/cli/replay/judgeCase.ts'
import { writeWholeFiles } from '../../src/cli/wholeFiles.ts'
import { defaultLimits } from '../../src/saml/types.ts'
import { nodeSamlOpinion } from '../../src/signin/secondOpinion.ts'

export const fixtureFolder = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url))

export const plans: ReadonlyMap<string, CasePlan> = new Map(
  allPlans().map((plan) => [plan.name, plan]),
)

/** The usual setting, with ids that are the same at every run. */
export function selfContainedSetting(): Setting {
  return { ...usualSetting(), randomFor: (name) => seededRandom(`test/${name}`) }
}

/** The message of a case as XML, as far as it can be read at all. */
export async function forgedXml(plan: CasePlan): Promise<string> {
  const { content, body } = await forgeCase(plan, fixtureSetting())
  return content.encoding === 'xml' ? body : Buffer.from(body, 'base64').toString('utf8')
}

/** Judges a case file, an acceptance by node-saml too. */
export function judged(file: string, { diagnose = false } = {}): Promise<CaseResult> {
  const given = readCase(file)
  const secondOpinion = nodeSamlOpinion(given.acs, given.audience, defaultLimits)
  return judgeCase(given, { diagnose, secondOpinion, database: null })
}

/** Makes a case in a folder of its own and judges it there. */
export async function madeAndJudged(plan: CasePlan): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'homerealm-case-'))
  try {
    const files = filesOf(await forgeCase(plan, selfContainedSetting()))
    writeWholeFiles(
      files.map(([name, text]) => [join(folder, name), text]),
      { replace: false },
    )
    return await judged(join(folder, `${plan.name}.json`))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What came of a case, as far as it must be as expected; with the trace of a failure for whoever reads a failed test. */
export function expectAsPlanned(result: CaseResult, plan: CasePlan): void {
  const { outcome, user, reason } = result
  const setting = selfContainedSetting()
  const failed = result.trace.filter((entry) => entry.result === 'fail')
  expect({ outcome, user, reason }, JSON.stringify(failed, null, 2)).to.deep.equal(
    plan.expected === null
      ? {
          outcome: 'signedIn',
          user: plan.signsIn?.(setting) ?? setting.user.login,
          reason: null,
        }
      : { outcome: 'refused', user: null, reason: plan.expected },
  )
}
