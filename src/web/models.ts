/**
 * web/: the pages a person sees, as pure functions from a model to a complete HTML document, with the stylesheet, scripts and
 * pictures they need. It must not know HTTP servers, SQL, SAML or the clock: a model holds all that a page shows.
 *
 * Every text of a model may be hostile: templates escape all of them. Every address of a model is checked (url.ts): it is a
 * path on this server, or http(s), or the page is not made.
 */
import type { CatalogueEntry } from '../aadsts/catalogue.ts'
import type { Instant } from '../lib/clock.ts'
import type { Trace } from '../signin/trace.ts'

/** Name and value of one form field. */
export type Field = readonly [name: string, value: string]

/** Why the e-mail page is shown once more. */
export interface EmailProblem {
  /** One short sentence: what is wrong with the address. */
  readonly headline: string
  /** What to type instead. */
  readonly advice: string
  /** The AADSTS number, linked to its explanation. */
  readonly code?: number | undefined
  /** The `Message` line of that code, `AADSTS50059: ...`. */
  readonly message?: string | undefined
}

/** Someone to try in the demo. */
export interface DemoPerson {
  readonly email: string
  /** What will happen: "Signs in", "Is refused: the ImmutableId differs". */
  readonly note: string
}

/** The e-mail page: `GET /signin`, and `POST /signin` when the address did not do. */
export interface EmailPageModel {
  readonly tenantName: string
  /** What stands in the field at first; '' for nothing. */
  readonly value: string
  readonly problem: EmailProblem | null
  /** The people of the demo tenant; null or left out outside the demo. */
  readonly demo?: { readonly people: readonly DemoPerson[] } | null | undefined
  /** More fields that go along unseen (where to go on to after the sign-in). */
  readonly hiddenFields?: readonly Field[] | undefined
}

/** The form that carries the AuthnRequest to the identity provider (SAML bindings, section 3.5.4). */
export interface SendToIdpPageModel {
  /** The identity provider's sign-in URL; http or https. */
  readonly action: string
  readonly method: 'post'
  readonly fields: readonly Field[]
  readonly domain: string
  /** The address that was typed; null when a domain hint skipped the page. */
  readonly email: string | null
  /** What the federation is called here (`displayName`). */
  readonly idpName: string
  /**
   * Makes a new request for the same person, for one who comes back to this page, whose old request may be used up. When left
   * out: `/signin` with `login_hint` (or `domain_hint` when no address is known).
   */
  readonly againUrl?: string | undefined
  /** Where "Use another address" leads; `/signin` when left out. */
  readonly startUrl?: string | undefined
}

/** Who is signed in, with which claims, and how the response was judged: `GET /me`. */
export interface MePageModel {
  readonly displayName: string
  readonly userPrincipalName: string
  /** GUIDs. */
  readonly userId: string
  readonly tenantName: string
  readonly tenantId: string
  readonly domain: string
  /** Null for one who signed in with a password here, as all that an assertion says. */
  readonly federationName: string | null
  readonly authenticatedAt: Instant
  /** End of the session. */
  readonly expiresAt: Instant
  readonly nameId: string | null
  readonly nameIdFormat: string | null
  readonly sessionIndex: string | null
  /** Authentication methods: `pwd` or `fed`, and `mfa`. */
  readonly amr: readonly string[]
  /** Offers to prove or to set up a second factor; this session has none yet. */
  readonly offersSecondFactor: boolean
  /** AuthnContextClassRef. */
  readonly authnContext: string | null
  /** The assertion's attributes in order. */
  readonly claims: readonly (readonly [name: string, values: readonly string[]])[]
  /** Null when it is not kept any more (24 hours). */
  readonly trace: Trace | null
  readonly requestId: string
}

/** A refusal, in the manner of Entra's page. */
export interface RefusedPageModel {
  /** "Sorry, but we’re having trouble signing you in." when left out. */
  readonly heading?: string | undefined
  /** What happened, in one human sentence. */
  readonly happened: string
  readonly personCan: string
  /** The AADSTS number; null where none stands for it. */
  readonly code: number | null
  /** `AADSTSnnn: ...`. */
  readonly message: string
  readonly requestId: string
  readonly correlationId: string
  readonly timestamp: Instant
  /** Where "Start again" leads. */
  readonly startUrl: string
  /** The userPrincipalName of an older session that goes on; null for none. */
  readonly signedInAs: string | null
}

/** One code explained: `GET /error?code=N`. */
export interface CodePageModel {
  readonly code: number
  readonly entry: CatalogueEntry
  /** The reasons that the code stands for, finer than the number. */
  readonly reasons: readonly { readonly name: string; readonly remedy: string }[]
}

/** All codes: `GET /error` with no code, or with one that the catalogue does not hold. */
export interface CodeUnknownPageModel {
  /** What was asked for; null for nothing. */
  readonly asked: string | null
  readonly codes: readonly { readonly code: number; readonly symbol: string }[]
}

export interface SignedOutPageModel {
  readonly startUrl: string
  /** The identity provider that perhaps still has a session; null when nothing speaks for that. */
  readonly leftAt: string | null
  /** The app that the person came from; null for none. */
  readonly continueUrl: string | null
}

export interface NotFoundPageModel {
  /** The path that was asked for. */
  readonly path: string
}
