import type { PersonGroup } from './groups.ts'
import type { App, Assignment } from './types.ts'

interface Person {
  readonly userId: string
  readonly groups: readonly PersonGroup[]
}

/** Whether the person may use the app: always, unless it requires assignment. */
export function mayUse(
  app: Pick<App, 'assignmentRequired' | 'assignments'>,
  person: Person,
): boolean {
  return !app.assignmentRequired || app.assignments.some((each) => concerns(each, person))
}

/** Whether a second factor is among the ways in which a person proved who they are, wherever it was asked. */
export function hasSecondFactor(amr: readonly string[] | undefined): boolean {
  return amr?.includes('mfa') === true
}

/** The person's roles in the app, each once, in the order of their names. */
export function rolesOf(app: Pick<App, 'assignments'>, person: Person): readonly string[] {
  const roles = app.assignments
    .filter((each) => concerns(each, person))
    .flatMap(({ role }) => (role === null ? [] : [role]))
  return [...new Set(roles)].sort()
}

function concerns({ kind, id }: Assignment, { userId, groups }: Person): boolean {
  return kind === 'user' ? id === userId : groups.some(({ value }) => value === id)
}
