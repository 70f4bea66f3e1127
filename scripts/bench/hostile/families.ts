import { randomBytes } from 'node:crypto'
import { idpKey } from '../scene.ts'
import type { HostileParts } from './message.ts'

/** One way to be costly: parts of a message that grow to about `bytes`. */
export interface Family {
  readonly name: string
  readonly parts: (bytes: number) => HostileParts
  /** Makes the form field from the XML; base64 in one line when left out. */
  readonly encode?: (xml: string) => string
}

/** `unit` again and again, with its number in place of `{i}`, up to `bytes`. */
function repeated(unit: string, bytes: number): string {
  const pieces: string[] = []
  for (let size = 0, i = 0; ; i++) {
    const piece = unit.replaceAll('{i}', String(i))
    size += piece.length
    if (size > bytes) return pieces.join('')
    pieces.push(piece)
  }
}

function nested(start: string, end: string, levels: number, inside = ''): string {
  return start.repeat(levels) + inside + end.repeat(levels)
}

/** Just below the depth that is allowed, counted from where content stands. */
const levelsAllowed = 42
/** The deepest that can be configured, counted the same way. */
const levelsConfigurable = 122

const content = (name: string, make: (bytes: number) => string): Family => ({
  name,
  parts: (bytes) => ({ content: make(bytes) }),
})

const certificate = `<ds:X509Certificate>${idpKey.certificateBase64}</ds:X509Certificate>`
const reference =
  '<ds:Reference URI="#id1001"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'

/** Elements and how they nest. */
const elements: readonly Family[] = [
  content('sibling elements', (bytes) => repeated('<a/>', bytes)),
  content('sibling elements with an ID each', (bytes) => repeated('<a ID="i{i}"/>', bytes)),
  content('sibling elements with text between', (bytes) => repeated('<a>x</a>y', bytes)),
  content('nesting as deep as it goes', (bytes) => nested('<a>', '</a>', Math.floor(bytes / 7))),
  content('nesting up to the limit, again and again', (bytes) =>
    repeated(nested('<a>', '</a>', levelsAllowed), bytes),
  ),
  content('nesting up to the deepest limit, again and again', (bytes) =>
    repeated(nested('<a>', '</a>', levelsConfigurable), bytes),
  ),
  {
    name: 'a wide unsigned Response',
    parts: (bytes) => ({
      assertion: `<saml2p:Extensions>${repeated('<a b="{i}"/>', bytes)}</saml2p:Extensions>`,
    }),
  },
  {
    name: 'many assertions',
    parts: (bytes) => ({
      assertion: repeated(
        '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="a{i}"/>',
        bytes,
      ),
    }),
  },
]

/** Attributes, names and namespaces. */
const names: readonly Family[] = [
  content('attributes on one element', (bytes) => `<a ${repeated('b{i}="" ', bytes)}/>`),
  content('attributes on every element', (bytes) =>
    repeated(`<a ${Array.from({ length: 32 }, (_, i) => `b${31 - i}=""`).join(' ')}/>`, bytes),
  ),
  content('attributes whose names differ at the end', (bytes) =>
    repeated(
      `<a ${Array.from({ length: 32 }, (_, i) => `${'n'.repeat(500)}${31 - i}=""`).join(' ')}/>`,
      bytes,
    ),
  ),
  content(
    'namespaces on one element',
    (bytes) => `<a ${repeated('xmlns:n{i}="urn:{i}" ', bytes)}/>`,
  ),
  content('namespaces on every element', (bytes) =>
    repeated(
      `<a ${Array.from({ length: 64 }, (_, i) => `xmlns:n${i}="urn:{i}"`).join(' ')}/>`,
      bytes,
    ),
  ),
  content('namespaces on every level, used at the bottom', (bytes) => {
    const level = `<a ${Array.from({ length: 64 }, (_, i) => `xmlns:n${i}="urn:${i}"`).join(' ')}>`
    const levels = Math.min(levelsAllowed - 1, Math.floor(bytes / 2 / level.length))
    return nested(level, '</a>', levels, repeated('<n63:b n62:c=""/>', bytes / 2))
  }),
  content('a namespace declared anew on every element', (bytes) =>
    repeated('<n:a xmlns:n="urn:{i}"/>', bytes),
  ),
  {
    name: 'a long namespace that canonical form repeats',
    parts: (bytes) => ({
      responseAttributes: `xmlns:n="urn:${'u'.repeat(bytes / 2)}"`,
      content: repeated('<n:a/>', bytes / 2),
    }),
  },
  {
    name: 'many namespaces that a PrefixList repeats',
    parts: (bytes) => ({
      prefixList: Array.from({ length: 60 }, (_, i) => `n${i}`).join(' '),
      responseAttributes: Array.from({ length: 60 }, (_, i) => `xmlns:n${i}="urn:a"`).join(' '),
      content: repeated('<a xmlns:n1="urn:{i}" xmlns:n2="urn:{i}" xmlns:n3="urn:{i}"/>', bytes),
    }),
  },
  {
    name: 'a long PrefixList',
    parts: (bytes) => ({ prefixList: repeated('p{i} ', bytes).trimEnd() }),
  },
  content(
    'a long element name',
    (bytes) => `<${'n'.repeat(bytes / 2)}></${'n'.repeat(bytes / 2)}>`,
  ),
  content('long element names', (bytes) => repeated(`<${'n'.repeat(1000)}/>`, bytes)),
  content('a long prefix', (bytes) => {
    const prefix = 'p'.repeat(bytes / 4)
    return `<${prefix}:a xmlns:${prefix}="urn:p"></${prefix}:a>`
  }),
  content('long prefixes', (bytes) =>
    repeated(`<${'p'.repeat(300)}:a xmlns:${'p'.repeat(300)}="urn:p"/>`, bytes),
  ),
  content('a long ID', (bytes) => `<a ID="${'i'.repeat(bytes)}"/>`),
]

