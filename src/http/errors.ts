import type { ErrorRequestHandler, RequestHandler } from 'express'
import { Router } from 'express'
import { aadstsCodes, catalogue, catalogueEntry } from '../aadsts/catalogue.ts'
import { aadstsCode, isReason, type Reason, Refusal, reasons } from '../aadsts/reasons.ts'
import type { Clock } from '../lib/clock.ts'
import { codePage, codeUnknownPage, notFoundPage } from '../web/pages.ts'
import { idsOf, queryText } from './context.ts'
import { sendPage, sendRefused } from './present.ts'

/** `GET /error?code=N`: what one AADSTS code means here, and what each side should check. */
export function errorRouter(): Router {
  const router = Router()
  router.get('/error', (req, res) => {
    const asked = queryText(req, 'code')
    const code = Number(asked?.replace(/^AADSTS/i, ''))
    const entry = asked === null ? undefined : catalogueEntry(code)
    if (entry === undefined) {
      const codes = aadstsCodes.map((each) => ({ code: each, symbol: catalogue[each].symbol }))
      sendPage(res, codeUnknownPage({ asked, codes }), { status: asked === null ? 200 : 404 })
      return
    }
    const behind = Object.keys(reasons)
      .filter((name): name is Reason => isReason(name) && aadstsCode(name) === code)
      .map((name) => ({ name, remedy: reasons[name].remedy }))
    sendPage(res, codePage({ code, entry, reasons: behind }))
  })
  return router
}

/** Any path that no route serves. */
export const notFound: RequestHandler = (req, res) => {
  sendPage(res, notFoundPage({ path: req.path.slice(0, 200) }), { status: 404 })
}

/** The last handler: a refusal becomes its page, everything else the generic one, with the cause in the log alone. */
export function lastResort(
  clock: Clock,
  report: (error: unknown, requestId: string) => void,
): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const isOurs = !(error instanceof Refusal) && !isTheirs(error)
    if (isOurs) report(error, idsOf(res)?.requestId ?? 'none')
    if (res.headersSent) {
      next(error)
      return
    }
    const reason =
      error instanceof Refusal ? error.reason : isOurs ? 'serverError' : 'requestMalformed'
    sendRefused(res, { reason, at: clock() })
  }
}

/** A path that cannot be decoded, a body that broke off: the sender's fault, and nothing to fill a log with. */
export function isTheirs(error: unknown): boolean {
  const { status, code } = error as { status?: unknown; code?: unknown }
  return status === 400 || code === 'ECONNRESET' || code === 'ECONNABORTED'
}
