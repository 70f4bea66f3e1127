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

/**
 * At most so many requests at work at once, of one address and of all, so that slow or hostile bodies cannot pile up in memory
 * (R3), and one address cannot take all the places. How long a body may take is the server's limit (listen.ts).
 */
export function atOnce(
  most: { readonly ofOneAddress: number; readonly ofAll: number },
  clock: Clock,
): RequestHandler {
  const atWork = new Map<string, number>()
  let all = 0
  return (req, res, next) => {
    const address = req.ip ?? 'unknown'
    const own = atWork.get(address) ?? 0
    if (all >= most.ofAll || own >= most.ofOneAddress) {
      res.set('Retry-After', '1').set('Connection', 'close')
      sendRefused(res, { reason: 'tooManyRequests', at: clock(), status: 503 })
      return
    }
    all += 1
    atWork.set(address, own + 1)
    res.once('close', () => {
      all -= 1
      const left = (atWork.get(address) ?? 1) - 1
      if (left === 0) atWork.delete(address)
      else atWork.set(address, left)
    })
    next()
  }
}
