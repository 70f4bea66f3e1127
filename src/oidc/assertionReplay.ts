import { type KoaContextWithOIDC, Provider } from 'oidc-provider'

/**
 * MSAL signs a client assertion once and sends it until it runs out, so that its `jti` cannot be good for one use only. Its
 * lifetime is bounded instead. A DPoP proof (should DPoP ever be switched on) stays good for one use.
 */
export function letAssertionsRepeat({ ReplayDetection }: Provider): void {
  const once = ReplayDetection.unique.bind(ReplayDetection)
  ReplayDetection.unique = async (issuer, jti, exp) =>
    (Provider.ctx as KoaContextWithOIDC | undefined)?.headers.dpop === undefined ||
    once(issuer, jti, exp)
}
