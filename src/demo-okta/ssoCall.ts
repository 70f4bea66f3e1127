import {
  AuthnRequestError,
  decodePosted,
  decodeRedirected,
  readAuthnRequest,
} from './authnRequest.ts'

/** A sign-in that has begun: what must be known when the person has signed in. */
export interface SignInInProgress {
  /** ID of the AuthnRequest; null when nobody asked (IdP-initiated). */
  readonly requestId: string | null
  readonly relayState: string | null
}

/** One call of the app's single sign-on URL. */
export interface SsoCall extends SignInInProgress {
  /** The name to fill in; empty when there is none. */
  readonly hint: string
  readonly isPassive: boolean
}

/** Parameters as Express's `simple` query parser and urlencoded body parser give them: a name that comes twice is an array. */
export type Parameters = Readonly<Record<string, unknown>>

const maxRelayState = 2048
const maxHint = 256

/**
 * Reads a call of the single sign-on URL: an AuthnRequest by POST or by Redirect, or a bare GET, which is the IdP-initiated start
 * (as with the embed link of an Okta app). The hinted name comes as `login_hint` or `username` of the query with both bindings.
 * @throws AuthnRequestError when the request cannot be answered
 */
export function readSsoCall(
  call: { readonly method: 'GET' | 'POST'; readonly query: Parameters; readonly body: Parameters },
  expected: { readonly ssoUrl: string; readonly acs: string },
): SsoCall {
  const from = call.method === 'POST' ? call.body : call.query
  const hint = hintOf(call.query)
  const samlRequest = single(from, 'SAMLRequest')
  const relayState = single(from, 'RelayState')
  if (relayState !== null && relayState.length > maxRelayState) {
    throw new AuthnRequestError(`The RelayState is longer than ${maxRelayState} characters.`)
  }
  if (samlRequest === null) {
    if (call.method === 'POST') throw new AuthnRequestError('The form has no field SAMLRequest.')
    return { requestId: null, relayState, hint, isPassive: false }
  }
  const encoding = single(from, 'SAMLEncoding')
  if (
    encoding !== null &&
    encoding !== 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'
  ) {
    throw new AuthnRequestError('The SAMLEncoding is not DEFLATE.')
  }
  const request = readAuthnRequest(
    call.method === 'POST' ? decodePosted(samlRequest) : decodeRedirected(samlRequest),
  )
  if (request.destination !== null && request.destination !== expected.ssoUrl) {
    throw new AuthnRequestError('The Destination of the AuthnRequest is not this address.')
  }
  const acs = request.assertionConsumerServiceUrl
  if (acs !== null && acs !== expected.acs) {
    throw new AuthnRequestError(
      "The AssertionConsumerServiceURL of the AuthnRequest is not the app's single sign-on URL.",
    )
  }
  return { requestId: request.id, relayState, hint, isPassive: request.isPassive }
}

/** The one value of a parameter; null when it is missing. */
export function single(parameters: Parameters, name: string): string | null {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value === undefined) return null
  if (typeof value === 'string') return value
  throw new AuthnRequestError(`${name} was sent more than once.`)
}

/** A hint is a convenience: one that is odd is no hint. */
function hintOf(query: Parameters): string {
  for (const name of ['login_hint', 'username']) {
    const value = Object.hasOwn(query, name) ? query[name] : undefined
    if (typeof value === 'string' && value !== '' && value.length <= maxHint) return value
  }
  return ''
}
