import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
} from '../../directory/groupChanges.ts'
import type { Group } from '../../directory/groups.ts'
import type { DirectoryStore } from '../../directory/ports.ts'
import type { GroupProperty } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import {
  actOf,
  changeContext,
  type ScimContext,
  type ScimReply,
  type ScimRequest,
} from './context.ts'
import type { Field, Fields } from './filter/conditions.ts'
import { type GroupWrite, patchGroup, readGroup } from './groupWrite.ts'
import type { ScimObject } from './json.ts'
import { type Listing, list } from './list.ts'
import { limits, urns } from './names.ts'
import { mustBeThere, mustMatch, nothing, resourceReply } from './preconditions.ts'
import { presentGroup, type Resource } from './present.ts'
import { type Projection, project, readProjection, wants } from './projection.ts'
import { bad } from './scimError.ts'

type ReadBody = () => ScimObject

/** `GET /Groups`, `POST /Groups/.search`. */
export async function listGroups(request: ScimRequest, context: ScimContext): Promise<ScimReply> {
  const { client, store } = context
  const projection = readProjection(request.query, urns.group)
  const listing: Listing<Group, GroupProperty, 'displayName'> = {
    fields: groupFields(client.id),
    found: store.groups.found,
    orders: new Map([['displayname', 'displayName']] as const),
    usualOrders: ['displayName'],
    scope: `groups of ${client.id}`,
    present: async (groups) =>
      (await shownGroups(store, groups, projection, context)).map((each) =>
        project(each, projection),
      ),
  }
  const body = await list(request.query, listing)
  return { status: 200, body, location: null, version: null }
}

/** `GET /Groups/{id}`; Entra asks with `excludedAttributes=members`. */
export async function getGroup(
  id: string,
  request: ScimRequest,
  context: ScimContext,
): Promise<ScimReply> {
  const { store } = context
  const projection = readProjection(request.query, urns.group)
  const group = await mustBeThere('group', id, (each) => store.groups.group(each))
  return resourceReply(200, await shown(store, group, projection, context), projection, request)
}

/** `POST /Groups`: with members (Okta) or without (Entra). */
export async function postGroup(
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const projection = readProjection(request.query, urns.group)
  const write = readGroup(readBody())
  const { displayName = '', add } = write
  const resource = await context.store.transaction(async (tx) => {
    const made = await createGroup(tx, { displayName }, changeContext(context))
    const group = await changeMembers(tx, made, { add: [...add], remove: [] }, actOf(context))
    await keepExternalId(tx, group, write, context)
    return shown(tx, group, projection, context)
  })
  return resourceReply(201, resource, projection, request)
}

/**
 * `PUT` and `PATCH /Groups/{id}`. A PATCH is answered by 204 unless attributes are asked for (RFC 7644 section 3.5.2), since a group may have
 * very many members.
 */
export async function changeGroupResource(
  id: string,
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const { query, method } = request
  const projection = readProjection(query, urns.group)
  const isSilent =
    method === 'PATCH' && query.attributes.length + query.excludedAttributes.length === 0
  const write = method === 'PUT' ? readGroup(readBody()) : patchGroup(readBody())
  const resource = await context.store.transaction(async (tx) => {
    const before = await mustBeThere('group', id, (each) => tx.groups.group(each))
    const withoutMembers = readProjection(
      { attributes: ['id'], excludedAttributes: [] },
      urns.group,
    )
    mustMatch(request, await shown(tx, before, withoutMembers, context))
    const { displayName = before.displayName } = write
    const named = await changeGroup(tx, before, { displayName }, actOf(context))
    const membership = { add: [...write.add], remove: await leaving(tx, named, write) }
    const group = await changeMembers(tx, named, membership, actOf(context))
    await keepExternalId(tx, group, write, context)
    return shown(tx, group, isSilent ? withoutMembers : projection, context)
  })
  const reply = resourceReply(200, resource, projection, request)
  return isSilent ? { ...reply, status: 204, body: null } : reply
}

/** `DELETE /Groups/{id}`. */
export async function removeGroup(
  id: string,
  request: ScimRequest,
  context: ScimContext,
): Promise<ScimReply> {
  await context.store.transaction(async (tx) => {
    const group = await mustBeThere('group', id, (each) => tx.groups.group(each))
    const withoutMembers = readProjection(
      { attributes: ['id'], excludedAttributes: [] },
      urns.group,
    )
    mustMatch(request, await shown(tx, group, withoutMembers, context))
    await deleteGroup(tx, group, actOf(context))
  })
  return nothing
}

/** What groups can be filtered by. */
export function groupFields(client: string): Fields<GroupProperty> {
  return {
    core: urns.group,
    byKey: new Map<string, Field<GroupProperty>>([
      ['id', { kind: 'text', property: 'id' }],
      ['displayname', { kind: 'text', property: 'displayName' }],
      ['externalid', { kind: 'externalId', client }],
      ['members', { kind: 'reference', op: 'hasMember', fixed: { type: 'User' } }],
      ['meta.created', { kind: 'time', property: 'createdDateTime' }],
      ['meta.lastmodified', { kind: 'time', property: 'lastModifiedDateTime' }],
      ['meta.resourcetype', { kind: 'fixed', value: 'Group' }],
    ]),
  }
}

async function leaving(
  tx: DirectoryStore,
  group: Group,
  { replacesMembers, add, remove }: GroupWrite,
): Promise<readonly string[]> {
  if (!replacesMembers) return [...remove]
  const members = await tx.groups.members(group.id)
  return members.map(({ id }) => id).filter((id) => !add.has(id))
}

async function keepExternalId(
  tx: DirectoryStore,
  { id }: Group,
  { externalId }: GroupWrite,
  { client }: ScimContext,
): Promise<void> {
  if (externalId !== undefined) await tx.externalIds.set(client.id, 'group', id, externalId)
}

async function shown(
  store: DirectoryStore,
  group: Group,
  projection: Projection,
  context: ScimContext,
): Promise<Resource> {
  const [resource] = await shownGroups(store, [group], projection, context)
  if (resource === undefined) throw new Error('a group is shown')
  return resource
}

async function shownGroups(
  store: DirectoryStore,
  groups: readonly Group[],
  projection: Projection,
  { client, baseUrl }: ScimContext,
): Promise<readonly Resource[]> {
  const ids = groups.map(({ id }) => id)
  const kept = await store.externalIds.of(client.id, 'group', ids)
  const showsMembers = wants(projection, 'members')
  let left: number = limits.membersShown
  const resources: Resource[] = []
  for (const group of groups) {
    let members: readonly User[] | null = null
    if (showsMembers) {
      members = await store.groups.members(group.id, { limit: left + 1 })
      left -= members.length
    }
    if (left < 0) {
      bad(
        'tooMany',
        `More than ${limits.membersShown} members: ask with excludedAttributes=members.`,
      )
    }
    const { anchorPlace } = client
    const externalId = kept.get(group.id) ?? null
    resources.push(presentGroup(group, members, externalId, { baseUrl, anchorPlace }))
  }
  return resources
}
