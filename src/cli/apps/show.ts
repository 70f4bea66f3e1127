import { isoSeconds } from '../../lib/clock.ts'
import type { App } from '../../oidc/types.ts'

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

/** An app as a person reads it. Of its secrets only what tells them apart. */
export function appLines(app: App): readonly string[] {
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
    ...app.grantedScopes.map(({ api: of, scope }): [string, string] => [
      'granted for a person',
      `${of}/${scope}`,
    ]),
    ...app.grantedRoles.map(({ api: of, role }): [string, string] => [
      'granted in its own name',
      `${of}/${role}`,
    ]),
    ['second factor', app.requireMfa ? 'required' : 'not required'],
    ['assignment', app.assignmentRequired ? 'required' : 'not required'],
    ...app.assignments.map(({ kind, id, role }): [string, string] => [
      `assigned ${kind}`,
      role === null ? id : `${id} as ${role}`,
    ]),
  ]
  return [app.displayName, ...rows.map(([label, value]) => `  ${label.padEnd(23)} ${value}`)]
}

function groupsLine({ groupsClaim, groupsPrefix }: App): string {
  if (groupsClaim === 'none') return 'none'
  return groupsPrefix === null ? 'all groups' : `groups that begin with ${groupsPrefix}`
}

/** An app for JSON: the hashes of its secrets are nobody's business. */
export function withoutHashes(app: App) {
  return { ...app, secrets: app.secrets.map(({ hash: _, ...rest }) => rest) }
}
