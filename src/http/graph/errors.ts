import type { Response } from 'express'
import { graphErrorBody } from '../../aadsts/faces/graph.ts'
import { GraphError } from '../../admin/graph/error.ts'
import type { GraphAnswer } from '../../admin/graph/ports.ts'
import type { Instant } from '../../lib/clock.ts'
import type { RequestIds } from '../../signin/service.ts'
import { idsOf } from '../context.ts'

/** A refusal as an answer, with the ids of the request. */
export function refusalAnswer(error: GraphError, ids: RequestIds, at: Instant): GraphAnswer {
  const { status, headers, code, message, details, rules } = error
  return { status, headers, body: graphErrorBody({ code, message, details, rules, at, ...ids }) }
}

/** Sends an answer; of one to HEAD the body stays here. */
export function sendAnswer(res: Response, { status, headers, body }: GraphAnswer): void {
  res.status(status).set({ ...headers })
  if (body === null) res.end()
  else if (typeof body === 'string') res.type('text/plain').send(body)
  else res.json(body)
}

const codes = {
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
} as const

/** A refusal by what stands before the operations: the guard, and the limits of requests. */
export function sendGraphRefusal(
  res: Response,
  refusal: { readonly status: keyof typeof codes; readonly message: string },
  at: Instant,
): void {
  const { status, message } = refusal
  const error = new GraphError(status, codes[status], message)
  tellIds(res)
  sendAnswer(res, refusalAnswer(error, idsOf(res), at))
}

/** The ids of the request in headers, by the names that Graph gives them. */
export function tellIds(res: Response): void {
  const { requestId, correlationId } = idsOf(res)
  res.set({ 'request-id': requestId, 'client-request-id': correlationId })
}
