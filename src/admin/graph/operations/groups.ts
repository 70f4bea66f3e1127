import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
} from '../../../directory/groupChanges.ts'
import type { Group } from '../../../directory/groups.ts'
import type { DirectoryStore } from '../../../directory/ports.ts'
import type { GroupProperty } from '../../../directory/query.ts'
import { isGuid } from '../../../lib/ids.ts'
import { readBody } from '../body.ts'
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
import { badRequest, notFound, quoted } from '../error.ts'
import { mustMatch } from '../etag.ts'
import { groupFilters } from '../filter/properties.ts'
import { foundCount, foundList, type ListForm, listAnswer, startOf, usualPage } from '../list.ts'
import { readCount, readOptions, readSelect, readTop } from '../options.ts'
import type { GraphAnswer } from '../ports.ts'
import {
  groupForm,
  groupProperties,
  groupResource,
  groupTag,
  listedGroup,
} from '../resources/group.ts'
import { userProperties, userReference } from '../resources/user.ts'
import { namedUser } from './users.ts'

function groupList({ parts }: Call): ListForm<Group, GroupProperty, 'displayName'> {
  return {
    resource: 'group',
    properties: groupProperties,
    filters: groupFilters,
    orders: ['displayName'],
    found: parts.store.groups.found,
    fragment: (select) => selecting('groups', select),
    shape: listedGroup,
  }
}

/** `GET /groups` */
export function listGroups(call: Call): Promise<GraphAnswer> {
  return foundList(call, groupList(call))
}

/** `GET /groups/$count` */
export function countGroups(call: Call): Promise<GraphAnswer> {
  return foundCount(call, groupList(call))
}

/** `GET /groups/{id}` */
export async function getGroup(call: Call): Promise<GraphAnswer> {
  const options = readOptions(call.request.query, ['$select'])
  const select = readSelect(options, 'group', groupProperties)
  return groupAnswer(call, await groupInPath(call), select)
}

/** `POST /groups`: 201. */
export async function postGroup(call: Call): Promise<GraphAnswer> {
  const { displayName = '', description = null } = readBody(await bodyOf(call), groupForm)
  const group = await call.parts.store.transaction((tx) =>
    createGroup(tx, { displayName, description }, changeContext(call)),
  )
  return groupAnswer(call, group, null, `/groups/${group.id}`)
}

/** `PATCH /groups/{id}`: 204. */
export async function patchGroup(call: Call): Promise<GraphAnswer> {
  const { displayName, description } = readBody(await bodyOf(call), groupForm)
  await call.parts.store.transaction(async (tx) => {
    const group = await groupInPath(call, tx)
    mustMatch(call.request.ifMatch, groupTag(group))
    const input = {
      ...(displayName !== undefined && { displayName }),
      ...(description !== undefined && { description }),
    }
    await changeGroup(tx, group, input, actOf(call))
  })
  return noContent
}

/** `DELETE /groups/{id}`: 204. */
export async function removeGroup(call: Call): Promise<GraphAnswer> {
  await call.parts.store.transaction(async (tx) => {
    const group = await groupInPath(call, tx)
    mustMatch(call.request.ifMatch, groupTag(group))
    await deleteGroup(tx, group, actOf(call))
  })
  return noContent
}

/** What may be seen of the members of a group without a role for users. */
const namesOfUsers = ['id', 'displayName', 'userPrincipalName']

/** `GET /groups/{id}/members`, in the order of their ids. */
export async function listMembers(call: Call): Promise<GraphAnswer> {
  const { groups } = call.parts.store
  const options = readOptions(call.request.query, ['$select', '$top', '$count', '$skipToken'])
  const maySeeAll = call.caller.mayCall('User.Read.All')
  const select = maySeeAll
    ? readSelect(options, 'user', userProperties)
    : (readSelect(options, 'user', namesOfUsers) ?? namesOfUsers)
  const limit = readTop(options, usualPage)
  const after = startOf(call, options)?.id ?? null
  const { id } = await groupInPath(call)
  const users = await groups.members(id, { after, limit: limit + 1 })
  const items = users.slice(0, limit)
  const last = users.length > limit ? items.at(-1) : undefined
  const isCounted = readCount(options) && after === null
  return listAnswer(call, options, {
    fragment: 'directoryObjects',
    page: {
      items: items.map((user) => userReference(user, select)),
      next: last ? { order: 'id', value: last.id, id: last.id } : null,
    },
    count: isCounted ? await groups.countMembers(id) : null,
  })
}

