import type { Response } from 'express'
import {
  type AadstsCode,
  aadstsMessage,
  catalogue,
  type MessageValues,
} from '../aadsts/catalogue.ts'
import { aadstsCode, type Reason } from '../aadsts/reasons.ts'
import type { Instant } from '../lib/clock.ts'
import type { OutgoingMessage } from '../saml/authnRequest.ts'
import { contentSecurityPolicy, formActionTo } from '../web/headers.ts'
import { refusedPage, sendToIdpPage } from '../web/pages.ts'
import { idsOf } from './context.ts'
import { type Journey, journeyFields, usualJourney } from './journey.ts'

/** Sends a page under the strict policy. */
export function sendPage(
  res: Response,
  html: string,
  {
    status = 200,
    formAction = ["'self'"],
    frameSrc = [],
  }: { status?: number; formAction?: readonly string[]; frameSrc?: readonly string[] } = {},
): void {
  res.statusCode = status
  res.setHeader('Content-Security-Policy', contentSecurityPolicy({ formAction, frameSrc }))
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(html))
  // As text, and not through Express, which makes a buffer of it: so headers and page go out in one piece.
  res.end(html)
}

/** The page of a refusal: the code and a generic sentence for the person, the ids that lead the admin to the reason. */
export function sendRefused(
  res: Response,
  refusal: {
    readonly reason: Reason
    readonly values?: MessageValues
    readonly at: Instant
    readonly signedInAs?: string | null
    /** HTTP status, where it is another than the code's own. */
    readonly status?: number
    /** Where "Start again" leads; `/signin` when left out. */
    readonly startUrl?: string
  },
): void {
  sendRefusedCode(res, { ...refusal, code: aadstsCode(refusal.reason) })
}

/** The same for a code that stands for itself: the mistakes of an app have no finer reason. */
export function sendRefusedCode(
  res: Response,
  refusal: {
    readonly code: AadstsCode
    readonly values?: MessageValues | undefined
    readonly at: Instant
    readonly signedInAs?: string | null
    readonly status?: number
    readonly startUrl?: string
  },
): void {
  const { code } = refusal
  const entry = catalogue[code]
  const { requestId, correlationId } = idsOf(res)
  const html = refusedPage({
    happened: entry.happened,
    personCan: entry.personCan,
    code,
    message: aadstsMessage(code, refusal.values),
    requestId,
    correlationId,
    timestamp: refusal.at,
    startUrl: refusal.startUrl ?? '/signin',
    signedInAs: refusal.signedInAs ?? null,
  })
  // Not no-store as elsewhere: the page answers a POST, and without a copy Back from the page that it links to would end at the
  // browser's own "Confirm form resubmission".
  res.set('Cache-Control', 'private, no-cache').removeHeader('Pragma')
  sendPage(res, html, { status: refusal.status ?? entry.status })
}

/** Redirects to a path on this server, which must be one already: nothing is encoded, and no body is negotiated. */
export function seeOther(res: Response, path: string): void {
  res.writeHead(303, { Location: path, 'Content-Length': 0 }).end()
}

/** Carries a browser to the identity provider, by the binding that the federation asks for. */
export function sendToIdp(
  res: Response,
  message: OutgoingMessage,
  towards: {
    readonly domain: string
    readonly email: string | null
    readonly idpName: string
    /** What the sign-in is for, for whoever comes back to the page and goes on from there. */
    readonly journey?: Journey
  },
): void {
  if (message.binding === 'redirect') {
    res.redirect(302, message.url)
    return
  }
  const { action, fields } = message
  const { journey = usualJourney, ...whom } = towards
  const html = sendToIdpPage({
    action,
    method: 'post',
    fields,
    ...whom,
    ...backUrls(whom, journey),
  })
  sendPage(res, html, { formAction: formActionTo(action) })
}

/** Where the page leads one who came back to it: to the same identity provider once more, or to the e-mail page. */
function backUrls(
  { domain, email }: { readonly domain: string; readonly email: string | null },
  journey: Journey,
): { readonly againUrl: string; readonly startUrl: string } {
  const along = journeyFields(journey)
  const hint = email === null ? ['domain_hint', domain] : ['login_hint', email.toWellFormed()]
  const start = along.length === 0 ? '' : `?${new URLSearchParams(along)}`
  return {
    againUrl: `/signin?${new URLSearchParams([hint, ...along])}`,
    startUrl: `/signin${start}`,
  }
}
