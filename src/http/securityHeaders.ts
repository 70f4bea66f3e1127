import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Pages set a policy of their own; what has none may load nothing. */
export function securityHeaders(publicUrl: string): RequestHandler {
  return helmet({
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
  })
}
