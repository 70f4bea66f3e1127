import { isLoopbackHost } from '../lib/loopback.ts'

/** Why a URI is not one to send people or messages to. */
export class SignInUriError extends Error {
  override readonly name = 'SignInUriError'
}

const maxUriLength = 2048

/**
 * Checks an address of an identity provider (passiveSignInUri, signOutUri): an absolute https URI, or http on loopback; without
 * user name, password or fragment. Returns it as it was given. Throws SignInUriError, which says what to change.
 */
export function readSignInUri(text: string): string {
  if (text.length > maxUriLength) {
    throw new SignInUriError(
      `The URI has ${text.length} characters; expected ${maxUriLength} at most.`,
    )
  }
  // URL drops tabs and line breaks and trims spaces; what is stored and compared would then differ from what is used.
  if (/[\s\p{Cc}]/u.test(text)) {
    throw new SignInUriError('The URI holds white space; write it without, or as %20.')
  }
  const url = URL.parse(text)
  if (url === null) {
    throw new SignInUriError(
      `${JSON.stringify(text)} is no absolute URI; expected https://HOST/PATH, as the identity provider shows it.`,
    )
  }
  const isLoopback = url.protocol === 'http:' && isLoopbackHost(url.hostname)
  if (url.protocol !== 'https:' && !isLoopback) {
    throw new SignInUriError(
      `The URI begins with ${url.protocol}//; expected https://, or http:// on localhost, 127.0.0.1 or [::1].`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new SignInUriError(
      'The URI holds a user name or a password; leave out what stands before the @.',
    )
  }
  if (text.includes('#')) {
    throw new SignInUriError('The URI holds a fragment; leave out # and what follows.')
  }
  return text
}
