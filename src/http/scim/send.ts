import type { Response } from 'express'

/** An answer of SCIM; without a body for 204 and 304. */
export function sendScim(res: Response, status: number, body: unknown): void {
  res.status(status)
  if (status === 204 || status === 304 || body === null) res.end()
  else res.type('application/scim+json').send(JSON.stringify(body))
}
