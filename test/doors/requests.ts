import type { ImportReport } from '../../src/admin/csv/report.ts'
import { urns } from '../../src/admin/scim/names.ts'
import type { ModelFile } from './modelImport.ts'
import { columnsOf } from './modelImport.ts'
import type { DoorName } from './modelTypes.ts'
import type { Property, Value, Values } from './pool.ts'
import type { Answered, DoorSite } from './site.ts'

/** A password that keeps the rules, whoever has it. */
const password = 'xWwvJ]6NMw+bWH-d'

/** What a user is sent by SCIM as: each property in its place. */
const scimPaths: Readonly<Partial<Record<Property, readonly string[]>>> = {
  userPrincipalName: ['userName'],
  displayName: ['displayName'],
  accountEnabled: ['active'],
  givenName: ['name', 'givenName'],
  surname: ['name', 'familyName'],
  jobTitle: ['title'],
  department: [urns.enterprise, 'department'],
  onPremisesImmutableId: [urns.homerealm, 'immutableId'],
  mailNickname: [urns.homerealm, 'mailNickname'],
  officeLocation: [urns.homerealm, 'officeLocation'],
  usageLocation: [urns.homerealm, 'usageLocation'],
}

/** The resource that has these values; the client `scimExternal` has the ImmutableId as its external id. */
export function scimResource(
  door: DoorName,
  input: Values,
  externalId: string | null | undefined,
): Record<string, unknown> {
  const resource: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input) as [Property, Value][]) {
    const isExternal = name === 'onPremisesImmutableId' && door === 'scimExternal'
    const [first = '', second] = isExternal ? ['externalId'] : (scimPaths[name] ?? [])
    if (name === 'mail') resource.emails = value === null ? [] : [{ value, primary: true }]
    else if (name === 'mobilePhone') {
      resource.phoneNumbers = value === null ? [] : [{ value, type: 'mobile' }]
    } else if (second === undefined) resource[first] = value
    else resource[first] = { ...(resource[first] as object), [second]: value }
  }
  return { ...resource, ...(externalId !== undefined && { externalId }) }
}

const optionOf = (name: Property) =>
  name === 'onPremisesImmutableId'
    ? 'immutable-id'
    : name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The options of `users add` and `set`. */
export function commandOptions(input: Values): string[] {
  const options: string[] = []
  const cleared: string[] = []
  for (const [name, value] of Object.entries(input) as [Property, Value][]) {
    if (name === 'accountEnabled') options.push(value === true ? '--enable' : '--disable')
    else if (value === null) cleared.push(name)
    else if (name === 'userPrincipalName') options.push('--upn', String(value))
    else options.push(`--${optionOf(name)}`, String(value))
  }
  return cleared.length > 0 ? [...options, '--clear', ...cleared] : options
}

export interface UserRequest {
  readonly door: DoorName
  readonly input: Values
  readonly externalId?: string | null | undefined
}

const userSchemas = { schemas: [urns.user, urns.enterprise, urns.homerealm] }

export function postUser(
  site: DoorSite,
  { door, input, externalId, hasPassword }: UserRequest & { readonly hasPassword: boolean },
): Promise<Answered> {
  if (door === 'graph') {
    const body = { ...input, ...(hasPassword && { passwordProfile: { password } }) }
    return site.graph('POST', '/users', { body })
  }
  if (door === 'commandLine') {
    const { userPrincipalName, ...rest } = input
    return site.command('users', 'add', String(userPrincipalName), ...commandOptions(rest))
  }
  const body = { ...userSchemas, ...scimResource(door, input, externalId) }
  return site[door]({ method: 'POST', path: '/Users', body })
}

/** `put`: by SCIM the whole resource, else a PATCH. */
export function changeUser(
  site: DoorSite,
  id: string,
  { door, input, externalId, put }: UserRequest & { readonly put: boolean },
): Promise<Answered> {
  if (door === 'graph') return site.graph('PATCH', `/users/${id}`, { body: input })
  if (door === 'commandLine') return site.command('users', 'set', id, ...commandOptions(input))
  const value = scimResource(door, input, externalId)
  const path = `/Users/${id}`
  if (put) return site[door]({ method: 'PUT', path, body: { ...userSchemas, ...value } })
  return site[door]({ method: 'PATCH', path, body: scimPatch([{ op: 'replace', value }]) })
}

