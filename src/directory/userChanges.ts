import type { AuditValues, RecordedAct } from './audit.ts'
import { valuesOf } from './audit.ts'
import { DirectoryError, type DirectoryProblem, type PropertyChange } from './directoryError.ts'
import type { DirectoryStore } from './ports.ts'
import { type Domain, type User, userDefaults } from './types.ts'
import { principalNameDomain } from './upn.ts'
import {
  changeOf,
  planUserUpsert,
  type UserInput,
  type UserPlan,
  type UserWarning,
  userProblems,
  writableProperties,
} from './users.ts'

/**
 * Where doors differ on purpose. Files and provisioning load people before their anchors exist, and are there to mend anchors; Graph
 * has Entra's rules (entra.md section 4).
 */
export interface AnchorPolicy {
  /** A user whose UPN is, or comes, into a federated domain must have an ImmutableId. */
  readonly required: boolean
  /** An ImmutableId that is there is not changed while the user's domain is federated. */
  readonly fixed: boolean
}

export const lenientAnchors: AnchorPolicy = { required: false, fixed: false }
export const strictAnchors: AnchorPolicy = { required: true, fixed: true }

export interface ChangeContext extends RecordedAct {
  readonly newId: () => string
  readonly anchors: AnchorPolicy
}

export interface UserOutcome {
  readonly user: User
  /** Empty when nothing had to be written. */
  readonly changes: readonly PropertyChange[]
  readonly warnings: readonly UserWarning[]
  /** The record of the audit; null when nothing was written. */
  readonly auditId: number | null
}

/** The properties that the audit keeps of a user. */
const auditedProperties = ['userPrincipalName', ...writableProperties] as const

/**
 * Makes a user, inside the caller's transaction, and records it. Throws DirectoryError with every rule that the input breaks:
 * those of `userProblems`, `principalNameTaken`, `immutableIdTaken`, `immutableIdRequired`.
 */
export async function createUser(
  tx: DirectoryStore,
  input: UserInput,
  context: ChangeContext,
): Promise<UserOutcome> {
  const domain = await checked(tx, input, null, context.anchors)
  const plan = planUserUpsert(input, null, { domain, now: context.at, newId: context.newId })
  return written(tx, plan, context)
}

/**
 * Changes what the input names of a user, the UPN included, inside the caller's transaction, and records it. `before` is the user as the
 * transaction sees it. Throws DirectoryError as `createUser` does, and `immutableIdFixed`.
 */
export async function changeUser(
  tx: DirectoryStore,
  before: User,
  input: Partial<UserInput>,
  context: ChangeContext,
): Promise<UserOutcome> {
  const whole = { userPrincipalName: before.userPrincipalName, ...input }
  const domain = await checked(tx, whole, before, context.anchors)
  const plan = planUserUpsert(whole, before, {
    domain,
    now: context.at,
    newId: context.newId,
    renames: true,
  })
  return written(tx, plan, context)
}

/** Removes a user with all that belongs to it, inside the caller's transaction, and records it with the groups that it was in. */
export async function deleteUser(
  tx: DirectoryStore,
  user: User,
  act: RecordedAct,
): Promise<number> {
  const groups = await tx.groups.groupsOf(user.id)
  await tx.writeUsers([{ kind: 'delete', user }])
  return tx.audit.add({
    ...onlyAct(act),
    action: 'userDeleted',
    target: targetOf(user),
    before: { ...user, memberOf: groups.map(({ id }) => id) },
    after: null,
  })
}

/**
 * Brings a deleted user back as it was, with its id, inside the caller's transaction, and records it. The groups that are still there have
 * it as a member again. Throws DirectoryError as `createUser` does, but for its anchor policy.
 */
export async function restoreUser(
  tx: DirectoryStore,
  former: User,
  groups: readonly string[],
  act: RecordedAct,
): Promise<User> {
  await checked(tx, former, null, lenientAnchors)
  const user = {
    ...former,
    lastModifiedDateTime: Math.max(act.at, former.lastModifiedDateTime + 1),
  }
  await tx.writeUsers([{ kind: 'create', user }])
  const memberOf: string[] = []
  for (const id of groups) {
    if ((await tx.groups.group(id)) === null) continue
    await tx.groups.changeMembers(id, { add: [user.id], remove: [] })
    memberOf.push(id)
  }
  const after = { ...valuesOf(user, auditedProperties), memberOf }
  const target = targetOf(user)
  await tx.audit.add({ ...onlyAct(act), action: 'userCreated', target, before: null, after })
  return user
}

