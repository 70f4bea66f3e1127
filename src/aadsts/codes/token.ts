import { type CatalogueEntry, nothingThere, quoted, tellAdmin } from '../entry.ts'

/** Refusals of the token endpoint. No person sees them on a page of ours. */
const ofToken = {
  status: 400,
  oauthError: 'invalid_grant',
  happened: 'The app could not get its tokens.',
  personCan: `Sign in to the app again. ${tellAdmin}`,
  adminThere: nothingThere,
} as const
const ofClient = {
  ...ofToken,
  status: 401,
  oauthError: 'invalid_client',
  personCan: tellAdmin,
} as const

export const tokenCodes = {
  90055: {
    ...ofToken,
    symbol: 'TenantThrottlingError',
    status: 429,
    oauthError: 'temporarily_unavailable',
    message: () => 'There are too many incoming requests. Wait, then try again.',
    happened: 'The app sends too many requests.',
    personCan: `Wait a minute, then try again. If it stays: ${tellAdmin}`,
    adminHere:
      'Look for an app with an old secret, or one that repeats in a loop what was refused.',
  },
  50173: {
    ...ofToken,
    symbol: 'FreshTokenNeeded',
    message: () =>
      'The provided grant has expired due to it being revoked, a fresh auth token is needed.',
    adminHere:
      'The refresh token was used before, or its grant was revoked. If the app keeps only the newest one, look for a stolen token.',
  },
  54005: {
    ...ofToken,
    symbol: 'OAuth2AuthorizationCodeAlreadyRedeemed',
    message: () =>
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    adminHere: 'An app redeems a code once. If it did, someone else has had the code.',
  },
  70000: {
    ...ofToken,
    symbol: 'InvalidGrant',
    message: () => 'The provided value for the code, device code or refresh token is not valid.',
    adminHere: 'Look whether the app sends what it was given, unchanged, and as the same client.',
  },
  70003: {
    ...ofToken,
    symbol: 'UnsupportedGrantType',
    oauthError: 'unsupported_grant_type',
    message: (v) => `The app requested an unsupported grant type ${quoted(v.detail, '(none)')}.`,
    adminHere:
      'Supported: authorization_code, refresh_token, client_credentials and device_code. The device flow must be allowed for the app.',
  },
  70008: {
    ...ofToken,
    symbol: 'ExpiredOrRevokedGrant',
    message: () => 'The provided authorization code has expired.',
    adminHere: 'A code is good for ten minutes.',
  },
  50076: {
    ...ofToken,
    symbol: 'UserStrongAuthClientAuthNRequired',
    oauthError: 'interaction_required',
    message: () =>
      'Multi-factor authentication is required for this application, and this sign-in was made without it. Sign in again.',
    happened: 'This app needs a second factor, and you signed in without one.',
    personCan: `Sign in to the app again and complete the second factor. ${tellAdmin}`,
    adminHere: 'The app requires a second factor (homerealm apps set APP --require-mfa).',
  },
  50196: {
    ...ofToken,
    symbol: 'LoopDetected',
    oauthError: 'slow_down',
    message: () =>
      'A client request loop has been detected: the device asks again too soon. Wait five seconds longer between two requests from now on.',
    happened: 'The device asks too often.',
    adminHere: 'The app must keep the interval that came with its device code.',
  },
  70016: {
    ...ofToken,
    symbol: 'AuthorizationPending',
    oauthError: 'authorization_pending',
    message: () => 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
    adminHere: 'Nothing to do.',
  },
  70018: {
    ...ofToken,
    symbol: 'BadVerificationCode',
    oauthError: 'bad_verification_code',
    message: () => 'Invalid verification code: the code is not known here, or was used before.',
    happened: 'That code is not known here.',
    personCan: 'Type the code again exactly as the device shows it.',
    adminHere: 'Nothing to do.',
  },
  70019: {
    ...ofToken,
    symbol: 'CodeExpired',
    oauthError: 'expired_token',
    message: () => 'Verification code expired. Have the user retry the sign-in.',
    happened: 'That code has run out.',
    personCan: 'Start again on the device; a code is good for 15 minutes.',
    adminHere: 'Nothing to do.',
  },
  500112: {
    ...ofToken,
    symbol: 'ReplyAddressMismatch',
    message: () =>
      'The reply address does not match the reply address provided when requesting the authorization code.',
    adminHere: 'The app must send the same redirect_uri to both endpoints.',
  },
  501481: {
    ...ofToken,
    symbol: 'CodeVerifierMismatch',
    message: () =>
      'The code_verifier does not match the code_challenge of the authorization request.',
    adminHere:
      'Look for two sign-ins of the app that overwrite each other’s verifier, or an attack.',
  },
  700023: {
    ...ofClient,
    symbol: 'ClientAssertionAudienceInvalid',
    message: () =>
      'Client assertion audience claim does not match the realm issuer or token endpoint.',
    adminHere: 'The `aud` of the assertion must be the token endpoint or the issuer.',
  },
  700024: {
    ...ofClient,
    symbol: 'ClientAssertionExpired',
    message: () => 'Client assertion is not within its valid time range.',
    adminHere: 'Compare the clocks.',
  },
  700025: {
    ...ofClient,
    symbol: 'InvalidClientPublicClientWithCredential',
    message: () =>
      'Client is public so neither client_assertion nor client_secret should be presented.',
    adminHere: 'Take the secret out of the app, or register it as confidential.',
  },
  700027: {
    ...ofClient,
    symbol: 'ClientAssertionSignatureInvalid',
    message: () => 'Client assertion failed signature validation.',
    adminHere: 'Register the public key of the certificate that the app signs with.',
  },
  700051: {
    ...ofClient,
    symbol: 'GrantTypeNotAllowed',
    status: 400,
    oauthError: 'unauthorized_client',
    message: (v) =>
      `The grant type ${quoted(v.detail, 'of the request')} is not enabled for the application.`,
    adminHere: 'Allow it for the app, if it should use it (homerealm apps set APP --device-code).',
  },
  700082: {
    ...ofToken,
    symbol: 'ExpiredOrRevokedGrantInactiveToken',
    message: () => 'The refresh token has expired due to inactivity.',
    adminHere: 'The lifetime of refresh tokens is a setting of the app.',
  },
  1002012: {
    ...ofToken,
    symbol: 'InvalidScopeOfClientCredentials',
    oauthError: 'invalid_scope',
    message: (v) =>
      `The provided value for scope (${quoted(v.detail, 'none')}) is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    adminHere: 'Let the app ask for api://.../.default.',
  },
  7000215: {
    ...ofClient,
    symbol: 'InvalidClientSecretProvided',
    message: () =>
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
    adminHere: 'Make a new secret: homerealm apps rotate-secret.',
  },
  7000218: {
    ...ofClient,
    symbol: 'ClientAssertionOrSecretMissing',
    message: () =>
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    adminHere: 'Configure the app’s secret or certificate, or register it as public.',
  },
  7000222: {
    ...ofClient,
    symbol: 'InvalidClientSecretExpiredKeysProvided',
    message: () => 'The provided client secret keys are expired.',
    adminHere: 'Make a new secret: homerealm apps rotate-secret.',
  },
} as const satisfies Record<number, CatalogueEntry>
