import type { GroupProperty, UserProperty } from '../../../directory/query.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
export type TextFunction = 'startsWith' | 'endsWith' | 'contains'
export type Operator = Comparison | TextFunction | 'in'

/** What a property can be compared with, and how. */
export interface FilterKind {
  readonly literal: 'text' | 'time' | 'flag'
  readonly operators: readonly Operator[]
}

const order = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in'] as const

const kinds = {
  text: { literal: 'text', operators: [...order, 'startsWith', 'endsWith', 'contains'] },
  /** Graph's operators for it (entra.md section 4), and their strict forms. */
  anchor: { literal: 'text', operators: order },
  id: { literal: 'text', operators: ['eq', 'ne', 'in'] },
  time: { literal: 'time', operators: order },
  flag: { literal: 'flag', operators: ['eq', 'ne', 'in'] },
} as const satisfies Record<string, FilterKind>

/** A property of the store; or one that has the same value in every record, which Graph's clients ask for all the same. */
export type FilterProperty<P extends string> =
  | { readonly kind: FilterKind; readonly property: P }
  | { readonly kind: FilterKind; readonly always: string | boolean }

/** The properties that a filter can name, by the name that Graph gives them. */
export interface FilterProperties<P extends string> {
  /** As messages name it: `User`. */
  readonly resource: string
  readonly byName: ReadonlyMap<string, FilterProperty<P>>
}

export const userFilters: FilterProperties<UserProperty> = {
  resource: 'User',
  byName: new Map<string, FilterProperty<UserProperty>>([
    ['id', { kind: kinds.id, property: 'id' }],
    ['onPremisesImmutableId', { kind: kinds.anchor, property: 'onPremisesImmutableId' }],
    ...texts([
      'userPrincipalName',
      'displayName',
      'givenName',
      'surname',
      'mail',
      'mailNickname',
      'jobTitle',
      'department',
      'officeLocation',
      'mobilePhone',
      'usageLocation',
    ]),
    ['accountEnabled', { kind: kinds.flag, property: 'accountEnabled' }],
    ['createdDateTime', { kind: kinds.time, property: 'createdDateTime' }],
    ['userType', { kind: kinds.id, always: 'Member' }],
  ]),
}

export const groupFilters: FilterProperties<GroupProperty> = {
  resource: 'Group',
  byName: new Map<string, FilterProperty<GroupProperty>>([
    ['id', { kind: kinds.id, property: 'id' }],
    ...texts(['displayName', 'description']),
    ['createdDateTime', { kind: kinds.time, property: 'createdDateTime' }],
    ['securityEnabled', { kind: kinds.flag, always: true }],
    ['mailEnabled', { kind: kinds.flag, always: false }],
  ]),
}

function texts<P extends string>(names: readonly P[]): [string, FilterProperty<P>][] {
  return names.map((name) => [name, { kind: kinds.text, property: name }])
}
