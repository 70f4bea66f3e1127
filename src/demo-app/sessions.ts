import type { CookieOptions, Request, Response } from 'express'
import { BoundedMemory } from '../lib/boundedMemory.ts'
import { hours } from '../lib/clock.ts'
import type { Begun, Tokens } from './relyingParty.ts'

/** How the last thing that the person asked for went. */
export interface Outcome {
  readonly isGood: boolean
  readonly headline: string
  readonly text: string
}

/** Someone who is signed in to Routty. The tokens stay on the server; the browser has a handle. */
export interface Session {
  tokens: Tokens
  /** What userinfo told last; null until it is asked. */
  userinfo: Readonly<Record<string, unknown>> | null
  renewals: number
  outcome: Outcome | null
  /** The renewal that is under way: a refresh token is good once, so two never go side by side. */
  renewing: Promise<void> | null
}

/** A sign-in that was begun. It is kept when it was answered, so that an answer that comes twice is known as such. */
export interface SignIn extends Begun {
  /** The browser that it was begun in. */
  readonly browser: string
  isAnswered: boolean
}

/** Both are lost at a restart, and bounded: the oldest goes. */
export function createMemories() {
  return {
    signIns: new BoundedMemory<SignIn>({ capacity: 1000, lifetime: hours(1) }),
    sessions: new BoundedMemory<Session>({ capacity: 1000, lifetime: hours(12) }),
  }
}

export type CookieName = 'session' | 'browser'

/** Reads and sets Routty's cookies. Cookies know no ports: the names keep clear of those of other sites on this host. */
export function cookiesFor(baseUrl: string) {
  const secure = baseUrl.startsWith('https:')
  const fullName = (name: CookieName): string => `${secure ? '__Host-' : ''}routty-${name}`
  const attributes: CookieOptions = { httpOnly: true, sameSite: 'lax', secure, path: '/' }
  return {
    /** The handle; null for none, or for what no handle looks like. */
    read(req: Request, name: CookieName): string | null {
      const start = `${fullName(name)}=`
      const pair = (req.headers.cookie ?? '').split('; ').find((each) => each.startsWith(start))
      const handle = pair?.slice(start.length) ?? ''
      return /^[\w-]{43}$/.test(handle) ? handle : null
    },
    set(res: Response, name: CookieName, handle: string): void {
      res.cookie(fullName(name), handle, attributes)
    },
    clear(res: Response, name: CookieName): void {
      res.clearCookie(fullName(name), attributes)
    },
  }
}
