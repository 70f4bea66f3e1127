import type { Request, Response } from 'express'
import { newHandle, type RandomSource } from '../lib/ids.ts'

/** A handle as `newHandle` makes it: 256 bits, base64url. Anything else in the cookie is as good as no cookie. */
const handlePattern = /^[A-Za-z0-9_-]{43}$/

export interface Cookies {
  /** The browser that a request was sent from; null when it sent no cookie of ours. */
  browser(req: Request): string | null
  /** The same, with a new cookie when there was none; its 15 minutes start anew. */
  ensureBrowser(req: Request, res: Response): string
  session(req: Request): string | null
  setSession(res: Response, handle: string, milliseconds: number): void
  clearSession(res: Response): void
}

/**
 * The two cookies. Both are opaque, HttpOnly and host-only. The browser's must survive the identity provider's cross-site POST,
 * hence SameSite=None, which browsers take with Secure only (localhost counts as secure). The session's is Lax: no other site
 * can make a POST with it. Under https their names start with `__Host-`, which keeps subdomains from setting them.
 */
export function cookiesFor(publicUrl: string, random: RandomSource, lifetime: number): Cookies {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  const browserName = `${prefix}homerealm-browser`
  const sessionName = `${prefix}homerealm-session`

  return {
    browser: (req) => handleFrom(req, browserName),
    ensureBrowser(req, res) {
      const handle = handleFrom(req, browserName) ?? newHandle(random)
      res.cookie(browserName, handle, {
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
      res.cookie(sessionName, handle, {
        httpOnly: true,
        secure,
        sameSite: 'lax',
        path: '/',
        maxAge: milliseconds,
      })
    },
    clearSession(res) {
      res.clearCookie(sessionName, { httpOnly: true, secure, sameSite: 'lax', path: '/' })
    },
  }
}

/** The value of a cookie that was sent exactly once and has the form of a handle. */
function handleFrom(req: Request, name: string): string | null {
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
