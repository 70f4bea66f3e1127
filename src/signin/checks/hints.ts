/**
 * Near misses, for the admin's trace: what is the smallest change that would have made two texts equal? A hint never decides
 * anything.
 */

/** How a claimed Issuer differs from the one that is configured, when the difference is a usual one. */
export function issuerHint(actual: string, expected: string): string | undefined {
  if (actual.trim() === expected.trim()) return 'They differ in white space around the value.'
  if (stripSlash(actual) === stripSlash(expected)) return 'They differ in the trailing slash.'
  if (actual.toLowerCase() === expected.toLowerCase()) return 'They differ in upper and lower case.'
  if (stripScheme(actual) === stripScheme(expected)) return 'They differ in http and https.'
  const key = /^http:\/\/www\.okta\.com\/(exk\w+)$/i
  if (key.test(actual) && key.test(expected)) {
    return 'Both are Okta apps, with different ids: the app was probably made anew, or another app answered.'
  }
  return undefined
}

/** How the audience that a response names differs from ours, when the difference is a usual one. */
export function audienceHint(audiences: readonly string[], ours: string): string | undefined {
  for (const audience of audiences) {
    if (audience.trim() === ours.trim()) return 'They differ in white space around the value.'
    if (stripSlash(audience) === stripSlash(ours)) return 'They differ in the trailing slash.'
    if (audience.toLowerCase() === ours.toLowerCase()) return 'They differ in upper and lower case.'
    if (stripScheme(audience) === stripScheme(ours)) return 'They differ in http and https.'
    if (/^https?:.*\/(saml2|login\.srf)$/.test(audience)) {
      return 'It is an ACS URL: the fields for ACS URL and Audience URI were probably mixed up in Okta.'
    }
  }
  return undefined
}

/** How a URL that a response names differs from ours, when the difference is a usual one. */
export function urlHint(actual: string, accepted: readonly string[]): string | undefined {
  for (const ours of accepted) {
    if (actual.trim() === ours) return 'It differs in white space around the value.'
    if (stripSlash(actual) === stripSlash(ours)) return 'It differs in the trailing slash.'
    if (stripScheme(actual) === stripScheme(ours)) return 'It differs in http and https.'
    if (actual.toLowerCase() === ours.toLowerCase()) return 'It differs in upper and lower case.'
  }
  const url = URL.canParse(actual) ? new URL(actual) : null
  if (url === null) return 'It is no URL.'
  const hosts = new Set(accepted.map((ours) => new URL(ours).host))
  if (hosts.has(url.host)) {
    return /\/saml2$/.test(url.pathname)
      ? 'It is this server, but another tenant in the path.'
      : 'It is this server, but not an ACS URL of it.'
  }
  if (url.hostname === 'login.microsoftonline.com') {
    return 'It is Microsoft’s own address: the app in Okta is set up for Entra, not for this server.'
  }
  return 'It is another server.'
}

function stripSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}

function stripScheme(text: string): string {
  return text.replace(/^https?:\/\//, '')
}
