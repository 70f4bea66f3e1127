import { isoSeconds } from '../../lib/clock.ts'
import { directoryApi, directoryApiId } from '../../oidc/directoryApi.ts'
import { rolesGranted } from '../../oidc/permissions.ts'
import type { App, ScimSettings } from '../../oidc/types.ts'
import type { Storage } from '../../storage/storage.ts'

/** `public, spa, device flow`: what kind of app it is, in a few words. */
export function kindOf(app: App): string {
  const platforms = new Set(app.redirectUris.map(({ platform }) => platform))
  return [
    app.isPublic ? 'public' : 'confidential',
    ...platforms,
    ...(app.allowDeviceCode ? ['device flow'] : []),
    ...(app.api === null ? [] : ['API']),
    ...(app.isEnabled ? [] : ['DISABLED']),
  ].join(', ')
}

/** An app as a person reads it: users by their UPN, and of secrets only what tells them apart. */
export async function appText(app: App, { apps, directory }: Storage): Promise<string> {
  const users = await Promise.all(
    app.assignments.map(async ({ kind, id }) => (kind === 'user' ? directory.user(id) : null)),
  )
  const there = new Set([directoryApiId, ...(await apps.apps()).map(({ id }) => id)])
  const voidNote = (apiId: string) =>
    there.has(apiId) ? '' : ' (void: that API was removed; grant it anew)'
  const { api } = app
  const rows: [string, string][] = [
    ['client id', app.id],
    ['kind', kindOf(app)],
    ...app.redirectUris.map(({ uri, platform }): [string, string] => [
      `redirect (${platform})`,
      uri,
    ]),
    ['front-channel logout', app.frontChannelLogoutUri ?? 'none'],
    ['back-channel logout', app.backChannelLogoutUri ?? 'none'],
    ...app.secrets.map(({ hint, expiresAt }): [string, string] => [
      'secret',
      `${hint}..., until ${isoSeconds(expiresAt)}`,
    ]),
    ...app.keys.map(({ kid }): [string, string] => ['certificate', String(kid)]),
    ['signature of ID tokens', app.idTokenSigningAlg],
    ['access token', `${app.accessTokenSeconds / 60} minutes`],
    ['refresh token', `${app.refreshTokenSeconds / 86_400} days unused`],
    ['hybrid flow', app.allowHybrid ? 'allowed, by form_post' : 'no'],
    ['groups claim', groupsLine(app)],
    ['more claims', app.optionalClaims.join(', ') || 'none'],
    ...(api === null
      ? []
      : ([
          ['API', api.identifierUri],
          ['scopes', api.scopes.map(({ value }) => value).join(', ') || 'none'],
          ['roles', api.roles.map(({ value }) => value).join(', ') || 'none'],
        ] satisfies [string, string][])),
    ...app.grantedScopes.map(({ api: of, apiId, scope }): [string, string] => [
      'granted for a person',
      `${of}/${scope}${voidNote(apiId)}`,
    ]),
    ...app.grantedRoles.map(({ api: of, apiId, role }): [string, string] => [
      'granted in its own name',
      `${of}/${role}${voidNote(apiId)}`,
    ]),
    ...app.apiKeys.map(({ id, expiresAt }): [string, string] => [
      'API key',
      `${id}, until ${isoSeconds(expiresAt)}`,
    ]),
    ...(app.scim === null ? [] : [['SCIM', scimLine(app, app.scim)] satisfies [string, string]]),
    ['second factor', app.requireMfa ? 'required' : 'not required'],
    ['assignment', app.assignmentRequired ? 'required' : 'not required'],
    ...app.assignments.map(({ kind, id, role }, index): [string, string] => {
      const who = users[index]?.userPrincipalName ?? id
      return [`assigned ${kind}`, role === null ? who : `${who} as ${role}`]
    }),
  ]
  const lines = rows.map(([label, value]) => `  ${label.padEnd(23)} ${value}`)
  return [app.displayName, ...lines].join('\n')
}

function groupsLine({ groupsClaim, groupsPrefix }: App): string {
  if (groupsClaim === 'none') return 'none'
  return groupsPrefix === null ? 'all groups' : `groups that begin with ${groupsPrefix}`
}

function scimLine(app: App, { immutableIdFrom }: ScimSettings): string {
  const isAllowed = rolesGranted(app, directoryApi).includes('Scim.Provision')
  const hint = isAllowed ? '' : ' (not allowed yet: grant it Scim.Provision)'
  return `ImmutableId from ${immutableIdFrom}${hint}`
}

/** An app for JSON: the hashes of its secrets and keys are nobody's business. */
export function withoutHashes(app: App) {
  return {
    ...app,
    secrets: app.secrets.map(({ hash: _, ...rest }) => rest),
    apiKeys: app.apiKeys.map(({ hash: _, ...rest }) => rest),
  }
}

/** The redirect and logout addresses that an app had and has no more, with what they were. */
export function addressesGone(before: App, after: App): readonly string[] {
  const left = new Set(addressesOf(after))
  return addressesOf(before).filter((address) => !left.has(address))
}

function addressesOf({ redirectUris, frontChannelLogoutUri, backChannelLogoutUri }: App) {
  return [
    ...redirectUris.map(({ uri, platform }) => `${uri} (${platform})`),
    ...(frontChannelLogoutUri === null ? [] : [`${frontChannelLogoutUri} (front-channel logout)`]),
    ...(backChannelLogoutUri === null ? [] : [`${backChannelLogoutUri} (back-channel logout)`]),
  ]
}
