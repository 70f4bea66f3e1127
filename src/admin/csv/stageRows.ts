import { anchorOfGuid } from '../../directory/anchorForms.ts'
import type { DirectoryProblem } from '../../directory/directoryError.ts'
import { givenMask, type MatchOn, type StagedRow } from '../../directory/imports.ts'
import { type Domain, type User, userDefaults } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { planUserUpsert, type UserInput, userProblems } from '../../directory/users.ts'
import type { Instant } from '../../lib/clock.ts'
import { newGuid, type RandomSource } from '../../lib/ids.ts'
import type { Columns } from './headings.ts'
import type { CsvRow } from './read.ts'
import { type CellProblem, type EmptyCells, readRow } from './values.ts'

export interface RowSettings {
  readonly columns: Columns
  readonly domains: ReadonlyMap<string, Domain>
  readonly matchOn: MatchOn
  readonly emptyCells: EmptyCells
  readonly generateAnchors: boolean
  /** Keeps the cells of every row, for a reject file. */
  readonly keepCells: boolean
  readonly now: Instant
  readonly random: RandomSource
}

/** A row judged by itself: what it says, as a new user; or what is wrong with it, whatever else is in the file and the directory. */
export function stageRow(row: CsvRow, settings: RowSettings): StagedRow {
  const { columns, domains, now, random } = settings
  const reading = readRow(row, columns, settings.emptyCells)
  const { input } = reading
  const problems = [
    ...reading.problems,
    ...userProblems(input, domains).map((problem) => {
      const property = problem.field as keyof UserInput
      return cellProblem(columns, property, problem, input[property])
    }),
    ...missingMatch(input, settings),
  ]
  const domain = domains.get(principalNameDomain(input.userPrincipalName) ?? '')
  const staged = {
    line: row.line,
    given: givenMask(input),
    cells: settings.keepCells ? row.cells : null,
  }
  if (problems.length > 0 || domain === undefined) {
    const user = unusable(input, now)
    return { ...staged, user, problems, warnings: [], isAnchorGenerated: false }
  }
  const isAnchorGenerated =
    settings.generateAnchors &&
    !input.onPremisesImmutableId &&
    domain.authenticationType === 'Federated'
  const complete = isAnchorGenerated
    ? { ...input, onPremisesImmutableId: anchorOfGuid(newGuid(random)) }
    : input
  const plan = planUserUpsert(complete, null, { domain, now, newId: () => '' })
  const warnings = plan.warnings.map(({ message }) => message)
  return { ...staged, user: plan.user, problems: null, warnings, isAnchorGenerated }
}

/** A problem of the cell that holds a property, or of the row when no column does. */
export function cellProblem(
  { columns }: Columns,
  property: keyof UserInput,
  { rule, message: reason }: Pick<DirectoryProblem, 'rule' | 'message'>,
  value?: unknown,
): CellProblem {
  const column = columns.find((c) => c.property === property)?.heading ?? null
  const problem = { column, reason, rule }
  return typeof value === 'string' && value !== '' ? { ...problem, value } : problem
}

function missingMatch(input: UserInput, { columns, matchOn }: RowSettings): CellProblem[] {
  if (matchOn === 'userPrincipalName' || input.onPremisesImmutableId) return []
  const message = 'The row has no ImmutableId, by which its user would be found.'
  return [cellProblem(columns, 'onPremisesImmutableId', { rule: 'valueRequired', message })]
}

/** What a row that cannot be taken is compared by. */
function unusable(input: UserInput, now: Instant): User {
  return {
    ...userDefaults,
    id: '',
    userPrincipalName: input.userPrincipalName,
    onPremisesImmutableId: input.onPremisesImmutableId ?? null,
    displayName: '',
    mailNickname: '',
    createdDateTime: now,
    lastModifiedDateTime: now,
  }
}
