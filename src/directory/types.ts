/**
 * directory/: the rules over users, domains and federations, and the port of the store that holds them. It must not know SQL
 * or HTTP. Property names are those of Microsoft Graph's `user`, `domain` and `internalDomainFederation`.
 */
import type { Instant } from '../lib/clock.ts'

export interface User {
  /** GUID, made here; the `oid` of tokens. */
  readonly id: string
  /** Unique, compared case-insensitively, kept as it was given. */
  readonly userPrincipalName: string
  /** Unique, compared byte for byte, 64 characters at most; null for a managed user. */
  readonly onPremisesImmutableId: string | null
  readonly accountEnabled: boolean
  readonly displayName: string
  readonly mailNickname: string
  readonly mail: string | null
  readonly givenName: string | null
  readonly surname: string | null
  readonly jobTitle: string | null
  readonly department: string | null
  readonly officeLocation: string | null
  readonly mobilePhone: string | null
  readonly usageLocation: string | null
  readonly createdDateTime: Instant
  readonly lastModifiedDateTime: Instant
}

export type AuthenticationType = 'Managed' | 'Federated'

export interface Domain {
  /** The DNS name in lower case, A-labels (IDNA). */
  readonly id: string
  readonly authenticationType: AuthenticationType
  readonly isVerified: boolean
  readonly isDefault: boolean
  /** The federation that signs this domain's people in; null for a managed domain. */
  readonly federationId: string | null
}

export interface Federation {
  readonly id: string
  readonly displayName: string
  /** Equal to the Issuer of its responses byte for byte; no two federations share one. */
  readonly issuerUri: string
  /** Where AuthnRequests go. */
  readonly passiveSignInUri: string
  readonly signOutUri: string | null
  readonly metadataExchangeUri: string | null
  /** base64 of the DER, one line. */
  readonly signingCertificate: string
  readonly nextSigningCertificate: string | null
  /**
   * SHA-256 thumbprints (lower-case hex) of certificates that were registered before, newest first, five at most: they verify
   * nothing, and tell an admin that Okta still signs with an old one.
   */
  readonly formerSigningCertificates: readonly string[]
  readonly isSignedAuthenticationRequestRequired: boolean
  readonly federatedIdpMfaBehavior:
    | 'acceptIfMfaDoneByFederatedIdp'
    | 'enforceMfaByFederatedIdp'
    | 'rejectMfaByFederatedIdp'
  /** homerealm's own settings from here on. */
  readonly requestBinding: 'post' | 'redirect'
  readonly nameIdFormats: readonly string[]
  readonly allowUnsolicited: boolean
  readonly requireIdpEmailMatch: boolean
  readonly allowSha1Signatures: boolean
  readonly allowInclusiveCanonicalization: boolean
  readonly requireSignedResponse: boolean
  readonly requireEncryptedAssertion: boolean
  readonly allowCbcEncryption: boolean
  readonly expiredCertificates: 'refuse' | 'warn'
  /** Name of the attribute that carries a person's groups; null for the usual names (oidc/groups.ts). */
  readonly groupsAttribute: string | null
  readonly isEnabled: boolean
}

/** The one directory that a deployment serves. */
export interface Tenant {
  /** GUID; `tid` of tokens and the tenant segment of paths. */
  readonly id: string
  readonly displayName: string
}

/** Settings of a federation that `federate` fills in when they are not given. */
export const federationDefaults = {
  signOutUri: null,
  metadataExchangeUri: null,
  nextSigningCertificate: null,
  formerSigningCertificates: [],
  isSignedAuthenticationRequestRequired: false,
  federatedIdpMfaBehavior: 'acceptIfMfaDoneByFederatedIdp',
  requestBinding: 'post',
  nameIdFormats: [
    'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  ],
  allowUnsolicited: false,
  requireIdpEmailMatch: false,
  allowSha1Signatures: false,
  allowInclusiveCanonicalization: false,
  requireSignedResponse: false,
  requireEncryptedAssertion: false,
  allowCbcEncryption: false,
  expiredCertificates: 'refuse',
  groupsAttribute: null,
  isEnabled: true,
} as const satisfies Partial<Federation>

/** The properties of a user that nobody has to give. */
export const userDefaults = {
  onPremisesImmutableId: null,
  accountEnabled: true,
  mail: null,
  givenName: null,
  surname: null,
  jobTitle: null,
  department: null,
  officeLocation: null,
  mobilePhone: null,
  usageLocation: null,
} as const satisfies Partial<User>
