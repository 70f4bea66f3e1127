import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { simplePage } from './pages.ts'
import { type Problem, problemOf } from './refusals.ts'

const policy = (ancestors: string): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
    "base-uri 'none'",
  ].join('; ')

/** The headers of every answer: nothing is loaded but style and picture from this origin, no page has a script, none is kept. */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': policy("'none'"),
    'Cache-Control': 'no-store',
    // Forms still say where they come from; other sites learn nothing.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  })
  next()
}

/** The one page that another site shows in a frame. */
export function framable(origin: string): RequestHandler {
  return (_req, res, next) => {
    res.removeHeader('X-Frame-Options')
    res.set('Content-Security-Policy', `default-src 'none'; frame-ancestors ${origin}`)
    next()
  }
}

/**
 * Refuses forms that do not come from Routty's own pages. The cookie's SameSite does not do it alone: ports are no part of a site,
 * so that the demo Okta, on another port of this host, is the same one.
 */
export function ownFormsOnly(baseUrl: string): RequestHandler {
  return (req, res, next) => {
    if (req.get('origin') === baseUrl) return next()
    const text = 'This form was sent from another site. Nothing was done.'
    res.status(403).send(simplePage({ heading: 'Not from here', text }))
  }
}

export const notFound: RequestHandler = (_req, res) => {
  const text = 'Routty has no such page.'
  res.status(404).send(simplePage({ heading: 'Not found', text }))
}

/** What openid-client refused becomes its page; everything else the generic one, and `onError` is told. */
export function problemHandler(
  sendProblem: (req: Request, res: Response, problem: Problem) => void,
  onError?: (error: unknown) => void,
): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error)
    const problem = problemOf(error)
    if (problem !== null) return sendProblem(req, res, problem)
    // What the router refuses (a path that cannot be decoded) carries a status of the 400s.
    const status = Number(error?.status)
    const isCallers = status >= 400 && status < 500
    if (!isCallers) onError?.(error)
    res.status(isCallers ? status : 500).send(
      simplePage({
        heading: isCallers ? 'This request cannot be read' : 'Routty failed',
        text: 'Begin again.',
      }),
    )
  }
}
