import { isLoopbackHost } from './loopback.ts'

/** What keeps a URL from being the address of this server, for the end of a sentence; null when nothing does. */
export function faultOfPublicUrl(url: URL | null): string | null {
  if (url === null) return 'is not a URL like https://login.example.com'
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return 'must be https (http only for localhost), for browsers keep no sign-in cookie otherwise'
  }
  const { pathname, search, hash, username, password } = url
  if (pathname !== '/' || search + hash + username + password !== '') {
    return 'must be an origin without path, query or user, like https://login.example.com'
  }
  return null
}
