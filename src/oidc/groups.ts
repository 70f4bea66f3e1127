import type { Federation } from '../directory/types.ts'
import type { Session } from '../signin/ports.ts'
import type { App } from './types.ts'

/**
 * The attributes that carry a person's groups when the federation names none: the name that Okta's admin types by habit, and the
 * name that Entra's own tokens use.
 */
const usualAttributes: ReadonlySet<string> = new Set([
  'groups',
  'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
])

/** A JWT holds this many groups at the most, as at Entra; beyond, a claim says that there are more. */
export const MOST_GROUPS = 200

/**
 * The groups that the person's identity provider named at this sign-in, each once, in its order: from the attribute that the
 * federation names, compared exactly, and from no other then.
 */
export function groupsOf({
  session,
  federation,
}: {
  readonly session: Pick<Session, 'claims'>
  /** Null after a sign-in with a password, which names no groups. */
  readonly federation: Pick<Federation, 'groupsAttribute'> | null
}): readonly string[] {
  const attribute = federation?.groupsAttribute ?? null
  const attributes = attribute === null ? usualAttributes : new Set([attribute])
  const named = session.claims.filter(([name]) => attributes.has(name))
  return [...new Set(named.flatMap(([, values]) => values).filter((value) => value !== ''))]
}

/**
 * The claims about groups for an app: none, the ones with its prefix, or, when they are too many, the overage claim of Entra
 * (OpenID Connect Core section 5.6.2), whose source is where they can be had: the userinfo endpoint.
 */
export function groupClaims(
  groups: readonly string[],
  app: Pick<App, 'groupsClaim' | 'groupsPrefix'>,
  userinfoUrl: string,
): Record<string, unknown> {
  const wanted = wantedGroups(groups, app)
  if (wanted.length === 0) return {}
  if (wanted.length <= MOST_GROUPS) return { groups: wanted }
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: userinfoUrl } } }
}

/** All groups that the app may see, however many. */
export function wantedGroups(
  groups: readonly string[],
  { groupsClaim, groupsPrefix }: Pick<App, 'groupsClaim' | 'groupsPrefix'>,
): readonly string[] {
  if (groupsClaim === 'none') return []
  return groupsPrefix === null ? groups : groups.filter((group) => group.startsWith(groupsPrefix))
}
