/**
 * aadsts/: the catalogue of AADSTS codes, the reasons behind them, and the faces a refusal shows (page, JSON ...). It must
 * not know how a reason was found: no SAML, no users, no HTTP server.
 *
 * Numbers and symbolic names are those of Microsoft's public list of sign-in errors; the sentences are ours.
 */

/** Values a message may carry to the outside. Never anything about another person, and never an ImmutableId but the one sent. */
export interface MessageValues {
  /** The NameID as the identity provider sent it. */
  readonly nameId?: string | undefined
  /** The tenant's GUID, or the tenant segment of the path as it was sent. */
  readonly tenant?: string | undefined
  /** The Issuer as the response claims it. */
  readonly issuer?: string | undefined
  /** The e-mail as it was typed at the start. */
  readonly email?: string | undefined
  readonly domain?: string | undefined
}

export interface CatalogueEntry {
  /** Symbolic name in Microsoft's list; our own where the list has none. */
  readonly symbol: string
  /** The code it refines: 5000811 is a finer 50008. */
  readonly parent?: number
  /** HTTP status of the page or JSON answer. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500
  /** The `error` of an OAuth answer (RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6). */
  readonly oauthError: string
  /** One sentence for the `Message` line, after the `AADSTSnnn: `. */
  readonly message: (values: MessageValues) => string
  /** What happened, in one human sentence, for the person in front of the page. */
  readonly happened: string
  /** What the person can do. */
  readonly personCan: string
  /** What an admin should look at on this server, and at the identity provider. */
  readonly adminHere: string
  readonly adminThere: string
}

const startAgain = 'Go back to the start and sign in once more.'
const tellAdmin =
  'Send the details below to your administrator: the Request Id leads them to the exact cause.'

/** Values from outside are cut to this many characters before they stand in a sentence. */
export const MESSAGE_VALUE_LIMIT = 256

function quoted(value: string | undefined, instead: string): string {
  if (value === undefined || value === '') return instead
  return `'${value.length > MESSAGE_VALUE_LIMIT ? `${value.slice(0, MESSAGE_VALUE_LIMIT)}…` : value}'`
}

