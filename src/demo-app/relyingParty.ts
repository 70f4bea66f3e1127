import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { type Clock, type Instant, seconds } from '../lib/clock.ts'
import { newHandle, type RandomSource } from '../lib/ids.ts'
import { type DecodedJwt, decodeJwt } from './jwt.ts'

export interface RelyingPartyOptions {
  /** The OpenID provider's issuer: `http://localhost:3000/TENANT-GUID/v2.0`. */
  readonly issuer: string
  readonly clientId: string
  /** Private half of the key that is registered for the app (RFC 7523, private_key_jwt). */
  readonly clientKey: CryptoKey
  readonly redirectUri: string
  /** Registered too, as at Entra. */
  readonly signedOutUri: string
  /** What asks the provider, when it is not the runtime's own fetch. */
  readonly fetch?: client.CustomFetch | undefined
  readonly clock: Clock
  readonly random: RandomSource
}

/** What an app remembers of a sign-in that it has begun; each value is 256 random bits. */
export interface Begun {
  readonly state: string
  readonly nonce: string
  /** PKCE code verifier (RFC 7636 section 4.1). */
  readonly verifier: string
}

export interface Tokens {
  /** As it came, for `id_token_hint`. */
  readonly idToken: string
  readonly id: DecodedJwt
  readonly accessToken: string
  /** Null for a token that is no JWT: an app must not count on more. */
  readonly access: DecodedJwt | null
  readonly accessExpiresAt: Instant
  readonly refreshToken: string | null
  readonly scope: string
}

export type RelyingParty = ReturnType<typeof createRelyingParty>

const scope = 'openid profile email offline_access'
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * The app's side of OpenID Connect, by openid-client: authorization code with PKCE, and a signed assertion as the app's own
 * credential. What the provider refuses comes as openid-client's errors.
 */
export function createRelyingParty(options: RelyingPartyOptions) {
  const { issuer, clientId, clientKey, redirectUri, signedOutUri, clock, random } = options
  let discovered: Promise<client.Configuration> | null = null
  let keys: ReturnType<typeof createRemoteJWKSet> | null = null

  /** The provider's metadata, once it can be had; a failure is not kept. */
  function configuration(): Promise<client.Configuration> {
    discovered ??= discover().catch((error: unknown) => {
      discovered = null
      throw error
    })
    return discovered
  }

  function discover(): Promise<client.Configuration> {
    const isPlain = issuer.startsWith('http:')
    return client.discovery(new URL(issuer), clientId, {}, client.PrivateKeyJwt(clientKey), {
      // The signature of ID tokens is looked at although they come straight from the provider.
      execute: [
        client.enableNonRepudiationChecks,
        ...(isPlain ? [client.allowInsecureRequests] : []),
      ],
      timeout: 10,
      ...(options.fetch && { [client.customFetch]: options.fetch }),
    })
  }

  function tokensFrom(
    answer: Awaited<ReturnType<typeof client.authorizationCodeGrant>>,
    before: Tokens | null,
  ): Tokens {
    const idToken = answer.id_token ?? before?.idToken ?? ''
    const id = decodeJwt(idToken)
    if (id === null) throw new Error('openid-client accepts no other ID token than a JWT')
    return {
      idToken,
      id,
      accessToken: answer.access_token,
      access: decodeJwt(answer.access_token),
      accessExpiresAt: clock() + seconds(answer.expiresIn() ?? 0),
      refreshToken: answer.refresh_token ?? before?.refreshToken ?? null,
      scope: answer.scope ?? scope,
    }
  }

  return {
    /** A sign-in that begins: what to remember, and where to send the browser. */
    async begin(wishes: { readonly loginHint: string | null; readonly prompt: string | null }) {
      const config = await configuration()
      const begun: Begun = {
        state: newHandle(random),
        nonce: newHandle(random),
        verifier: newHandle(random),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        ...(wishes.loginHint !== null && { login_hint: wishes.loginHint }),
        ...(wishes.prompt !== null && { prompt: wishes.prompt }),
      })
      return { begun, url: url.href }
    },

    /** Redeems the answer to a sign-in. `query` is that of the callback, with its question mark. */
    async finish(query: string, { state, nonce, verifier }: Begun): Promise<Tokens> {
      // Made from our own address, never from the request's: openid-client takes the redirect URI from it.
      const url = new URL(redirectUri)
      url.search = query
      const answer = await client.authorizationCodeGrant(await configuration(), url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      return tokensFrom(answer, null)
    },

    /** New tokens by the refresh token, which is good for one use. Throws when they are another person's. */
    async renew(tokens: Tokens): Promise<Tokens> {
      const config = await configuration()
      const answer = await client.refreshTokenGrant(config, tokens.refreshToken ?? '')
      const renewed = tokensFrom(answer, tokens)
      // OpenID Connect Core section 12.2: the person must be the same.
      if (renewed.id.claims.sub !== tokens.id.claims.sub) throw new Error('the subject changed')
      return renewed
    },

    async userinfo({ accessToken, id }: Tokens): Promise<Record<string, unknown>> {
      return client.fetchUserInfo(await configuration(), accessToken, String(id.claims.sub))
    },

    /**
     * The `sid` of a logout token that is right (Back-Channel Logout 1.0 section 2.6); null for any other. A token that comes twice ends
     * what is over already.
     */
    async endedSession(logoutToken: string): Promise<string | null> {
      const { jwks_uri: keysUrl = '' } = (await configuration()).serverMetadata()
      keys ??= createRemoteJWKSet(new URL(keysUrl), {
        ...(options.fetch && { [customFetch]: options.fetch as never }),
      })
      try {
        const { payload } = await jwtVerify(logoutToken, keys, {
          issuer,
          audience: clientId,
          typ: 'logout+jwt',
          requiredClaims: ['iat', 'jti', 'exp'],
        })
        const { events, nonce, sid } = payload
        const isLogout = typeof events === 'object' && events !== null && logoutEvent in events
        return isLogout && nonce === undefined && typeof sid === 'string' ? sid : null
      } catch (error) {
        if (error instanceof errors.JOSEError) return null
        throw error
      }
    },

    /** Where the browser goes to end the session at the provider too (RP-Initiated Logout 1.0). */
    async signOutUrl({ idToken }: Tokens): Promise<string> {
      const parameters = { id_token_hint: idToken, post_logout_redirect_uri: signedOutUri }
      return client.buildEndSessionUrl(await configuration(), parameters).href
    },
  }
}
