/**
 * http/: Express routers: parse what came, call the rooms that know, present what they answer. It must not decide who gets
 * in, and must not know SQL.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { isGuid, newGuid, type RandomSource } from '../lib/ids.ts'
import type { RequestIds } from '../signin/service.ts'

/**
 * Gives every request its Request Id, and the Correlation Id that the client sent as `client-request-id` (query or header, a
 * GUID) or a new one; both stand in headers as Entra's do.
 */
export function requestIds(random: RandomSource): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const sent = req.get('client-request-id') ?? queryText(req, 'client-request-id')
    const ids: RequestIds = {
      requestId: newGuid(random),
      correlationId: sent !== null && isGuid(sent) ? sent.toLowerCase() : newGuid(random),
    }
    res.locals.ids = ids
    res.set('x-ms-request-id', ids.requestId)
    res.set('Cache-Control', 'no-store, no-cache')
    res.set('Pragma', 'no-cache')
    next()
  }
}

/** The ids that `requestIds` gave this request. */
export function idsOf(res: Response): RequestIds {
  return res.locals.ids as RequestIds
}

const QUERY_LIMIT = 512

/** A query parameter that was given exactly once, as short text; null for anything else, so that nobody sends an object. */
export function queryText(req: Request, name: string): string | null {
  // Split by hand: a path such as `//` is no URL, and must not make an error of a request.
  const start = req.originalUrl.indexOf('?')
  const query = new URLSearchParams(start < 0 ? '' : req.originalUrl.slice(start + 1))
  const [value, ...more] = query.getAll(name)
  return value === undefined || more.length > 0 || value.length > QUERY_LIMIT ? null : value
}
