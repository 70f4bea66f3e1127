import { createHmac } from 'node:crypto'

/** So many are remembered, since the same people and apps come again and again: some 3 MB. */
const MOST_REMEMBERED = 10_000
const remembered = new WeakMap<Buffer, Map<string, string>>()

/**
 * The `sub` of a person in one app: the same at every sign-in, another in every other app (OpenID Connect Core section 8.1), and of
 * no use to find the person without the tenant's secret. Entra's own algorithm is not published. base64url, 43 characters.
 */
export function pairwiseSubject(secret: Buffer, userId: string, appId: string): string {
  const subjects = remembered.get(secret) ?? new Map<string, string>()
  remembered.set(secret, subjects)
  const pair = `${userId}|${appId}`
  const known = subjects.get(pair)
  if (known !== undefined) return known
  const made = createHmac('sha256', secret).update(pair).digest('base64url')
  if (subjects.size >= MOST_REMEMBERED) subjects.clear()
  subjects.set(pair, made)
  return made
}
