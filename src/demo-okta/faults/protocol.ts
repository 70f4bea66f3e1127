import { hours } from '../../lib/clock.ts'
import { oktaRefusal, statusCodes } from '../honest.ts'
import { buildAssertion, type ResponseSpec } from '../response.ts'
import { element, ns } from '../xml.ts'
import { assertions, conditions, confirmations, type Fault, FaultUnavailable } from './fault.ts'

/** As of an IdP whose clock is wrong: every time in the response moves, the ones before and the ones to come. */
function shifted(spec: ResponseSpec, by: number): ResponseSpec {
  const shift = <T extends number | null>(at: T) => (at === null ? at : at + by)
  return {
    ...assertions((assertion) => ({
      issueInstant: assertion.issueInstant + by,
      confirmations: assertion.confirmations.map((one) => ({
        ...one,
        notOnOrAfter: shift(one.notOnOrAfter),
      })),
      conditions: assertion.conditions && {
        ...assertion.conditions,
        notBefore: shift(assertion.conditions.notBefore),
        notOnOrAfter: shift(assertion.conditions.notOnOrAfter),
      },
      authn: assertion.authn && { ...assertion.authn, instant: assertion.authn.instant + by },
    }))(spec),
    issueInstant: spec.issueInstant + by,
  }
}

const otherSite = 'https://sp.other.example/saml2'

/** Genuinely signed by the right key, and wrong in what they say: times, addresses, protocol. */
export const protocolFaults: readonly Fault[] = [
  {
    name: 'expired',
    title: 'Expired: everything is one hour old',
    group: 'Time',
    before: (spec) => shifted(spec, -hours(1)),
  },
  {
    name: 'not-yet-valid',
    title: 'Not yet valid: everything is one hour ahead',
    group: 'Time',
    before: (spec) => shifted(spec, hours(1)),
  },
  {
    name: 'no-conditions-times',
    title: 'Conditions without NotBefore and NotOnOrAfter',
    group: 'Time',
    before: assertions((assertion) =>
      conditions(assertion, { notBefore: null, notOnOrAfter: null }),
    ),
  },
  {
    name: 'lifetime-too-long',
    title: 'Lifetime too long: valid for ten years',
    group: 'Time',
    before: (spec, { facts }) => {
      const notOnOrAfter = facts.now + hours(24 * 3650)
      return assertions((assertion) => ({
        ...confirmations(assertion, { notOnOrAfter }),
        ...conditions(assertion, { notOnOrAfter }),
      }))(spec)
    },
  },
  {
    name: 'audience-other',
    title: 'Wrong audience',
    group: 'Addresses',
    before: assertions((assertion) =>
      conditions(assertion, { audiences: ['urn:federation:SomebodyElse'] }),
    ),
  },
  {
    name: 'recipient-other',
    title: 'Wrong recipient',
    group: 'Addresses',
    before: assertions((assertion) => confirmations(assertion, { recipient: otherSite })),
  },
  {
    name: 'destination-other',
    title: 'Wrong destination',
    group: 'Addresses',
    before: (spec) => ({ ...spec, destination: otherSite }),
  },
  {
    name: 'issuer-other',
    title: 'Wrong issuer',
    group: 'Addresses',
    before: (spec) => withIssuer(spec, 'http://www.okta.com/exkSomebodyElse'),
  },
  {
    name: 'issuer-trailing-slash',
    title: 'Issuer with a slash too many',
    group: 'Addresses',
    before: (spec, { facts }) => withIssuer(spec, `${facts.issuer}/`),
  },
  {
    name: 'replay',
    title: 'Replay: the last response once more',
    group: 'Protocol',
    after: (_xml, { previous }) => {
      if (previous === null) {
        throw new FaultUnavailable(
          'Nothing was sent for this person yet, so there is nothing to replay. Sign in normally first.',
        )
      }
      return previous
    },
  },
  {
    name: 'unsolicited',
    title: 'Unsolicited: answers no request',
    group: 'Protocol',
    before: (spec) => answering(spec, null),
  },
  {
    name: 'in-response-to-other',
    title: 'Answers another request',
    group: 'Protocol',
    before: (spec) => answering(spec, '_00000000-0000-4000-8000-000000000000'),
  },
  {
    name: 'status-request-denied',
    title: 'Status "request denied", no assertion',
    group: 'Protocol',
    before: (_spec, { facts }) => oktaRefusal(facts, statusCodes.requestDenied),
  },
  {
    name: 'status-missing-assertion',
    title: 'Status "success", but no assertion',
    group: 'Protocol',
    before: (spec) => ({ ...spec, assertions: [], signed: 'response' }),
  },
  {
    name: 'two-assertions',
    title: 'Two assertions, both genuine',
    group: 'Protocol',
    before: (spec, { newId }) => ({
      ...spec,
      assertions: spec.assertions.flatMap((assertion) => [
        assertion,
        { ...assertion, id: newId() },
      ]),
    }),
  },
  {
    name: 'extensions-assertion',
    title: 'A second assertion in Extensions',
    group: 'Protocol',
    before: (spec, { newId }) => ({
      ...spec,
      extensions: spec.assertions
        .map((assertion) => buildAssertion({ ...assertion, id: newId() }))
        .join(''),
    }),
  },
  {
    name: 'holder-of-key',
    title: 'Subject confirmation "holder of key"',
    group: 'Protocol',
    before: assertions((assertion) =>
      confirmations(assertion, { method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' }),
    ),
  },
  {
    name: 'unknown-condition',
    title: 'A condition that nobody knows',
    group: 'Protocol',
    before: assertions((assertion) =>
      conditions(assertion, {
        further: element('saml2:Condition', {
          'xmlns:xsi': ns.xsi,
          'xmlns:x': 'urn:example:conditions',
          'xsi:type': 'x:OnlyOnSundays',
        }),
      }),
    ),
  },
  {
    name: 'no-authn-statement',
    title: 'No AuthnStatement',
    group: 'Protocol',
    before: assertions(() => ({ authn: null })),
  },
]

function withIssuer(spec: ResponseSpec, issuer: string): ResponseSpec {
  return { ...assertions(() => ({ issuer }))(spec), issuer }
}

function answering(spec: ResponseSpec, inResponseTo: string | null): ResponseSpec {
  return {
    ...assertions((assertion) => ({
      ...confirmations(assertion, { inResponseTo }),
      authn: assertion.authn && { ...assertion.authn, sessionIndex: inResponseTo ?? assertion.id },
    }))(spec),
    inResponseTo,
  }
}
