import type { App } from './types.ts'

/** What a new app need not say. */
export const appDefaults = {
  isPublic: false,
  redirectUris: [],
  frontChannelLogoutUri: null,
  backChannelLogoutUri: null,
  secrets: [],
  keys: [],
  assignmentRequired: false,
  assignments: [],
  requireMfa: false,
  idTokenSigningAlg: 'RS256',
  accessTokenSeconds: 3600,
  refreshTokenSeconds: 90 * 86_400,
  allowHybrid: false,
  groupsClaim: 'none',
  groupsPrefix: null,
  optionalClaims: [],
  allowDeviceCode: false,
  api: null,
  grantedRoles: [],
  grantedScopes: [],
  apiKeys: [],
  scim: null,
  isEnabled: true,
} as const satisfies Partial<App>
