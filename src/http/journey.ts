import type { Request } from 'express'
import { refuse } from '../aadsts/reasons.ts'
import { queryText } from './context.ts'

/** What a sign-in is for, as it goes along from page to page. */
export interface Journey {
  /** Same-origin path to go on to. */
  readonly returnTo: string
  /**
   * A second factor is wanted. Whoever takes it out of the address gains nothing: the one who asked for it looks at the
   * session's `amr` afterwards.
   */
  readonly requiresMfa: boolean
}

/** Somebody just signs in. */
export const usualJourney: Journey = { returnTo: '/me', requiresMfa: false }

/** The parameters `return_to` and `mfa=required` of a page's address; `/me` for what is no path on this server (R27). */
export function journeyOf(req: Request): Journey {
  return journeyFrom(queryText(req, 'return_to'), queryText(req, 'mfa'))
}

export function journeyFrom(returnTo: string | null, mfa: string | null): Journey {
  const isPath = returnTo !== null && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(returnTo)
  return { returnTo: isPath ? returnTo : '/me', requiresMfa: mfa === 'required' }
}

/** The same as fields of a form or parameters of an address, without what has its usual value. */
export function journeyFields({ returnTo, requiresMfa }: Journey): [name: string, value: string][] {
  return [
    ...(returnTo === '/me' ? [] : [['return_to', returnTo] as [string, string]]),
    ...(requiresMfa ? [['mfa', 'required'] as [string, string]] : []),
  ]
}

/**
 * Refuses a form that another site's page sent: it could sign this browser in as somebody else. Browsers say with every POST
 * where it comes from (Fetch standard, section 3.2); a client that says nothing is no browser, and carries nobody's cookies.
 */
export function requireOwnForm(req: Request, publicUrl: string): void {
  if (!isFromElsewhere(req, publicUrl)) return
  const actual = req.get('origin')?.slice(0, 200) ?? 'another site'
  refuse('requestMalformed', { expected: `Origin ${publicUrl}`, actual })
}

/** Whether the page of another site sent this; one that says nothing is too old to be asked by another site with our cookie. */
export function isFromElsewhere(req: Request, publicUrl: string): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = req.get('origin')
  return origin !== undefined && origin !== publicUrl
}