export function scimPatch(operations: readonly object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations }
}

export function deleteUser(site: DoorSite, id: string, door: DoorName): Promise<Answered> {
  if (door === 'graph') return site.graph('DELETE', `/users/${id}`)
  if (door === 'commandLine') return site.command('users', 'remove', id, '--yes')
  return site[door]({ method: 'DELETE', path: `/Users/${id}` })
}

export interface GroupRequest {
  readonly door: DoorName
  readonly displayName: string
  readonly description: string | null
  readonly members: readonly string[]
}

const membersOf = (ids: readonly string[]) => ids.map((value) => ({ value }))

export function postGroup(site: DoorSite, request: GroupRequest): Promise<Answered> {
  const { door, displayName, description, members } = request
  if (door === 'graph') {
    const body = {
      displayName,
      description,
      mailEnabled: false,
      mailNickname: 'g',
      securityEnabled: true,
    }
    return site.graph('POST', '/groups', { body })
  }
  if (door === 'commandLine') {
    const options = description === null ? [] : ['--description', description]
    return site.command('groups', 'add', displayName, ...options)
  }
  const body = { schemas: [urns.group], displayName, members: membersOf(members) }
  return site[door]({ method: 'POST', path: '/Groups', body })
}

export function renameGroup(
  site: DoorSite,
  id: string,
  { door, displayName }: Pick<GroupRequest, 'door' | 'displayName'>,
): Promise<Answered> {
  if (door === 'graph') return site.graph('PATCH', `/groups/${id}`, { body: { displayName } })
  if (door === 'commandLine') return site.command('groups', 'rename', id, displayName)
  const body = scimPatch([{ op: 'replace', value: { displayName } }])
  return site[door]({ method: 'PATCH', path: `/Groups/${id}`, body })
}

export function changeMember(
  site: DoorSite,
  id: string,
  { door, side, user }: { door: DoorName; side: 'add' | 'remove'; user: string },
): Promise<Answered> {
  if (door === 'graph') {
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${user}` }
    return side === 'add'
      ? site.graph('POST', `/groups/${id}/members/$ref`, { body: reference })
      : site.graph('DELETE', `/groups/${id}/members/${user}/$ref`)
  }
  if (door === 'commandLine') return site.command('groups', `${side}-member`, id, user)
  const operation = { op: side, path: 'members', value: membersOf([user]) }
  return site[door]({ method: 'PATCH', path: `/Groups/${id}`, body: scimPatch([operation]) })
}

export function deleteGroup(site: DoorSite, id: string, door: DoorName): Promise<Answered> {
  if (door === 'graph') return site.graph('DELETE', `/groups/${id}`)
  if (door === 'commandLine') return site.command('groups', 'remove', id, '--yes')
  return site[door]({ method: 'DELETE', path: `/Groups/${id}` })
}

/** The file as text: RFC 4180, every cell in quotation marks. */
export function csvOf(file: Pick<ModelFile, 'rows'>): string {
  const columns = columnsOf(file)
  const cell = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`
  const lines = file.rows.map((row) => columns.map((name) => cell(row[name])).join(','))
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`
}

/** `users import`; `confirmed` is the number of users who may go. */
export async function importFile(
  site: DoorSite,
  file: ModelFile,
  confirmed: number,
): Promise<Answered> {
  const { matchOn, clearEmpty, deleteMissing, isConfirmed, hasRejectFile } = file
  const said = await site.command(
    ...['users', 'import', site.file('users.csv', csvOf(file)), '--json', '--match-on', matchOn],
    ...(clearEmpty ? ['--clear-empty'] : []),
    ...(hasRejectFile ? ['--reject-file', site.path('rejects.csv')] : []),
    ...(deleteMissing === null ? [] : ['--delete-missing', '--domain', deleteMissing]),
    ...(isConfirmed ? ['--confirm-deletions', String(confirmed)] : []),
  )
  if (said.stdout === '') {
    const isTooMany = /The file does not list/.test(said.stderr)
    return isTooMany ? { kept: false, reasons: ['tooManyDeletions'] } : said
  }
  const report: ImportReport = JSON.parse(said.stdout)
  const reasons = report.rejected.flatMap(({ line, problems }) =>
    problems.map(({ column, rule }) => `row ${line - 1}: ${column} ${rule}`),
  )
  return { kept: report.importId !== null, reasons: reasons.toSorted() }
}
