import type { Act } from '../../directory/audit.ts'
import { type ChangeContext, lenientAnchors, strictAnchors } from '../../directory/userChanges.ts'
import { newGuid } from '../../lib/ids.ts'
import { GraphError } from './error.ts'
import { hasIt } from './etag.ts'
import type { GraphAnswer, GraphCaller, GraphParts, GraphRequest } from './ports.ts'

/** One request on its way through an operation. */
export interface Call {
  readonly parts: GraphParts
  readonly caller: GraphCaller
  readonly request: GraphRequest
  /** The parts of the path that stand for something, decoded. */
  readonly params: Readonly<Record<string, string>>
}

/** A parameter of the path; the route has it. */
export function param({ params }: Call, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`the route has no ${name}`)
  return value
}

/** Who does it, for history and audit. */
export function actOf({ parts, caller }: Call): Act {
  return { at: parts.clock(), who: caller.who, door: 'graph' }
}

export function changeContext(call: Call): ChangeContext {
  const { isStrict, random } = call.parts
  return {
    ...actOf(call),
    newId: () => newGuid(random),
    anchors: isStrict ? strictAnchors : lenientAnchors,
  }
}

/** The body of a request that must have one. */
export async function bodyOf({ request }: Call): Promise<ReadonlyMap<string, unknown>> {
  const body = await request.body()
  if (body !== null) return body
  throw new GraphError(400, 'Request_BadRequest', 'Empty payload. JSON content expected.')
}

/** `@odata.context` of an answer: `users/$entity` and its like. */
export function contextOf({ parts }: Call, fragment: string): string {
  return `${parts.publicUrl}/v1.0/$metadata#${fragment}`
}

export const noContent: GraphAnswer = { status: 204, headers: {}, body: null }

/** One record, with its entity tag; 304 without it when the client has it. */
export function entityAnswer(
  call: Call,
  record: {
    /** The set that it is one of, as `@odata.context` names it. */
    readonly set: string
    readonly select: readonly string[] | null
    readonly tag: string
    readonly properties: object
    /** Path below `/v1.0` of a record that was made. */
    readonly createdAt: string | undefined
  },
): GraphAnswer {
  const { set, select, tag, properties, createdAt } = record
  const headers = { ETag: tag }
  const { method, ifNoneMatch } = call.request
  if (method === 'GET' && hasIt(ifNoneMatch, tag)) return { status: 304, headers, body: null }
  const fragment = `${selecting(set, select)}/$entity`
  const body = { '@odata.context': contextOf(call, fragment), '@odata.etag': tag, ...properties }
  if (createdAt === undefined) return { status: 200, headers, body }
  const location = `${call.parts.publicUrl}/v1.0${createdAt}`
  return { status: 201, headers: { ...headers, Location: location }, body }
}

/** The properties in `names`, in that order. */
export function picked(all: object, names: readonly string[]): object {
  const values = new Map(Object.entries(all))
  return Object.fromEntries(names.map((name) => [name, values.get(name)]))
}

/** `users(id,displayName)` when properties are selected. */
export function selecting(set: string, select: readonly string[] | null): string {
  return select === null ? set : `${set}(${select.join(',')})`
}
