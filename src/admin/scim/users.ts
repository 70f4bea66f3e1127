import type { DirectoryStore } from '../../directory/ports.ts'
import type { UserProperty } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import { principalNameDomain } from '../../directory/upn.ts'
import { changeUser, createUser, deleteUser } from '../../directory/userChanges.ts'
import { mustNotBeBreakGlass, type PreparedPassword } from '../passwords.ts'
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
import { bad } from './scimError.ts'
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
    usualOrders: ['userPrincipalName', 'displayName', 'mail'],
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
  const password = await preparedPassword(write, userPrincipalName, context)
  const { resource, user } = await context.store.transaction(async (tx) => {
    const whole = { ...input, userPrincipalName }
    const { user } = await createUser(tx, whole, changeContext(context))
    return kept(tx, user, write, context)
  })
  await password?.keep(user, false, actOf(context))
  return resourceReply(201, resource, projection, request)
}

/** `PUT` and `PATCH /Users/{id}` (RFC 7644 sections 3.5.1, 3.5.2). */
export async function changeUserResource(
  id: string,
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const { client, store } = context
  const projection = readProjection(request.query, urns.user)
  const body = readBody()
  const read = request.method === 'PUT' ? readUser : patchUser
  // A password takes a while to hash, which is no work for a transaction.
  const seen = await mustBeThere('user', id, (each) => store.user(each))
  const draft = read(body, seen, client.anchorPlace)
  const upn = draft.input.userPrincipalName ?? seen.userPrincipalName
  const password = await preparedPassword(draft, upn, context)
  const { resource, user } = await store.transaction(async (tx) => {
    const before = await mustBeThere('user', id, (each) => tx.user(each))
    mustMatch(request, await shownUser(tx, before, context))
    await mustNotBeBreakGlass(context.passwords, before)
    // What the request writes depends on what is there.
    const write = read(body, before, client.anchorPlace)
    const { user } = await changeUser(tx, before, write.input, changeContext(context))
    return kept(tx, user, write, context)
  })
  await password?.keep(user, false, actOf(context))
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
    await mustNotBeBreakGlass(context.passwords, user)
    await deleteUser(tx, user, actOf(context))
  })
  return nothing
}

/** Keeps the external id of a user that was written; gives the user as it is shown now. */
async function kept(
  tx: DirectoryStore,
  user: User,
  { externalId }: UserWrite,
  context: ScimContext,
): Promise<{ readonly user: User; readonly resource: Resource }> {
  if (externalId !== undefined) {
    await tx.externalIds.set(context.client.id, 'user', user.id, externalId)
  }
  return { user, resource: await shownUser(tx, user, context) }
}

/**
 * The password of the request, ready to be kept after the transaction; null for none. One that breaks the rules keeps everything out. In a
 * federated domain a password is ignored, since the identity provider signs those people in.
 */
async function preparedPassword(
  { password }: UserWrite,
  userPrincipalName: string,
  { store, passwords }: ScimContext,
): Promise<PreparedPassword | null> {
  if (password === undefined) return null
  const domain = await store.domain(principalNameDomain(userPrincipalName) ?? '')
  if (domain?.authenticationType !== 'Managed') return null
  const prepared = await passwords.prepare(userPrincipalName, password)
  return 'problem' in prepared ? bad('invalidValue', `password: ${prepared.problem}`) : prepared
}

async function shownUser(
  store: DirectoryStore,
  user: User,
  context: ScimContext,
): Promise<Resource> {
  const [shown] = await shownUsers(store, [user], context)
  if (shown === undefined) throw new Error('a user is shown')
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
