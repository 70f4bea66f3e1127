import { isGuid } from '../../lib/ids.ts'
import type { ScimReply, ScimRequest } from './context.ts'
import type { Resource } from './present.ts'
import { type Projection, project } from './projection.ts'
import { ScimError } from './scimError.ts'

/** The record, or 404. Ids of ours are GUIDs in lower case, and nothing else is looked for. */
export async function mustBeThere<T>(
  kind: 'user' | 'group',
  id: string,
  find: (id: string) => Promise<T | null>,
): Promise<T> {
  const found = isGuid(id) ? await find(id) : null
  if (found !== null) return found
  throw new ScimError(404, null, `There is no ${kind} with this id.`)
}

/** RFC 7644 section 3.14: only the version that the client knows is changed. Throws 412. */
export function mustMatch({ ifMatch }: ScimRequest, { meta }: Resource): void {
  if (ifMatch === null || ifMatch.includes('*') || ifMatch.includes(meta.version)) return
  throw new ScimError(412, null, 'It is no longer the version of If-Match. Read it again.')
}

/** A resource with status and headers; 304 when the client has this version already. */
export function resourceReply(
  status: 200 | 201,
  resource: Resource,
  projection: Projection,
  { ifNoneMatch, method }: Pick<ScimRequest, 'ifNoneMatch' | 'method'>,
): ScimReply {
  const { location, version } = resource.meta
  const isKnown = method === 'GET' && ifNoneMatch !== null
  if (isKnown && (ifNoneMatch.includes('*') || ifNoneMatch.includes(version))) {
    return { status: 304, body: null, location, version }
  }
  return { status, body: project(resource, projection), location, version }
}

export const nothing: ScimReply = { status: 204, body: null, location: null, version: null }
