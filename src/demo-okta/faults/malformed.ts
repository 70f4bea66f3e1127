import type { Fault } from './fault.ts'
import {
  type Edit,
  insertedAfter,
  insertedBefore,
  lastReplaced,
  replaced,
  rewritten,
} from './text.ts'

const group = 'Malformed XML'

/**
 * Put in after signing, mostly around the assertion, which alone is signed: lenient parsers repair or skip what is wrong, and the
 * signature holds.
 */
function malformed(name: string, title: string, after: Edit): Fault {
  return {
    name,
    title,
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after,
  }
}

/** What is not XML, though much software takes it for XML. */
export const malformedFaults: readonly Fault[] = [
  malformed(
    'text-before-root',
    'Text before the root element',
    insertedBefore('<saml2p:Response', 'x'),
  ),
  malformed('text-after-root', 'Text after the root element', (xml) => `${xml}x`),
  malformed(
    'white-space-before-declaration',
    'A line break before the XML declaration',
    (xml) => `\n${xml}`,
  ),
  malformed(
    'two-roots',
    'A second Response after the first',
    (xml) => xml + xml.replace(/^<\?xml[^>]*\?>/, ''),
  ),
  malformed('truncated', 'The last ten characters are missing', (xml) => xml.slice(0, -10)),
  malformed('empty', 'Nothing at all', () => ''),
  malformed(
    'end-tag-other',
    'An end tag of another name',
    lastReplaced('</saml2:Assertion>', '</saml2:Response>'),
  ),
  malformed('end-tag-missing', 'A missing end tag', replaced('</saml2:Subject>', '')),
  malformed(
    'attribute-unquoted',
    'An attribute without quotes',
    replaced('Version="2.0"', 'Version=2.0'),
  ),
  malformed(
    'attribute-twice',
    'One attribute twice',
    replaced('Version="2.0"', 'Version="2.0" Version="2.0"'),
  ),
  malformed(
    'attribute-without-value',
    'An attribute without value',
    replaced('Version="2.0"', 'Version="2.0" ForceAuthn'),
  ),
  malformed(
    'attributes-without-space',
    'No white space between two attributes',
    rewritten(/" Version="2\.0"/, () => '"Version="2.0"'),
  ),
  malformed(
    'less-than-in-attribute',
    'A bare "<" in an attribute',
    insertedAfter('<saml2p:Status', ' x="<"'),
  ),
  malformed('ampersand-bare', 'A bare "&" in text', insertedAfter('<saml2p:Status>', '&')),
  malformed(
    'entity-undeclared',
    'An entity that XML does not know',
    insertedAfter('<saml2p:Status>', '&nbsp;'),
  ),
  malformed(
    'reference-to-control',
    'A reference to a control character',
    insertedAfter('<saml2p:Status>', '&#x1F;'),
  ),
  malformed(
    'reference-to-nul',
    'A reference to the character 0',
    insertedAfter('<saml2p:Status>', '&#0;'),
  ),
  malformed(
    'reference-to-surrogate',
    'A reference to half a surrogate pair',
    insertedAfter('<saml2p:Status>', '&#xD800;'),
  ),
  malformed(
    'control-character',
    'A control character as it is',
    insertedAfter('<saml2p:Status>', '\u0001'),
  ),
  malformed('noncharacter', 'The noncharacter U+FFFE', insertedAfter('<saml2p:Status>', '\ufffe')),
  malformed('cdata-end-in-text', '"]]>" in text', insertedAfter('<saml2p:Status>', ']]>')),
  malformed(
    'prefix-undeclared',
    'A prefix that is not declared',
    insertedAfter('<saml2p:Status>', '<y:x/>'),
  ),
  malformed(
    'name-with-two-colons',
    'A name with two colons',
    insertedAfter('<saml2p:Status>', '<a:b:c/>'),
  ),
  malformed('comment-unclosed', 'A comment that never ends', (xml) => `${xml}<!-- `),
  malformed(
    'html',
    'An HTML page, as a proxy sends it',
    () => '<html><body>Bad gateway<br></body></html>',
  ),
  malformed('json', 'JSON', () => '{"SAMLResponse":"PHNhbWwycDpSZXNwb25zZS8+"}'),
  malformed(
    'xml-1-1',
    'XML 1.1 by its declaration',
    rewritten(/<\?xml version="1\.0"/, () => '<?xml version="1.1"'),
  ),
  malformed(
    'encoding-declared-latin1',
    'ISO-8859-1 by its declaration',
    replaced('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
  ),
]
