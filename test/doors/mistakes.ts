import { domainMistakes } from './domainMistakes.ts'
import { type Mistake, noGroups } from './mistake.ts'
import type { DoorName } from './modelTypes.ts'
import type { Property, Value, Values } from './pool.ts'
import * as requests from './requests.ts'
import type { Answered, DoorSite } from './site.ts'

const emptyCell = 'an empty cell says nothing'
const emptyText = 'an empty text is none (RFC 7643 section 2.5)'
const nobody = '00000000-0000-4000-8000-000000000000'

/** A sound new user, but for one value. */
function userWith(property: Property, value: Value): Values {
  const sound: Values = {
    userPrincipalName: 'new@managed.example',
    accountEnabled: true,
    displayName: 'New',
    mailNickname: 'new',
  }
  return { ...sound, [property]: value }
}

function userMistake(
  name: string,
  [property, value, rule]: readonly [Property, Value, string],
  differs: Mistake['by'] = {},
): Mistake {
  const input = userWith(property, value)
  const post = (door: DoorName) => (site: DoorSite) =>
    requests.postUser(site, { door, input, hasPassword: true })
  const csv = async (site: DoorSite): Promise<Answered> => {
    const file = {
      rows: [input],
      matchOn: 'userPrincipalName',
      clearEmpty: false,
      deleteMissing: null,
      isConfirmed: false,
      hasRejectFile: false,
    } as const
    const { kept, reasons } = await requests.importFile(site, file, 0)
    return { kept, reasons: reasons.map((each) => each.replace('row 1: ', '')) }
  }
  const by = {
    csv,
    commandLine: post('commandLine'),
    graph: post('graph'),
    scim: post('scim'),
    scimExternal: post('scimExternal'),
    ...differs,
  }
  return { name, reason: `${property} ${rule}`, by }
}

const upn = 'userPrincipalName'
const anchor = 'onPremisesImmutableId'
const noEmptyName = { csv: emptyCell, scim: emptyText, scimExternal: emptyText }
const ofAlice = '6Hz3el8+OkyEvxdtRYYCDw=='

const users: readonly Mistake[] = [
  userMistake('a UPN without @', [upn, 'new', 'principalNameMalformed']),
  userMistake('a UPN with a space', [upn, 'n w@managed.example', 'principalNameMalformed']),
  userMistake('a UPN that is too long', [
    upn,
    `${'n'.repeat(65)}@managed.example`,
    'principalNameMalformed',
  ]),
  userMistake('a UPN of a domain that is not here', [upn, 'new@nowhere.example', 'domainNotHere']),
  userMistake(
    'a UPN that somebody has, but for its case',
    [upn, 'ALICE@customer.com', 'principalNameTaken'],
    { csv: 'a row with the UPN of a user changes that user', graph: (site) => takenUpn(site) },
  ),
  userMistake('an ImmutableId with a space', [anchor, 'a b', 'immutableIdMalformed']),
  userMistake('an ImmutableId with a control character', [
    anchor,
    'a\u0007b',
    'immutableIdMalformed',
  ]),
  userMistake('an ImmutableId with $', [anchor, 'a$b', 'immutableIdMalformed']),
  userMistake('an ImmutableId of 65 characters', [anchor, 'x'.repeat(65), 'immutableIdMalformed']),
  userMistake('an ImmutableId of 300 characters', [
    anchor,
    'x'.repeat(300),
    'immutableIdMalformed',
  ]),
  userMistake('an ImmutableId that somebody has', [anchor, ofAlice, 'immutableIdTaken']),
  userMistake('no displayName', ['displayName', '', 'valueRequired'], noEmptyName),
  userMistake('a displayName of white space', ['displayName', ' ', 'valueRequired'], {
    csv: emptyCell,
  }),
  userMistake('an empty department', ['department', '', 'valueRequired'], {
    ...noEmptyName,
    graph: 'refused by its form',
  }),
  userMistake('a department of white space', ['department', ' ', 'valueRequired'], {
    csv: emptyCell,
  }),
  userMistake('no mailNickname', ['mailNickname', '', 'valueRequired'], noEmptyName),
  userMistake('a mailNickname with @', ['mailNickname', 'a@b', 'valueMalformed']),
  userMistake('a mail that is none', ['mail', 'nobody', 'valueMalformed']),
  userMistake('a country in words', ['usageLocation', 'Sweden', 'valueMalformed']),
  userMistake('a country in small letters', ['usageLocation', 'se', 'valueMalformed'], {
    csv: 'a file may have it in small letters',
  }),
  ...(
    [
      ['displayName', 257],
      ['mailNickname', 65],
      ['givenName', 65],
      ['surname', 65],
      ['jobTitle', 129],
      ['department', 65],
      ['officeLocation', 129],
      ['mobilePhone', 65],
    ] as const
  ).flatMap(([property, length]) => [
    userMistake(`a ${property} that is too long`, [property, 'x'.repeat(length), 'valueTooLong']),
    ...(property === 'mailNickname'
      ? []
      : [
          userMistake(`a ${property} with a control character`, [
            property,
            'a\u0007b',
            'valueMalformed',
          ]),
          userMistake(`a ${property} that runs backwards`, [
            property,
            'a\u202eb',
            'valueMalformed',
          ]),
        ]),
  ]),
]

