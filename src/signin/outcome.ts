import type { Federation } from '../directory/types.ts'
import type { OutgoingMessage } from '../saml/authnRequest.ts'
import type { Verdict } from './circumstances.ts'
import type { Session } from './ports.ts'
import type { NextStep } from './steps.ts'

/** What else a sign-in is asked for. */
export interface StartOptions {
  /** Same-origin path to go on to; `/me` when left out. */
  readonly returnTo?: string | undefined
  /** The app wants a second factor. */
  readonly requiresMfa?: boolean | undefined
  /** The identity provider is to authenticate anew. */
  readonly forceAuthn?: boolean | undefined
}

/** How a response was answered: with a session, with one more step here, or by going to the identity provider once more. */
export interface Finished {
  readonly verdict: Verdict
  readonly next: NextStep | null
  readonly again: {
    readonly message: OutgoingMessage
    readonly federation: Federation
    readonly loginHint: string | null
    /** Of the user that the first answer was about. */
    readonly domain: string
  } | null
}

/** A new session, and the handle for the browser's cookie. */
export interface OpenedSession {
  readonly handle: string
  readonly session: Session
}
