/** The namespaces that SAML messages are made of. Compared exactly, never by prefix. */
export const ns = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  signature11: 'http://www.w3.org/2009/xmldsig11#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
  exclusiveCanonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  schema: 'http://www.w3.org/2001/XMLSchema',
  schemaInstance: 'http://www.w3.org/2001/XMLSchema-instance',
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const

/** Absolute by being what they are: no need to look at every character again. */
const known: ReadonlySet<string> = new Set(Object.values(ns))

/** `scheme:` and then characters of RFC 3986 only (`&` as it stands in canonical form, `&amp;`). */
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/

/**
 * A namespace name as it may be declared, or null when it must be refused: an absolute URI (Canonical XML 1.0 section 1.3 leaves
 * relative ones undefined; canonicalizers that fail on them silently are the "void canonicalization" attack), and neither of
 * the two reserved names (Namespaces in XML 1.0 section 3). Takes the value in canonical form.
 */
export function namespaceName(value: string): string | null {
  if (value === ns.xml || value === ns.xmlns) return null
  return known.has(value) || absoluteUri.test(value) ? value : null
}
