import type { GraphErrorDetail } from '../../aadsts/faces/graph.ts'
import type { DirectoryRule } from '../../directory/directoryError.ts'

/** The codes that clients of Graph know (entra.md section 4). */
export type GraphCode =
  | 'Request_BadRequest'
  | 'Request_UnsupportedQuery'
  | 'Request_ResourceNotFound'
  | 'Request_EntityTooLarge'
  | 'Request_UnsupportedMediaType'
  | 'Request_PreconditionFailed'
  | 'Directory_ConcurrencyViolation'
  | 'Authorization_RequestDenied'
  | 'InvalidAuthenticationToken'
  | 'TooManyRequests'
  | 'ServiceUnavailable'
  | 'InternalServerError'

export interface GraphErrorMore {
  readonly details?: readonly GraphErrorDetail[]
  /** Broken rules of the directory, by name. */
  readonly rules?: readonly string[]
  /** Header fields of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal of the Graph door: HTTP status, Graph's code, and words for whoever sent the request. Nothing of it was kept. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
  readonly status: number
  readonly code: GraphCode
  readonly details: readonly GraphErrorDetail[]
  readonly rules: readonly string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: GraphCode, message: string, more: GraphErrorMore = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = more.details ?? []
    this.rules = more.rules ?? []
    this.headers = more.headers ?? {}
  }
}

/** 400 about one property or query option; with the rule of the directory that is broken, where it is one. */
export function badRequest(target: string, message: string, rule?: DirectoryRule): never {
  const details = [{ target, code: 'InvalidValue', message }]
  const rules = rule === undefined ? [] : [rule]
  throw new GraphError(400, 'Request_BadRequest', message, { details, rules })
}

/** 400 for a query that Graph may know and this server does not; the message names what. */
export function unsupportedQuery(target: string, message: string): never {
  const details = [{ target, code: 'UnsupportedQuery', message }]
  throw new GraphError(400, 'Request_UnsupportedQuery', message, { details })
}

/** 404, in Graph's words. What was asked for is repeated in short. */
export function notFound(asked: string): never {
  throw new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${quoted(asked)}' does not exist or one of its queried reference-property objects are not present.`,
  )
}

/** A text from outside, short and on one line, for a message. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\p{Cc}|\p{Zl}|\p{Zp}/gu, '?').toWellFormed()
  return line.length > 120 ? `${line.slice(0, 120)}...` : line
}
