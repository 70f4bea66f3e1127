import type { ErrorRequestHandler, RequestHandler } from 'express'
import { AuthnRequestError } from './authnRequest.ts'
import { problemPage } from './pages.ts'

/**
 * The headers of every answer. The policy forbids everything but what the pages have from their own origin, and forms.
 * @param formTargets origins to which forms may go besides the own one
 */
export function securityHeaders(formTargets: readonly string[]): RequestHandler {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${formTargets.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      // The sign-in page answers a POST: browsers must keep it, or Back ends at "Confirm form resubmission".
      'Cache-Control': 'private, no-cache',
      'Referrer-Policy': 'strict-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    })
    next()
  }
}

/** The page for an address that is none. */
export const notFound: RequestHandler = (_request, response) => {
  const message = 'The demo Okta has no such page.'
  response.status(404).send(problemPage({ heading: 'Not found', message }))
}

/** The page for what went wrong; `onError` is told when it was not the caller's fault. */
export function problemHandler(onError?: (error: unknown) => void): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    if (error instanceof AuthnRequestError) {
      const heading = 'This request cannot be answered'
      response.status(400).send(problemPage({ heading, message: error.message }))
      return
    }
    // What body-parser and the router refuse carries a status of the 400s.
    const status = Number(error?.status)
    const isCallers = status >= 400 && status < 500
    if (!isCallers) onError?.(error)
    response.status(isCallers ? status : 500).send(
      problemPage({
        heading: isCallers ? 'This request cannot be read' : 'The demo Okta failed',
        message: status === 413 ? 'It is too large.' : 'Begin again at the app.',
      }),
    )
  }
}
