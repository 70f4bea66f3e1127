/** Namespaces of SAML 2.0 and XML Signature, with the URIs that Okta's messages use. */
export const ns = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  ec: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  xs: 'http://www.w3.org/2001/XMLSchema',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
} as const

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>'

const escapes = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
  ['\u0085', '&#x85;'],
  ['\u2028', '&#x2028;'],
  ['\u2029', '&#x2029;'],
])

/** What XML 1.0 section 2.2 does not allow, not even as a character reference; with it the message would be no XML at all. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

/**
 * A text as it stands in element content or between double quotes. White space other than the blank is written as references,
 * so that line-end and attribute normalization (XML 1.0 sections 2.11, 3.3.3) change nothing; so are the line ends of XML 1.1, which
 * xmldom takes for line feeds in XML 1.0 too.
 * @throws TypeError when the text holds a character that XML cannot carry
 */
export function escapeXml(text: string): string {
  const bad = notXml.exec(text)
  if (bad) {
    const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    throw new TypeError(`XML cannot carry the character U+${code} at position ${bad.index}`)
  }
  return text.replace(
    /[&<>"\t\n\r\u0085\u2028\u2029]/g,
    (character) => escapes.get(character) ?? character,
  )
}

/** Attributes in the order they are written; one with null is left out. */
export type Attributes = Readonly<Record<string, string | null>>

/** One element as text. Values are escaped; children are XML already (make text children with `escapeXml`). */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  let start = name
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== null) start += ` ${attribute}="${escapeXml(value)}"`
  }
  const content = children.join('')
  return content === '' ? `<${start}/>` : `<${start}>${content}</${name}>`
}

/** Breaks base64 into lines of 76 characters (RFC 2045 section 6.8), as Okta writes certificates. */
export function inLines(base64: string): string {
  return base64.replace(/(.{76})(?=.)/g, '$1\n')
}
