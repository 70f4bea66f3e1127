import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'

/**
 * Pages set a policy of their own; what has none may load nothing. Nothing in these headers depends on the request, so that helmet is
 * asked once.
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const fixed = headersOf(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
      // Not for this machine's own name: browsers would hold every port of it to https, for a year.
      strictTransportSecurity:
        publicUrl.startsWith('https:') && new URL(publicUrl).hostname !== 'localhost',
      // Not no-referrer: the POST to the identity provider would then carry `Origin: null`.
      referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
      xFrameOptions: { action: 'deny' },
    }),
  )
  return (_req, res, next) => {
    for (const [name, value] of fixed) res.setHeader(name, value)
    next()
  }
}

/** The headers that a middleware sets on an answer, whatever was asked. Throws what it reports. */
function headersOf(middleware: ReturnType<typeof helmet>): readonly (readonly [string, string])[] {
  const headers: [string, string][] = []
  const answer = {
    setHeader: (name: string, value: string) => void headers.push([name, value]),
    removeHeader: () => {},
  }
  middleware({} as never, answer as unknown as Response, (error?: unknown) => {
    if (error) throw error
  })
  return headers
}
