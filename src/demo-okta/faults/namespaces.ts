import { createHash } from 'node:crypto'
import { ns } from '../xml.ts'
import type { Fault } from './fault.ts'
import {
  type Edit,
  inAssertion,
  inResponse,
  insertedAfter,
  insertedBefore,
  reachingIn,
  replaced,
  rewritten,
} from './text.ts'

const group = 'Namespaces'

/** Genuinely signed so, in the Response around the assertion. */
const signed = (name: string, title: string, edit: Edit): Fault => ({
  name,
  title,
  group,
  before: inResponse(edit),
})

/** Put in after signing, where nothing is signed: into an assertion-signed Response. */
const unsigned = (name: string, title: string, after: Edit): Fault => ({
  name,
  title,
  group,
  twin: 'assertion-signed',
  before: (spec) => ({ ...spec, signed: 'assertion' }),
  after,
})

const onStatus = (declaration: string) => insertedAfter('<saml2p:Status', ` ${declaration}`)

/** Names that two readers can understand in two ways. */
export const namespaceFaults: readonly Fault[] = [
  signed('response-foreign-namespace', 'A Response of a foreign namespace', (xml) =>
    xml.replace(`"${ns.protocol}"`, '"urn:example:protocol"'),
  ),
  signed('response-saml1', 'A Response of SAML 1.1', (xml) =>
    xml.replace(`"${ns.protocol}"`, '"urn:oasis:names:tc:SAML:1.0:protocol"'),
  ),
  signed(
    'response-namespace-near',
    'A namespace that differs from SAML’s in one letter’s case',
    (xml) => xml.replace(`"${ns.protocol}"`, '"urn:oasis:names:tc:saml:2.0:protocol"'),
  ),
  {
    name: 'assertion-foreign-namespace',
    title: 'An assertion of a foreign namespace',
    group,
    twin: 'response-signed',
    before: reachingIn(
      {
        response: (xml) =>
          xml
            .replaceAll(/<(\/?)saml2:Assertion/g, '<$1evil:Assertion')
            .replace('<evil:Assertion', '<evil:Assertion xmlns:evil="urn:evil"'),
      },
      'response',
    ),
  },
  {
    name: 'nameid-foreign-namespace',
    title: 'A NameID of a foreign namespace before the real one, genuinely signed',
    group,
    before: (spec, { forgedNameId }) =>
      inAssertion(
        insertedBefore(
          '<saml2:NameID',
          `<evil:NameID xmlns:evil="urn:evil">${forgedNameId}</evil:NameID>`,
        ),
      )(spec),
  },
  {
    name: 'nameid-foreign-namespace-only',
    title: 'A NameID of a foreign namespace alone, genuinely signed',
    group,
    before: inAssertion((xml) =>
      xml
        .replaceAll(/<(\/?)saml2:NameID/g, '<$1evil:NameID')
        .replace('<evil:NameID', '<evil:NameID xmlns:evil="urn:evil"'),
    ),
  },
  unsigned(
    'namespace-relative',
    'A relative namespace name (void canonicalization)',
    onStatus('xmlns:x="1"'),
  ),
  unsigned('namespace-with-blank', 'A namespace name with a blank', onStatus('xmlns:x="urn:a b"')),
  {
    name: 'void-canonicalization',
    title: 'A relative namespace name over a digest and a signature of nothing at all',
    group,
    before: reachingIn({
      response: onStatus('xmlns:x="1"'),
      signedInfo: rewritten(
        /(<ds:DigestValue>)[^<]*/,
        (_all, start = '') => start + createHash('sha256').update('').digest('base64'),
      ),
    }),
  },
  {
    name: 'digest-of-nothing',
    title: 'A good signature over the digest of nothing at all',
    group,
    before: reachingIn({
      signedInfo: rewritten(
        /(<ds:DigestValue>)[^<]*/,
        (_all, start = '') => start + createHash('sha256').update('').digest('base64'),
      ),
    }),
  },
  unsigned(
    'prefix-xml-redeclared',
    'The prefix xml declared as something else',
    onStatus('xmlns:xml="urn:evil"'),
  ),
  unsigned(
    'prefix-xmlns-declared',
    'The prefix xmlns declared',
    onStatus('xmlns:xmlns="urn:evil"'),
  ),
  unsigned(
    'namespace-xml-stolen',
    'Another prefix for the namespace of xml',
    onStatus('xmlns:x="http://www.w3.org/XML/1998/namespace"'),
  ),
  unsigned('prefix-undeclared-again', 'A prefix taken back: xmlns:x=""', onStatus('xmlns:x=""')),
  unsigned(
    'prefix-declared-twice',
    'A prefix declared twice on one element',
    onStatus('xmlns:x="urn:a" xmlns:x="urn:a"'),
  ),
  unsigned(
    'element-of-prefix-xml',
    'An element of the prefix xml',
    insertedAfter('<saml2p:Status>', '<xml:x/>'),
  ),
  unsigned(
    'attributes-of-one-name',
    'Two attributes of one name, by two prefixes of one namespace',
    onStatus('xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2"'),
  ),
  unsigned(
    'name-not-ascii',
    'An element with a letter outside ASCII in its name',
    insertedAfter('<saml2p:Status>', '<été/>'),
  ),
  {
    name: 'nameid-prefix-rebound',
    title: 'NameID in a prefix that is bound to another namespace right there',
    group,
    before: inAssertion(replaced('<saml2:NameID', '<saml2:NameID xmlns:saml2="urn:evil"')),
  },
]
