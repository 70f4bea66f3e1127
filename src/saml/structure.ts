import { refuse } from '../aadsts/reasons.ts'
import { isNcName } from './xml/characters.ts'
import { ns } from './xml/names.ts'
import { describe, isElement, type XmlElement } from './xml/tree.ts'

/** Elements of XML Signature and where alone they may stand; those that are not listed are forbidden outside KeyInfo. */
const signatureParents: ReadonlyMap<
  string,
  readonly (readonly [namespace: string, name: string])[]
> = new Map([
  [
    'Signature',
    [
      [ns.protocol, 'Response'],
      [ns.assertion, 'Assertion'],
    ],
  ],
  ['SignedInfo', [[ns.signature, 'Signature']]],
  ['SignatureValue', [[ns.signature, 'Signature']]],
  ['CanonicalizationMethod', [[ns.signature, 'SignedInfo']]],
  ['SignatureMethod', [[ns.signature, 'SignedInfo']]],
  ['Reference', [[ns.signature, 'SignedInfo']]],
  ['Transforms', [[ns.signature, 'Reference']]],
  ['Transform', [[ns.signature, 'Transforms']]],
  ['DigestValue', [[ns.signature, 'Reference']]],
  [
    'DigestMethod',
    [
      [ns.signature, 'Reference'],
      [ns.encryption, 'EncryptionMethod'], // the digest of RSA-OAEP
    ],
  ],
  [
    'KeyInfo',
    [
      [ns.signature, 'Signature'],
      [ns.encryption, 'EncryptedData'],
      [ns.encryption, 'EncryptedKey'],
      [ns.assertion, 'SubjectConfirmationData'],
    ],
  ],
])

/** Never, even inside KeyInfo: they can carry a second message, or second references (saml-security R4). */
const carriers: ReadonlySet<string> = new Set(['Object', 'Manifest', 'SignatureProperties'])

/** Namespaces whose elements Extensions must not carry. */
const notInExtensions: ReadonlySet<string> = new Set([
  ns.protocol,
  ns.assertion,
  ns.signature,
  ns.encryption,
])

/**
 * Looks at every element of a message once, before any cryptography, and refuses what lets two readers see two things
 * (saml-security R4, R5): IDs that are no NCName or occur twice (`duplicateId`); parts of XML Signature where they do not belong,
 * Object anywhere, a Response inside the message (`signaturePlacement`); SAML or signatures inside Extensions
 * (`extensionsNotAllowed`). The first fault in document order names the reason. Returns the Assertion and EncryptedAssertion
 * elements, wherever they stand, in document order.
 *
 * `ids` collects all values of ID-like attributes; handing the same set to a decrypted assertion makes them distinct in the
 * message as a whole.
 */
export function inspect(root: XmlElement, ids: Set<string>): readonly XmlElement[] {
  const assertions: XmlElement[] = []
  visit(root, false)
  return assertions

  /** Depth is bounded by the parser's limit, so recursion is safe. */
  function visit(element: XmlElement, isInExtensions: boolean): void {
    if (element.attributes.length > 0) collectIds(element, ids)
    if (isInExtensions && notInExtensions.has(element.namespace))
      refuse('extensionsNotAllowed', {
        expected: 'Extensions without SAML, signatures or encryption',
        actual: describe(element),
      })
    if (element.namespace === ns.signature) {
      checkPlace(element)
    } else if (element.namespace === ns.assertion) {
      if (element.localName === 'Assertion' || element.localName === 'EncryptedAssertion')
        assertions.push(element)
    } else if (element !== root && isElement(element, ns.protocol, 'Response')) {
      refuse('signaturePlacement', {
        expected: 'one Response, the root',
        actual: 'another inside it, as signature wrapping needs it',
      })
    }
    const carriesExtensions = isInExtensions || isElement(element, ns.protocol, 'Extensions')
    for (const child of element.children)
      if (typeof child !== 'string') visit(child, carriesExtensions)
  }
}

/** `ID`, `Id`, `id`, `xml:id`, `wsu:Id`, `AssertionID`: whatever some library somewhere might resolve a reference by. */
function isIdLike(localName: string): boolean {
  if (localName.length === 2) return localName.toLowerCase() === 'id'
  return localName.length === 11 && localName.toLowerCase() === 'assertionid'
}

function collectIds(element: XmlElement, ids: Set<string>): void {
  for (const { localName, value } of element.attributes) {
    if (!isIdLike(localName)) continue
    if (!isNcName(value))
      refuse('duplicateId', {
        expected: `an NCName of ASCII characters as ${localName} of ${describe(element)}`,
        actual: 'another value',
      })
    if (ids.has(value))
      refuse('duplicateId', {
        expected: 'each ID once in the message',
        actual: `${localName} of ${describe(element)} again`,
      })
    ids.add(value)
  }
}

function checkPlace(element: XmlElement): void {
  const { parent, localName } = element
  const parents = carriers.has(localName) ? [] : signatureParents.get(localName)
  const isInPlace =
    parent !== null &&
    (parents === undefined
      ? isKeyInfoContent(parent)
      : parents.some(([namespace, name]) => isElement(parent, namespace, name)))
  if (!isInPlace)
    refuse('signaturePlacement', {
      expected: parents?.length
        ? `${localName} inside ${parents.map(([, name]) => name).join(' or ')} only`
        : `no ${describe(element)} here`,
      actual: parent === null ? 'as the root' : `inside ${describe(parent)}`,
    })
}

/** KeyInfo or something inside it (X509Data, KeyValue ...): those elements are read by nobody, or by name only. */
function isKeyInfoContent(parent: XmlElement): boolean {
  if (parent.namespace !== ns.signature) return false
  return parent.localName === 'KeyInfo' || !signatureParents.has(parent.localName)
}
