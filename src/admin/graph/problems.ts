import type { GraphErrorDetail } from '../../aadsts/faces/graph.ts'
import {
  DirectoryError,
  type DirectoryProblem,
  type DirectoryRule,
} from '../../directory/directoryError.ts'
import { StaleWrite, UniqueViolation } from '../../directory/errors.ts'
import { GraphError } from './error.ts'

/**
 * How Graph speaks of a broken rule: the value belongs to somebody else; the value is wrong or missing; what is asked cannot be done
 * as things stand; what is named is not there (404).
 */
type Kind = 'conflict' | 'value' | 'state' | 'absent'

const kinds: Readonly<Record<DirectoryRule, Kind>> = {
  principalNameMalformed: 'value',
  domainNotHere: 'value',
  immutableIdMalformed: 'value',
  immutableIdTaken: 'conflict',
  principalNameTaken: 'conflict',
  immutableIdRequired: 'value',
  immutableIdFixed: 'value',
  groupExists: 'conflict',
  memberNotFound: 'absent',
  externalIdTaken: 'conflict',
  accountIsBreakGlass: 'state',
  valueTooLong: 'value',
  valueMalformed: 'value',
  valueRequired: 'value',
  domainMalformed: 'value',
  domainExists: 'conflict',
  domainNotFound: 'absent',
  domainNotVerified: 'state',
  domainIsDefault: 'state',
  domainIsFederated: 'state',
  domainFederatedElsewhere: 'state',
  domainCannotBeFederated: 'state',
  domainFollowsAnother: 'state',
  domainIsRoot: 'state',
  domainIsManaged: 'state',
  noNextCertificate: 'state',
  domainHasUsers: 'state',
  domainHasSubdomains: 'state',
  changeNotFound: 'absent',
  changeUndone: 'state',
  changeNotUndoable: 'state',
  changedSince: 'state',
  issuerMalformed: 'value',
  issuerTaken: 'conflict',
  uriMalformed: 'value',
  certificateMalformed: 'value',
}

/**
 * The refusal that an error of the directory is at this door, with Graph's words before ours where Graph's are known (entra.md
 * section 4); null for an error that is no refusal.
 */
export function graphErrorOf(error: unknown): GraphError | null {
  if (error instanceof GraphError) return error
  if (error instanceof DirectoryError) return ofProblems(error.problems)
  if (error instanceof UniqueViolation) return ofUniqueViolation(error)
  if (error instanceof StaleWrite) {
    return new GraphError(409, 'Directory_ConcurrencyViolation', `${error.message}.`)
  }
  return null
}

function ofProblems(problems: readonly DirectoryProblem[]): GraphError {
  const rules = problems.map(({ rule }) => rule)
  const details = problems.flatMap(detailsOf)
  const [first] = problems
  if (first === undefined) throw new RangeError('an error needs a problem')
  if (kinds[first.rule] === 'absent') {
    return new GraphError(404, 'Request_ResourceNotFound', first.message, { details, rules })
  }
  const message =
    problems.length === 1 ? summaryOf(first) : 'One or more properties contains invalid values.'
  return new GraphError(400, 'Request_BadRequest', message, { details, rules })
}

function summaryOf({ rule, field, message }: DirectoryProblem): string {
  switch (kinds[rule]) {
    case 'conflict':
      return conflictMessage(field)
    case 'value':
      return `Property ${field} is invalid. ${message}`
    default:
      return message
  }
}

function conflictMessage(property: string): string {
  return `Another object with the same value for property ${property} already exists.`
}

function detailsOf({ rule, field: target, message }: DirectoryProblem): GraphErrorDetail[] {
  switch (kinds[rule]) {
    case 'conflict':
      return conflictDetails(target, message)
    case 'value':
      return [{ target, code: 'InvalidValue', message }]
    case 'absent':
      return [{ target, code: 'ResourceNotFound', message }]
    case 'state':
      return [{ target, code: 'InvalidOperation', message }]
  }
}

/** Older bodies of Graph have the first alone, newer ones both. */
function conflictDetails(target: string, message: string): GraphErrorDetail[] {
  return [
    { target, code: 'ObjectConflict', message: conflictMessage(target) },
    { target, code: 'ConflictingObjects', message },
  ]
}

const uniqueFields: Readonly<
  Record<UniqueViolation['property'], readonly [string, DirectoryRule | null]>
> = {
  id: ['id', null],
  userPrincipalName: ['userPrincipalName', 'principalNameTaken'],
  onPremisesImmutableId: ['onPremisesImmutableId', 'immutableIdTaken'],
  issuerUri: ['issuerUri', 'issuerTaken'],
  identifierUri: ['identifierUri', null],
  groupName: ['displayName', 'groupExists'],
  externalId: ['externalId', 'externalIdTaken'],
}

/** Somebody was faster, between the look and the write. */
function ofUniqueViolation({ property, message }: UniqueViolation): GraphError {
  const [field, rule] = uniqueFields[property]
  return conflict(field, `${message}.`, rule === null ? [] : [rule])
}

/** 400: another object has the value of the property. `message` says which, and what to do. */
export function conflict(
  property: string,
  message: string,
  rules: readonly DirectoryRule[] = [],
): GraphError {
  const details = conflictDetails(property, message)
  return new GraphError(400, 'Request_BadRequest', conflictMessage(property), { details, rules })
}
