import { isoMillis, minutes, seconds } from '../../../lib/clock.ts'
import type { Setting } from '../setting.ts'
import type { Situation } from '../situations.ts'

const skew = seconds(120)

/** The case's clock moved to so long after the moment of issue. */
const afterIssue = (setting: Setting, milliseconds: number) => ({
  at: isoMillis(Date.parse(setting.at) - seconds(1) + milliseconds),
})

const requestOf = ({ requestId, issuer, user }: Setting) => ({
  id: requestId,
  federation: issuer,
  loginHint: user.login,
})

const loginSrf = ({ acs }: Setting) => `${new URL(acs).origin}/login.srf`

/** Of a person whom nobody here knows. */
const stranger = (setting: Setting) => ({
  user: { ...setting.user, nameId: '00000000000000000000AA==' },
})

const unsolicited = { request: null, unsolicited: true } as const

/** The request, the browser, the clock, and responses that nobody asked for. */
export const requestSituations: readonly Situation[] = [
  {
    name: 'request-last-second',
    title: 'Answered in the last second of the fifteen minutes',
    expected: null,
    circumstances: (setting) => ({ request: { ...requestOf(setting), ageSeconds: 899 } }),
  },
  {
    name: 'request-expired',
    title: 'Answered when the fifteen minutes are over',
    expected: 'requestExpired',
    twin: 'request-last-second',
    circumstances: (setting) => ({ request: { ...requestOf(setting), ageSeconds: 900 } }),
  },
  {
    name: 'request-none',
    title: 'An answer, and no request waits for it',
    expected: 'requestUnknown',
    circumstances: () => ({ request: null }),
  },
  {
    name: 'request-none-unsolicited-allowed',
    title: 'An answer to a request that we never sent, where unsolicited responses are allowed',
    expected: 'requestUnknown',
    circumstances: () => unsolicited,
  },
  {
    name: 'request-other-browser',
    title: 'An answer that another browser brings',
    expected: 'browserMismatch',
    circumstances: (setting) => ({ request: { ...requestOf(setting), otherBrowser: true } }),
  },
  {
    name: 'assertion-replayed-in-another-response',
    title: 'An assertion that was used, in a new Response around it',
    expected: 'responseReplayed',
    faults: ['assertion-signed'],
    circumstances: (_setting, facts) => ({ usedAssertions: [facts.assertionId] }),
  },
  {
    name: 'clock-first-moment',
    title: 'Our clock is behind by the whole tolerance',
    expected: null,
    circumstances: (setting) => afterIssue(setting, -skew),
  },
  {
    name: 'clock-too-early',
    title: 'Our clock is behind by a millisecond more than the tolerance',
    expected: 'assertionNotYetValid',
    twin: 'clock-first-moment',
    circumstances: (setting) => afterIssue(setting, -skew - 1),
  },
  {
    name: 'clock-last-moment',
    title: 'The last millisecond of the tolerance after NotOnOrAfter',
    expected: null,
    circumstances: (setting) => afterIssue(setting, minutes(5) + skew - 1),
  },
  {
    name: 'clock-too-late',
    title: 'The tolerance after NotOnOrAfter is over',
    expected: 'assertionExpired',
    twin: 'clock-last-moment',
    circumstances: (setting) => afterIssue(setting, minutes(5) + skew),
  },
  {
    name: 'clock-without-tolerance',
    title: 'No tolerance, and our clock is behind by a second',
    expected: 'assertionNotYetValid',
    twin: 'clock-first-moment',
    circumstances: (setting) => ({ ...afterIssue(setting, -seconds(1)), clockSkewSeconds: 0 }),
  },
  {
    name: 'unsolicited-allowed',
    title: 'A response that nobody asked for, where they are allowed',
    expected: null,
    facts: () => ({ inResponseTo: null }),
    circumstances: () => unsolicited,
  },
  {
    name: 'unsolicited-assertion-signed',
    title: 'The same, and only the assertion is signed',
    expected: null,
    faults: ['assertion-signed'],
    facts: () => ({ inResponseTo: null }),
    circumstances: () => unsolicited,
  },
  {
    name: 'unsolicited-stapled',
    title:
      'Somebody’s unsolicited assertion, with the attacker’s own request stapled to the Response',
    expected: 'subjectConfirmationInvalid',
    twin: 'unsolicited-assertion-signed',
    faults: ['in-response-to-stapled-on'],
    circumstances: (setting) => ({ request: requestOf(setting), unsolicited: true }),
  },
  {
    name: 'unsolicited-not-allowed-at-login-srf',
    title: 'A response that nobody asked for at /login.srf, where they are not allowed',
    expected: 'unsolicitedNotAllowed',
    twin: 'unsolicited-at-login-srf',
    facts: (setting) => ({ inResponseTo: null, acs: loginSrf(setting) }),
    circumstances: (setting) => ({ request: null, acs: loginSrf(setting) }),
  },
  {
    name: 'unsolicited-at-login-srf',
    title: 'A response that nobody asked for at /login.srf, where they are allowed',
    expected: null,
    facts: (setting) => ({ inResponseTo: null, acs: loginSrf(setting) }),
    circumstances: (setting) => ({ ...unsolicited, acs: loginSrf(setting) }),
  },
  {
    name: 'unsolicited-stranger-at-login-srf',
    title: 'The same, about nobody here: no tenant is meant',
    expected: 'tenantNotIdentified',
    twin: 'unsolicited-at-login-srf',
    facts: (setting) => ({ ...stranger(setting), inResponseTo: null, acs: loginSrf(setting) }),
    circumstances: (setting) => ({ ...unsolicited, acs: loginSrf(setting) }),
  },
  {
    name: 'unsolicited-stranger',
    title: 'A response that nobody asked for, about nobody here, at the tenant’s own URL',
    expected: 'immutableIdMismatch',
    twin: 'unsolicited-allowed',
    facts: (setting) => ({ ...stranger(setting), inResponseTo: null }),
    circumstances: () => unsolicited,
  },
  {
    name: 'login-srf',
    title: 'Answered at /login.srf, which the response names',
    expected: null,
    facts: (setting) => ({ acs: loginSrf(setting) }),
    circumstances: (setting) => ({ acs: loginSrf(setting) }),
  },
  {
    name: 'tenant-acs-for-login-srf',
    title: 'Posted to the tenant’s URL, made for /login.srf: both are ours',
    expected: null,
    facts: (setting) => ({ acs: loginSrf(setting) }),
  },
]
