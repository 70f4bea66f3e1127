import type { Request, RequestHandler, Response } from 'express'
import { type Clock, type Instant, seconds } from '../lib/clock.ts'
import type { AppStore } from '../oidc/ports.ts'
import { isSpaOrigin, spaOrigins } from '../oidc/redirectUris.ts'

const MAX_AGE_SECONDS = '3600'

/** For documents that hold nothing secret: any page may read them. */
export function allowAnyOrigin(methods: string): RequestHandler {
  return (req, res, next) => {
    res.set('Access-Control-Allow-Origin', '*')
    if (req.method !== 'OPTIONS') next()
    else
      res
        .set(preflight(methods, req.get('access-control-request-headers')))
        .status(204)
        .end()
  }
}

/**
 * For endpoints that browser apps call (Fetch standard, section 3.2): the origin of a registered `spa` redirect URI is answered, any
 * other is not. Whether the origin belongs to the very app that asks is looked at once the app is known.
 */
export function crossOrigin(apps: Pick<AppStore, 'apps'>, methods: string): RequestHandler {
  return async (req, res, next) => {
    res.vary('Origin')
    const origin = req.get('origin')
    const isKnown =
      origin !== undefined && (await apps.apps()).some((app) => isSpaOrigin(app, origin))
    if (isKnown) res.set('Access-Control-Allow-Origin', origin)
    if (req.method !== 'OPTIONS') {
      next()
      return
    }
    if (isKnown) res.set(preflight(methods, req.get('access-control-request-headers')))
    res.status(204).end()
  }
}

/** So long a refusal goes by the apps that it knows, in milliseconds: whoever is refused over and over costs no look at the apps each time. */
const KNOWN_FOR = seconds(5)

/**
 * Lets pages of registered `spa` origins read a refusal that was made before anything looked at the app, with the time that they have to
 * wait; no other page.
 */
export function refusedCrossOrigin(apps: Pick<AppStore, 'apps'>, clock: Clock) {
  let known: { readonly origins: Promise<ReadonlySet<string>>; readonly at: Instant } | null = null
  return async (req: Request, res: Response): Promise<void> => {
    res.vary('Origin')
    const origin = req.get('origin')
    if (origin === undefined) return
    const now = clock()
    if (known === null || Math.abs(now - known.at) > KNOWN_FOR) {
      known = { origins: apps.apps().then(spaOrigins), at: now }
    }
    const { origins } = known
    const isKnown = await origins.then(
      (all) => all.has(origin),
      () => false,
    )
    if (!isKnown) return
    res.set('Access-Control-Allow-Origin', origin)
    res.set('Access-Control-Expose-Headers', 'Retry-After')
  }
}

function preflight(methods: string, headers: string | undefined): Record<string, string> {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Max-Age': MAX_AGE_SECONDS,
    ...(headers !== undefined && { 'Access-Control-Allow-Headers': headers }),
  }
}
