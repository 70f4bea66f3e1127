import { refuse } from '../aadsts/reasons.ts'
import type { DirectoryReader } from '../directory/ports.ts'
import type { Tenant } from '../directory/types.ts'
import { normalizeDomain } from '../directory/upn.ts'

/** Segments that stand for "whatever tenant this is", as at Entra. */
const anyTenant: ReadonlySet<string> = new Set(['common', 'organizations'])

/**
 * The tenant that a path's first segment names: the tenant's GUID, one of its verified domains, `organizations` or `common`.
 * Null for the tenant-less `/login.srf`. Refuses with `tenantNotFound`.
 */
export async function resolveTenant(
  path: string,
  server: { readonly tenant: Tenant; readonly directory: Pick<DirectoryReader, 'domain'> },
): Promise<Tenant | null> {
  // Express takes other case and a trailing slash for the same route; what they name must be the same then.
  if (/^\/login\.srf\/?$/i.test(path)) return null
  const segment = path.split('/')[1] ?? ''
  const { tenant, directory } = server
  if (segment.toLowerCase() === tenant.id || anyTenant.has(segment.toLowerCase())) return tenant
  const name = normalizeDomain(segment)
  const domain = name === null ? null : await directory.domain(name)
  if (domain?.isVerified !== true) {
    refuse('tenantNotFound', { expected: tenant.id, actual: segment.slice(0, 256) })
  }
  return tenant
}
