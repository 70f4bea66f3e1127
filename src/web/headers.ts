/** What a page's policy leaves open. */
export interface PolicyOptions {
  /**
   * Where forms of the page may go: `'self'`, `'none'`, origins (`https://customer.okta.com`) or schemes (`https:`).
   * See `formActionTo` for the page that sends to an identity provider.
   */
  readonly formAction: readonly string[]
  /** Origins whose pages may be shown in frames of ours; none when left out. */
  readonly frameSrc?: readonly string[]
}

/**
 * The `Content-Security-Policy` of our pages (CSP level 3, Trusted Types): nothing is loaded but our own stylesheet, scripts and
 * favicon; no script makes HTML from text; nobody frames the page. Throws a TypeError for a form target that is no source
 * expression, so that a stored URL cannot add directives.
 */
export function contentSecurityPolicy({ formAction, frameSrc = [] }: PolicyOptions): string {
  if (formAction.length === 0) throw new TypeError("formAction: name a target, or 'none'")
  const sources = [
    ...formAction.map((source) => ['formAction', source] as const),
    ...frameSrc.map((source) => ['frameSrc', source] as const),
  ]
  for (const [name, source] of sources) {
    if (!sourceExpression.test(source)) {
      throw new TypeError(
        `${name}: ${JSON.stringify(source)} is none of 'self', 'none', a scheme (https:) or an origin (https://host:port)`,
      )
    }
  }
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ...(frameSrc.length > 0 ? [`frame-src ${frameSrc.join(' ')}`] : []),
    `form-action ${formAction.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

const sourceExpression =
  /^(?:'self'|'none'|https?:|https?:\/\/(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/i

/**
 * The form targets of the page that sends to an identity provider at this URL: its scheme, not its origin. Chromium holds
 * redirects after a form's POST against the policy too, and an Okta org may redirect to a custom domain or on to a further
 * identity provider; with the origin alone such a sign-in ends in a blank page. The page has one form, with an action of ours,
 * and no way to add another. (`http:` covers https too, CSP level 3 section 6.7.2.8.)
 */
export function formActionTo(identityProviderUrl: string): readonly string[] {
  const { protocol } = new URL(identityProviderUrl)
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new TypeError(
      `${JSON.stringify(identityProviderUrl.slice(0, 200))} is not an http(s) URL`,
    )
  }
  return [protocol]
}
