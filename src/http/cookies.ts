import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request, Response } from 'express'
import { newHandle, type RandomSource } from '../lib/ids.ts'

/** A handle as `newHandle` makes it: 256 bits, base64url. Anything else in the cookie is as good as no cookie. */
const handlePattern = /^[A-Za-z0-9_-]{43}$/

export interface Cookies {
  /** The browser that a request was sent from; null when it sent no cookie of ours. */
  browser(req: Request): string | null
  /** The same, with a new cookie when there was none; its 15 minutes start anew. */
  ensureBrowser(req: IncomingMessage, res: ServerResponse): string
  session(req: Pick<IncomingMessage, 'headers'>): string | null
  setSession(res: Response, handle: string, milliseconds: number): void
  clearSession(res: Response): void
  /** A sign-in between its steps. */
  step(req: Request): string | null
  setStep(res: Response, handle: string, milliseconds: number): void
  clearStep(res: Response): void
  /** A browser that somebody signed in with before; it outlives sessions. */
  familiar(req: Request): string | null
  ensureFamiliar(req: Request, res: Response, milliseconds: number): string
}

/**
 * The cookies. All are opaque, HttpOnly and host-only. The browser's must survive the identity provider's cross-site POST,
 * hence SameSite=None, which browsers take with Secure only (localhost counts as secure). The session's is Lax: no other site
 * can make a POST with it; so are those of a step and of a familiar browser. Under https their names start with `__Host-`, which keeps subdomains from setting them.
 */
export function cookiesFor(publicUrl: string, random: RandomSource, lifetime: number): Cookies {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  const browserName = `${prefix}homerealm-browser`
  const sessionName = `${prefix}homerealm-session`
  const stepName = `${prefix}homerealm-step`
  const familiarName = `${prefix}homerealm-familiar`
  const lax = { httpOnly: true, secure, sameSite: 'lax', path: '/' } as const

  // What this very answer sets, for whoever asks once more.
  const given = new WeakMap<IncomingMessage, string>()

  return {
    browser: (req) => handleFrom(req, browserName),
    ensureBrowser(req, res) {
      const known = given.get(req)
      if (known !== undefined) return known
      const handle = handleFrom(req, browserName) ?? newHandle(random)
      given.set(req, handle)
      // Express's, also where it comes by way of the provider.
      ;(res as Response).cookie(browserName, handle, {
        httpOnly: true,
        secure: true,
        sameSite: 'none',
        path: '/',
        maxAge: lifetime,
      })
      return handle
    },
    session: (req) => handleFrom(req, sessionName),
    setSession(res, handle, milliseconds) {
      res.cookie(sessionName, handle, { ...lax, maxAge: milliseconds })
    },
    clearSession(res) {
      res.clearCookie(sessionName, lax)
    },
    step: (req) => handleFrom(req, stepName),
    setStep(res, handle, milliseconds) {
      res.cookie(stepName, handle, { ...lax, maxAge: milliseconds })
    },
    clearStep(res) {
      res.clearCookie(stepName, lax)
    },
    familiar: (req) => handleFrom(req, familiarName),
    ensureFamiliar(req, res, milliseconds) {
      const handle = handleFrom(req, familiarName) ?? newHandle(random)
      res.cookie(familiarName, handle, { ...lax, maxAge: milliseconds })
      return handle
    },
  }
}

/** The value of a cookie that was sent exactly once and has the form of a handle. */
function handleFrom(req: Pick<IncomingMessage, 'headers'>, name: string): string | null {
  const header = req.headers.cookie
  if (header === undefined) return null
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [value, ...more] = values
  return value !== undefined && more.length === 0 && handlePattern.test(value) ? value : null
}
