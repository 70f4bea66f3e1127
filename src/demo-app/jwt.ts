/** A JWT as it is shown; whether it may be believed is decided elsewhere. */
export interface DecodedJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Header and claims of a JWT in compact form (RFC 7519 section 7.2), unverified; null for what is none. */
export function decodeJwt(token: string): DecodedJwt | null {
  const parts = token.split('.')
  const [header, claims] = [parts[0], parts[1]].map((part) => objectIn(part ?? ''))
  return parts.length === 3 && header && claims ? { header, claims } : null
}

function objectIn(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
