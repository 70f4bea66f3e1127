import { DirectoryError, type DirectoryRule } from '../../directory/directoryError.ts'
import { StaleWrite, UniqueViolation } from '../../directory/errors.ts'

/** RFC 7644 section 3.12, table 9; the last three RFC 9865 section 2.3. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'sensitive'
  | 'invalidCursor'
  | 'invalidCount'

/** 500 and 503 are no fault of the client's. */
export type ScimStatus = 400 | 404 | 409 | 412 | 413 | 500 | 503

/** One broken rule of the directory, in the words of SCIM. */
export interface ScimProblem {
  readonly rule: DirectoryRule
  /** The attribute as SCIM names it. */
  readonly attribute: string
  readonly message: string
}

/** A request that is refused. The message goes to the client: it names the place and what would be right, and nobody's ImmutableId. */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly status: ScimStatus
  readonly scimType: ScimType | null
  readonly problems: readonly ScimProblem[]

  constructor(
    status: ScimStatus,
    scimType: ScimType | null,
    message: string,
    problems: readonly ScimProblem[] = [],
  ) {
    super(message)
    this.status = status
    this.scimType = scimType
    this.problems = problems
  }
}

/** Throws a 400. Reads as a sentence: `bad('invalidValue', '...')`. */
export function bad(scimType: ScimType, message: string): never {
  throw new ScimError(400, scimType, message)
}

/** The rules whose breach is a conflict (RFC 7644 section 3.3: status 409, `uniqueness`) or one of mutability; all others are `invalidValue`. */
const conflicts: ReadonlySet<DirectoryRule> = new Set<DirectoryRule>([
  'principalNameTaken',
  'immutableIdTaken',
  'groupExists',
  'externalIdTaken',
])

/** What an error of the directory is to a client of SCIM; null for an error that is none of the client's. */
export function scimErrorOf(
  error: unknown,
  attributeOf: (property: string) => string,
): ScimError | null {
  if (error instanceof ScimError) return error
  if (error instanceof DirectoryError) return ofRules(error, attributeOf)
  if (error instanceof UniqueViolation) {
    const rule: DirectoryRule =
      error.property === 'externalId'
        ? 'externalIdTaken'
        : error.property === 'groupName'
          ? 'groupExists'
          : error.property === 'onPremisesImmutableId'
            ? 'immutableIdTaken'
            : 'principalNameTaken'
    const attribute = attributeOf(error.property === 'groupName' ? 'displayName' : error.property)
    const message = `Another record has the same ${attribute}.`
    return new ScimError(409, 'uniqueness', message, [{ rule, attribute, message }])
  }
  if (error instanceof StaleWrite) {
    return new ScimError(412, null, 'It was changed by somebody else meanwhile. Read it again.')
  }
  return null
}

function ofRules(error: DirectoryError, attributeOf: (property: string) => string): ScimError {
  const problems = error.problems.map(({ rule, field, message }) => ({
    rule,
    attribute: attributeOf(field),
    message,
  }))
  const detail = problems.map(({ attribute, message }) => `${attribute}: ${message}`).join(' ')
  // A value that is wrong in itself is wrong whoever has the others.
  const isConflict = problems.every(({ rule }) => conflicts.has(rule))
  if (isConflict) return new ScimError(409, 'uniqueness', detail, problems)
  const isFixed = problems.every(({ rule }) => rule === 'immutableIdFixed')
  return new ScimError(400, isFixed ? 'mutability' : 'invalidValue', detail, problems)
}
