import type { GroupStore } from '../directory/groups.ts'
import type { Federation } from '../directory/types.ts'
import { isGuid } from '../lib/ids.ts'
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

/** A group of a person. */
export interface PersonGroup {
  /** What tokens and assignments call it: the id of a group of the directory, as at Entra, or the name that an identity provider sends. */
  readonly value: string
  /** What the prefix of an app is compared with: its display name, or that same name. */
  readonly name: string
}

/**
 * All groups of a person: those of the directory that they are a member of now, and those that their identity provider named at the
 * sign-in. A name that is the id of a group of the directory, or of one that was deleted, is left out: who is in it is for the
 * directory to say, or the identity provider of one company could put its people into any group of another, and what apps were told of
 * a group outlives it.
 */
export async function groupsOfPerson(
  groups: Pick<GroupStore, 'idsOfGroups' | 'groupsOf'>,
  userId: string,
  named: readonly string[],
): Promise<readonly PersonGroup[]> {
  const own = await groups.groupsOf(userId)
  // Most names are no GUIDs, and cost nothing.
  const guids = named.filter(isGuid).map((name) => name.toLowerCase())
  const ours = guids.length === 0 ? new Set<string>() : await groups.idsOfGroups(guids)
  const others = named.filter((name) => !ours.has(name.toLowerCase()))
  return [
    ...own.map(({ id, displayName }) => ({ value: id, name: displayName })),
    ...others.map((name) => ({ value: name, name })),
  ]
}

/**
 * The groups that the person's identity provider named at this sign-in, each once, in its order: from the attribute that the
 * federation names, compared exactly, and from no other then.
 */
export function namedGroups({
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
  groups: readonly PersonGroup[],
  app: Pick<App, 'groupsClaim' | 'groupsPrefix'>,
  userinfoUrl: string,
): Record<string, unknown> {
  const wanted = wantedGroups(groups, app)
  if (wanted.length === 0) return {}
  if (wanted.length <= MOST_GROUPS) return { groups: wanted }
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: userinfoUrl } } }
}

/** All groups that the app may see, however many, as tokens call them. */
export function wantedGroups(
  groups: readonly PersonGroup[],
  { groupsClaim, groupsPrefix }: Pick<App, 'groupsClaim' | 'groupsPrefix'>,
): readonly string[] {
  if (groupsClaim === 'none') return []
  return groups
    .filter(({ name }) => groupsPrefix === null || name.startsWith(groupsPrefix))
    .map(({ value }) => value)
}