/** Who did it, and what is taken back by it; whatever else the object carries. */
export function onlyAct({ at, who, door, undoes = null as number | null }: RecordedAct) {
  return { at, who, door, undoes }
}

export function targetOf({ id, userPrincipalName }: User) {
  return { kind: 'user', id, name: userPrincipalName } as const
}

/** Throws for every rule that is broken; gives the domain of the UPN. */
async function checked(
  tx: DirectoryStore,
  input: UserInput,
  before: User | null,
  anchors: AnchorPolicy,
): Promise<Domain> {
  const domains = new Map((await tx.domains()).map((domain) => [domain.id, domain]))
  const domain = domains.get(principalNameDomain(input.userPrincipalName) ?? '')
  const problems = [
    ...userProblems(input, domains),
    ...(await takenProblems(tx, input, before)),
    ...(domain === undefined ? [] : anchorProblems(input, before, domain, domains, anchors)),
  ]
  if (problems.length > 0) throw DirectoryError.ofAll(problems)
  if (domain === undefined) throw new Error('a UPN without problems has a domain')
  return domain
}

async function takenProblems(
  tx: DirectoryStore,
  { userPrincipalName, onPremisesImmutableId }: UserInput,
  before: User | null,
): Promise<DirectoryProblem[]> {
  const problems: DirectoryProblem[] = []
  const namesake = await tx.userByPrincipalName(userPrincipalName)
  if (namesake !== null && namesake.id !== before?.id) {
    const message = `${namesake.userPrincipalName} is a user here already.`
    problems.push({ rule: 'principalNameTaken', field: 'userPrincipalName', message })
  }
  const holder = onPremisesImmutableId ? await tx.userByImmutableId(onPremisesImmutableId) : null
  if (holder !== null && holder.id !== before?.id) {
    const message = `${holder.userPrincipalName} has this ImmutableId already.`
    problems.push({ rule: 'immutableIdTaken', field: 'onPremisesImmutableId', message })
  }
  return problems
}

function* anchorProblems(
  input: UserInput,
  before: User | null,
  domain: Domain,
  domains: ReadonlyMap<string, Domain>,
  anchors: AnchorPolicy,
): Generator<DirectoryProblem> {
  const field = 'onPremisesImmutableId'
  const now = before?.onPremisesImmutableId ?? null
  const next = input.onPremisesImmutableId === undefined ? now : input.onPremisesImmutableId
  const from =
    before === null ? null : domains.get(principalNameDomain(before.userPrincipalName) ?? '')
  const isFederated = domain.authenticationType === 'Federated'
  const wasFederated = from?.authenticationType === 'Federated'
  if (anchors.fixed && wasFederated && now !== null && next !== now) {
    const message = `${before?.userPrincipalName} is in a federated domain, so its ImmutableId is not changed. Move its UPN to a managed domain first, and back after it.`
    yield { rule: 'immutableIdFixed', field, message }
  } else if (anchors.required && isFederated && next === null && !(wasFederated && now === null)) {
    const message = `${domain.id} is federated: a user there needs an ImmutableId.`
    yield { rule: 'immutableIdRequired', field, message }
  }
}

async function written(tx: DirectoryStore, plan: UserPlan, act: RecordedAct): Promise<UserOutcome> {
  const change = changeOf(plan)
  const { user, warnings } = plan
  if (change === null || plan.kind === 'unchanged') {
    return { user, changes: [], warnings, auditId: null }
  }
  await tx.writeUsers([change])
  const isNew = plan.kind === 'create'
  const changes = isNew ? creationOf(user) : plan.changes
  const auditId = await tx.audit.add({
    ...onlyAct(act),
    action: isNew ? 'userCreated' : 'userChanged',
    target: targetOf(user),
    before: isNew ? null : picked(changes, 'old'),
    after: isNew ? valuesOf(user, auditedProperties) : picked(changes, 'new'),
  })
  return { user, changes, warnings, auditId }
}

/** What a new user has that nobody has by default. */
function creationOf(user: User): readonly PropertyChange[] {
  const defaults: Partial<User> = userDefaults
  return auditedProperties
    .filter((name) => user[name] !== defaults[name])
    .map((name) => ({ property: name, old: null, new: user[name] }))
}

function picked(changes: readonly PropertyChange[], side: 'old' | 'new'): AuditValues {
  return Object.fromEntries(changes.map((change) => [change.property, change[side]]))
}
