import { AppError } from './appError.ts'
import type { AppStore } from './ports.ts'
import type { App, AppApi, GrantedRole, GrantedScope } from './types.ts'

/** What of an app is granted. */
export type Granted = Pick<App, 'grantedRoles' | 'grantedScopes'>

/** Permissions as an admin names them: by the API's identifier and what it offers. */
export interface NamedPermissions {
  readonly grantedRoles: readonly Omit<GrantedRole, 'apiId'>[]
  readonly grantedScopes: readonly Omit<GrantedScope, 'apiId'>[]
}

type Grants = Pick<AppStore, 'appByIdentifierUri'>

/**
 * Binds permissions to the APIs that are there now. Those that are not given stay as they are in `before`. Throws AppError for what an
 * API does not offer.
 */
export async function bindPermissions(
  store: Grants,
  named: Partial<NamedPermissions>,
  before: Granted = { grantedRoles: [], grantedScopes: [] },
): Promise<Granted> {
  const { grantedRoles, grantedScopes } = named
  return {
    grantedRoles:
      grantedRoles === undefined
        ? before.grantedRoles
        : await Promise.all(
            grantedRoles.map(async ({ api, role }) => ({
              ...(await offering(store, api, 'role', role)),
              role,
            })),
          ),
    grantedScopes:
      grantedScopes === undefined
        ? before.grantedScopes
        : await Promise.all(
            grantedScopes.map(async ({ api, scope }) => ({
              ...(await offering(store, api, 'scope', scope)),
              scope,
            })),
          ),
  }
}

/** Values of an API, by what they are. */
const offers = {
  role: (api: AppApi) => api.roles.map(({ value }) => value),
  scope: (api: AppApi) => api.scopes.map(({ value }) => value),
} as const
type Kind = keyof typeof offers

/** The API that offers a value, by its permanent name: the directory API has two. */
async function offering(store: Grants, identifierUri: string, kind: Kind, value: string) {
  const { id: apiId, api } = await apiAt(store, identifierUri)
  if (!offers[kind](api).includes(value)) offersNo(identifierUri, kind, value)
  return { api: api.identifierUri, apiId }
}

/**
 * Reads permissions as the command line has them: `api://orders/Orders.Read`, a scope or a role, whichever the API offers. Where it
 * offers both under one name, `scope:` or `role:` in front says which. Throws AppError.
 */
export async function readPermissions(
  store: Grants,
  texts: readonly string[],
): Promise<NamedPermissions> {
  const grantedRoles: NamedPermissions['grantedRoles'][number][] = []
  const grantedScopes: NamedPermissions['grantedScopes'][number][] = []
  for (const text of new Set(texts)) {
    const { kind, api, value } = await readPermission(store, text)
    if (kind === 'role') grantedRoles.push({ api, role: value })
    else grantedScopes.push({ api, scope: value })
  }
  return { grantedRoles, grantedScopes }
}

async function readPermission(store: Grants, text: string) {
  const [, named, full = ''] = /^(?:(scope|role):)?(.*)$/s.exec(text) ?? []
  const slash = full.lastIndexOf('/')
  const [identifierUri, value] = [full.slice(0, Math.max(slash, 0)), full.slice(slash + 1)]
  const { api } = await apiAt(store, identifierUri)
  const kinds = (['scope', 'role'] as const)
    .filter((kind) => named === undefined || named === kind)
    .filter((kind) => offers[kind](api).includes(value))
  const [kind, other] = kinds
  if (kind === undefined) {
    return offersNo(identifierUri, named === 'scope' || named === 'role' ? named : null, value)
  }
  if (other !== undefined) {
    throw new AppError(
      `${full} is a scope and a role. Write scope:${full} to let the app act for people who are signed in, role:${full} to let it act in its own name.`,
    )
  }
  return { kind, api: identifierUri, value }
}

async function apiAt(store: Grants, identifierUri: string): Promise<App & { api: AppApi }> {
  const app = await store.appByIdentifierUri(identifierUri)
  if (app?.api != null) return { ...app, api: app.api }
  throw new AppError(`There is no API ${identifierUri}. All apps: homerealm apps list`)
}

function offersNo(identifierUri: string, kind: Kind | null, value: string): never {
  throw new AppError(
    `${identifierUri} offers no ${kind ?? 'scope or role'} ${value}. What it offers: homerealm apps show ${identifierUri}`,
  )
}

/**
 * The values of an API's scopes that an app may ask for: those that the admin granted and the API still offers. An API may have all
 * of its own.
 */
export function scopesGranted(client: App, api: App): readonly string[] {
  if (api.api === null) return []
  const offered = offers.scope(api.api)
  if (client.id === api.id) return offered
  const granted = new Set(
    client.grantedScopes.filter((each) => isOf(each, api)).map(({ scope }) => scope),
  )
  return offered.filter((value) => granted.has(value))
}

/** The values of an API's roles that an app has in its own name: granted by the admin, and still offered. */
export function rolesGranted(client: App, api: App): readonly string[] {
  const offered = new Set(api.api === null ? [] : offers.role(api.api))
  return client.grantedRoles
    .filter((each) => isOf(each, api) && offered.has(each.role))
    .map(({ role }) => role)
}

/** The identifier alone will not do: it can be given away, and registered anew by somebody else. */
function isOf(granted: GrantedRole | GrantedScope, { id, api }: App): boolean {
  return granted.apiId === id && granted.api === api?.identifierUri
}