/** Text and values. */
const texts: readonly Family[] = [
  content('entities', (bytes) => repeated('&amp;', bytes)),
  content('character references', (bytes) => repeated('&#65;', bytes)),
  content('character references beyond ASCII', (bytes) => repeated('&#x1F600;', bytes)),
  content('text of > only', (bytes) => '>'.repeat(bytes)),
  content('text of CR only', (bytes) => '\r'.repeat(bytes)),
  content('text of ] only', (bytes) => ']'.repeat(bytes)),
  content('& that begins nothing', (bytes) => '&'.repeat(bytes)),
  content('lines, and a fault at the end', (bytes) => `${'\n'.repeat(bytes)}&`),
  content('an attribute value of tabs', (bytes) => `<a b="${'\t'.repeat(bytes)}"/>`),
  content('an attribute value of entities', (bytes) => `<a b="${repeated('&quot;', bytes)}"/>`),
  content('an attribute value of \' in "', (bytes) => `<a b="${"'".repeat(bytes)}"/>`),
  content('text of three-byte characters', (bytes) => '\u{ffee}'.repeat(bytes / 3)),
  content('comments', (bytes) => repeated('<!---->', bytes)),
  content('CDATA sections', (bytes) => repeated('<![CDATA[a]]>', bytes)),
  { name: 'white space after the root', parts: (bytes) => ({ tail: ' '.repeat(bytes) }) },
  {
    name: 'base64 with a line break after every character',
    parts: (bytes) => ({ content: 'a'.repeat(bytes / 3) }),
    encode: (xml) => Buffer.from(xml).toString('base64').replace(/./g, '$&\n'),
  },
  {
    name: 'base64 with a fault at its end',
    parts: (bytes) => ({ content: 'a'.repeat(bytes) }),
    encode: (xml) => `${Buffer.from(xml).toString('base64')}!`,
  },
]

/** Signatures and encryption. */
const cryptography: readonly Family[] = [
  { name: 'many References', parts: (bytes) => ({ references: repeated(reference, bytes) }) },
  {
    name: 'many certificates in KeyInfo',
    parts: (bytes) => ({ keyInfo: `<ds:X509Data>${repeated(certificate, bytes)}</ds:X509Data>` }),
  },
  {
    name: 'many X509Data in KeyInfo',
    parts: (bytes) => ({ keyInfo: repeated('<ds:X509Data/>', bytes) }),
  },
  {
    name: 'a long certificate in KeyInfo',
    parts: (bytes) => ({
      keyInfo: `<ds:X509Data><ds:X509Certificate>${randomBytes((bytes * 3) / 4).toString('base64')}</ds:X509Certificate></ds:X509Data>`,
    }),
  },
  { name: 'many KeyInfo', parts: (bytes) => ({ afterKeyInfo: repeated('<ds:KeyInfo/>', bytes) }) },
  { name: 'encrypted junk', parts: (bytes) => ({ assertion: encryptedJunk(bytes, 3) }) },
  {
    name: 'encrypted junk for very many keys',
    parts: (bytes) => ({ assertion: encryptedJunk(bytes / 2, Math.floor(bytes / 2000)) }),
  },
]

/** What only the identity provider can make: long lists of things that checks look at. */
const statements: readonly Family[] = [
  {
    name: 'many audiences, none of them ours',
    parts: (bytes) => ({
      audiences: repeated('<saml2:Audience>https://sp{i}/</saml2:Audience>', bytes),
    }),
  },
  {
    name: 'many confirmations',
    parts: (bytes) => ({
      confirmations: repeated('<saml2:SubjectConfirmation Method="urn:{i}"/>', bytes),
    }),
  },
  {
    name: 'many groups',
    parts: (bytes) => ({
      content: `</saml2:AttributeValue>${repeated('<saml2:AttributeValue>group {i}</saml2:AttributeValue>', bytes)}<saml2:AttributeValue>`,
    }),
  },
  {
    name: 'one very long value',
    parts: (bytes) => ({ content: 'a'.repeat(bytes) }),
  },
]

export const families: readonly Family[] = [
  ...elements,
  ...names,
  ...texts,
  ...cryptography,
  ...statements,
]

/** An EncryptedAssertion whose keys and content are random bytes of the right shape. */
function encryptedJunk(bytes: number, keys: number): string {
  const xenc = 'http://www.w3.org/2001/04/xmlenc#'
  const cipher = (size: number) =>
    `<xenc:CipherData><xenc:CipherValue>${randomBytes(size).toString('base64')}</xenc:CipherValue></xenc:CipherData>`
  // a first byte of 0 keeps the number below the modulus, so that the RSA operation is done
  const key = `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>${Buffer.concat([Buffer.alloc(1), randomBytes(255)]).toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
  return `<saml2:EncryptedAssertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${xenc}"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${key.repeat(keys)}</ds:KeyInfo>${cipher((bytes * 3) / 4)}</xenc:EncryptedData></saml2:EncryptedAssertion>`
}
