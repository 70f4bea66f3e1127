import { type CatalogueEntry, quoted, startAgain, tellAdmin } from '../entry.ts'

/** What can be wrong with a response or with the trust in its sender. */
export const samlCodes = {
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
  50017: {
    symbol: 'CertificateValidationFailed',
    status: 400,
    oauthError: 'invalid_request',
    message: () =>
      'Certificate validation failed: the certificate of the signing key is outside its validity.',
    happened: 'The certificate of your organization’s sign-in page has run out.',
    personCan: tellAdmin,
    adminHere: 'Load the new certificate: homerealm domains federate DOMAIN --certificate FILE.',
    adminThere:
      'Make a new signing certificate for the app in Okta, hand it over, then activate it.',
  },
  50107: {
    symbol: 'InvalidRealmUri',
    status: 400,
    oauthError: 'invalid_request',
    message: (v) =>
      `The requested federation realm object ${quoted(v.issuer, 'of the Issuer')} does not exist.`,
    happened: 'The answer came from an identity provider that is not set up here.',
    personCan: tellAdmin,
    adminHere:
      'The issuerUri of the federation must equal the Issuer byte for byte (homerealm domains show DOMAIN).',
    adminThere:
      'The Issuer is http://www.okta.com/ and the app’s id; it changes when the app is made anew.',
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
    personCan: `Sign in with the e-mail address that your account has here. ${tellAdmin}`,
    adminHere:
      'The ImmutableId belongs to a user whose domain is not among the domains of this federation.',
    adminThere: 'Check whether two organizations send the same ImmutableId.',
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
} as const satisfies Record<number, CatalogueEntry>
