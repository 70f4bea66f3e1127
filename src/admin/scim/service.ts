import { scimErrorBody } from '../../aadsts/faces/scim.ts'
import { runBulk } from './bulk.ts'
import type { ScimContext, ScimReply, ScimRequest } from './context.ts'
import { changeGroupResource, getGroup, listGroups, postGroup, removeGroup } from './groups.ts'
import type { ScimObject } from './json.ts'
import { type ScimError, scimErrorOf } from './scimError.ts'
import { attributeOfProperty } from './userAttributes.ts'
import { changeUserResource, getUser, listUsers, postUser, removeUser } from './users.ts'

/** Types of resources by the segment of the path. */
export const resourceTypes = ['Users', 'Groups'] as const
export type ResourceTypeName = (typeof resourceTypes)[number]

/** Reads the body; throws ScimError `invalidSyntax`. */
type ReadBody = () => ScimObject

/**
 * One operation on users or groups. Throws ScimError; whatever else it rejects with is no fault of the client's. Everything inside one
 * operation is kept or lost together.
 */
export async function operate(
  type: ResourceTypeName,
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  try {
    return await (type === 'Users'
      ? onUsers(request, readBody, context)
      : onGroups(request, readBody, context))
  } catch (error) {
    throw scimErrorOf(error, type === 'Users' ? attributeOfProperty : (name) => name) ?? error
  }
}

/** `POST /Bulk`. `errorOf` says what an operation that failed is answered with. Throws ScimError for what is no bulk request. */
export async function operateAll(
  body: ScimObject,
  context: ScimContext,
  errorOf: (error: unknown) => ScimError,
): Promise<Readonly<Record<string, unknown>>> {
  return runBulk(body, {
    baseUrl: context.baseUrl,
    run: (type, request, readBody) => operate(type, request, readBody, context),
    errorOf,
    errorBody,
  })
}

/** The body of an error's answer. */
export function errorBody({ status, scimType, message, problems }: ScimError): unknown {
  return scimErrorBody({ status, scimType, detail: message, problems })
}

function onUsers(
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const { method, id } = request
  if (id === null) {
    return method === 'POST' ? postUser(request, readBody, context) : listUsers(request, context)
  }
  if (method === 'GET') return getUser(id, request, context)
  if (method === 'DELETE') return removeUser(id, request, context)
  return changeUserResource(id, request, readBody, context)
}

function onGroups(
  request: ScimRequest,
  readBody: ReadBody,
  context: ScimContext,
): Promise<ScimReply> {
  const { method, id } = request
  if (id === null) {
    return method === 'POST' ? postGroup(request, readBody, context) : listGroups(request, context)
  }
  if (method === 'GET') return getGroup(id, request, context)
  if (method === 'DELETE') return removeGroup(id, request, context)
  return changeGroupResource(id, request, readBody, context)
}
