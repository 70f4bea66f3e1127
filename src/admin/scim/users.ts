import type { DirectoryStore } from '../../directory/ports.ts'
import type { UserProperty } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { changeUser, createUser, deleteUser } from '../../directory/userChanges.ts'
import {
  actOf,
  changeContext,
  type ScimContext,
  type ScimReply,
  type ScimRequest,
} from './context.ts'
import type { ScimObject } from './json.ts'
import { type Listing, list } from './list.ts'
import { urns } from './names.ts'
import { patchUser } from './patchUser.ts'
import { mustBeThere, mustMatch, nothing, resourceReply } from './preconditions.ts'
import { presentUser, type Resource } from './present.ts'
import { project, readProjection } from './projection.ts'
import { readUser } from './readUser.ts'
import { bad, ScimError } from './scimError.ts'
import { userFields } from './userAttributes.ts'
import type { UserWrite } from './userWrite.ts'

type ReadBody = () => ScimObject

/** `GET /Users`, `POST /Users/.search` (RFC 7644 section 3.4.2). */
export async function listUsers(request: ScimRequest, context: ScimContext): Promise<ScimReply> {
  const { client, store } = context
  const projection = readProjection(request.query, urns.user)
  const listing: Listing<User, UserProperty, 'userPrincipalName' | 'displayName'> = {
    fields: userFields(client.id, client.anchorPlace === 'externalId'),
    found: store.foundUsers,
    orders: new Map([
      ['username', 'userPrincipalName'],
      ['displayname', 'displayName'],
    ] as const),
    scope: `users of ${client.id}`,
    present: async (users) =>
      (await shownUsers(store, users, context)).map((each) => project(each, projection)),
  }
  const body = await list(request.query, listing)
  return { status: 200, body, location: null, version: null }
}

/** `GET /Users/{id}`. */
export async function getUser(
  id: string,
  request: ScimRequest,
  context: ScimContext,
): Promise<ScimReply> {
  const { store } = context
  const projection = readProjection(request.query, urns.user)
  const user = await mustBeThere('user', id, (each) => store.user(each))
  return resourceReply(200, await shownUser(store, user, context), projection, request)
}

/** `POST /Users` (RFC 7644 section 3.3). */
export async function postUser(
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const projection = readProjection(request.query, urns.user)
  const write = readUser(readBody(), null, context.client.anchorPlace)
  const { input } = write
  const { userPrincipalName } = input
  if (userPrincipalName === undefined) bad('invalidValue', 'userName: every user must have one.')
  const resource = await written(write, context, async (tx) => {
    const whole = { ...input, userPrincipalName }
    return (await createUser(tx, whole, changeContext(context))).user
  })
  return resourceReply(201, resource, projection, request)
}

/** `PUT` and `PATCH /Users/{id}` (RFC 7644 sections 3.5.1, 3.5.2). */
export async function changeUserResource(
  id: string,
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const projection = readProjection(request.query, urns.user)
  const body = readBody()
  const read = request.method === 'PUT' ? readUser : patchUser
  const { anchorPlace } = context.client
  // What the request writes depends on what is there, so it is read anew inside the transaction.
  const resource = await written(null, context, async (tx, collect) => {
    const before = await mustBeThere('user', id, (each) => tx.user(each))
    mustMatch(request, await shownUser(tx, before, context))
    const write = collect(read(body, before, anchorPlace))
    return (await changeUser(tx, before, write.input, changeContext(context))).user
  })
  return resourceReply(200, resource, projection, request)
}

/** `DELETE /Users/{id}` (RFC 7644 section 3.6): the user is gone; `active` false is for those who may come back. */
export async function removeUser(
  id: string,
  request: ScimRequest,
  context: ScimContext,
): Promise<ScimReply> {
  await context.store.transaction(async (tx) => {
    const user = await mustBeThere('user', id, (each) => tx.user(each))
    mustMatch(request, await shownUser(tx, user, context))
    await deleteUser(tx, user, actOf(context))
  })
  return nothing
}

/**
 * Writes a user in one transaction with its external id, and sets the password after it. A password that cannot be set keeps all of it out.
 * In a federated domain a password is ignored: the identity provider signs those people in.
 */
async function written(
  write: UserWrite | null,
  context: ScimContext,
  change: (tx: DirectoryStore, collect: (write: UserWrite) => UserWrite) => Promise<User>,
): Promise<Resource> {
  const { store, client, passwords } = context
  const collected = { write }
  const outcome = await store.transaction(async (tx) => {
    const user = await change(tx, (each) => {
      collected.write = each
      return each
    })
    const { externalId, password } = collected.write ?? {}
    if (externalId !== undefined) {
      await tx.externalIds.set(client.id, 'user', user.id, externalId)
    }
    const isSet = password !== undefined && (await isManaged(tx, user))
    const problem = isSet ? passwords.problem(password, user.userPrincipalName) : null
    if (problem !== null) bad('invalidValue', `password: ${problem}`)
    return {
      user,
      password: isSet ? password : null,
      resource: await shownUser(tx, user, context),
    }
  })
  if (outcome.password !== null) {
    await passwords.set(outcome.user, outcome.password, actOf(context))
  }
  return outcome.resource
}

async function isManaged(tx: DirectoryStore, { userPrincipalName }: User): Promise<boolean> {
  const domain = await tx.domain(principalNameDomain(userPrincipalName) ?? '')
  return domain?.authenticationType === 'Managed'
}

async function shownUser(
  store: DirectoryStore,
  user: User,
  context: ScimContext,
): Promise<Resource> {
  const [shown] = await shownUsers(store, [user], context)
  if (shown === undefined) throw new ScimError(404, null, 'There is no user with this id.')
  return shown
}

async function shownUsers(
  store: DirectoryStore,
  users: readonly User[],
  { client, baseUrl }: ScimContext,
): Promise<readonly Resource[]> {
  const ids = users.map(({ id }) => id)
  const kept = await store.externalIds.of(client.id, 'user', ids)
  const shown: Resource[] = []
  for (const user of users) {
    const groups = await store.groups.groupsOf(user.id)
    const { anchorPlace } = client
    shown.push(presentUser(user, groups, kept.get(user.id) ?? null, { baseUrl, anchorPlace }))
  }
  return shown
}
