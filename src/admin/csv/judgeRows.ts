import {
  type ImportStage,
  type StagedMatch,
  type StagedUpdate,
  stagedInput,
} from '../../directory/imports.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { planUserUpsert } from '../../directory/users.ts'
import { othersInWords } from './duplicates.ts'
import { cellProblem, type RowSettings } from './stageRows.ts'

const names = { userPrincipalName: 'UPN', onPremisesImmutableId: 'ImmutableId' } as const
/** Another row wants the value, or another user has it: to the rules it is the same. */
const taken = {
  userPrincipalName: 'principalNameTaken',
  onPremisesImmutableId: 'immutableIdTaken',
} as const

/** Rejects the rows that share a UPN or an ImmutableId with others of the file. */
export async function rejectRepeated(stage: ImportStage, { columns }: RowSettings): Promise<void> {
  for await (const page of stage.repeated()) {
    await stage.reject(
      page.map((repeated) => {
        const { line, property, value } = repeated
        const message = `The same ${names[property]} stands in ${othersInWords(repeated)} of this file.`
        const rule = taken[property]
        return { line, problem: cellProblem(columns, property, { rule, message }, value) }
      }),
    )
  }
}

/** Says what the rows do whose user is there. */
export async function planMatches(
  stage: ImportStage,
  settings: RowSettings,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const page of stage.matches(settings.matchOn)) {
    signal?.throwIfAborted()
    await stage.plan(page.map((match) => planMatch(match, settings)))
  }
}

function planMatch({ row, existing }: StagedMatch, settings: RowSettings): StagedUpdate {
  const { domains, now, matchOn } = settings
  const input = stagedInput(row)
  const isAnchorGenerated =
    row.isAnchorGenerated && !input.onPremisesImmutableId && !existing.onPremisesImmutableId
  const complete = isAnchorGenerated
    ? { ...input, onPremisesImmutableId: row.user.onPremisesImmutableId }
    : input
  const domain = domains.get(principalNameDomain(input.userPrincipalName) ?? '')
  if (domain === undefined) throw new Error('a row without a problem has a domain')
  const plan = planUserUpsert(complete, existing, {
    domain,
    now,
    newId: () => existing.id,
    renames: matchOn === 'onPremisesImmutableId',
  })
  return {
    line: row.line,
    userId: existing.id,
    user: plan.user,
    isAnchorGenerated,
    changes: plan.kind === 'update' ? plan.changes : [],
    warnings: plan.warnings.map(({ message }) => message),
  }
}

/** Rejects the rows that want what somebody else has and keeps. */
export async function rejectHeld(
  stage: ImportStage,
  { columns, matchOn }: RowSettings,
): Promise<void> {
  for await (const page of stage.held(matchOn)) {
    await stage.reject(
      page.map(({ line, property, holder }) => {
        const message = `Another user has this ${names[property]}: ${holder}.`
        const rule = taken[property]
        return { line, problem: cellProblem(columns, property, { rule, message }) }
      }),
    )
  }
}
