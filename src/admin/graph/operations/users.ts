import type { DirectoryStore } from '../../../directory/ports.ts'
import type { Condition, UserProperty } from '../../../directory/query.ts'
import type { User } from '../../../directory/types.ts'
import { principalNameDomain } from '../../../directory/upn.ts'
import { changeUser, createUser, deleteUser } from '../../../directory/userChanges.ts'
import type { UserInput } from '../../../directory/users.ts'
import { isGuid } from '../../../lib/ids.ts'
import { mustNotBeBreakGlass, type PreparedPassword } from '../../passwords.ts'
import { type Read, readBody, refuseAll } from '../body.ts'
import {
  actOf,
  bodyOf,
  type Call,
  changeContext,
  entityAnswer,
  noContent,
  param,
  selecting,
} from '../call.ts'
import { badRequest, notFound } from '../error.ts'
import { mustMatch } from '../etag.ts'
import { userFilters } from '../filter/properties.ts'
import { foundCount, foundList, type ListForm } from '../list.ts'
import { readOptions, readSelect } from '../options.ts'
import type { GraphAnswer } from '../ports.ts'
import {
  listedUser,
  userForm,
  userProperties,
  userReference,
  userResource,
  userTag,
} from '../resources/user.ts'

type UserList = ListForm<User, UserProperty, 'userPrincipalName' | 'displayName'>

function userList({ parts }: Call): UserList {
  return {
    resource: 'user',
    properties: userProperties,
    filters: userFilters,
    orders: ['userPrincipalName', 'displayName'],
    found: parts.store.foundUsers,
    fragment: (select) => selecting('users', select),
    shape: listedUser,
  }
}

/** `GET /users` */
export function listUsers(call: Call): Promise<GraphAnswer> {
  return foundList(call, userList(call))
}

/** `GET /users/$count` */
export function countUsers(call: Call): Promise<GraphAnswer> {
  return foundCount(call, userList(call))
}

/** Users as references to objects of the directory: those that meet the condition. */
export function listUserReferences(
  call: Call,
  where: Condition<UserProperty>,
): Promise<GraphAnswer> {
  const fragment = () => 'directoryObjects'
  return foundList(call, { ...userList(call), fragment, shape: userReference }, where)
}

/** `GET /users/{id or UPN}` */
export async function getUser(call: Call): Promise<GraphAnswer> {
  const options = readOptions(call.request.query, ['$select'])
  const select = readSelect(options, 'user', userProperties)
  return userAnswer(call, await namedUser(call.parts.store, param(call, 'user')), select)
}

/** `POST /users`: 201. */
export async function postUser(call: Call): Promise<GraphAnswer> {
  const { parts } = call
  const whole = readBody(await bodyOf(call), userForm)
  const { passwordProfile, ...body } = whole
  const domain = principalNameDomain(body.userPrincipalName ?? '')
  const isFederated =
    domain !== null && (await parts.store.domain(domain))?.authenticationType === 'Federated'
  mustHaveAll(whole, parts.isStrict, isFederated)
  const input = { userPrincipalName: '', ...inputOf(body) }
  const prepared = await preparedPassword(call, input.userPrincipalName, passwordProfile)
  const { user } = await parts.store.transaction((tx) => createUser(tx, input, changeContext(call)))
  await prepared?.keep(user, passwordProfile?.forceChange ?? true, actOf(call))
  return userAnswer(call, user, null, `/users/${user.id}`)
}

/** `PATCH /users/{id or UPN}`: 204. */
export async function patchUser(call: Call): Promise<GraphAnswer> {
  const { parts, request } = call
  const { passwordProfile, ...body } = readBody(await bodyOf(call), userForm)
  const named = await namedUser(parts.store, param(call, 'user'))
  const name = body.userPrincipalName ?? named.userPrincipalName
  const prepared = await preparedPassword(call, name, passwordProfile)
  const { user } = await parts.store.transaction(async (tx) => {
    const before = await namedUser(tx, named.id)
    mustMatch(request.ifMatch, userTag(before))
    await mustNotBeBreakGlass(parts.passwords, before)
    return changeUser(tx, before, inputOf(body), changeContext(call))
  })
  const act = actOf(call)
  if (prepared !== null) await prepared.keep(user, passwordProfile?.forceChange ?? true, act)
  else if (passwordProfile) {
    await parts.passwords.setMustChange(user, passwordProfile.forceChange === true, act)
  }
  return noContent
}

/** `DELETE /users/{id or UPN}`: 204. */
export async function removeUser(call: Call): Promise<GraphAnswer> {
  await call.parts.store.transaction(async (tx) => {
    const user = await namedUser(tx, param(call, 'user'))
    mustMatch(call.request.ifMatch, userTag(user))
    await mustNotBeBreakGlass(call.parts.passwords, user)
    await deleteUser(tx, user, actOf(call))
  })
  return noContent
}

/** The user with that id or UPN. Throws 404. */
export async function namedUser(store: DirectoryStore, name: string): Promise<User> {
  const user = isGuid(name)
    ? await store.user(name.toLowerCase())
    : await store.userByPrincipalName(name)
  return user ?? notFound(name)
}

function userAnswer(
  call: Call,
  user: User,
  select: readonly string[] | null,
  createdAt?: string,
): GraphAnswer {
  return entityAnswer(call, {
    set: 'users',
    select,
    tag: userTag(user),
    properties: userResource(user, select),
    createdAt,
  })
}

type UserBody = Read<typeof userForm.fields>

/** What Graph needs of a new user. A federated one has its password at the identity provider, and may come without. */
function mustHaveAll(body: UserBody, isStrict: boolean, isFederated: boolean): void {
  const wanted = isStrict
    ? (['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName'] as const)
    : (['userPrincipalName'] as const)
  const missing: string[] = wanted.filter((name) => body[name] === undefined)
  const hasPassword = typeof body.passwordProfile?.password === 'string'
  if (isStrict && !isFederated && !hasPassword) missing.push('passwordProfile')
  const problems = missing.map((target) => ({
    target,
    code: 'InvalidValue',
    message: `A value is required for property '${target}' of resource 'User'.`,
  }))
  refuseAll(
    problems,
    problems.map(() => 'valueRequired'),
  )
}

/** What the directory keeps of a body. */
function inputOf({
  userType: _,
  businessPhones: __,
  preferredLanguage: ___,
  ...input
}: Omit<UserBody, 'passwordProfile'>): Partial<UserInput> {
  return input
}

/** A password of a federated user is kept, too, and has no effect as long as its domain is federated: as on the command line. */
async function preparedPassword(
  { parts }: Call,
  userPrincipalName: string,
  profile: UserBody['passwordProfile'],
): Promise<PreparedPassword | null> {
  if (typeof profile?.password !== 'string') return null
  const prepared = await parts.passwords.prepare(userPrincipalName, profile.password)
  if (!('problem' in prepared)) return prepared
  return badRequest(
    'passwordProfile',
    `The specified password does not comply with password complexity requirements. Please provide a different password. ${prepared.problem}`,
  )
}
