import { type Request, type RequestHandler, type Response, Router } from 'express'
import { Refusal } from '../../aadsts/reasons.ts'
import { batchAnswer } from '../../admin/graph/batch.ts'
import { GraphError } from '../../admin/graph/error.ts'
import {
  type GraphAnswer,
  type GraphCaller,
  type GraphParts,
  type GraphRequest,
  type GraphRole,
  graphRoles,
} from '../../admin/graph/ports.ts'
import { answerOf, askedOf } from '../../admin/graph/routes.ts'
import { idsOf } from '../context.ts'
import { isTheirs } from '../errors.ts'
import { BodyError, type BodyFault, readJsonObject } from '../jsonBody.ts'
import { refusalAnswer, sendAnswer, tellIds } from './errors.ts'

/** Two certificates and the longest texts fit in many times. */
const LONGEST_BODY = 64 * 1024
/** Twenty of those. */
const LONGEST_BATCH = 20 * LONGEST_BODY

/** What stands before the operations. */
export interface GraphGuard {
  /** Lets through who has one of these roles, and answers everybody else. */
  callerWith(...roles: readonly [GraphRole, ...GraphRole[]]): RequestHandler
  /** Who was let through. */
  callerOf(res: Response): GraphCaller
}

/**
 * `/v1.0/...`: administration in the shapes of Microsoft Graph. Who calls is settled before anything of the body is read, and before a path
 * that is not there is told from one that is.
 */
export function graphRouter(
  parts: GraphParts,
  guard: GraphGuard,
  report: (error: unknown, requestId: string) => void,
): Router {
  const router = Router()
  router.use('/v1.0', (req, res, next) => {
    tellIds(res)
    guard.callerWith(...rolesFor(req))(req, res, (error?: unknown) => {
      if (error !== undefined) next(error)
      else answer(req, res).then((given) => sendAnswer(res, given), next)
    })
  })
  return router

  function answer(req: Request, res: Response): Promise<GraphAnswer> {
    const caller = guard.callerOf(res)
    if (!isBatch(req)) return guarded(res, () => answerOf(parts, caller, requestOf(req)))
    return guarded(res, async () => {
      if (req.method !== 'POST') throw batchByPost()
      const batch = await bodyOf(req, LONGEST_BATCH)
      if (batch === null) throw new GraphError(400, 'Request_BadRequest', 'A batch needs a body.')
      return batchAnswer(batch, (part) => guarded(res, () => answerOf(parts, caller, part)))
    })
  }

  /** Every refusal as its answer; what is nobody's fault outside is told to the log, and outside in general words. */
  async function guarded(res: Response, work: () => Promise<GraphAnswer>): Promise<GraphAnswer> {
    try {
      return await work()
    } catch (error) {
      return refusalAnswer(refusalOf(error, res), idsOf(res), parts.clock())
    }
  }

  function refusalOf(error: unknown, res: Response): GraphError {
    if (error instanceof GraphError) return error
    // Of passwords: too many are being hashed.
    if (error instanceof Refusal && error.reason === 'tooManyRequests') {
      const more = { headers: { 'Retry-After': '5' } }
      return new GraphError(503, 'ServiceUnavailable', 'The server is busy. Try again.', more)
    }
    if (isTheirs(error)) return new GraphError(400, 'Request_BadRequest', 'The request broke off.')
    report(error, idsOf(res).requestId)
    const message = 'An unexpected error occurred. The log has it under this request-id.'
    return new GraphError(500, 'InternalServerError', message)
  }
}

/** A path that is not there, or not by this method, is told to whoever may call anything here. */
function rolesFor(req: Request): readonly [GraphRole, ...GraphRole[]] {
  if (isBatch(req)) return graphRoles
  try {
    return [askedOf({ method: req.method, path: req.path }).role]
  } catch (error) {
    if (error instanceof GraphError) return graphRoles
    throw error
  }
}

function isBatch(req: Request): boolean {
  return /^\/(?:\$|%24)batch\/?$/i.test(req.path)
}

function batchByPost(): GraphError {
  const message = 'Specified HTTP method is not allowed for the request target.'
  return new GraphError(405, 'Request_BadRequest', message, { headers: { Allow: 'POST' } })
}

function requestOf(req: Request): GraphRequest {
  const mark = req.url.indexOf('?')
  return {
    method: req.method,
    path: req.path,
    query: mark === -1 ? '' : req.url.slice(mark + 1),
    ifMatch: req.get('if-match') ?? null,
    ifNoneMatch: req.get('if-none-match') ?? null,
    body: () => bodyOf(req, LONGEST_BODY),
  }
}

const faults: Readonly<
  Record<BodyFault, readonly [status: number, ...ConstructorParameters<typeof GraphError>[1][]]>
> = {
  contentType: [415, 'Request_UnsupportedMediaType'],
  tooLarge: [413, 'Request_EntityTooLarge'],
  notJson: [400, 'Request_BadRequest'],
  notObject: [400, 'Request_BadRequest'],
}

/** The body, or null when there is none. */
async function bodyOf(req: Request, limit: number): Promise<ReadonlyMap<string, unknown> | null> {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers
  if (encoding === undefined && (length === undefined || length === '0')) return null
  try {
    return await readJsonObject(req, limit)
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const [status, code = 'Request_BadRequest'] = faults[error.fault]
    const message = `Expected ${error.expected}, and got ${error.actual}.`
    // What is left of it is not read.
    const headers: Record<string, string> = status === 413 ? { Connection: 'close' } : {}
    throw new GraphError(status, code, message, { headers })
  }
}
