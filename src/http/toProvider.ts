import type { Request } from 'express'
import { rememberAddress } from '../oidc/assertionAudience.ts'
import type { Oidc } from '../oidc/service.ts'

/**
 * The request as the provider should see it: `url` is below the tenant, which the path's first `segment` names. Everything that the
 * provider makes its own addresses of is ours: host and scheme of the public URL (it takes them from these headers, which a client can
 * not set any more), and the tenant's GUID in place of a domain.
 */
export function underCanonicalTenant(
  req: Request,
  segment: string,
  url: string,
  { publicUrl, tenant }: Oidc['parts'],
): Request {
  const { protocol, host } = new URL(publicUrl)
  rememberAddress(req, publicUrl + splitUrl(req.originalUrl)[0])
  const shared = ['common', 'organizations'].find((word) => word === segment.toLowerCase())
  req.url = url
  req.originalUrl = `/${shared ?? tenant.id}${url}`
  req.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  req.headers['x-forwarded-host'] = host
  return req
}

/** A form that was posted becomes a request by GET, which is all that the provider knows. */
export function withoutForm(req: Request): void {
  req.method = 'GET'
  delete req.headers['content-type']
  delete req.headers['content-length']
  delete req.headers['transfer-encoding']
}

/** Path, and query with its question mark. */
export function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)]
}
