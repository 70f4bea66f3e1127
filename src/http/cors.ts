import type { RequestHandler } from 'express'
import type { AppStore } from '../oidc/ports.ts'
import { isSpaOrigin } from '../oidc/redirectUris.ts'

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

function preflight(methods: string, headers: string | undefined): Record<string, string> {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Max-Age': MAX_AGE_SECONDS,
    ...(headers !== undefined && { 'Access-Control-Allow-Headers': headers }),
  }
}
