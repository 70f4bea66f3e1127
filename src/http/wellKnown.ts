import { Router } from 'express'
import { Refusal } from '../aadsts/reasons.ts'
import type { Signin } from '../signin/service.ts'
import { assetCacheControl, assets } from '../web/assets.ts'
import { queryText } from './context.ts'
import { sendRefused } from './present.ts'
import { resolveTenant } from './tenant.ts'

/** `/assets/...`: our own stylesheet, scripts and pictures; their links change with their content. */
export function assetRouter(): Router {
  const router = Router()
  router.get('/assets/:name', (req, res, next) => {
    const asset = assets.get(req.params.name)
    if (asset === undefined) {
      next()
      return
    }
    res.set('Cache-Control', assetCacheControl(asset, queryText(req, 'v')))
    res.set('ETag', asset.etag).removeHeader('Pragma')
    res.type(asset.contentType).send(asset.body)
  })
  return router
}

/** `GET /{tenant}/federationmetadata/saml20/federationmetadata.xml`: our metadata for the identity provider's admin. */
export function metadataRouter(signin: Signin, metadata: () => string): Router {
  const router = Router()
  router.get('/:tenant/federationmetadata/saml20/federationmetadata.xml', async (req, res) => {
    try {
      await resolveTenant(req.path, signin)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      sendRefused(res, {
        reason: error.reason,
        values: { tenant: error.evidence.actual },
        at: signin.clock(),
      })
      return
    }
    res.type('application/samlmetadata+xml').send(metadata())
  })
  return router
}

/** `GET /healthz`: the process answers. `GET /readyz`: it can reach its database, and so sign people in. */
export function healthRouter(ready: () => Promise<void>): Router {
  const router = Router()
  router.get('/healthz', (_req, res) => {
    res.type('text/plain').send('ok\n')
  })
  router.get('/readyz', async (_req, res) => {
    try {
      await ready()
      res.type('text/plain').send('ready\n')
    } catch {
      res.status(503).type('text/plain').send('not ready\n')
    }
  })
  return router
}