/** With an ImmutableId, which Graph wants in a federated domain. */
function takenUpn(site: DoorSite): Promise<Answered> {
  const input = { ...userWith(upn, 'ALICE@customer.com'), [anchor]: 'new-anchor' }
  return requests.postUser(site, { door: 'graph', input, hasPassword: true })
}

function groupMistake(name: string, displayName: string, rule: string): Mistake {
  const post = (door: DoorName) => (site: DoorSite) =>
    requests.postGroup(site, { door, displayName, description: null, members: [] })
  const by = {
    csv: noGroups,
    commandLine: post('commandLine'),
    graph: post('graph'),
    scim: post('scim'),
    scimExternal: post('scimExternal'),
  }
  return { name, reason: `displayName ${rule}`, by }
}

async function withStaff(
  site: DoorSite,
  act: (id: string) => Promise<Answered>,
): Promise<Answered> {
  const group = await site.directory.groups.groupByName('Staff')
  return act(group?.id ?? nobody)
}

const addNobody = (door: DoorName) => (site: DoorSite) =>
  withStaff(site, (id) => requests.changeMember(site, id, { door, side: 'add', user: nobody }))

const groups: readonly Mistake[] = [
  groupMistake('a group without a name', '', 'valueRequired'),
  groupMistake('a group whose name is white space', ' ', 'valueRequired'),
  groupMistake('a group name that is too long', 'x'.repeat(257), 'valueTooLong'),
  groupMistake('a group name with a control character', 'a\u0007b', 'valueMalformed'),
  groupMistake('a group name that another has, but for its case', 'STAFF', 'groupExists'),
  {
    name: 'a member who is nobody',
    reason: 'members memberNotFound',
    by: {
      csv: noGroups,
      commandLine: 'it looks for people by their names first: there is no user ... here',
      graph: addNobody('graph'),
      scim: addNobody('scim'),
      scimExternal: addNobody('scimExternal'),
    },
  },
]

/** What one door forbids alone, as docs/administration-api.md says. */
const onPurpose: readonly Mistake[] = [
  userMistake(
    'a user of a federated domain without ImmutableId',
    [upn, 'new@customer.com', 'immutableIdRequired'],
    Object.fromEntries(
      ['csv', 'commandLine', 'scim', 'scimExternal'].map((door) => [
        door,
        'people are loaded before their anchors exist; a warning says so',
      ]),
    ),
  ),
].map((each) => ({ ...each, reason: `${anchor} immutableIdRequired` }))

const breakGlass: Mistake = {
  name: 'a break-glass account removed by an app',
  reason: 'id accountIsBreakGlass',
  by: {
    csv: 'an administrator may; --delete-missing leaves them',
    commandLine: 'an administrator may',
    graph: (site) => removeRescue(site, 'graph'),
    scim: (site) => removeRescue(site, 'scim'),
    scimExternal: (site) => removeRescue(site, 'scimExternal'),
  },
}

async function removeRescue(site: DoorSite, door: DoorName): Promise<Answered> {
  const user = await site.directory.userByPrincipalName('rescue@managed.example')
  return requests.deleteUser(site, user?.id ?? nobody, door)
}

export const mistakes: readonly Mistake[] = [
  ...users,
  ...groups,
  ...domainMistakes,
  ...onPurpose,
  breakGlass,
]
