/**
 * The cookies of one client, by host name (cookies do not know ports), as RFC 6265 section 5 keeps them in the least: host-only,
 * `Path=/`, and `Secure` over https or to this machine. `Max-Age` above zero is ignored on purpose: a hostile client keeps what it
 * likes, so that what a test sees expire has expired at the server.
 */
export class CookieJar {
  readonly #byHost = new Map<string, Map<string, { value: string; secure: boolean }>>()

  /** Takes the cookies of an answer from `url`. */
  take(url: URL, setCookies: readonly string[]): void {
    const jar = this.#of(url)
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      const isOver = attributes.some(
        (attribute) => /^max-age=(0|-\d+)$/i.test(attribute) || /^expires=.*1970/i.test(attribute),
      )
      if (isOver) jar.delete(name)
      else {
        const secure = attributes.some((attribute) => attribute.toLowerCase() === 'secure')
        if (!secure || isTrustworthy(url)) jar.set(name, { value: pair.slice(at + 1), secure })
      }
    }
  }

  /** The header `Cookie` for a request to `url`; empty when there is none to send. */
  header(url: URL): string {
    return [...this.#of(url)]
      .filter(([, { secure }]) => !secure || isTrustworthy(url))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
  }

  /** The value of a cookie; null when there is none. */
  get(host: string, name: string): string | null {
    return this.#byHost.get(host)?.get(name)?.value ?? null
  }

  set(host: string, name: string, value: string): void {
    this.#of(new URL(`http://${host}`)).set(name, { value, secure: false })
  }

  clear(): void {
    this.#byHost.clear()
  }

  #of(url: URL): Map<string, { value: string; secure: boolean }> {
    const jar = this.#byHost.get(url.hostname) ?? new Map()
    this.#byHost.set(url.hostname, jar)
    return jar
  }
}

/** Browsers count this machine as secure (W3C Secure Contexts, section 3.1). */
function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}
