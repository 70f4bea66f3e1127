import { type CatalogueEntry, nothingThere, quoted, startAgain, tellAdmin } from '../entry.ts'

/** What can be wrong with the person’s account, or with this sign-in of theirs. */
export const accountCodes = {
  50034: {
    symbol: 'UserAccountNotFound',
    status: 403,
    oauthError: 'invalid_grant',
    message: (v) =>
      `The user account ${quoted(v.email, 'that was sent')} does not exist in the ${quoted(v.tenant, 'tenant’s')} directory. To sign in to this application, the account must be added to the directory.`,
    happened:
      'You are known to your organization’s sign-in page, but there is no account for you here.',
    personCan: `Check the e-mail address for a typing error. If it is right, ask your administrator to add you. ${tellAdmin}`,
    adminHere:
      'Add the user with the ImmutableId that Okta sends: homerealm users import FILE.csv.',
    adminThere:
      'The person signed in at Okta; nothing to do there unless the e-mail was meant for another organization.',
  },
  50053: {
    symbol: 'IdsLocked',
    status: 403,
    oauthError: 'invalid_grant',
    message: () => 'The account is locked because of too many failed sign-ins.',
    happened: 'There were too many failed attempts to sign in to this account.',
    personCan: 'Wait a few minutes and try again.',
    adminHere: 'Look for attempts to guess the password.',
    adminThere: nothingThere,
  },
  50057: {
    symbol: 'UserDisabled',
    status: 403,
    oauthError: 'invalid_grant',
    message: () =>
      'The user account is disabled. The account has been disabled by an administrator.',
    happened: 'Your account here has been disabled.',
    personCan: `Ask your administrator to enable it. ${tellAdmin}`,
    adminHere: 'Set accountEnabled of the user to true if they should sign in.',
    adminThere: 'If the person has left, deactivate them in Okta too.',
  },
  50079: {
    symbol: 'UserStrongAuthEnrollmentRequired',
    status: 403,
    oauthError: 'interaction_required',
    message: () =>
      'Multi-factor authentication is required, and it must be done by the federated identity provider.',
    happened:
      'Your organization’s sign-in page did not ask for a second factor, and this server needs one.',
    personCan: `Sign in again and complete the second factor. ${tellAdmin}`,
    adminHere:
      'The federation requires a second factor: federatedIdpMfaBehavior is enforceMfaByFederatedIdp.',
    adminThere:
      'Send AuthnContextClassRef http://schemas.microsoft.com/claims/multipleauthn when a second factor was used.',
  },
  50089: {
    symbol: 'FlowTokenExpired',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Authentication failed because the flow token has expired or is not known: no sign-in waits for this response.',
    happened: 'This sign-in took too long, was already used, or was started in another browser.',
    personCan: startAgain,
    adminHere:
      'Responses are accepted once, within 15 minutes, and only from the browser that started the sign-in.',
    adminThere:
      'A sign-in started from the Okta dashboard is unsolicited; allow it for the federation, or use a bookmark app.',
  },
  50105: {
    symbol: 'EntitlementGrantsNotFound',
    status: 403,
    oauthError: 'interaction_required',
    message: () => 'The signed in user is not assigned to a role for the application.',
    happened: 'You have not been given access to this app.',
    personCan: `Ask your administrator to assign you. ${tellAdmin}`,
    adminHere: 'Assign the user, or one of their groups, to the app.',
    adminThere: nothingThere,
  },
  50126: {
    symbol: 'InvalidUserNameOrPassword',
    status: 401,
    oauthError: 'invalid_grant',
    message: () => 'Error validating credentials due to invalid username or password.',
    happened: 'The user name or the password is not right.',
    personCan: 'Try again.',
    adminHere: 'Set a new password for the user if they have lost it.',
    adminThere: nothingThere,
  },
  51004: {
    symbol: 'UserAccountNotInDirectory',
    status: 403,
    oauthError: 'invalid_grant',
    message: (v) =>
      `The user account ${quoted(v.nameId, 'that was sent')} does not exist in the ${quoted(v.tenant, 'tenant’s')} directory. To sign in to this application, the account must be added to the directory.`,
    happened:
      'Your organization knows you by an identifier that does not belong to your account here.',
    personCan: tellAdmin,
    adminHere:
      'The NameID must equal the user’s onPremisesImmutableId byte for byte; the trace says how close it came.',
    adminThere: 'Check which attribute Okta sends as NameID, and its value for this person.',
  },
  70044: {
    symbol: 'SessionNotFreshEnough',
    status: 403,
    oauthError: 'interaction_required',
    message: () =>
      'The session has expired or is invalid: the application requires a new authentication, and the identity provider answered with an older one.',
    happened:
      'This app wants you to prove anew who you are, and your organization’s sign-in page did not ask you.',
    personCan: `Sign out at your organization’s sign-in page, then start again. ${tellAdmin}`,
    adminHere:
      'The app asked with prompt=login or max_age. The AuthnInstant of the assertion must be later than its request; compare the clocks as well.',
    adminThere:
      'Let the identity provider honour ForceAuthn (in Okta: Honor Force Authentication, in the app’s SAML settings).',
  },
  500121: {
    symbol: 'AuthenticationFailedSasError',
    status: 401,
    oauthError: 'interaction_required',
    message: () => 'Authentication failed during strong authentication request.',
    happened: 'The code is not right, or was used before.',
    personCan: 'Wait for the next code of your authenticator app and type that one.',
    adminHere:
      'If the authenticator is lost: homerealm users totp disable UPN, then let the person enrol again.',
    adminThere: nothingThere,
  },
} as const satisfies Record<number, CatalogueEntry>