/** `POST /groups/{id}/members/$ref`: 204; 404 `memberNotFound` for nobody. The body names the user by its address: `{"@odata.id": ".../directoryObjects/{id}"}`. */
export async function addMember(call: Call): Promise<GraphAnswer> {
  const id = referredUser(await bodyOf(call))
  await call.parts.store.transaction(async (tx) => {
    const group = await groupInPath(call, tx)
    mustMatch(call.request.ifMatch, groupTag(group))
    const present = await tx.groups.groupsOf(id)
    if (present.some((each) => each.id === group.id)) {
      badRequest(
        'members',
        "One or more added object references already exist for the following modified properties: 'members'.",
      )
    }
    await changeMembers(tx, group, { add: [id], remove: [] }, actOf(call))
  })
  return noContent
}

/** `DELETE /groups/{id}/members/{user}/$ref`: 204; 404 for one who is no member. */
export async function removeMember(call: Call): Promise<GraphAnswer> {
  await call.parts.store.transaction(async (tx) => {
    const group = await groupInPath(call, tx)
    const user = await namedUser(tx, param(call, 'user'))
    mustMatch(call.request.ifMatch, groupTag(group))
    const after = await changeMembers(tx, group, { add: [], remove: [user.id] }, actOf(call))
    if (after === group) notFound(param(call, 'user'))
  })
  return noContent
}

/** `GET /users/{id}/memberOf`: the groups of a user. */
export async function listMemberOf(call: Call): Promise<GraphAnswer> {
  const { store } = call.parts
  const options = readOptions(call.request.query, ['$select'])
  const select = readSelect(options, 'group', groupProperties)
  const { id } = await namedUser(store, param(call, 'user'))
  const items = (await store.groups.groupsOf(id)).map((group) => ({
    '@odata.type': '#microsoft.graph.group',
    ...groupResource(group, select),
  }))
  return listAnswer(call, options, {
    fragment: 'directoryObjects',
    page: { items, next: null },
    count: null,
  })
}

/** The id at the end of the address in a reference. Where the address points beside that is not looked at: Graph's clients name Graph. */
function referredUser(body: ReadonlyMap<string, unknown>): string {
  const address = body.get('@odata.id')
  const stranger = [...body.keys()].find((name) => name !== '@odata.id')
  if (stranger !== undefined)
    badRequest(quoted(stranger), `Invalid property '${quoted(stranger)}' of a reference.`)
  const id =
    typeof address === 'string'
      ? /\/(?:directoryObjects|users)\/([^/]+)$/.exec(address)?.[1]
      : undefined
  if (id !== undefined && isGuid(id)) return id.toLowerCase()
  return badRequest(
    '@odata.id',
    'The @odata.id must be an address such as https://graph.microsoft.com/v1.0/directoryObjects/{id}, with the id of a user.',
  )
}

async function groupInPath(call: Call, store: DirectoryStore = call.parts.store): Promise<Group> {
  const asked = param(call, 'group')
  const group = isGuid(asked) ? await store.groups.group(asked.toLowerCase()) : null
  return group ?? notFound(asked)
}

function groupAnswer(
  call: Call,
  group: Group,
  select: readonly string[] | null,
  createdAt?: string,
): GraphAnswer {
  return entityAnswer(call, {
    set: 'groups',
    select,
    tag: groupTag(group),
    properties: groupResource(group, select),
    createdAt,
  })
}
