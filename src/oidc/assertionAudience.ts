import type { IncomingMessage } from 'node:http'
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'

const addresses = new WeakMap<IncomingMessage, string>()

/** Remembers the address that a client asked (without query), which is about to be rewritten to the one that the provider knows. */
export function rememberAddress(request: IncomingMessage, address: string): void {
  addresses.set(request, address)
}

/**
 * A client assertion is for the endpoint that it is sent to (RFC 7523 section 3, point 3). MSAL writes that endpoint as its
 * authority names the tenant, which may be by a domain; the provider knows it by the GUID only.
 */
export function acceptAskedAddress({ OIDCContext }: Provider): void {
  const { prototype } = OIDCContext
  const { clientJwtAuthExpectedAudience: known } = prototype
  prototype.clientJwtAuthExpectedAudience = function expected(this: KoaContextWithOIDC['oidc']) {
    const request = Provider.ctx?.req
    const asked = request && addresses.get(request)
    return new Set([...known.call(this), ...(asked === undefined ? [] : [asked])])
  }
}
