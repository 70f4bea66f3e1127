import type { Request } from 'express'

/** The b64token of RFC 6750 section 2.1, after its scheme. */
const bearerPattern = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i

/** The bearer token of a request's Authorization header; null for none, and for any other header. */
export function bearerToken(req: Pick<Request, 'headers'>): string | null {
  return bearerPattern.exec(req.headers.authorization ?? '')?.[1] ?? null
}
