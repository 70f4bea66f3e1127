/**
 * Gives the address back when it may stand in a `href` or `action`: http or https, or a path on this server. Throws a
 * TypeError otherwise (`javascript:`, `data:`, another server's `//host`, control characters), because such an address in a
 * model is a fault of the caller and must never reach a browser.
 *
 * Browsers read a backslash as a slash, and drop tabs and line breaks from addresses (WHATWG URL, basic URL parser), so both are
 * refused.
 */
export function safeUrl(field: string, address: string): string {
  const isPath = /^\/(?![/\\])/.test(address)
  if (!hasForbiddenCharacter(address) && (isPath || isHttpUrl(address))) return address
  throw new TypeError(
    `${field}: ${JSON.stringify(address.slice(0, 200))} is neither a path on this server (/...) nor an http(s) URL`,
  )
}

/** The same for a form whose target must be named in full. */
export function safeHttpUrl(field: string, address: string): string {
  if (!hasForbiddenCharacter(address) && isHttpUrl(address)) return address
  throw new TypeError(`${field}: ${JSON.stringify(address.slice(0, 200))} is not an http(s) URL`)
}

function isHttpUrl(address: string): boolean {
  return /^https?:\/\/[^/]/i.test(address) && URL.canParse(address)
}

function hasForbiddenCharacter(address: string): boolean {
  for (const character of address) {
    const code = character.codePointAt(0) ?? 0
    if (code <= 0x20 || code === 0x7f || character === '\\') return true
  }
  return false
}
