import type { ScimReply, ScimRequest } from './context.ts'
import { isArray, isObject, type ScimObject, type ScimValue } from './json.ts'
import { noQuery } from './list.ts'
import { limits, urns } from './names.ts'
import { mustHaveSchema } from './schemasOf.ts'
import { bad, ScimError } from './scimError.ts'

/** One operation of a bulk request as it was sent (RFC 7644 section 3.7). */
interface BulkOperation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly bulkId: string | null
  readonly version: string | null
  readonly resource: 'Users' | 'Groups'
  /** May be `bulkId:...`. */
  readonly id: string | null
  readonly data: ScimObject | null
}

/** What became of one. */
interface BulkResult {
  readonly method: string
  readonly bulkId?: string
  readonly location?: string
  readonly version?: string
  readonly status: string
  readonly response?: unknown
}

export interface BulkOptions {
  /** The address of `/scim/v2`. */
  readonly baseUrl: string
  /** Runs one operation, in a transaction of its own. */
  readonly run: (
    resource: 'Users' | 'Groups',
    request: ScimRequest,
    readBody: () => ScimObject,
  ) => Promise<ScimReply>
  /** What an operation that failed is answered with, whoever's fault it is. */
  readonly errorOf: (error: unknown) => ScimError
  readonly errorBody: (error: ScimError) => unknown
}

/**
 * `POST /Bulk`: each operation in a transaction of its own, in the order of the request, but for those that a group refers to by
 * `bulkId`: they come before it. Groups that refer to each other in a circle are refused with 409, as RFC 7644 section 3.7.1 allows: no
 * group is a member of another here. After `failOnErrors` failures no more is begun. Throws ScimError for what is no bulk request.
 */
export async function runBulk(
  body: ScimObject,
  { baseUrl, run, errorOf, errorBody }: BulkOptions,
): Promise<Readonly<Record<string, unknown>>> {
  mustHaveSchema(body, urns.bulkRequest)
  const operations = readOperations(body)
  const failOnErrors = readFailOnErrors(body)
  const makers = makersOf(operations)
  const results = new Map<BulkOperation, BulkResult>()
  const made = new Map<string, string>()
  const begun = new Set<BulkOperation>()
  let failures = 0

  const isOver = () => failOnErrors !== null && failures >= failOnErrors
  for (const operation of operations) await perform(operation)
  return {
    schemas: [urns.bulkResponse],
    Operations: operations.flatMap((each) => results.get(each) ?? []),
  }

  async function perform(operation: BulkOperation): Promise<void> {
    if (begun.has(operation) || isOver()) return
    begun.add(operation)
    for (const bulkId of referencesOf(operation)) {
      const maker = makers.get(bulkId)
      if (maker !== undefined) await perform(maker)
    }
    if (isOver()) return
    try {
      const { resource } = operation
      // Of users no reference is kept, so that none is looked for.
      const data = resource === 'Groups' ? resolved(operation.data) : operation.data
      const id = operation.id === null ? null : idOf(operation.id)
      const request: ScimRequest = {
        method: operation.method,
        id,
        query: noQuery,
        ifMatch: operation.version === null ? null : [operation.version],
        ifNoneMatch: null,
      }
      const readBody = () => (isObject(data) ? data : bad('invalidSyntax', 'data: it is missing.'))
      const reply = await run(resource, request, readBody)
      const { status, version } = reply
      const location = reply.location ?? (id === null ? null : `${baseUrl}/${resource}/${id}`)
      if (operation.bulkId !== null && location !== null) {
        made.set(operation.bulkId, idIn(location))
      }
      results.set(operation, resultOf(operation, { status: String(status), location, version }))
    } catch (error) {
      const scimError = errorOf(error)
      failures += 1
      const { resource, id } = operation
      results.set(
        operation,
        resultOf(operation, {
          status: String(scimError.status),
          location: id === null ? null : `${baseUrl}/${resource}/${id}`,
          version: null,
          response: errorBody(scimError),
        }),
      )
    }
  }

  /** The data with the ids that were made in the place of `bulkId:` references. */
  function resolved(value: ScimValue): ScimValue {
    if (typeof value === 'string') return idOf(value)
    if (isArray(value)) return value.map(resolved)
    if (!isObject(value)) return value
    return new Map([...value].map(([name, each]) => [name, resolved(each)]))
  }

  function idOf(text: string): string {
    const bulkId = referenceIn(text)
    if (bulkId === null) return text
    const id = made.get(bulkId)
    if (id !== undefined) return id
    const maker = makers.get(bulkId)
    if (maker === undefined)
      bad('invalidValue', `${shortened(text)}: no operation has this bulkId.`)
    const isCircular = !results.has(maker)
    throw new ScimError(
      409,
      null,
      `${shortened(text)}: ${isCircular ? 'it refers back to this operation' : 'its operation failed'}.`,
    )
  }
}

