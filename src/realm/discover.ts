/**
 * realm/: home-realm discovery: which realm an e-mail's domain belongs to. It must not know how anyone signs in there, nor
 * whether a user of that name exists: the domain alone decides, so that nobody learns who exists.
 */
import type { DirectoryReader } from '../directory/ports.ts'
import type { Domain, Federation } from '../directory/types.ts'
import { domainAndAncestors, normalizeDomain, parseEmail } from '../directory/upn.ts'

export type Realm =
  | { readonly kind: 'managed'; readonly domain: Domain }
  | { readonly kind: 'federated'; readonly domain: Domain; readonly federation: Federation }
  | { readonly kind: 'unknown'; readonly domain: string }

type DomainReader = Pick<DirectoryReader, 'domain' | 'federation'>

/**
 * The realm of a domain name: of the exact domain, or else of its nearest ancestor here, whose authentication a subdomain
 * inherits (Entra: "domains-verify-custom-subdomain"). An unverified domain signs nobody in, not even by a verified one above
 * it; nor does a federation that was switched off.
 */
export async function discoverRealm(directory: DomainReader, name: string): Promise<Realm> {
  const normalized = normalizeDomain(name)
  if (normalized === null) return { kind: 'unknown', domain: name }
  for (const candidate of domainAndAncestors(normalized)) {
    const domain = await directory.domain(candidate)
    if (domain === null) continue
    if (!domain.isVerified) return { kind: 'unknown', domain: normalized }
    if (domain.federationId === null) return { kind: 'managed', domain }
    const federation = await directory.federation(domain.federationId)
    if (federation?.isEnabled !== true) return { kind: 'unknown', domain: normalized }
    return { kind: 'federated', domain, federation }
  }
  return { kind: 'unknown', domain: normalized }
}

/** The realm of an e-mail as typed. Refuses with `emailMalformed` what is no addr-spec. */
export async function discoverRealmOfEmail(directory: DomainReader, email: string): Promise<Realm> {
  return discoverRealm(directory, parseEmail(email).domain)
}
