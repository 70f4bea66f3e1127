import { nameIdFormats } from '../honest.ts'
import { element } from '../xml.ts'
import { assertions, conditions, type Fault } from './fault.ts'
import { inAssertion, inOrder, inResponse, insertedAfter, reachingIn, rewritten } from './text.ts'

const group = 'Honest variants'

/** Every time in the assertion, written with other digits after the seconds. */
const withFraction = (digits: string) =>
  inAssertion((xml) => xml.replace(/(T\d\d:\d\d:\d\d)\.\d{3}Z"/g, `$1${digits}Z"`))

/** What other honest identity providers send, or Okta when it is set up another way. All of it must sign in. */
export const honestVariants: readonly Fault[] = [
  {
    name: 'assertion-signed',
    title: 'Only the assertion is signed',
    group,
    before: (spec) => ({ ...spec, signed: 'assertion' }),
  },
  {
    name: 'response-signed',
    title: 'Only the Response is signed',
    group,
    before: (spec) => ({ ...spec, signed: 'response' }),
  },
  {
    name: 'rsa-sha384',
    title: 'Signed with RSA-SHA384',
    group,
    before: (spec) => ({ ...spec, algorithm: 'rsa-sha384' }),
  },
  {
    name: 'rsa-sha512',
    title: 'Signed with RSA-SHA512',
    group,
    before: (spec) => ({ ...spec, algorithm: 'rsa-sha512' }),
  },
  {
    name: 'rsa-pss',
    title: 'Signed with RSA-PSS',
    group,
    before: (spec) => ({ ...spec, algorithm: 'rsa-pss-sha256' }),
  },
  {
    name: 'keyinfo-none',
    title: 'Signatures without KeyInfo',
    group,
    before: reachingIn({ keyInfo: () => '' }),
  },
  {
    name: 'signature-value-in-lines',
    title: 'A signature value in lines',
    group,
    after: rewritten(
      /(<ds:SignatureValue>)([^<]*)/,
      (_all, start = '', value = '') => `${start}\n${value.replace(/.{76}/g, '$&\n')}\n`,
    ),
  },
  {
    name: 'nameid-persistent',
    title: 'NameID of format persistent',
    group,
    before: assertions(({ nameId }) => ({
      nameId: nameId && { ...nameId, format: nameIdFormats.persistent },
    })),
  },
  {
    name: 'nameid-without-format',
    title: 'NameID without Format',
    group,
    before: assertions(({ nameId }) => ({ nameId: nameId && { ...nameId, format: null } })),
  },
  {
    name: 'nameid-as-character-references',
    title: 'NameID written as character references',
    group,
    after: (xml) =>
      rewritten(/(<saml2:NameID[^>]*>)([^<]*)/, (_all, start = '', value = '') => {
        const references = [...value].map(
          (character) => `&#x${character.charCodeAt(0).toString(16)};`,
        )
        return start + references.join('')
      })(xml),
  },
  {
    name: 'no-attributes',
    title: 'No AttributeStatement, as from an app without attributes',
    group,
    before: assertions(() => ({ attributes: [] })),
  },
  {
    name: 'attributes-of-many-scripts',
    title: 'Attributes with letters of many scripts, quotes and line breaks',
    group,
    before: assertions(({ attributes }) => ({
      attributes: [...attributes, { name: 'title', values: ['Ångström & "Söhne" <日本>\r\n\t🦉'] }],
    })),
  },
  {
    name: 'groups-150',
    title: 'A hundred and fifty groups',
    group,
    before: assertions(({ attributes }) => ({
      attributes: [
        ...attributes,
        { name: 'teams', values: Array.from({ length: 150 }, (_, i) => `Team ${i + 1}`) },
      ],
    })),
  },
  {
    name: 'one-time-use',
    title: 'Conditions with OneTimeUse',
    group,
    before: assertions((it) => conditions(it, { further: element('saml2:OneTimeUse', {}) })),
  },
  {
    name: 'proxy-restriction',
    title: 'Conditions with ProxyRestriction',
    group,
    before: assertions((it) =>
      conditions(it, { further: element('saml2:ProxyRestriction', { Count: '0' }) }),
    ),
  },
  {
    name: 'audiences-two',
    title: 'Two audiences, one of them ours',
    group,
    before: assertions((it) =>
      conditions(it, {
        audiences: ['https://sp.other.example', ...(it.conditions?.audiences ?? [])],
      }),
    ),
  },
  {
    name: 'issuer-in-assertion-only',
    title: 'No Issuer in the Response, only in the assertion',
    group,
    before: (spec) => ({ ...spec, issuer: null }),
  },
  {
    name: 'destination-missing-unsigned',
    title: 'No Destination, in a Response that is not signed itself',
    group,
    before: (spec) => ({ ...spec, signed: 'assertion', destination: null }),
  },
  {
    name: 'authn-context-multipleauthn',
    title: 'A second factor, in Microsoft’s words',
    group,
    before: assertions(({ authn }) => ({
      authn: authn && {
        ...authn,
        contextClassRef: 'http://schemas.microsoft.com/claims/multipleauthn',
      },
    })),
  },
  {
    name: 'idp-email-two-values',
    title: 'IDPEmail with two values',
    group,
    before: assertions(({ attributes }) => ({
      attributes: attributes.map((it) =>
        it.name === 'IDPEmail' ? { ...it, values: [...it.values, 'ceo@other.example'] } : it,
      ),
    })),
  },
  {
    name: 'extensions-harmless',
    title: 'Extensions of a namespace that is not SAML’s',
    group,
    before: (spec) => ({
      ...spec,
      extensions: element('x:Hint', { 'xmlns:x': 'urn:example:hints', Level: '1' }),
    }),
  },
  {
    name: 'times-without-fraction',
    title: 'Times without milliseconds',
    group,
    before: withFraction(''),
  },
  {
    name: 'times-with-seven-digits',
    title: 'Times with seven digits after the second',
    group,
    before: withFraction('.1234567'),
  },
  {
    name: 'other-prefixes',
    title: 'Other prefixes: saml and samlp, and none for the protocol',
    group,
    before: reachingIn({
      response: (xml) =>
        xml
          .replaceAll(/<(\/?)saml2p:/g, '<$1')
          .replace('xmlns:saml2p=', 'xmlns=')
          .replaceAll(/<(\/?)(saml2:Issuer)/g, '<$1$2'),
    }),
  },
  {
    name: 'indented',
    title: 'Indented, and signed so',
    group,
    before: reachingIn({
      assertion: (xml) => xml.replace(/></g, '>\n  <'),
      response: inOrder(
        insertedAfter('<saml2p:Status>', '\n    '),
        rewritten(/<\/saml2p:Status>/, (tag) => `\n  ${tag}\n  `),
      ),
    }),
  },
  {
    name: 'single-quotes',
    title: 'Single quotes and white space in tags, put in after signing',
    group,
    after: (xml) =>
      xml
        .replace(/<saml2:Audience>/, '<saml2:Audience  >')
        .replace(/Version="2.0"/g, "Version = '2.0'"),
  },
  {
    name: 'no-xml-declaration',
    title: 'No XML declaration',
    group,
    after: (xml) => xml.replace(/^<\?xml[^>]*\?>/, ''),
  },
  {
    name: 'status-with-message',
    title: 'Success with a StatusMessage',
    group,
    before: inResponse(
      insertedAfter(
        'status:Success"/>',
        '<saml2p:StatusMessage>All is well</saml2p:StatusMessage>',
      ),
    ),
  },
]