function readOperations(body: ScimObject): readonly BulkOperation[] {
  const operations = body.get('operations')
  if (!isArray(operations) || operations.length === 0) {
    bad('invalidSyntax', 'Operations: it must be a list with an operation.')
  }
  if (operations.length > limits.bulkOperations) {
    throw new ScimError(413, null, `Operations: ${limits.bulkOperations} are the most.`)
  }
  return operations.map((operation, index) => readOperation(operation, index + 1))
}

function readOperation(operation: ScimValue, number: number): BulkOperation {
  const wrong = (what: string): never => bad('invalidSyntax', `Operation ${number}: ${what}`)
  if (!isObject(operation)) return wrong('it must be an object.')
  const name = operation.get('method')
  const method = (['POST', 'PUT', 'PATCH', 'DELETE'] as const).find(
    (each) => typeof name === 'string' && name.toUpperCase() === each,
  )
  if (method === undefined) return wrong('method is POST, PUT, PATCH or DELETE.')
  const bulkId = operation.get('bulkid') ?? null
  const version = operation.get('version') ?? null
  const path = operation.get('path') ?? null
  const data = operation.get('data') ?? null
  if (bulkId !== null && (typeof bulkId !== 'string' || bulkId === '')) {
    return wrong('bulkId must be a text.')
  }
  if (method === 'POST' && bulkId === null) return wrong('a POST must have a bulkId.')
  if (version !== null && typeof version !== 'string') return wrong('version must be a text.')
  if (data !== null && !isObject(data)) return wrong('data must be an object.')
  const place = typeof path === 'string' ? /^\/(Users|Groups)(?:\/([^/?]+))?$/.exec(path) : null
  const isPlace = place !== null && (place[2] === undefined) === (method === 'POST')
  if (!isPlace) return wrong(`path is /Users or /Groups${method === 'POST' ? '' : '/{id}'}.`)
  const resource = place[1] === 'Groups' ? 'Groups' : 'Users'
  return { method, bulkId, version, resource, id: place[2] ?? null, data }
}

function readFailOnErrors(body: ScimObject): number | null {
  const value = body.get('failonerrors') ?? null
  if (value === null) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  return bad('invalidValue', 'failOnErrors: it is a whole number from 1.')
}

/** The operation that makes each bulkId. */
function makersOf(operations: readonly BulkOperation[]): ReadonlyMap<string, BulkOperation> {
  const makers = new Map<string, BulkOperation>()
  for (const operation of operations) {
    const { bulkId } = operation
    if (bulkId === null) continue
    if (makers.has(bulkId)) bad('invalidValue', `bulkId ${shortened(bulkId)} stands twice.`)
    makers.set(bulkId, operation)
  }
  return makers
}

/** What an operation refers to: in its path, and in the data of groups (of users no reference is kept). */
function referencesOf({ resource, id, data }: BulkOperation): readonly string[] {
  const ofPath = id === null ? null : referenceIn(id)
  return [...(ofPath === null ? [] : [ofPath]), ...(resource === 'Groups' ? texts(data) : [])]
}

function texts(value: ScimValue): readonly string[] {
  if (typeof value === 'string') return referenceIn(value) === null ? [] : [value.slice(7)]
  if (isArray(value)) return value.flatMap(texts)
  return isObject(value) ? [...value.values()].flatMap(texts) : []
}

function referenceIn(text: string): string | null {
  return text.startsWith('bulkId:') ? text.slice('bulkId:'.length) : null
}

function resultOf(
  { method, bulkId }: BulkOperation,
  outcome: {
    readonly status: string
    readonly location: string | null
    readonly version: string | null
    readonly response?: unknown
  },
): BulkResult {
  const { status, location, version, response } = outcome
  return {
    method,
    ...(bulkId !== null && { bulkId }),
    ...(location !== null && { location }),
    ...(version !== null && { version }),
    status,
    ...(response !== undefined && { response }),
  }
}

/** The last segment of a resource's address. */
function idIn(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1)
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}
