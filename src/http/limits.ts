import type { Request, RequestHandler, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import type { Clock } from '../lib/clock.ts'
import type { AppStore } from '../oidc/ports.ts'
import { networkOf } from './address.ts'
import { refusedCrossOrigin } from './cors.ts'
import { sendGraphRefusal } from './graph/errors.ts'
import { sendOAuthError } from './oauthError.ts'
import { sendRefused } from './present.ts'
import { realmPaths } from './realm.ts'

/**
 * The routes that cost something, and how often one address may ask for them. They are patterns, not `/:tenant/saml2`: that would
 * decode the segment, and could fail before the limit counts.
 *
 * The token endpoint is not limited by the minute: a busy app has one address, and a right request is never too many. What it is
 * refused is counted where that is known, by app and address (oidc/refusalLimit.ts).
 */
export function limitedRoutes(
  ratePerMinute: number,
  clock: Clock,
  publicUrl: string,
  apps: Pick<AppStore, 'apps'>,
): readonly (readonly [paths: (RegExp | string)[], limits: RequestHandler[]])[] {
  const page: TooMany = (_req, res, status) =>
    sendRefused(res, { reason: 'tooManyRequests', at: clock(), status })
  const letRead = refusedCrossOrigin(apps, clock)
  const json: TooMany = async (req, res, status) => {
    await letRead(req, res)
    sendOAuthError(res, { code: 90055, at: clock(), publicUrl, status })
  }
  const graph: TooMany = (_req, res, status) =>
    sendGraphRefusal(res, { status, message: 'Too many requests. Try again.' }, clock())
  const pagesAtOnce = atOnce({ ofOneAddress: 100, ofAll: 2000 }, page)
  const tokensAtOnce = atOnce({ ofOneAddress: 400, ofAll: 2000 }, json)
  const pages = [perAddress(ratePerMinute, page), pagesAtOnce]
  return [
    [[ofSignins, ...realmPaths], pages],
    // A count of its own, since an app's sign-in asks for this and for the pages above.
    [[ofApps('authorize')], [perAddress(ratePerMinute, page), pagesAtOnce]],
    [[ofApps('devicecode')], [perAddress(ratePerMinute, json), tokensAtOnce]],
    [[ofApps('token')], [tokensAtOnce]],
    [[ofGraph], [atOnce({ ofOneAddress: 100, ofAll: 2000 }, graph)]],
  ]
}

/** The pages of a sign-in with all its steps, the ACS, and single logout. */
const ofSignins =
  /^\/(?:signin(?:\/(?:password|code|enrol|new-password))?|login\.srf|devicelogin|[^/]+\/saml2(?:\/logout)?)\/?$/i
/** Express wants a slash, or nothing, after what matched. */
const ofGraph = /^\/v1\.0(?=\/|$)/i
const ofApps = (endpoint: string) => new RegExp(`^/[^/]+/oauth2/v2\\.0/${endpoint}/?$`, 'i')

/** How a limit answers: a page to people, JSON to programs. */
type TooMany = (req: Request, res: Response, status: 429 | 503) => void | Promise<void>

/** At most so many requests from one address in a minute; then status 429 and Retry-After. */
function perAddress(perMinute: number, tooMany: TooMany): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: true,
    legacyHeaders: false,
    // Its checks of the surroundings write to the console what strangers send, X-Forwarded-For for example.
    validate: false,
    handler: (req, res) => tooMany(req, res, 429),
  })
}

/**
 * At most so many requests at work at once, of one address and of all, so that slow or hostile bodies cannot pile up in memory
 * (R3), and one address cannot take all the places. How long a body may take is the server's limit (listen.ts).
 */
export function atOnce(
  most: { readonly ofOneAddress: number; readonly ofAll: number },
  tooMany: TooMany,
): RequestHandler {
  const atWork = new Map<string, number>()
  let all = 0
  return async (req, res, next) => {
    const address = networkOf(req)
    const own = atWork.get(address) ?? 0
    if (all >= most.ofAll || own >= most.ofOneAddress) {
      res.set('Retry-After', '1').set('Connection', 'close')
      await tooMany(req, res, 503)
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
