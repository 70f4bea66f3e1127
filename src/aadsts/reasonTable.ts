import { accountReasons, type ReasonEntry } from './accountReasons.ts'

const oktaForm = 'Send exactly one form field SAMLResponse by HTTP POST to the ACS URL.'
const safeXml =
  'Send the response as the identity provider made it: plain UTF-8 XML without DOCTYPE, comments, CDATA or processing instructions.'
const honestShape =
  'No honest identity provider sends this shape; treat the response as an attack until proven otherwise.'
const fixClock = 'Set both clocks by NTP; a response is good for a few minutes only.'
const startHere =
  'Start the sign-in again from this server, in one browser, and answer within 15 minutes.'

/**
 * Every way to be refused: our stable name, the AADSTS number that stands for it outside, and what an admin should change.
 * A reason that Entra has no number for takes the nearest parent (docs/divergences.md).
 */
export const reasons = {
  samlResponseMissing: { aadsts: 750054, remedy: oktaForm },
  methodNotAllowed: {
    aadsts: 900561,
    remedy: 'Use the method that the route serves; responses come by POST.',
  },
  requestMalformed: {
    aadsts: 90023,
    remedy: 'Send the request as the form or link of this server makes it.',
  },
  tooManyRequests: {
    aadsts: 90023,
    remedy: 'Wait, then try again; the limit is per address and minute.',
  },
  serverError: { aadsts: 90033, remedy: 'Look at the log for the Request Id.' },

  messageTooLarge: { aadsts: 75005, remedy: 'Send fewer attributes, group lists for example.' },
  notBase64: {
    aadsts: 75005,
    remedy:
      'Post the response as plain base64 (RFC 4648 section 4), as the SAML POST binding says.',
  },
  notUtf8: { aadsts: 75005, remedy: 'Encode the response as UTF-8 without byte order mark.' },
  notWellFormed: { aadsts: 75005, remedy: safeXml },
  forbiddenMarkup: { aadsts: 75005, remedy: safeXml },
  tooComplex: {
    aadsts: 75005,
    remedy: 'Send fewer attributes and groups; the limits are in the configuration table.',
  },
  notAResponse: {
    aadsts: 7500514,
    remedy: 'Send a SAML 2.0 Response to the ACS, and nothing else.',
  },
  duplicateId: { aadsts: 50008, remedy: honestShape },
  signaturePlacement: { aadsts: 50008, remedy: honestShape },
  severalAssertions: { aadsts: 50008, remedy: 'Send exactly one assertion.' },
  extensionsNotAllowed: { aadsts: 50008, remedy: honestShape },

  statusNotSuccess: {
    aadsts: 500082,
    remedy:
      'Find the refusal in Okta’s System Log: usually the person is not assigned to the app, or a sign-on policy denied it.',
  },
  assertionMissing: {
    aadsts: 500082,
    remedy: 'Let the identity provider send an assertion with a successful status.',
  },
  issuerNotFederated: {
    aadsts: 50107,
    remedy:
      'Set issuerUri of the federation to the Issuer, byte for byte: homerealm domains federate DOMAIN --issuer ...',
  },
  issuerMismatch: {
    aadsts: 500083,
    remedy:
      'Let the app that was asked also answer: sign-on URL and Issuer must belong to the same Okta app.',
  },
  federationDisabled: {
    aadsts: 50107,
    remedy: 'Enable the federation, or federate one of its domains again.',
  },

  notSigned: {
    aadsts: 50008,
    remedy:
      'Set Response and Assertion Signature to Signed in the app’s advanced settings in Okta.',
  },
  algorithmNotAllowed: {
    aadsts: 50008,
    remedy: 'Use RSA-SHA256 with SHA256 digests and exclusive canonicalization.',
  },
  signingKeyUnknown: {
    aadsts: 5000811,
    remedy:
      'Register the certificate the identity provider signs with, as signingCertificate or nextSigningCertificate.',
  },
  signingCertificateExpired: {
    aadsts: 50017,
    remedy:
      'Roll the signing certificate over at the identity provider and register the new one here.',
  },
  signatureInvalid: {
    aadsts: 50006,
    remedy:
      'Compare the registered certificate with the one in use, and look for something that rewrites responses: the signature does not fit.',
  },
  digestMismatch: {
    aadsts: 50006,
    remedy:
      'Look for something that rewrites responses, or for an attack: the content was changed after it was signed.',
  },
  decryptionFailed: {
    aadsts: 50008,
    remedy: 'Encrypt to this server’s certificate from its metadata, with AES-GCM and RSA-OAEP.',
  },
  assertionNotEncrypted: {
    aadsts: 50008,
    remedy:
      'Turn assertion encryption on at the identity provider, or requireEncryptedAssertion off here.',
  },
  secondOpinionDiffers: {
    aadsts: 50008,
    remedy:
      'Keep this response and report it as a security matter: two independent verifiers disagree about it.',
  },

  assertionExpired: { aadsts: 500089, remedy: fixClock },
  assertionNotYetValid: { aadsts: 500089, remedy: fixClock },
  lifetimeTooLong: {
    aadsts: 500089,
    remedy: 'Let the identity provider issue assertions that live for minutes, 24 hours at most.',
  },
  timeMissing: {
    aadsts: 500089,
    remedy:
      'Send NotBefore and NotOnOrAfter in Conditions, and NotOnOrAfter in SubjectConfirmationData, as UTC times ending in Z.',
  },
  audienceMismatch: {
    aadsts: 500089,
    remedy: 'Set Audience URI (SP Entity ID) of the app in Okta to this server’s entityID.',
  },
  recipientMismatch: {
    aadsts: 500089,
    remedy: 'Set Recipient URL of the app in Okta to this server’s ACS URL.',
  },
  destinationMismatch: {
    aadsts: 500089,
    remedy: 'Set Destination URL of the app in Okta to this server’s ACS URL.',
  },
  subjectConfirmationInvalid: {
    aadsts: 500089,
    remedy:
      'Send one bearer SubjectConfirmation with Recipient, NotOnOrAfter and InResponseTo, and without NotBefore.',
  },
  conditionUnknown: {
    aadsts: 500089,
    remedy:
      'Send AudienceRestriction, OneTimeUse and ProxyRestriction only; a condition that is not understood must refuse (SAML core 2.5.1.1).',
  },
  authnStatementMissing: { aadsts: 500089, remedy: 'Send one AuthnStatement with AuthnInstant.' },
  attributeMalformed: { aadsts: 50008, remedy: 'Send each attribute once, with a Name.' },

  requestUnknown: { aadsts: 50089, remedy: startHere },
  requestExpired: { aadsts: 50089, remedy: startHere },
  logoutMalformed: {
    aadsts: 75005,
    remedy:
      'Send one LogoutRequest or LogoutResponse by HTTP Redirect or POST to the logout URL of the metadata, as SAML bindings 3.4 and 3.5 say.',
  },
  logoutSessionMismatch: {
    aadsts: 75005,
    remedy:
      'Let the LogoutRequest name the NameID and the SessionIndex of the assertion that opened the session of this browser.',
  },
  browserMismatch: {
    aadsts: 50089,
    remedy:
      'Finish the sign-in in the browser that it was started in, and allow cookies for this site.',
  },
  unsolicitedNotAllowed: {
    aadsts: 50089,
    remedy: 'Start the sign-in here, or allow unsolicited responses for the federation.',
  },
  responseReplayed: {
    aadsts: 500089,
    remedy:
      'Start the sign-in again: a response signs in once. If nobody pressed Back or Reload, treat it as an attack.',
  },

  nameIdMissing: { aadsts: 50008, remedy: 'Send a Subject with one NameID.' },
  nameIdFormatNotAllowed: {
    aadsts: 50008,
    remedy: 'Send the NameID as persistent or unspecified.',
  },
  nameIdMalformed: {
    aadsts: 50008,
    remedy:
      'Send a NameID without white space around it, control characters or nested elements, 256 characters at most.',
  },
  immutableIdMismatch: {
    aadsts: 51004,
    remedy:
      'Make NameID and onPremisesImmutableId equal, byte for byte, on the side that is wrong.',
  },
  userNotFound: {
    aadsts: 50034,
    remedy: 'Add the user here with the ImmutableId that the identity provider sends.',
  },
  tenantNotIdentified: {
    aadsts: 90019,
    remedy:
      'Post unsolicited responses to the ACS URL with the tenant in it, and add the user here.',
  },
  upnDomainNotFederatedHere: {
    aadsts: 5000820,
    remedy:
      'Give the user a userPrincipalName in a domain of this federation, or add their domain to it.',
  },
  idpEmailMismatch: { aadsts: 5000819, remedy: 'Let IDPEmail carry the userPrincipalName.' },
  userDisabled: {
    aadsts: 50057,
    remedy: 'Set accountEnabled to true, if the person should sign in.',
  },
  mfaRequired: {
    aadsts: 50079,
    remedy:
      'Send AuthnContextClassRef http://schemas.microsoft.com/claims/multipleauthn after a second factor.',
  },

  authenticationTooOld: {
    aadsts: 70044,
    remedy:
      'Let the identity provider honour ForceAuthn, and send the time of the new authentication as AuthnInstant.',
  },

  ...accountReasons,
} as const satisfies Record<string, ReasonEntry>
