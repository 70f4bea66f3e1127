import { userinfoClaims } from './claims.ts'
import type { OidcParts } from './deps.ts'
import { wantedGroups } from './groups.ts'
import type { Keys } from './keys.ts'
import { createOwnTokens } from './ownTokens.ts'
import { keptSignIn, signInStands } from './signInRecord.ts'

/**
 * What the userinfo endpoint tells the bearer of an access token for it (OpenID Connect Core section 5.3); null when the token is none
 * of ours, is over, or its grant, app, person or sign-in does not count any more. The groups come with it, however many: this is where a token
 * with too many of them points to.
 */
export async function userinfoOf(
  parts: OidcParts,
  keys: Keys,
  token: string,
): Promise<Record<string, unknown> | null> {
  const { records, clock } = parts
  const claims = await createOwnTokens(parts, keys).userinfoToken(token)
  const scopes = new Set(String(claims?.scp).split(' '))
  if (claims === null || !(scopes.has('openid') || scopes.has('User.Read'))) return null
  const grantId = String(claims.rh)
  const grant = await records.find('Grant', grantId, clock())
  const app = await parts.apps.app(String(claims.client_id))
  const user = await parts.directory.user(String(claims.oid))
  if (grant === null || !app?.isEnabled || !user?.accountEnabled) return null
  const signIn = await keptSignIn(parts, grantId)
  if (!(await signInStands(parts, signIn, user))) return null
  const groups = wantedGroups(signIn?.groups ?? [], app)
  return userinfoClaims(String(claims.sub), user, scopes, groups)
}
