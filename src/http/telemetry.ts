import express, { type Express } from 'express'
import type { Metrics } from '../observe/metrics.ts'
import { healthRouter } from './wellKnown.ts'

/** What operations look at, on a port that only they reach: `GET /metrics`, `/healthz`, `/readyz`. */
export function createTelemetry(
  metrics: Pick<Metrics, 'contentType' | 'text'>,
  ready: () => Promise<void>,
  report: (error: unknown) => void,
): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', false)
  app.use(healthRouter(ready))
  app.get('/metrics', async (_req, res) => {
    try {
      res.type(metrics.contentType).send(await metrics.text())
    } catch (error) {
      report(error)
      res.status(503).type('text/plain').send('not ready\n')
    }
  })
  app.use((_req, res) => {
    res.status(404).type('text/plain').send('not found\n')
  })
  return app
}
