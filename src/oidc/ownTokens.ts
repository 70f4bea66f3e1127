import { createLocalJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { issuerOf, type OidcParts, userinfoUrlOf } from './deps.ts'
import { directoryApi } from './directoryApi.ts'
import type { Keys } from './keys.ts'
import { providerSeconds } from './providerClock.ts'

/** Verifies tokens that this server made, with the keys that it publishes. */
export function createOwnTokens(
  parts: Pick<OidcParts, 'publicUrl' | 'tenant'>,
  keys: Pick<Keys, 'signing'>,
) {
  const published = createLocalJWKSet({ keys: keys.signing.map(({ publicJwk }) => publicJwk) })
  const issuer = issuerOf(parts)

  return {
    /**
     * An access token for the directory API (RFC 9068 section 4), by the one algorithm that signs them. Its audience is one text: who
     * writes several is not this server. Rejects with a JOSEError that says what is wrong.
     */
    async directoryToken(token: string): Promise<JWTPayload> {
      const expected = { issuer, audience: parts.publicUrl, typ: 'at+jwt' }
      const algorithms = [directoryApi.idTokenSigningAlg]
      const claims = await examined(token, { ...expected, algorithms })
      if (typeof claims.aud === 'string') return claims
      throw new errors.JWTClaimValidationFailed('several audiences', claims, 'aud')
    },

    /** An access token for our userinfo endpoint (RFC 9068 section 4); null for anything else. */
    async userinfoToken(token: string): Promise<JWTPayload | null> {
      const expected = { issuer, audience: userinfoUrlOf(parts), typ: 'at+jwt' }
      return verified(token, expected)
    },

    /** An ID token, however old: as a hint it names a person and an app, and opens nothing (RP-Initiated Logout section 2). */
    async idTokenHint(token: string): Promise<JWTPayload | null> {
      const claims = await verified(token, { issuer, clockTolerance: Number.MAX_SAFE_INTEGER })
      // Access tokens and logout tokens say what they are in their header (RFC 9068 section 2.1, Back-Channel Logout 1.0 section 2.4).
      return claims !== null && decodeProtectedHeader(token).typ === undefined ? claims : null
    },
  }

  async function verified(
    token: string,
    expected: Parameters<typeof examined>[1],
  ): Promise<JWTPayload | null> {
    try {
      return await examined(token, expected)
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }

  async function examined(
    token: string,
    expected: Parameters<typeof jwtVerify>[2] & object,
  ): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, published, {
      currentDate: new Date(providerSeconds() * 1000),
      clockTolerance: 15,
      requiredClaims: ['sub', 'aud', 'exp', 'iat'],
      ...expected,
    })
    return payload
  }
}
