import { FaultUnavailable } from '../../../demo-okta/faults/index.ts'
import { bobNameId, domainOf, otherIssuer, otherUserOf, type Setting } from '../setting.ts'
import type { Situation } from '../situations.ts'
import { testKey } from '../testKeys.ts'
import { ownFederation, under } from './federation.ts'

const bob = ({ user }: Setting) => ({
  userPrincipalName: otherUserOf(user),
  onPremisesImmutableId: bobNameId,
})

/** The usual users, of whom the one who signs in is changed. */
const userWith = (
  setting: Setting,
  change: {
    userPrincipalName?: string
    onPremisesImmutableId?: string | null
    accountEnabled?: boolean
  },
) => ({
  users: [
    {
      userPrincipalName: setting.user.login,
      onPremisesImmutableId: setting.user.nameId,
      ...change,
    },
    bob(setting),
  ],
})

function swappedCase(text: string): string {
  const swapped = text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
  if (swapped !== text) return swapped
  throw new FaultUnavailable(`The NameID ${text} has no letters.`)
}

/** Whom the NameID is, and whether they may. */
export const accountSituations: readonly Situation[] = [
  {
    name: 'user-disabled',
    title: 'The user is disabled',
    expected: 'userDisabled',
    circumstances: (setting) => userWith(setting, { accountEnabled: false }),
  },
  {
    name: 'user-of-foreign-domain',
    title: 'The user’s domain is none of the federation’s',
    expected: 'upnDomainNotFederatedHere',
    circumstances: (setting) => userWith(setting, { userPrincipalName: 'alice@managed.example' }),
  },
  {
    name: 'user-of-subdomain',
    title: 'The user’s domain is below one of the federation’s',
    expected: null,
    signsIn: ({ user }) => `alice@eu.${domainOf(user)}`,
    circumstances: (setting) =>
      userWith(setting, { userPrincipalName: `alice@eu.${domainOf(setting.user)}` }),
  },
  {
    name: 'user-of-look-alike-domain',
    title: 'The user’s domain ends like the federation’s, without a dot between',
    expected: 'upnDomainNotFederatedHere',
    twin: 'user-of-subdomain',
    circumstances: (setting) =>
      userWith(setting, { userPrincipalName: `alice@evil${domainOf(setting.user)}` }),
  },
  {
    name: 'user-of-other-federation',
    title: 'The NameID is of a user whose domain another federation serves',
    expected: 'upnDomainNotFederatedHere',
    circumstances: (setting) => ({
      ...userWith(setting, { userPrincipalName: 'alice@other.example' }),
      federations: [
        ownFederation(setting),
        {
          issuerUri: otherIssuer,
          domains: ['other.example'],
          signingCertificate: setting.certificateText(testKey('other-okta')),
        },
      ],
    }),
  },
  {
    name: 'user-missing',
    title: 'The e-mail and the NameID are of nobody here',
    expected: 'userNotFound',
    circumstances: (setting) => ({ users: [bob(setting)] }),
  },
  {
    name: 'immutable-id-other',
    title: 'The user has another ImmutableId',
    expected: 'immutableIdMismatch',
    circumstances: (setting) =>
      userWith(setting, { onPremisesImmutableId: 'q2w3E4r5T6y7U8i9O0p+/w==' }),
  },
  {
    name: 'immutable-id-none',
    title: 'The user has no ImmutableId',
    expected: 'immutableIdMismatch',
    circumstances: (setting) => userWith(setting, { onPremisesImmutableId: null }),
  },
  {
    name: 'immutable-id-other-case',
    title: 'The user’s ImmutableId differs in upper and lower case',
    expected: 'immutableIdMismatch',
    circumstances: (setting) =>
      userWith(setting, { onPremisesImmutableId: swappedCase(setting.user.nameId) }),
  },
  {
    name: 'other-user-typed',
    title: 'Another user’s e-mail was typed at the start: the NameID alone decides',
    expected: null,
    circumstances: (setting) => ({
      request: {
        id: setting.requestId,
        federation: setting.issuer,
        loginHint: otherUserOf(setting.user),
      },
    }),
  },
  {
    name: 'idp-email-equal',
    title: 'IDPEmail is required to be the user principal name, and is',
    expected: null,
    facts: ({ user }) => ({ user: { ...user, email: user.login.toUpperCase() } }),
    circumstances: under({ requireIdpEmailMatch: true }),
  },
  {
    name: 'idp-email-other',
    title: 'IDPEmail is required to be the user principal name, and is another',
    expected: 'idpEmailMismatch',
    twin: 'idp-email-equal',
    facts: ({ user }) => ({ user: { ...user, email: `private-${user.login}` } }),
    circumstances: under({ requireIdpEmailMatch: true }),
  },
  {
    name: 'idp-email-missing',
    title: 'IDPEmail is required, and missing',
    expected: 'idpEmailMismatch',
    twin: 'idp-email-equal',
    faults: ['no-attributes'],
    circumstances: under({ requireIdpEmailMatch: true }),
  },
  {
    name: 'idp-email-two',
    title: 'IDPEmail with two values, the right one first',
    expected: 'idpEmailMismatch',
    twin: 'idp-email-equal',
    faults: ['idp-email-two-values'],
    circumstances: under({ requireIdpEmailMatch: true }),
  },
  {
    name: 'mfa-done',
    title: 'A second factor is required, and the response tells of one',
    expected: null,
    faults: ['authn-context-multipleauthn'],
    circumstances: under({ federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' }),
  },
  {
    name: 'mfa-required',
    title: 'A second factor is required, and the response tells of a password only',
    expected: 'mfaRequired',
    twin: 'mfa-done',
    circumstances: under({ federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' }),
  },
  {
    name: 'nameid-format-configured',
    title: 'The one NameID format that is configured',
    expected: null,
    faults: ['nameid-persistent'],
    circumstances: under({
      nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
    }),
  },
  {
    name: 'nameid-format-not-configured',
    title: 'A usual NameID format, but not the one that is configured',
    expected: 'nameIdFormatNotAllowed',
    twin: 'nameid-format-configured',
    circumstances: under({
      nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
    }),
  },
  {
    name: 'federation-disabled',
    title: 'The federation is switched off',
    expected: 'federationDisabled',
    circumstances: under({ isEnabled: false }),
  },
]
