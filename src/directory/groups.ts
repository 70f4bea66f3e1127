import type { Instant } from '../lib/clock.ts'
import type { Found, GroupQuery } from './query.ts'
import type { User } from './types.ts'

/** A group of users. Property names are those of Graph's `group`. */
export interface Group {
  /** GUID, made here; what the `groups` claim of tokens holds. */
  readonly id: string
  /** Unique without regard to ASCII case: people choose groups by it. */
  readonly displayName: string
  readonly description: string | null
  readonly createdDateTime: Instant
  /** Changes with the members, too. */
  readonly lastModifiedDateTime: Instant
}

/** What is to be written of one group. The `before` of an update and the group of a deletion are as they were read. */
export type GroupChange =
  | { readonly kind: 'create'; readonly group: Group }
  | { readonly kind: 'update'; readonly before: Group; readonly group: Group }
  | { readonly kind: 'delete'; readonly group: Group }

export interface Membership {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

export interface GroupStore {
  group(id: string): Promise<Group | null>
  /** Without regard to ASCII case. */
  groupByName(displayName: string): Promise<Group | null>
  readonly found: Found<Group, GroupQuery>
  /**
   * Rejects with `UniqueViolation` (`id`, `groupName`) and with `StaleWrite` when the group is no longer as it was read (by
   * `lastModifiedDateTime`). Members go with a deleted group.
   */
  write(change: GroupChange): Promise<void>
  /**
   * Members in the order of their ids, at most `limit`, beginning after the one with this id: so that a page of a large group costs no more
   * than one of a small group.
   */
  members(
    groupId: string,
    page?: { readonly after?: string | null; readonly limit?: number },
  ): Promise<readonly User[]>
  countMembers(groupId: string): Promise<number>
  /**
   * Adds and removes users; those who are in already, or not in, are left alone. Gives the ids that it added and removed. Rejects with
   * `UnknownMember` for a group or user to add that is not there.
   */
  changeMembers(groupId: string, membership: Membership): Promise<Membership>
  /** The groups that a user is a member of, in the order of their names. */
  groupsOf(userId: string): Promise<readonly Group[]>
  /**
   * Those of the ids (GUIDs in lower case) that a group here has, or had before it was deleted, as the audit knows: they are never
   * anything else again.
   */
  idsOfGroups(ids: readonly string[]): Promise<ReadonlySet<string>>
}

/** What provisioning clients call users and groups. Each client has names of its own, and no two records of a kind share one. */
export interface ExternalIds {
  /** By id of the record; those without one are left out. */
  of(
    client: string,
    kind: 'user' | 'group',
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>>
  /** Null forgets it. Rejects with `UniqueViolation` (`externalId`). It goes with its record. */
  set(client: string, kind: 'user' | 'group', id: string, externalId: string | null): Promise<void>
}
