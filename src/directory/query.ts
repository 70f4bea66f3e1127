import type { Group } from './groups.ts'
import type { User } from './types.ts'

/**
 * A condition over users or groups, as every store answers it. Texts are compared without regard to ASCII case, but for ImmutableIds,
 * which are compared byte for byte; UPNs in the form in which they are unique (upn.ts). The logic is two-valued: a comparison
 * with a property that is null is false, but for `eq` and `ne` null, and `ne` of a value.
 */
export type Condition<P extends string> =
  | {
      readonly op: 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
      readonly property: P
      readonly value: string | number | boolean | null
    }
  | { readonly op: 'in'; readonly property: P; readonly values: readonly (string | number)[] }
  | {
      readonly op: 'startsWith' | 'endsWith' | 'contains'
      readonly property: P
      readonly value: string
    }
  /** The external id that a provisioning client knows the record by, byte for byte; with value null: has any. */
  | { readonly op: 'externalId'; readonly client: string; readonly value: string | null }
  /** Of users: is a member of the group with this id. Of groups: has the user with this id as a member. */
  | { readonly op: 'memberOf' | 'hasMember'; readonly id: string }
  | { readonly op: 'and' | 'or'; readonly conditions: readonly Condition<P>[] }
  | { readonly op: 'not'; readonly condition: Condition<P> }

/** The properties of a user that conditions can name; times are compared as numbers (milliseconds), flags by `eq` and `ne`. */
export type UserProperty = keyof User & string
export type GroupProperty = keyof Group & string
export type UserCondition = Condition<UserProperty>
export type GroupCondition = Condition<GroupProperty>

/** Where a page ended. Opaque to doors, who hand it back; plain JSON. */
export interface Position {
  /** The property in whose order the list is. */
  readonly order: string
  readonly value: string
  readonly id: string
}

export interface Query<P extends string, Order extends P> {
  readonly where: Condition<P> | null
  /** Null: the store takes the order that answers fastest. */
  readonly orderBy: Order | null
  readonly descending?: boolean
  /** Where the page before ended; of the same query. */
  readonly after?: Position | null
  /** How many to leave out at the beginning. */
  readonly skip?: number
  /** At least 1. */
  readonly limit: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Null when there is no more. */
  readonly next: Position | null
}

export type UserQuery = Query<UserProperty, 'userPrincipalName' | 'displayName'>
export type GroupQuery = Query<GroupProperty, 'displayName'>

/**
 * Lists by conditions. Whatever is asked, other work of the process goes on between two pieces of it: what no index can answer is
 * found by reading through the list piece by piece. Outside a transaction, a record that is there throughout comes exactly once.
 */
export interface Found<T, Q extends { readonly where: unknown }> {
  page(query: Q): Promise<Page<T>>
  count(where: Q['where']): Promise<number>
}
