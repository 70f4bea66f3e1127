import { isLoopbackHost } from '../lib/loopback.ts'
import { AppError } from './appError.ts'
import type { App, Platform, RedirectUri } from './types.ts'

const LONGEST_URI = 2048
/**
 * Schemes of native apps: a domain of their maker's, backwards, hence with a dot in it (RFC 8252 section 7.1), and those of MSAL for
 * desktops, Android and Windows. Whatever else a browser knows (javascript, data, intent, view-source, mailto ...) runs or opens
 * something, and leads to no app.
 */
const ownSchemes: readonly RegExp[] = [
  /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:/i,
  /^msal[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:\/\/auth$/i,
  /^msauth:\/\/[^/]+\/[^/]+$/,
  /^ms-appx-web:\/\/[^/]+\/[^/]+$/i,
  /^ms-app:\/\/s-[\d-]+\/?$/i,
]

/**
 * A redirect URI as it may be registered: absolute, without fragment, user or wildcard (RFC 9700 section 2.1). `web` and `spa` are
 * https, or http on this machine; `native` is http on loopback (RFC 8252 section 7.3), https that the app claims (7.2), or one of
 * `ownSchemes` (7.1). It is kept as it is written, because it is compared as it is written. Throws AppError.
 */
export function readRedirectUri(uri: string, platform: Platform): RedirectUri {
  const wrong = (why: string): never => {
    throw new AppError(`The redirect URI ${JSON.stringify(uri.slice(0, 200))} ${why}.`)
  }
  const url = URL.parse(uri)
  if (url === null) return wrong('is no absolute URI, such as https://app.example.com/signin')
  if (uri.length > LONGEST_URI) return wrong(`is longer than ${LONGEST_URI} characters`)
  if (!/^[\x21-\x7e]+$/.test(uri)) return wrong('has white space, or characters beyond ASCII')
  if (uri.includes('#')) return wrong('has a fragment; answers may come in one, so it must be free')
  if (uri.includes('*')) return wrong('has a wildcard; register each address exactly')
  if (url.username !== '' || url.password !== '') return wrong('has a user or a password in it')
  if (url.protocol === 'https:') return { uri, platform }
  if (url.protocol === 'http:') {
    const isLoopback = isLoopbackHost(url.hostname)
    return isLoopback ? { uri, platform } : wrong('must be https (http only on localhost)')
  }
  if (!ownSchemes.some((scheme) => scheme.test(uri))) {
    return wrong(
      `has the scheme ${url.protocol}, which is not allowed. Allowed are https, http on localhost, and for native apps a scheme with a dot in it, such as com.example.app:/auth (RFC 8252 section 7.1), or msal<client id>://auth`,
    )
  }
  if (platform !== 'native') {
    return wrong('has a scheme of its own, which is for native apps: register it with --native')
  }
  return { uri, platform }
}

/** MSAL's own scheme has the app's id in it, and belongs to that app. Throws AppError. */
export function checkMsalScheme({ uri }: RedirectUri, appId: string): void {
  const named = /^msal([0-9a-f-]{36}):/i.exec(uri)?.[1]
  if (named === undefined || named.toLowerCase() === appId) return
  throw new AppError(
    `The redirect URI ${JSON.stringify(uri)} names another app than this one, ${appId}. The client id is known once the app is there: add it first, then homerealm apps set APP --native msal${appId}://auth.`,
  )
}

/** A logout URI: https, or http on this machine, without fragment. Throws AppError. */
export function readLogoutUri(uri: string): string {
  const { protocol } = new URL(readRedirectUri(uri, 'web').uri)
  if (protocol === 'https:' || protocol === 'http:') return uri
  throw new AppError(`The logout URI ${JSON.stringify(uri)} must be https.`)
}

/**
 * Whether an app may be answered there: equal byte for byte to a registered URI, but for the port of a native app's loopback
 * URI, which the app learns only when it runs (RFC 8252 section 7.3; OAuth 2.1 section 2.3.1).
 */
export function isRegistered(app: Pick<App, 'redirectUris'>, uri: string): boolean {
  if (app.redirectUris.some((registered) => registered.uri === uri)) return true
  const asked = withoutLoopbackPort(uri)
  return (
    asked !== null &&
    app.redirectUris.some(
      (registered) =>
        registered.platform === 'native' && withoutLoopbackPort(registered.uri) === asked,
    )
  )
}

const loopbackUri =
  /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?((?:[/?][\x21-\x7e]*)?)$/

/** The text with its port cut out; null for anything that is no plain http URI on loopback. */
function withoutLoopbackPort(uri: string): string | null {
  const parts = loopbackUri.exec(uri)
  if (parts === null || Number(parts[2] ?? 0) > 65_535 || uri.includes('#')) return null
  return `http://${parts[1]}${parts[3]}`
}

/** Whether scripts of this origin may read answers meant for the app: only origins of its `spa` redirect URIs. */
export function isSpaOrigin(app: Pick<App, 'redirectUris'>, origin: string): boolean {
  return spaOrigins([app]).has(origin)
}

/** The origins whose scripts may read answers meant for one of these apps. */
export function spaOrigins(apps: readonly Pick<App, 'redirectUris'>[]): ReadonlySet<string> {
  const uris = apps.flatMap(({ redirectUris }) => redirectUris)
  const ofSpas = uris.filter(({ platform }) => platform === 'spa')
  return new Set(ofSpas.map(({ uri }) => new URL(uri).origin))
}
