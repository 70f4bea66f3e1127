/** Values a message may carry to the outside. Never anything about another person, and never an ImmutableId but the one sent. */
export interface MessageValues {
  /** The NameID as the identity provider sent it. */
  readonly nameId?: string | undefined
  /** The tenant's GUID, or the tenant segment of the path as it was sent. */
  readonly tenant?: string | undefined
  /** The Issuer as the response claims it. */
  readonly issuer?: string | undefined
  /** The e-mail as it was typed at the start. */
  readonly email?: string | undefined
  readonly domain?: string | undefined
  /** The client_id of the app. */
  readonly app?: string | undefined
  /** The name of a request parameter. */
  readonly parameter?: string | undefined
  /** The part of the app's own request that is wrong. */
  readonly detail?: string | undefined
}

export interface CatalogueEntry {
  /** Symbolic name in Microsoft's list; our own where the list has none. */
  readonly symbol: string
  /** The code it refines: 5000811 is a finer 50008. */
  readonly parent?: number
  /** HTTP status of the page or JSON answer. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500
  /** The `error` of an OAuth answer (RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6). */
  readonly oauthError: string
  /** The `error` of a redirect to the app, where it is another. */
  readonly redirectError?: string
  /** The `suberror` of a JSON answer, by which Entra's clients know what to do next. */
  readonly suberror?: string
  /** One sentence for the `Message` line, after the `AADSTSnnn: `. */
  readonly message: (values: MessageValues) => string
  /** What happened, in one human sentence, for the person in front of the page. */
  readonly happened: string
  /** What the person can do. */
  readonly personCan: string
  /** What an admin should look at on this server, and at the identity provider. */
  readonly adminHere: string
  readonly adminThere: string
}

export const startAgain = 'Go back to the start and sign in once more.'
export const tellAdmin =
  'Send the details of this sign-in to your administrator: the Request Id leads them to the exact cause.'
export const nothingThere = 'Nothing to do at the identity provider.'

/** Values from outside are cut to this many characters before they stand in a sentence. */
const MESSAGE_VALUE_LIMIT = 256

/** Characters that break a line, or that change how the text around them is shown. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A value from outside as a sentence shows it: in quotes, cut, on one line; `instead` when there is none. */
export function quoted(value: string | undefined, instead: string): string {
  if (value === undefined || value === '') return instead
  const shown = [...value].slice(0, MESSAGE_VALUE_LIMIT).join('')
  return `'${shown.replace(invisible, '\uFFFD')}${shown === value ? '' : '…'}'`
}
