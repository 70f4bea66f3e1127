/**
 * http/: Express routers: parse what came, call the rooms that know, present what they answer. It must not decide who gets
 * in, and must not know SQL.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { inBulk, isGuid, newGuid, type RandomSource } from '../lib/ids.ts'
import type { RequestIds } from '../signin/service.ts'

/**
 * Gives every request its Request Id, and the Correlation Id that the client sent as `client-request-id` (query or header, a
 * GUID) or a new one; both stand in headers as Entra's do.
 */
export function requestIds(random: RandomSource): RequestHandler {
  // Ids are no secrets, and each request has two.
  const source = inBulk(random)
  return (req: Request, res: Response, next: NextFunction) => {
    const sent = req.get('client-request-id') ?? queryText(req, 'client-request-id')
    const ids: RequestIds = {
      requestId: newGuid(source),
      correlationId: sent !== null && isGuid(sent) ? sent.toLowerCase() : newGuid(source),
    }
    res.locals.ids = ids
    res.setHeader('x-ms-request-id', ids.requestId)
    res.setHeader('Cache-Control', 'no-store, no-cache')
    res.setHeader('Pragma', 'no-cache')
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
  if (start < 0) return null
  const [value, ...more] = queryOf(req, req.originalUrl.slice(start + 1)).getAll(name)
  return value === undefined || more.length > 0 || value.length > QUERY_LIMIT ? null : value
}

/** The query of each request, parsed when it is first asked for, and again when a router has written the address anew. */
const queries = new WeakMap<Request, { readonly text: string; readonly query: URLSearchParams }>()

function queryOf(req: Request, text: string): URLSearchParams {
  const known = queries.get(req)
  if (known?.text === text) return known.query
  const query = new URLSearchParams(text)
  queries.set(req, { text, query })
  return query
}
