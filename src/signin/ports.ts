import type { Instant } from '../lib/clock.ts'
import type { Trace } from './trace.ts'

/** The AuthnRequest we sent, remembered until its Response comes. */
export interface PendingRequest {
  /** The AuthnRequest's ID: `_` and a GUID. */
  readonly id: string
  readonly federationId: string
  /** The e-mail typed at the start; null when a domain hint skipped the page. */
  readonly loginHint: string | null
  /** Fingerprint of the cookie of the browser that was sent away. */
  readonly browser: string
  /** Same-origin path to go on to after the sign-in. */
  readonly returnTo: string
  /** The app that the sign-in is for wants a second factor. */
  readonly requiresMfa: boolean
  /** The identity provider was sent back to for a second factor; it is asked once. */
  readonly askedForMfa: boolean
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

/** The outcome of using up a response; only `consumed` signs in. */
export type Consumption = 'consumed' | 'requestUnknown' | 'responseReplayed'

/** What a sign-in remembers between its two halves, shared by all nodes and surviving a restart. */
export interface SigninState {
  rememberRequest(request: PendingRequest): Promise<void>
  /** Read only: nothing is used up by looking. Expired ones are still found for a while, so that the reason can say so. */
  pendingRequest(id: string): Promise<PendingRequest | null>
  /** Read only. */
  wasUsed(federationId: string, assertionId: string): Promise<boolean>
  /**
   * Uses up request and assertion in one atomic step: of any number of parallel calls with the same request, or with the same
   * assertion, one gets `consumed`. A null `requestId` is an unsolicited response. Rejects when the store is out of reach.
   */
  consume(use: {
    readonly requestId: string | null
    readonly browser: string | null
    readonly federationId: string
    readonly assertionId: string
    /** How long the assertion is remembered as used: its last moment of validity, skew included. */
    readonly rememberUntil: Instant
    readonly now: Instant
  }): Promise<Consumption>
}

/** A browser session after a sign-in. */
export interface Session {
  /** Fingerprint of the handle in the cookie; the handle itself is not stored. */
  readonly key: string
  readonly userId: string
  /** How the person signed in: at the identity provider of `federationId`, or with a password here. */
  readonly method: 'federated' | 'password'
  /** Authentication methods, as Entra's `amr` names them: `pwd` or `fed`, and `mfa` after a second factor, wherever it was asked. */
  readonly amr: readonly string[]
  /** Null when the person signed in with a password, like the rest of what an assertion says. */
  readonly federationId: string | null
  readonly nameId: string | null
  readonly nameIdFormat: string | null
  readonly sessionIndex: string | null
  readonly authnContextClassRef: string | null
  readonly authenticatedAt: Instant
  readonly createdAt: Instant
  readonly expiresAt: Instant
  /** Name and values of the assertion's attributes, in order. */
  readonly claims: readonly (readonly [name: string, values: readonly string[]])[]
  /** The Request Id under which the trace is kept. */
  readonly requestId: string
}

/** A LogoutRequest we sent, remembered until its LogoutResponse comes. */
export interface PendingLogout {
  /** The LogoutRequest's ID: `_` and a GUID, which nobody guesses. */
  readonly id: string
  readonly federationId: string
  /** Where to go on to: a path here, or the registered address of an app. */
  readonly returnTo: string
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export interface LogoutStore {
  rememberLogout(logout: PendingLogout): Promise<void>
  /** The one of this federation that still waits, and it is gone: of parallel calls one gets it. */
  takeLogout(of: {
    readonly id: string
    readonly federationId: string
    readonly now: Instant
  }): Promise<PendingLogout | null>
}

export interface SessionStore {
  /** The sessions that an identity provider opened under this NameID, whether over or not. */
  sessionsOfNameId(federationId: string, nameId: string): Promise<readonly Session[]>
  putSession(session: Session): Promise<void>
  /** Null when unknown or over at `now`. */
  session(key: string, now: Instant): Promise<Session | null>
  endSession(key: string): Promise<void>
  /** Every session of a user, on whatever browser, but for the one that is named. Durable. */
  endSessionsOfUser(userId: string, except: string | null): Promise<void>
}

/** A verdict as it is kept for the admin, under the Request Id that the person's page shows. */
export interface KeptTrace {
  readonly requestId: string
  readonly correlationId: string
  readonly at: Instant
  readonly expiresAt: Instant
  readonly outcome: 'signedIn' | 'refused'
  readonly reason: string | null
  readonly aadsts: number | null
  readonly userPrincipalName: string | null
  readonly federationId: string | null
  readonly trace: Trace
}

export interface TraceStore {
  keepTrace(trace: KeptTrace): Promise<void>
  /** Null when unknown or past its time at `now`. */
  trace(requestId: string, now: Instant): Promise<KeptTrace | null>
}

/** Sign-ins of one day that came by the same way: what a rollover of certificates, and a change of a domain, are judged by. */
export interface CountedSignins {
  /** Days since 1970-01-01 in UTC. */
  readonly day: number
  /** Of the user's UPN. */
  readonly domain: string
  /** Empty for a password here. */
  readonly federationId: string
  /** SHA-256 of the certificate that signed, lower-case hex; empty for a password here. */
  readonly thumbprint: string
  readonly count: number
  readonly lastAt: Instant
}

export interface SigninCounts {
  countSignin(signin: Omit<CountedSignins, 'count'>): Promise<void>
  /** From that day on, in order of day, domain, federation and certificate. */
  signinsSince(day: number): Promise<readonly CountedSignins[]>
}

/** The day of an instant, for `CountedSignins`. */
export const dayOf = (at: Instant): number => Math.floor(at / 86_400_000)
