import { statusCodes } from '../honest.ts'
import { element, escapeXml, ns } from '../xml.ts'
import { assertions, type Fault } from './fault.ts'
import {
  inAssertion,
  inResponse,
  insertedAfter,
  insertedBefore,
  reachingIn,
  replaced,
  rewritten,
} from './text.ts'

const group = 'Issuer, status and version'
const success = `<saml2p:StatusCode Value="${statusCodes.success}"/>`
const otherIssuer = element(
  'saml2:Issuer',
  { 'xmlns:saml2': ns.assertion },
  'http://www.okta.com/exkSomebodyElse',
)

/** A success with an assertion, under a status that says otherwise. */
function status(name: string, title: string, code: string): Fault {
  return { name, title, group, before: (spec) => ({ ...spec, status: { ...spec.status, code } }) }
}

/** What the Response says around its assertion. */
export const responseFaults: readonly Fault[] = [
  status('status-responder', 'An assertion under the status "Responder"', statusCodes.responder),
  status('status-lower-case', 'The status in lower case', statusCodes.success.toLowerCase()),
  status('status-of-saml1', 'The status code of SAML 1.1', 'samlp:Success'),
  status('status-empty', 'An empty status code', ''),
  status('status-proto', 'The status code "__proto__"', '__proto__'),
  {
    name: 'status-missing',
    title: 'No Status',
    group,
    before: inResponse(rewritten(/<saml2p:Status>.*<\/saml2p:Status>/, () => '')),
  },
  {
    name: 'status-two',
    title: 'Two Status elements, a failure and a success',
    group,
    before: inResponse(
      insertedBefore(
        '<saml2p:Status>',
        `<saml2p:Status><saml2p:StatusCode Value="${statusCodes.responder}"/></saml2p:Status>`,
      ),
    ),
  },
  {
    name: 'status-code-two',
    title: 'Two status codes, a success and a failure',
    group,
    before: inResponse(
      insertedAfter(success, `<saml2p:StatusCode Value="${statusCodes.responder}"/>`),
    ),
  },
  {
    name: 'status-message-script',
    title: 'A failure whose message is a script and a forged line of a log',
    group,
    before: (spec) => ({
      ...spec,
      assertions: [],
      signed: 'none',
      status: {
        code: statusCodes.responder,
        subCode: null,
        message: '<script>alert(1)</script>\r\n{"level":"info","message":"signed in"}',
      },
    }),
  },
  {
    name: 'issuer-missing',
    title: 'No Issuer anywhere',
    group,
    before: (spec) => ({ ...assertions(() => ({ issuer: null }))(spec), issuer: null }),
  },
  {
    name: 'issuer-missing-in-assertion',
    title: 'No Issuer in the assertion',
    group,
    before: assertions(() => ({ issuer: null })),
  },
  {
    name: 'issuer-missing-but-attribute',
    title: 'No Issuer in the assertion, but an attribute called issuer',
    group,
    before: (spec, { facts }) =>
      assertions(({ attributes }) => ({
        issuer: null,
        attributes: [...attributes, { name: 'issuer', values: [facts.issuer] }],
      }))(spec),
  },
  {
    name: 'issuer-other-in-assertion',
    title: 'Another Issuer in the assertion',
    group,
    before: assertions(() => ({ issuer: 'http://www.okta.com/exkSomebodyElse' })),
  },
  {
    name: 'issuer-other-in-response',
    title: 'Another Issuer in the Response, which is signed',
    group,
    before: (spec) => ({ ...spec, issuer: 'http://www.okta.com/exkSomebodyElse' }),
  },
  {
    name: 'issuer-two',
    title: 'Two Issuers in the assertion, the right one first',
    group,
    before: inAssertion(insertedBefore('<saml2:Subject>', otherIssuer)),
  },
  {
    name: 'issuer-white-space',
    title: 'White space around the Issuer',
    group,
    before: (spec) => {
      const issuer = ` ${spec.issuer ?? ''}\n`
      return { ...assertions(() => ({ issuer }))(spec), issuer }
    },
  },
  {
    name: 'issuer-upper-case',
    title: 'The Issuer in upper case',
    group,
    before: (spec) => {
      const issuer = (spec.issuer ?? '').toUpperCase()
      return { ...assertions(() => ({ issuer }))(spec), issuer }
    },
  },
  {
    name: 'version-1-1',
    title: 'A Response of version 1.1',
    group,
    before: inResponse(replaced('Version="2.0"', 'Version="1.1"')),
  },
  {
    name: 'version-missing',
    title: 'A Response without version',
    group,
    before: inResponse(replaced(' Version="2.0"', '')),
  },
  {
    name: 'assertion-version-1-1',
    title: 'An assertion of version 1.1',
    group,
    before: inAssertion(replaced('Version="2.0"', 'Version="1.1"')),
  },
  {
    name: 'destination-missing',
    title: 'No Destination, in a signed Response',
    group: 'Addresses',
    before: (spec) => ({ ...spec, destination: null }),
  },
  {
    name: 'destination-other-unsigned',
    title: 'Wrong destination, in a Response that is not signed itself',
    group: 'Addresses',
    twin: 'assertion-signed',
    before: (spec) => ({
      ...spec,
      signed: 'assertion',
      destination: 'https://sp.other.example/saml2',
    }),
  },
  {
    name: 'destination-trailing-slash',
    title: 'Destination with a slash too many',
    group: 'Addresses',
    before: (spec) => ({ ...spec, destination: `${spec.destination ?? ''}/` }),
  },
  {
    name: 'response-foreign-child',
    title: 'An element of a foreign namespace in the Response',
    group,
    before: inResponse(insertedBefore('<saml2p:Status>', '<x:Hint xmlns:x="urn:example:hints"/>')),
  },
  {
    name: 'response-text',
    title: 'Text between the elements of the Response',
    group,
    before: inResponse(insertedBefore('<saml2p:Status>', escapeXml('signed in'))),
  },
  {
    name: 'extensions-signature',
    title: 'A signature in Extensions',
    group,
    twin: 'extensions-harmless',
    before: (spec) => ({ ...spec, extensions: element('ds:Signature', { 'xmlns:ds': ns.ds }) }),
  },
  {
    name: 'extensions-encrypted',
    title: 'Something encrypted in Extensions',
    group,
    twin: 'extensions-harmless',
    before: (spec) => ({
      ...spec,
      extensions: element('xenc:EncryptedData', {
        'xmlns:xenc': 'http://www.w3.org/2001/04/xmlenc#',
      }),
    }),
  },
  {
    name: 'in-response-to-stapled',
    title: 'Another request’s ID on the Response, which is not signed itself',
    group: 'Protocol',
    twin: 'assertion-signed',
    before: reachingIn(
      {
        response: rewritten(
          / InResponseTo="[^"]*"/,
          () => ' InResponseTo="_00000000-0000-4000-8000-000000000000"',
        ),
      },
      'assertion',
    ),
  },
  {
    name: 'in-response-to-stapled-on',
    title:
      'An assertion that nobody asked for, with the ID of the forger’s own request on the Response',
    group: 'Protocol',
    twin: 'assertion-signed',
    before: (spec) => ({
      ...assertions((it) => ({
        confirmations: it.confirmations.map((one) => ({ ...one, inResponseTo: null })),
      }))(spec),
      signed: 'assertion',
    }),
  },
  {
    name: 'in-response-to-stripped',
    title: 'The request’s ID taken off the Response, which is not signed itself',
    group: 'Honest variants',
    before: reachingIn({ response: rewritten(/ InResponseTo="[^"]*"/, () => '') }, 'assertion'),
  },
  {
    name: 'in-response-to-in-response-only',
    title: 'The request’s ID on the Response, but not in SubjectConfirmationData',
    group: 'Protocol',
    before: assertions((it) => ({
      confirmations: it.confirmations.map((one) => ({ ...one, inResponseTo: null })),
    })),
  },
]
