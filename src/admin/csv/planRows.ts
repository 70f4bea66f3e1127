import { anchorOfGuid } from '../../directory/anchorForms.ts'
import type { DirectoryReader } from '../../directory/ports.ts'
import type { Domain, User } from '../../directory/types.ts'
import { principalNameDomain, principalNameKey } from '../../directory/upn.ts'
import {
  planUserUpsert,
  type UserInput,
  type UserPlan,
  userProblems,
} from '../../directory/users.ts'
import type { Instant } from '../../lib/clock.ts'
import { newGuid, type RandomSource } from '../../lib/ids.ts'
import type { CsvRow } from './read.ts'
import type { FileSurvey } from './userFile.ts'
import { type CellProblem, type EmptyCells, readRow } from './values.ts'

/** What a row comes to. */
export type RowOutcome =
  | {
      readonly kind: 'accepted'
      readonly row: CsvRow
      readonly plan: UserPlan
      readonly domain: Domain
      readonly isAnchorGenerated: boolean
    }
  | { readonly kind: 'rejected'; readonly row: CsvRow; readonly problems: readonly CellProblem[] }

export type AcceptedRow = Extract<RowOutcome, { kind: 'accepted' }>

export interface PlanSettings {
  readonly survey: FileSurvey
  readonly domains: ReadonlyMap<string, Domain>
  readonly emptyCells: EmptyCells
  readonly generateAnchors: boolean
  readonly now: Instant
  readonly random: RandomSource
}

/**
 * Judges rows one by one, in the order of the file, against the directory as it is and as the file will leave it. A row that
 * wants an ImmutableId which another user has waits until the end: that user's own row may come later and give it up, or two
 * people may swap theirs. `plan` gives null for such a row, and `settle` what becomes of all that wait.
 */
export class RowPlanner {
  readonly #reader: DirectoryReader
  readonly #settings: PlanSettings
  /** Users whose anchor an accepted row takes away or changes, by id. */
  readonly #givenUp = new Set<string>()
  #waiting: { readonly accepted: AcceptedRow; readonly holder: User }[] = []

  constructor(reader: DirectoryReader, settings: PlanSettings) {
    this.#reader = reader
    this.#settings = settings
  }

  async plan(row: CsvRow): Promise<RowOutcome | null> {
    const { survey, domains, emptyCells, now, random } = this.#settings
    const { input, problems } = readRow(row, survey.columns, emptyCells)
    const found = [
      ...problems,
      ...this.#ruleProblems(input),
      ...this.#duplicateProblems(row, input),
    ]
    const domain = domains.get(principalNameDomain(input.userPrincipalName) ?? '')
    if (found.length > 0 || domain === undefined) return { kind: 'rejected', row, problems: found }

    const existing = await this.#reader.userByPrincipalName(input.userPrincipalName)
    const generated = this.#generatedAnchor(input, existing, domain)
    const complete = generated === null ? input : { ...input, onPremisesImmutableId: generated }
    const plan = planUserUpsert(complete, existing, { domain, now, newId: () => newGuid(random) })
    const isAnchorGenerated = generated !== null
    const accepted: AcceptedRow = { kind: 'accepted', row, plan, domain, isAnchorGenerated }

    const holder = await this.#otherHolder(plan)
    if (holder !== null) {
      this.#waiting.push({ accepted, holder })
      return null
    }
    this.#noteGivenUp(plan)
    return accepted
  }

  /** What becomes of the rows that wait. The accepted ones must be written together, since they may swap values. */
  settle(): readonly RowOutcome[] {
    const rejected: RowOutcome[] = []
    // A row that falls may have been the one that would free another's ImmutableId, so it goes on until none falls.
    for (;;) {
      const leaving = new Set(this.#givenUp)
      for (const { accepted } of this.#waiting) {
        if (accepted.plan.kind === 'update') leaving.add(accepted.plan.user.id)
      }
      const fallen = this.#waiting.filter(({ holder }) => !leaving.has(holder.id))
      if (fallen.length === 0) break
      this.#waiting = this.#waiting.filter(({ holder }) => leaving.has(holder.id))
      for (const { accepted, holder } of fallen) {
        const reason = `Another user has this ImmutableId: ${holder.userPrincipalName}.`
        const problems = [this.#cellProblem('onPremisesImmutableId', reason)]
        rejected.push({ kind: 'rejected', row: accepted.row, problems })
      }
    }
    return [...rejected, ...this.#waiting.map(({ accepted }) => accepted)]
  }

  #ruleProblems(input: UserInput): readonly CellProblem[] {
    return userProblems(input, this.#settings.domains).map(({ field, message }) => {
      const property = field as keyof UserInput
      return this.#cellProblem(property, message, input[property])
    })
  }

  #duplicateProblems(row: CsvRow, input: UserInput): readonly CellProblem[] {
    const { principalNames, immutableIds } = this.#settings.survey
    const problems: CellProblem[] = []
    const upn = input.userPrincipalName
    const upnLines = principalNames.othersInWords(principalNameKey(upn), row.line)
    if (upn !== '' && upnLines !== null) {
      const reason = `The same UPN stands in ${upnLines} of this file.`
      problems.push(this.#cellProblem('userPrincipalName', reason, upn))
    }
    const anchor = input.onPremisesImmutableId
    const anchorLines = anchor ? immutableIds.othersInWords(anchor, row.line) : null
    if (anchorLines !== null) {
      const reason = `The same ImmutableId stands in ${anchorLines} of this file.`
      problems.push(this.#cellProblem('onPremisesImmutableId', reason, anchor))
    }
    return problems
  }

  #generatedAnchor(input: UserInput, existing: User | null, domain: Domain): string | null {
    const isMissing = !input.onPremisesImmutableId && !existing?.onPremisesImmutableId
    if (!this.#settings.generateAnchors || !isMissing) return null
    return domain.authenticationType === 'Federated'
      ? anchorOfGuid(newGuid(this.#settings.random))
      : null
  }

  /** The user who has, and by this file so far keeps, the ImmutableId that the plan would set. */
  async #otherHolder(plan: UserPlan): Promise<User | null> {
    const anchor = plan.user.onPremisesImmutableId
    const former = plan.kind === 'create' ? null : anchorBefore(plan)
    if (anchor === null || anchor === former) return null
    const holder = await this.#reader.userByImmutableId(anchor)
    const isOther = holder !== null && holder.id !== plan.user.id && !this.#givenUp.has(holder.id)
    return isOther ? holder : null
  }

  #noteGivenUp(plan: UserPlan): void {
    const former = plan.kind === 'update' ? anchorBefore(plan) : null
    if (former !== null && former !== plan.user.onPremisesImmutableId) {
      this.#givenUp.add(plan.user.id)
    }
  }

  #cellProblem(property: keyof UserInput, reason: string, value?: unknown): CellProblem {
    const { columns } = this.#settings.survey.columns
    const column = columns.find((c) => c.property === property)?.heading ?? null
    return typeof value === 'string' && value !== ''
      ? { column, reason, value }
      : { column, reason }
  }
}

function anchorBefore(plan: Exclude<UserPlan, { kind: 'create' }>): string | null {
  return plan.kind === 'update'
    ? plan.before.onPremisesImmutableId
    : plan.user.onPremisesImmutableId
}
