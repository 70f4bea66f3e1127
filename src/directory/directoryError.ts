/** The rules of the directory, by the name that every door (CSV, command line, Graph, SCIM) reports. */
export type DirectoryRule =
  | 'principalNameMalformed'
  | 'domainNotHere'
  | 'immutableIdMalformed'
  | 'immutableIdTaken'
  | 'principalNameTaken'
  | 'immutableIdRequired'
  | 'immutableIdFixed'
  | 'groupExists'
  | 'memberNotFound'
  | 'accountIsBreakGlass'
  | 'externalIdTaken'
  | 'valueTooLong'
  | 'valueMalformed'
  | 'valueRequired'
  | 'domainMalformed'
  | 'domainExists'
  | 'domainNotFound'
  | 'domainNotVerified'
  | 'domainIsDefault'
  | 'domainIsFederated'
  | 'domainFederatedElsewhere'
  | 'domainCannotBeFederated'
  | 'domainFollowsAnother'
  | 'domainIsRoot'
  | 'domainIsManaged'
  | 'noNextCertificate'
  | 'domainHasUsers'
  | 'domainHasSubdomains'
  | 'changeNotFound'
  | 'changeUndone'
  | 'changedSince'
  | 'changeNotUndoable'
  | 'issuerMalformed'
  | 'issuerTaken'
  | 'uriMalformed'
  | 'certificateMalformed'

/** One broken rule: which, in which property, and in words what to do. */
export interface DirectoryProblem {
  readonly rule: DirectoryRule
  /** The property, named as in Graph, or the argument. */
  readonly field: string
  /** A whole sentence, and what would be right. */
  readonly message: string
}

/** A change of the directory that its rules forbid. Nothing of it was kept. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError'
  readonly rule: DirectoryRule
  readonly field: string
  /** Every rule that was found broken; the first is that of `rule`, `field` and the message. */
  readonly problems: readonly DirectoryProblem[]

  constructor(problem: DirectoryProblem, more: readonly DirectoryProblem[] = []) {
    super(problem.message)
    this.rule = problem.rule
    this.field = problem.field
    this.problems = [problem, ...more]
  }

  /** One error for several broken rules; there must be one at least. */
  static ofAll([first, ...more]: readonly DirectoryProblem[]): DirectoryError {
    if (first === undefined) throw new RangeError('an error needs a problem')
    return new DirectoryError(first, more)
  }
}

/** Throws the error. Reads as a sentence: `if (...) forbid('domainExists', 'id', '...')`. */
export function forbid(rule: DirectoryRule, field: string, message: string): never {
  throw new DirectoryError({ rule, field, message })
}

/** A property with the value before and after, for reports and the audit. */
export interface PropertyChange {
  readonly property: string
  readonly old: unknown
  readonly new: unknown
}

/** The properties in which two records of a kind differ, in the order of `properties`. Values are compared as JSON. */
export function changedProperties<T extends object>(
  before: T,
  after: T,
  properties: readonly (keyof T & string)[],
): readonly PropertyChange[] {
  return properties
    .filter((name) => before[name] !== after[name])
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ property: name, old: before[name], new: after[name] }))
}
