import { bobNameId, otherIssuer, type Setting } from '../setting.ts'
import type { Situation } from '../situations.ts'
import { type TestKeyName, testKey } from '../testKeys.ts'
import { type CaseFederation, ownFederation, under } from './federation.ts'

/** The federation of another company in the same tenant. */
function other(setting: Setting, key = testKey('other-okta')): CaseFederation {
  return {
    issuerUri: otherIssuer,
    domains: ['other.example'],
    signingCertificate: setting.certificateText(key),
  }
}

const certificate = (setting: Setting, name: TestKeyName) => setting.certificateText(testKey(name))

const both = (setting: Setting) => ({ federations: [ownFederation(setting), other(setting)] })

const toOther = (setting: Setting) => ({
  request: { id: setting.requestId, federation: otherIssuer, loginHint: 'dora@other.example' },
})

const signedBy = (name: TestKeyName) => () => ({ key: testKey(name) })

/** Legal as text, if not as a URI: our parser and node-saml's differ in it, and in little else that both accept. */
const oddIssuer = 'http://www.okta.com/exk\u2028odd'

const asOdd = (setting: Setting) => ({
  federations: [ownFederation(setting, { issuerUri: oddIssuer })],
  request: { id: setting.requestId, federation: oddIssuer, loginHint: setting.user.login },
})

/** Which keys may speak for whom, and which certificates are in use. */
export const trustSituations: readonly Situation[] = [
  {
    name: 'two-federations',
    title: 'Two federations, each with a key of its own',
    expected: null,
    circumstances: both,
  },
  {
    name: 'two-federations-other-key',
    title: 'Our Issuer, signed with the other federation’s key',
    expected: 'signingKeyUnknown',
    twin: 'two-federations',
    facts: signedBy('other-okta'),
    circumstances: both,
  },
  {
    name: 'two-federations-other-answers',
    title: 'The other federation answers the request that went to ours',
    expected: 'issuerMismatch',
    twin: 'two-federations',
    facts: () => ({ key: testKey('other-okta'), issuer: otherIssuer }),
    circumstances: both,
  },
  {
    name: 'two-federations-request-of-other',
    title: 'Our federation answers a request that went to the other one',
    expected: 'issuerMismatch',
    twin: 'two-federations',
    circumstances: (setting) => ({ ...both(setting), ...toOther(setting) }),
  },
  {
    name: 'two-federations-user-of-ours',
    title: 'The other federation speaks for a user of ours, asked for its own',
    expected: 'upnDomainNotFederatedHere',
    twin: 'two-federations-other-signs-in',
    facts: () => ({ key: testKey('other-okta'), issuer: otherIssuer }),
    circumstances: (setting) => ({ ...both(setting), ...toOther(setting) }),
  },
  {
    name: 'two-federations-other-signs-in',
    title: 'The other federation signs in a user of its own',
    expected: null,
    signsIn: () => 'dora@other.example',
    facts: ({ user }) => ({
      key: testKey('other-okta'),
      issuer: otherIssuer,
      user: { ...user, login: 'dora@other.example', nameId: bobNameId },
    }),
    circumstances: (setting) => ({
      ...both(setting),
      ...toOther(setting),
      users: [{ userPrincipalName: 'dora@other.example', onPremisesImmutableId: bobNameId }],
    }),
  },
  {
    name: 'one-key-for-two-federations',
    title: 'Two federations with one key, as an identity provider with many tenants has it',
    expected: null,
    circumstances: (setting) => ({
      federations: [ownFederation(setting), other(setting, setting.key)],
    }),
  },
  {
    name: 'one-key-other-issuer',
    title: 'Two federations with one key, and the other one’s Issuer answers',
    expected: 'issuerMismatch',
    twin: 'one-key-for-two-federations',
    facts: () => ({ issuer: otherIssuer }),
    circumstances: (setting) => ({
      federations: [ownFederation(setting), other(setting, setting.key)],
    }),
  },
  {
    name: 'second-opinion-differs',
    title:
      'An Issuer with a line separator, which xmldom reads as a line feed, and a second opinion',
    expected: 'secondOpinionDiffers',
    faults: ['assertion-signed'],
    facts: () => ({ issuer: oddIssuer }),
    circumstances: (setting) => ({ ...asOdd(setting), secondOpinion: true }),
  },
  {
    name: 'next-certificate',
    title: 'Signed with the key of nextSigningCertificate',
    expected: null,
    facts: signedBy('next-okta'),
    circumstances: under((setting) => ({
      nextSigningCertificate: certificate(setting, 'next-okta'),
    })),
  },
  {
    name: 'next-certificate-not-registered',
    title: 'Signed with a new key that was not registered',
    expected: 'signingKeyUnknown',
    twin: 'next-certificate',
    facts: signedBy('next-okta'),
  },
  {
    name: 'certificate-replaced',
    title: 'Signed with a key whose certificate was taken out after a rollover',
    expected: 'signingKeyUnknown',
    circumstances: under((setting) => ({ signingCertificate: certificate(setting, 'next-okta') })),
  },
  {
    name: 'certificate-expired',
    title: 'Signed with the key of a certificate that is over',
    expected: 'signingCertificateExpired',
    twin: 'certificate-expired-warn',
    facts: signedBy('expired-okta'),
    circumstances: under((setting) => ({
      signingCertificate: certificate(setting, 'expired-okta'),
    })),
  },
  {
    name: 'certificate-expired-warn',
    title: 'The same, where that only warns',
    expected: null,
    facts: signedBy('expired-okta'),
    circumstances: under((setting) => ({
      signingCertificate: certificate(setting, 'expired-okta'),
      expiredCertificates: 'warn',
    })),
  },
  {
    name: 'certificate-not-yet-valid',
    title: 'Signed with the key of a certificate whose time has not come',
    expected: 'signingCertificateExpired',
    facts: () => ({ now: Date.parse('2025-12-24T11:59:59Z'), key: testKey('next-okta') }),
    circumstances: (setting) => ({
      at: '2025-12-24T12:00:00Z',
      ...under({ signingCertificate: certificate(setting, 'next-okta') })(setting),
    }),
  },
  {
    name: 'ecdsa',
    title: 'Signed with ECDSA on P-256',
    expected: null,
    faults: ['ecdsa-sha256'],
    facts: signedBy('ec-okta'),
    circumstances: under((setting) => ({ signingCertificate: certificate(setting, 'ec-okta') })),
  },
]
