import { createHmac } from 'node:crypto'

/**
 * The `sub` of a person in one app: the same at every sign-in, another in every other app (OpenID Connect Core section 8.1), and of
 * no use to find the person without the tenant's secret. Entra's own algorithm is not published. base64url, 43 characters.
 */
export function pairwiseSubject(secret: Buffer, userId: string, appId: string): string {
  return createHmac('sha256', secret).update(`${userId}|${appId}`).digest('base64url')
}
