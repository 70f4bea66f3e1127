import type { Instant } from '../lib/clock.ts'
import { describeCharacter } from './characters.ts'
import {
  changedProperties,
  type DirectoryProblem,
  type DirectoryRule,
  type PropertyChange,
} from './directoryError.ts'
import { checkImmutableId, immutableIdWarnings } from './immutableId.ts'
import type { UserChange } from './ports.ts'
import { type Domain, type User, userDefaults } from './types.ts'
import { principalNameDomain, principalNameProblem, readEmail } from './upn.ts'

/**
 * What a door says about one user, who is found by UPN. An absent property is left as it is (or takes its default when the user
 * is new); null clears it.
 */
export interface UserInput {
  readonly userPrincipalName: string
  readonly onPremisesImmutableId?: string | null
  readonly accountEnabled?: boolean
  readonly displayName?: string
  readonly mailNickname?: string
  readonly mail?: string | null
  readonly givenName?: string | null
  readonly surname?: string | null
  readonly jobTitle?: string | null
  readonly department?: string | null
  readonly officeLocation?: string | null
  readonly mobilePhone?: string | null
  readonly usageLocation?: string | null
}

/** The properties that a door can set, in the order of reports and exports. */
export const writableProperties = [
  'onPremisesImmutableId',
  'accountEnabled',
  'displayName',
  'mailNickname',
  'mail',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
  'usageLocation',
] as const satisfies readonly (keyof UserInput)[]

/** Most characters of each text, as Graph's `user` resource has them; `mail` as RFC 5321 has it. */
const maxLengths: ReadonlyMap<keyof UserInput, number> = new Map([
  ['displayName', 256],
  ['mailNickname', 64],
  ['mail', 254],
  ['givenName', 64],
  ['surname', 64],
  ['jobTitle', 128],
  ['department', 64],
  ['officeLocation', 128],
  ['mobilePhone', 64],
])

/** An empty text is neither a value nor none: null is. Those that have a form of their own are not among these. */
const filledTexts = [
  'displayName',
  'mailNickname',
  'givenName',
  'surname',
  'jobTitle',
  'department',
  'officeLocation',
  'mobilePhone',
] as const satisfies readonly (keyof UserInput)[]

/** Graph's `user` resource: ASCII without @ ( ) \ [ ] " ; : < > , and space. */
const mailNicknamePattern = /^[!#-'*+./0-9=?A-Z^-~-]+$/
/** ISO 3166-1 alpha-2. */
const usageLocationPattern = /^[A-Z]{2}$/
/** Most texts are, and need no closer look. */
const plainText = /^[ -~]*$/
/** Control characters, and those of Unicode that have no business in a name: line separators and direction overrides. */
export const forbiddenInText = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]|\p{Cs}/u

/**
 * Every rule that the input breaks by itself; none is an empty list. That an ImmutableId is unique is for the caller, who knows
 * what else is being written. `domains` are those of the tenant by name.
 */
export function userProblems(
  input: UserInput,
  domains: ReadonlyMap<string, Domain>,
): readonly DirectoryProblem[] {
  const problems = [...principalNameProblems(input.userPrincipalName, domains)]
  const report = (rule: DirectoryRule, field: string, message: string) =>
    problems.push({ rule, field, message })

  const anchor = input.onPremisesImmutableId
  const anchorProblem = typeof anchor === 'string' ? checkImmutableId(anchor) : null
  if (anchorProblem !== null) {
    report('immutableIdMalformed', 'onPremisesImmutableId', `The ImmutableId ${anchorProblem}.`)
  }
  for (const [property, most] of maxLengths) {
    const value = input[property]
    if (typeof value !== 'string' || (value.length <= most && plainText.test(value))) continue
    const length = [...value].length
    const intruder = forbiddenInText.exec(value)
    if (length > most) {
      report('valueTooLong', property, `It has ${length} characters; ${most} are the most.`)
    } else if (intruder) {
      const name = describeCharacter(intruder[0])
      report('valueMalformed', property, `It has a character that is not allowed: ${name}.`)
    }
  }
  for (const property of filledTexts) {
    if (input[property]?.trim() === '') report('valueRequired', property, 'It must not be empty.')
  }
  if (input.mailNickname?.trim() && !mailNicknamePattern.test(input.mailNickname)) {
    const message = 'It may have ASCII characters only, without @ ( ) \\ [ ] " ; : < > , and space.'
    report('valueMalformed', 'mailNickname', message)
  }
  if (typeof input.mail === 'string') {
    const reading = readEmail(input.mail)
    if ('problem' in reading) {
      report('valueMalformed', 'mail', `It is no e-mail address: ${reading.problem}.`)
    }
  }
  if (typeof input.usageLocation === 'string' && !usageLocationPattern.test(input.usageLocation)) {
    const message = 'It must be a country code of two capital letters (ISO 3166-1), such as US.'
    report('valueMalformed', 'usageLocation', message)
  }
  return problems
}