export const catalogue = {
  50006: {
    symbol: 'InvalidSignature',
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'Signature verification failed because of an invalid signature.',
    happened: 'The answer of your organization’s sign-in page could not be proven genuine.',
    personCan: `${startAgain} If it happens again: ${tellAdmin}`,
    adminHere:
      'Compare the signing certificate of the federation (homerealm domains show DOMAIN) with the one in use at Okta.',
    adminThere:
      'Make sure that nothing between Okta and this server rewrites the response, a proxy or an extension for example.',
  },
  50008: {
    symbol: 'InvalidSamlToken',
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'SAML assertion is missing or misconfigured in the token.',
    happened:
      'The answer of your organization’s sign-in page is not one that can be accepted here.',
    personCan: tellAdmin,
    adminHere:
      'Look the Request Id up (homerealm trace REQUEST-ID): the trace names the rule that was broken.',
    adminThere:
      'Okta’s app should sign the Response and the Assertion with RSA-SHA256, and send one NameID, persistent or unspecified.',
  },
  500082: {
    symbol: 'SamlAssertionMissing',
    parent: 50008,
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'SAML assertion is not present in the token.',
    happened: 'Your organization’s sign-in page did not confirm who you are.',
    personCan: `Try again, and make sure that you may use this app at your organization. ${tellAdmin}`,
    adminHere:
      'The trace holds the status that the identity provider sent instead of an assertion.',
    adminThere:
      'Check that the person is assigned to the app in Okta, and Okta’s System Log for the refusal.',
  },
  500083: {
    symbol: 'SamlIssuerNotTrusted',
    parent: 50008,
    status: 400,
    oauthError: 'invalid_request',
    message: (v) =>
      `Unable to verify the token signature: no trusted realm with the identifier ${quoted(v.issuer, 'of its Issuer')} for this sign-in.`,
    happened: 'The answer came from another identity provider than the one you were sent to.',
    personCan: `${startAgain} ${tellAdmin}`,
    adminHere:
      'Compare the Issuer in the trace with the issuerUri of the federation the sign-in was sent to.',
    adminThere: 'Make sure that the sign-on URL and the Issuer belong to the same Okta app.',
  },
  500089: {
    symbol: 'SamlAssertionInvalid',
    parent: 50008,
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'SAML 2.0 assertion validation failed: SAML token is invalid.',
    happened:
      'The answer of your organization’s sign-in page was not valid here, or is not valid any more.',
    personCan: `${startAgain} ${tellAdmin}`,
    adminHere:
      'Compare the clocks, the audience (this server’s entityID) and the ACS URL with what the trace shows.',
    adminThere:
      'Set Single sign-on URL, Recipient and Destination to this server’s ACS URL, and Audience URI to its entityID.',
  },
  5000811: {
    symbol: 'SamlSigningKeyUnknown',
    parent: 50008,
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Unable to verify the token signature. The signing key identifier does not match any valid registered keys.',
    happened: 'The answer was signed with a key that this server does not know.',
    personCan: tellAdmin,
    adminHere:
      'Register the certificate that Okta signs with now: homerealm domains federate DOMAIN --certificate FILE.',
    adminThere:
      'Download the active signing certificate of the app in Okta (Sign On, SAML Signing Certificates).',
  },
  5000819: {
    symbol: 'InvalidSamlTokenEmailMissingOrInvalid',
    parent: 50008,
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'SAML assertion is invalid. The e-mail address claim is missing or does not match.',
    happened: 'The e-mail address in the answer is not the one of your account.',
    personCan: tellAdmin,
    adminHere:
      'The federation asks for an IDPEmail equal to the userPrincipalName; the trace shows both.',
    adminThere:
      'Let the attribute IDPEmail of the app in Okta carry the user name that the account has here.',
  },
  5000820: {
    symbol: 'FederatedTokenValidationPolicy',
    parent: 50008,
    status: 403,
    oauthError: 'access_denied',
    message: () =>
      'Sign-in blocked by Federated Token Validation policy: the domain of the account is not served by the identity provider that signed it in.',
    happened: 'Your organization’s sign-in page is not the one that may sign in this account.',
    personCan: `Start from the e-mail address of your account here. ${tellAdmin}`,
    adminHere:
      'The ImmutableId belongs to a user whose domain is not among the domains of this federation.',
    adminThere: 'Check whether two organizations send the same ImmutableId.',
  },
  50011: {
    symbol: 'InvalidReplyTo',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'The redirect URI in the request does not match the ones registered for the application.',
    happened: 'The app asked to be answered at an address that is not registered for it.',
    personCan: tellAdmin,
    adminHere: 'Register the redirect URI for the app exactly as it sends it.',
    adminThere: 'Nothing to do at the identity provider.',
  },
  50017: {
    symbol: 'CertificateValidationFailed',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Certification validation failed: the certificate of the signing key is outside its validity.',
    happened: 'The certificate of your organization’s sign-in page has run out.',
    personCan: tellAdmin,
    adminHere: 'Load the new certificate: homerealm domains federate DOMAIN --certificate FILE.',
    adminThere:
      'Make a new signing certificate for the app in Okta, hand it over, then activate it.',
  },
  50034: {
    symbol: 'UserAccountNotFound',
    status: 403,
    oauthError: 'invalid_grant',
    message: (v) =>
      `The user account ${quoted(v.email, 'that was sent')} does not exist in the ${quoted(v.tenant, '')} directory. To sign in to this application, the account must be added to the directory.`,
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
    adminThere: 'Nothing to do at the identity provider.',
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
  50059: {
    symbol: 'MissingTenantRealmAndNoUserInformationProvided',
    status: 404,
    oauthError: 'invalid_request',
    message: (v) =>
      `No tenant-identifying information found: the domain ${quoted(v.domain, 'of the address')} is not set up here.`,
    happened: 'This server does not know the domain of that e-mail address.',
    personCan: 'Check the address for a typing error, or use the address of your organization.',
    adminHere:
      'Add the domain (homerealm domains add) and federate it, if its people should sign in here.',
    adminThere: 'Nothing to do at the identity provider.',
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
    adminHere: 'federatedIdpMfaBehavior is enforceMfaByFederatedIdp.',
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
    adminThere: 'Nothing to do at the identity provider.',
  },
  50107: {
    symbol: 'InvalidRealmUri',
    status: 400,
    oauthError: 'invalid_request',
    message: (v) => `The requested federation realm object ${quoted(v.issuer, '')} does not exist.`,
    happened: 'The answer came from an identity provider that is not set up here.',
    personCan: tellAdmin,
    adminHere:
      'The issuerUri of the federation must equal the Issuer byte for byte (homerealm domains show DOMAIN).',
    adminThere:
      'The Issuer is http://www.okta.com/ and the app’s id; it changes when the app is made anew.',
  },
  50126: {
    symbol: 'InvalidUserNameOrPassword',
    status: 401,
    oauthError: 'invalid_grant',
    message: () => 'Error validating credentials due to invalid username or password.',
    happened: 'The user name or the password is not right.',
    personCan: 'Try again.',
    adminHere: 'Set a new password for the user if they have lost it.',
    adminThere: 'Nothing to do at the identity provider.',
  },
  51004: {
    symbol: 'UserAccountNotInDirectory',
    status: 403,
    oauthError: 'invalid_grant',
    message: (v) =>
      `The user account ${quoted(v.nameId, 'that was sent')} does not exist in the ${quoted(v.tenant, '')} directory. To sign in to this application, the account must be added to the directory.`,
    happened:
      'Your organization knows you by an identifier that does not belong to your account here.',
    personCan: tellAdmin,
    adminHere:
      'The NameID must equal the user’s onPremisesImmutableId byte for byte; the trace says how close it came.',
    adminThere: 'Check which attribute Okta sends as NameID, and its value for this person.',
  },
  700016: {
    symbol: 'UnauthorizedClient_DoesNotMatchRequest',
    status: 400,
    oauthError: 'unauthorized_client',
    message: () => 'The application was not found in the directory.',
    happened: 'The app that sent you here is not registered.',
    personCan: tellAdmin,
    adminHere: 'Register the app, or correct its client id.',
    adminThere: 'Nothing to do at the identity provider.',
  },
  75005: {
    symbol: 'Saml2MessageInvalid',
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'The SAML message is not valid: it cannot be read.',
    happened: 'The answer of your organization’s sign-in page could not be read.',
    personCan: `${startAgain} ${tellAdmin}`,
    adminHere: 'The trace names line and column where reading stopped.',
    adminThere: 'A proxy or a browser extension that changes the posted form can be the cause.',
  },
  7500514: {
    symbol: 'SamlResponseTypeNotSupported',
    parent: 75005,
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'A supported type of SAML response was not found: a SAML 2.0 Response is expected.',
    happened: 'Something else than a sign-in response was sent to this address.',
    personCan: startAgain,
    adminHere:
      'The assertion consumer service takes SAML 2.0 Responses only; logout messages go elsewhere.',
    adminThere: 'Check the Single sign-on URL of the app in Okta.',
  },
  750054: {
    symbol: 'SamlMessageMissing',
    parent: 75005,
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'SAMLRequest or SAMLResponse must be present as a form parameter of an HTTP POST for the SAML binding.',
    happened: 'This address takes the answer of a sign-in page, and there was none.',
    personCan: startAgain,
    adminHere: 'Nothing to do, unless the identity provider sends people here.',
    adminThere: 'The binding must be HTTP-POST, with one form field SAMLResponse.',
  },
  90002: {
    symbol: 'InvalidTenantName',
    status: 404,
    oauthError: 'invalid_request',
    message: (v) =>
      `Tenant ${quoted(v.tenant, '')} not found. Check that the tenant ID or the domain in the address is right.`,
    happened: 'The address names a directory that is not this one.',
    personCan: 'Check the address, or go to the start and sign in from there.',
    adminHere:
      'The tenant in the path is the tenant’s GUID, one of its verified domains, organizations or common.',
    adminThere: 'Compare the Single sign-on URL of the app in Okta with this server’s ACS URL.',
  },
  90013: {
    symbol: 'InvalidUserInput',
    status: 400,
    oauthError: 'invalid_request',
    message: () => 'Invalid input received from the user: not an e-mail address.',
    happened: 'That is not an e-mail address.',
    personCan: 'Type your work address in full, like someone@example.com.',
    adminHere: 'Nothing to do.',
    adminThere: 'Nothing to do at the identity provider.',
  },
  90019: {
    symbol: 'MissingTenantRealm',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    happened: 'Nothing says which directory or account this sign-in was meant for.',
    personCan: 'Start here with your e-mail address instead of from the other page.',
    adminHere:
      'An unsolicited response came to the tenant-less address and its NameID matches nobody.',
    adminThere: 'Use the ACS URL with the tenant in it.',
  },
  900561: {
    symbol: 'BadRequestMethod',
    status: 405,
    oauthError: 'invalid_request',
    message: () => 'The endpoint does not accept requests of this HTTP method.',
    happened: 'This address is not a page to open; sign-in pages send their answers to it.',
    personCan: startAgain,
    adminHere: 'Nothing to do.',
    adminThere: 'The binding for responses must be HTTP-POST.',
  },
  90023: {
    symbol: 'InvalidRequest',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Invalid request: it is larger than allowed, comes too often, or has a form that is not accepted here.',
    happened: 'The request could not be taken as it was.',
    personCan: `Wait a moment, then: ${startAgain}`,
    adminHere: 'Look at the log for the Request Id.',
    adminThere: 'Nothing to do at the identity provider.',
  },
  90033: {
    symbol: 'MsodsServiceUnavailable',
    status: 500,
    oauthError: 'temporarily_unavailable',
    message: () => 'A transient error has occurred. Please try again.',
    happened: 'Something went wrong on this server.',
    personCan: `Try again in a moment. If it stays: ${tellAdmin}`,
    adminHere: 'Look at the log for the Request Id.',
    adminThere: 'Nothing to do at the identity provider.',
  },
} as const satisfies Record<number, CatalogueEntry>

export type AadstsCode = keyof typeof catalogue

/** The entry of a code, or undefined for a number that is not in the catalogue. */
export function catalogueEntry(code: number): CatalogueEntry | undefined {
  return Object.hasOwn(catalogue, code)
    ? (catalogue as Record<number, CatalogueEntry>)[code]
    : undefined
}

/** The `Message` line: `AADSTS51004: The user account ...`. */
export function aadstsMessage(code: AadstsCode, values: MessageValues = {}): string {
  const entry: CatalogueEntry = catalogue[code]
  return `AADSTS${code}: ${entry.message(values)}`
}
