import { forbid } from '../../../directory/directoryError.ts'
import type { FederateInput } from '../../../directory/federations.ts'
import type { Federation } from '../../../directory/types.ts'
import { CertificateError, readSigningCertificate } from '../../../saml/certificates.ts'
import {
  type BodyForm,
  filledText,
  flag,
  nullable,
  oneOf,
  type Read,
  type Reader,
} from '../body.ts'
import { picked } from '../call.ts'
import { tagOfContent } from '../etag.ts'

/** All properties of Graph's internalDomainFederation (entra.md section 4). */
export const federationProperties = [
  'id',
  'displayName',
  'issuerUri',
  'metadataExchangeUri',
  'passiveSignInUri',
  'preferredAuthenticationProtocol',
  'signingCertificate',
  'activeSignInUri',
  'federatedIdpMfaBehavior',
  'isSignedAuthenticationRequestRequired',
  'nextSigningCertificate',
  'passwordResetUri',
  'promptLoginBehavior',
  'signingCertificateUpdateStatus',
  'signOutUri',
] as const

/** A federation as Graph has it. What this server does not keep is null, or the one value that there is. */
export function federationResource(
  federation: Federation,
  select: readonly string[] | null,
): object {
  const all = {
    ...federation,
    preferredAuthenticationProtocol: 'saml',
    activeSignInUri: null,
    passwordResetUri: null,
    promptLoginBehavior: null,
    signingCertificateUpdateStatus: null,
  }
  return picked(all, select ?? federationProperties)
}

export function federationTag(federation: Federation): string {
  return tagOfContent(federation)
}

const saml: Reader<'saml'> = (value) =>
  value === 'saml' ? { value } : { fault: 'must be saml: this server speaks no WS-Federation' }

/** The body of a POST or PATCH of a federationConfiguration. */
export const federationForm = {
  resource: 'internalDomainFederation',
  fields: {
    displayName: filledText,
    issuerUri: filledText,
    passiveSignInUri: filledText,
    signOutUri: nullable(filledText),
    metadataExchangeUri: nullable(filledText),
    signingCertificate: filledText,
    nextSigningCertificate: nullable(filledText),
    isSignedAuthenticationRequestRequired: nullable(flag),
    federatedIdpMfaBehavior: nullable(
      oneOf([
        'acceptIfMfaDoneByFederatedIdp',
        'enforceMfaByFederatedIdp',
        'rejectMfaByFederatedIdp',
      ]),
    ),
    preferredAuthenticationProtocol: saml,
    // Setup guides send these; they are about WS-Federation, or about passwords at the identity provider, and nothing here reads them.
    activeSignInUri: nullable(filledText),
    passwordResetUri: nullable(filledText),
    promptLoginBehavior: nullable(
      oneOf(['translateToFreshPasswordAuthentication', 'nativeSupport', 'disabled']),
    ),
  },
  notKept: ['signingCertificateUpdateStatus'],
} as const satisfies BodyForm<Readonly<Record<string, Reader<unknown>>>>

type FederationBody = Read<typeof federationForm.fields>

/** What a body says about a federation, in the directory's words. */
export type FederationValues = Partial<Omit<FederateInput, 'domains' | 'replace'>>

/**
 * The values of a body; certificates in the form in which they are kept. What is null where Graph's CSDL lets it be, and a federation here
 * always has one of, takes its default. Throws DirectoryError `certificateMalformed`.
 */
export function federationValues(body: FederationBody): FederationValues {
  const {
    preferredAuthenticationProtocol: _,
    activeSignInUri: __,
    passwordResetUri: ___,
    promptLoginBehavior: ____,
    signingCertificate,
    nextSigningCertificate: next,
    isSignedAuthenticationRequestRequired: isSigned,
    federatedIdpMfaBehavior: mfa,
    ...rest
  } = body
  return {
    ...rest,
    ...(isSigned !== undefined && { isSignedAuthenticationRequestRequired: isSigned ?? false }),
    ...(mfa !== undefined && { federatedIdpMfaBehavior: mfa ?? 'acceptIfMfaDoneByFederatedIdp' }),
    ...(signingCertificate !== undefined && {
      signingCertificate: certificate('signingCertificate', signingCertificate),
    }),
    ...(next !== undefined && {
      nextSigningCertificate: next && certificate('nextSigningCertificate', next),
    }),
  }
}

function certificate(property: string, text: string): string {
  try {
    return readSigningCertificate(text).base64
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    return forbid('certificateMalformed', property, error.message)
  }
}
