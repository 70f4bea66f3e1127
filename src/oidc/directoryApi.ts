import { appDefaults } from './appDefaults.ts'
import { AppError } from './appError.ts'
import type { AppStore } from './ports.ts'
import type { App } from './types.ts'

/**
 * The API that this server itself is: the directory, by Graph and SCIM. Apps ask for it as for any other API, by client credentials
 * with the scope `https://graph.microsoft.com/.default`, which is what Microsoft's clients ask for, or `<publicUrl>/.default`.
 *
 * It is built in, and no row of the store: its identifiers cannot be registered, changed or removed, whatever the store holds. Its
 * permanent name, in grants, is Graph's. In tokens its audience is the server's public origin and nothing else (RFC 9068 section 3):
 * a token in Graph's name would say that it is good at Microsoft, and two servers that stand for Graph would take each other's.
 */

/** How Microsoft's clients name Graph, and how grants name the directory API whatever the address of this server is. */
export const directoryIdentifier = 'https://graph.microsoft.com'
/** Graph's id in every tenant of Entra. No app here can have it: theirs are GUIDs of version 4. */
export const directoryApiId = '00000003-0000-0000-c000-000000000000'

/** The application permissions of the directory API. What may write may also read (`isGrantedBy`). */
export const directoryRoles = {
  'User.Read.All': 'read users',
  'User.ReadWrite.All': 'read, create, change and delete users',
  'Domain.Read.All': 'read domains and federations',
  'Domain.ReadWrite.All': 'read, add, verify, federate and remove domains',
  'Group.Read.All': 'read groups',
  'Group.ReadWrite.All': 'read, create, change and delete groups',
  'Scim.Provision': 'users and groups by SCIM',
} as const
export type DirectoryRole = keyof typeof directoryRoles

export function isDirectoryRole(value: unknown): value is DirectoryRole {
  return typeof value === 'string' && Object.hasOwn(directoryRoles, value)
}

/** The role that contains each of these; a role that is not here stands alone. */
const writers: Partial<Record<DirectoryRole, DirectoryRole>> = {
  'User.Read.All': 'User.ReadWrite.All',
  'Domain.Read.All': 'Domain.ReadWrite.All',
  'Group.Read.All': 'Group.ReadWrite.All',
}

/** Whether roles that were granted are enough for one that is wanted: it is among them, or what contains it is. */
export function isGrantedBy(roles: readonly DirectoryRole[], wanted: DirectoryRole): boolean {
  const writer = writers[wanted]
  return roles.includes(wanted) || (writer !== undefined && roles.includes(writer))
}

/** The directory API as the rules of apps see it: an API without delegated scopes, so that nobody gets a token of it for a person. */
export const directoryApi: App & { readonly api: NonNullable<App['api']> } = {
  ...appDefaults,
  id: directoryApiId,
  displayName: 'Directory (this server)',
  idTokenSigningAlg: 'RS256',
  api: {
    identifierUri: directoryIdentifier,
    scopes: [],
    roles: Object.entries(directoryRoles).map(([value, description]) => ({ value, description })),
  },
  createdAt: 0,
}

/**
 * A store of apps whose directory API is there: found by both its identifiers before anything that is stored, and by no other way
 * (it is no client, and stands in no list). `putApp` rejects with AppError for an app that calls itself so. `publicUrl` is null where
 * the address is not known, at a command line.
 */
export function withDirectoryApi(store: AppStore, publicUrl: string | null): AppStore {
  const isReserved = (uri: string) => uri === directoryIdentifier || uri === publicUrl
  return {
    ...store,
    appByIdentifierUri: async (uri) =>
      isReserved(uri) ? directoryApi : store.appByIdentifierUri(uri),
    putApp: async (app) => {
      if (app.api !== null && isReserved(app.api.identifierUri)) refuseIdentifier(app.api)
      await store.putApp(app)
    },
  }
}

/** Throws AppError for an identifier on Graph's host: it would be taken for the directory API. */
export function checkNotDirectory(api: NonNullable<App['api']>): void {
  if (/^https:\/\/graph\.microsoft\.com(?![a-z0-9.-])/i.test(api.identifierUri)) {
    refuseIdentifier(api)
  }
}

function refuseIdentifier({ identifierUri }: NonNullable<App['api']>): never {
  throw new AppError(
    `${identifierUri} stands for the directory API of this server (homerealm apps show ${directoryIdentifier}). Give your API an identifier of its own, such as api://orders.`,
  )
}