function* principalNameProblems(
  upn: string,
  domains: ReadonlyMap<string, Domain>,
): Generator<DirectoryProblem> {
  const field = 'userPrincipalName'
  const problem = principalNameProblem(upn)
  if (problem !== null) {
    const message = `${upn === '' ? 'The UPN is empty' : `${shortened(upn)} is no UPN: ${problem}`}.`
    yield { rule: 'principalNameMalformed', field, message }
    return
  }
  const domain = principalNameDomain(upn) ?? ''
  if (!domains.has(domain)) {
    const message = `${domain} is not a domain here. Add it first (homerealm domains add ${domain}), or correct the UPN.`
    yield { rule: 'domainNotHere', field, message }
  }
}

/** Something that is allowed and probably not meant. */
export interface UserWarning {
  readonly field: keyof UserInput
  readonly message: string
}

export type UserPlan = { readonly user: User; readonly warnings: readonly UserWarning[] } & (
  | { readonly kind: 'create' }
  | {
      readonly kind: 'update'
      readonly before: User
      readonly changes: readonly PropertyChange[]
    }
  | { readonly kind: 'unchanged' }
)

export interface PlanContext {
  /** The domain of the UPN. */
  readonly domain: Domain
  readonly now: Instant
  readonly newId: () => string
  /** The user was found by something else than the UPN, which the input's UPN replaces. Default false. */
  readonly renames?: boolean
}

/**
 * What writing the input would do to a user. The input must have passed `userProblems`; `existing` is the user with its UPN. The
 * UPN finds the user and is not changed by it, not even in case (unless `renames`). A new user is enabled unless the input says otherwise, and
 * takes displayName from the names and mailNickname from the UPN.
 *
 * A federated user without ImmutableId is allowed with a warning, where Entra refuses to create one: CSV files are loaded before
 * anchors exist, and such a user can do no harm, since no NameID matches null.
 */
export function planUserUpsert(
  input: UserInput,
  existing: User | null,
  { domain, now, newId, renames = false }: PlanContext,
): UserPlan {
  const before = existing ?? newUser(input, now, newId)
  const given: Partial<Record<keyof User, unknown>> = {}
  for (const name of writableProperties) if (input[name] !== undefined) given[name] = input[name]
  const user = { ...before, ...given } as User
  if (renames) Object.assign(user, { userPrincipalName: input.userPrincipalName })
  const warnings = userWarnings(user, input.onPremisesImmutableId ?? null, domain)
  if (existing === null) return { kind: 'create', user, warnings }

  const changes = changedProperties(existing, user, ['userPrincipalName', ...writableProperties])
  if (changes.length === 0) return { kind: 'unchanged', user: existing, warnings }
  const changed = { ...user, lastModifiedDateTime: later(now, existing.lastModifiedDateTime) }
  return { kind: 'update', before: existing, user: changed, changes, warnings }
}

/** The store's change for a plan, or null when there is nothing to write. */
export function changeOf(plan: UserPlan): UserChange | null {
  if (plan.kind === 'unchanged') return null
  if (plan.kind === 'create') return { kind: 'create', user: plan.user }
  return { kind: 'update', before: plan.before, user: plan.user }
}

function newUser(input: UserInput, now: Instant, newId: () => string): User {
  const local = input.userPrincipalName.slice(0, input.userPrincipalName.indexOf('@'))
  const names = [input.givenName, input.surname].filter(Boolean).join(' ')
  return {
    ...userDefaults,
    id: newId(),
    userPrincipalName: input.userPrincipalName,
    displayName: names || local,
    mailNickname: local,
    createdDateTime: now,
    lastModifiedDateTime: now,
  }
}

function userWarnings(
  user: User,
  givenAnchor: string | null,
  domain: Domain,
): readonly UserWarning[] {
  const field = 'onPremisesImmutableId'
  if (domain.authenticationType === 'Federated' && user.onPremisesImmutableId === null) {
    const message = `${user.userPrincipalName} has no ImmutableId and cannot sign in, since ${domain.id} is federated.`
    return [{ field, message }]
  }
  if (givenAnchor === null) return []
  return immutableIdWarnings(givenAnchor).map(({ message }) => ({
    field,
    message: `The ImmutableId of ${user.userPrincipalName} ${message}.`,
  }))
}

/** Times of one user only go forward, so that a write from an older reading can be told. */
function later(now: Instant, before: Instant): Instant {
  return Math.max(now, before + 1)
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}
