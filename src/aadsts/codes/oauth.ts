import { type CatalogueEntry, nothingThere, quoted, startAgain, tellAdmin } from '../entry.ts'

/** What all mistakes of an app have in common: the person can do nothing about them, nor can Okta. */
const ofApp = {
  status: 400,
  oauthError: 'invalid_request',
  happened: 'The app that sent you here made a request that cannot be answered.',
  personCan: tellAdmin,
  adminThere: nothingThere,
} as const

/** What can be wrong with an app's request at the authorization endpoint, and with the requests it makes in general. */
export const oauthCodes = {
  50058: {
    ...ofApp,
    symbol: 'UserInformationNotProvided',
    oauthError: 'login_required',
    message: () => 'A silent sign-in request was sent but no user is signed in.',
    happened: 'The app asked to sign you in without showing a page, and you are not signed in.',
    personCan: 'Sign in from the app’s own start page.',
    adminHere: 'Nothing to do: the app should now ask with a page.',
  },
  65001: {
    ...ofApp,
    symbol: 'DelegationDoesNotExist',
    oauthError: 'invalid_grant',
    redirectError: 'consent_required',
    suberror: 'consent_required',
    message: (v) =>
      `The administrator has not consented to use the application with ID ${quoted(v.app, 'of the request')} for ${quoted(v.detail, 'the permissions of the request')}.`,
    happened:
      'The app that sent you here asks for something that your administrator has not allowed it.',
    personCan: `Ask your administrator to allow it. ${tellAdmin}`,
    adminHere:
      'Grant the scope to the app, if it should have it (homerealm apps set APP --grant api://orders/Orders.Read). A grant ends with the API: register it anew, and it is to be granted anew.',
  },
  65004: {
    ...ofApp,
    symbol: 'UserDeclinedConsent',
    oauthError: 'access_denied',
    message: () => 'The person declined the sign-in.',
    happened: 'The sign-in was declined.',
    personCan: 'Start again in the app, if you want to sign in after all.',
    adminHere: 'Nothing to do.',
  },
  70005: {
    ...ofApp,
    symbol: 'UnsupportedResponseType',
    oauthError: 'unsupported_response_type',
    message: () => 'The response_type is not supported. Supported: code, code id_token, id_token.',
    adminHere: 'Let the app use the authorization code flow: response_type=code.',
  },
  70007: {
    ...ofApp,
    symbol: 'UnsupportedResponseMode',
    message: () => 'The response_mode is not supported for this request.',
    adminHere:
      'Use query, fragment or form_post for response_type=code, and form_post where an ID token comes back.',
  },
  70011: {
    ...ofApp,
    symbol: 'InvalidScope',
    oauthError: 'invalid_scope',
    message: (v) => `The scope requested by the app is invalid: ${quoted(v.detail, 'unknown')}.`,
    adminHere:
      'Ask for scopes of one API at a time, in full (api://orders/Orders.Read), and only for those it offers (homerealm apps show).',
  },
  90014: {
    ...ofApp,
    symbol: 'MissingRequiredField',
    message: (v) =>
      `The required field ${quoted(v.parameter, 'of this request')} is missing from the credential.`,
    adminHere: 'Let the app send the field.',
  },
  500011: {
    ...ofApp,
    symbol: 'InvalidResourceServicePrincipalNotFound',
    oauthError: 'invalid_resource',
    message: (v) =>
      `The resource ${quoted(v.detail, 'of the request')} was not found in the tenant.`,
    adminHere:
      'Register the API with this identifier (homerealm apps add --identifier-uri), or correct the scope of the app.',
  },
  700054: {
    ...ofApp,
    symbol: 'UnsupportedResponseTypeIdToken',
    parent: 70005,
    oauthError: 'unsupported_response_type',
    message: () => 'The response_type id_token is not enabled for the application.',
    adminHere:
      'Allow it for the app (homerealm apps set APP --allow-hybrid), or use response_type=code.',
  },
  900144: {
    ...ofApp,
    symbol: 'MissingRequiredField',
    parent: 90014,
    message: (v) =>
      `The request body must contain the following parameter: ${quoted(v.parameter, 'unknown')}.`,
    adminHere: 'Let the app send the parameter.',
  },
  901002: {
    ...ofApp,
    symbol: 'ResourceParameterNotSupported',
    message: () => 'The resource request parameter is not supported.',
    adminHere: 'Name the API in the scope instead: api://orders/.default.',
  },
  7000112: {
    ...ofApp,
    symbol: 'UnauthorizedClientApplicationDisabled',
    oauthError: 'unauthorized_client',
    message: (v) => `Application ${quoted(v.app, 'of the request')} is disabled.`,
    happened: 'The app that sent you here has been switched off by an administrator.',
    adminHere: 'Enable the app again, if it should be used: homerealm apps set APP --enabled.',
  },
  9000411: {
    ...ofApp,
    symbol: 'DuplicateParameter',
    message: (v) => `The parameter ${quoted(v.parameter, 'of the request')} is duplicated.`,
    adminHere: 'Let the app send each parameter once.',
  },
  9002313: {
    ...ofApp,
    symbol: 'MalformedRequest',
    message: (v) =>
      `Invalid request. Request is malformed or invalid${v.detail === undefined ? '' : `: ${quoted(v.detail, '')}`}.`,
    adminHere: 'The message names what is wrong with the request of the app.',
  },
  9002325: {
    ...ofApp,
    symbol: 'PkceRequired',
    message: () =>
      'Proof Key for Code Exchange is required for this application: code_challenge with code_challenge_method S256.',
    adminHere: 'Let the app use PKCE (RFC 7636). Every current library does when it is told to.',
  },
  9002326: {
    ...ofApp,
    symbol: 'CrossOriginTokenRedemptionNotPermitted',
    message: (v) =>
      `Cross-origin token redemption is permitted only for the origins of spa redirect URIs. Request origin: ${quoted(v.detail, 'unknown')}.`,
    adminHere: 'Register the redirect URI of the browser app as spa.',
    personCan: startAgain,
  },
} as const satisfies Record<number, CatalogueEntry>
