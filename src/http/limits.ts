import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { Clock } from '../lib/clock.ts'
import { sendRefused } from './present.ts'

/** At most so many requests from one address in a minute; then the refusal page with status 429 and Retry-After. */
export function perAddress(perMinute: number, clock: Clock): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: true,
    legacyHeaders: false,
    // Its checks of the surroundings write to the console what strangers send, X-Forwarded-For for example.
    validate: false,
    handler: (_req, res) => {
      sendRefused(res, { reason: 'tooManyRequests', at: clock(), status: 429 })
    },
  })
}

/** At most so many requests at work at once, so that slow or hostile bodies cannot pile up in memory (R3). */
export function atOnce(most: number, clock: Clock): RequestHandler {
  let atWork = 0
  return (_req, res, next) => {
    if (atWork >= most) {
      res.set('Retry-After', '1').set('Connection', 'close')
      sendRefused(res, { reason: 'tooManyRequests', at: clock(), status: 503 })
      return
    }
    atWork++
    res.once('close', () => {
      atWork--
    })
    next()
  }
}
