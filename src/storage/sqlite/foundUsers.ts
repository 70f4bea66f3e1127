import type { UserProperty } from '../../directory/query.ts'
import type { User } from '../../directory/types.ts'
import type { FoundTable } from './findRecords.ts'
import { userRows } from './userTable.ts'

/** How users are found by conditions. */
export function foundUsers(keyOf: (upn: string) => string): FoundTable<User, UserProperty> {
  const text = (column: string) => ({ as: 'text', column }) as const
  const value = (column: string) => ({ as: 'value', column }) as const
  return {
    kind: 'user',
    table: 'users',
    list: userRows.list,
    record: userRows.record,
    few: ['id', 'userPrincipalName', 'onPremisesImmutableId'],
    orders: ['userPrincipalName', 'displayName', 'mail'],
    position: (user, order) => ({
      value: order === 'userPrincipalName' ? keyOf(user[order]) : String(user[order]),
      id: user.id,
    }),
    comparisons: {
      id: { as: 'exact', column: 'id' },
      userPrincipalName: {
        as: 'normalized',
        column: 'userPrincipalNameKey',
        normalize: keyOf,
      },
      onPremisesImmutableId: { as: 'exact', column: 'onPremisesImmutableId' },
      accountEnabled: value('accountEnabled'),
      displayName: text('displayName'),
      mailNickname: text('mailNickname'),
      mail: text('mail'),
      givenName: text('givenName'),
      surname: text('surname'),
      jobTitle: text('jobTitle'),
      department: text('department'),
      officeLocation: text('officeLocation'),
      mobilePhone: text('mobilePhone'),
      usageLocation: text('usageLocation'),
      createdDateTime: value('createdDateTime'),
      lastModifiedDateTime: value('lastModifiedDateTime'),
    },
  }
}
