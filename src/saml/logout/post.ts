import { refuse } from '../../aadsts/reasons.ts'
import type { Instant } from '../../lib/clock.ts'
import { decodeBase64Lines } from '../base64.ts'
import { readSignature } from '../signature/profile.ts'
import { allowSignature, verifySignature } from '../signature/verify.ts'
import type { MessageLimits, SignatureTrust } from '../types.ts'
import { decodeXml } from '../xml/bytes.ts'
import { ns } from '../xml/names.ts'
import { parseXml } from '../xml/parse.ts'
import { attributeOf, childElements, isElement, type XmlElement } from '../xml/tree.ts'
import { logoutKind, malformed } from './message.ts'

/** A message's XML, parsed strictly within limits (saml-security R1 to R3) and not believed. */
export function parseLogoutXml(bytes: Buffer, limits: MessageLimits): XmlElement {
  if (bytes.length > limits.maxBytes) {
    refuse('messageTooLarge', { expected: `at most ${limits.maxBytes} bytes`, actual: 'more' })
  }
  const root = parseXml(decodeXml(bytes), limits)
  logoutKind(root)
  return root
}

/** The XML of an HTTP-POST message. Refuses with `notBase64`, and as `parseLogoutXml`. */
export function decodePostMessage(body: string, limits: MessageLimits): XmlElement {
  if (body.length > limits.maxBytes * 2) {
    refuse('messageTooLarge', { expected: `at most ${limits.maxBytes} bytes`, actual: 'more' })
  }
  const bytes = decodeBase64Lines(body)
  if (bytes === null) {
    refuse('notBase64', { expected: 'base64 of RFC 4648 section 4', actual: 'something else' })
  }
  return parseLogoutXml(bytes, limits)
}

/** A Redirect message is signed by its query, and carries no signature of XML (SAML bindings 3.4.4.1). */
export function refuseXmlSignature(root: XmlElement): void {
  if (signatureElements(root).length > 0) malformed('no XML signature in a query', 'one')
}

/**
 * Verifies the enveloped signature of a POST message, and gives the tree of the very bytes that it covers. SHA-1 is refused whatever
 * the federation allows for responses (saml-security R25). Refuses as `verifySignature` does, and with `notSigned` or
 * `signaturePlacement`.
 */
export function verifyPostMessage(
  root: XmlElement,
  trust: SignatureTrust,
  context: { readonly now: Instant; readonly limits: MessageLimits },
): XmlElement {
  const { now, limits } = context
  const strict = { ...trust, allowSha1Signatures: false }
  const profile = readSignature(theSignature(root), root, attributeOf(root, 'ID') ?? '')
  const { signedBytes } = verifySignature(
    allowSignature(profile, strict),
    strict,
    now,
    limits.maxBytes,
  )
  const maxNamespacesPerElement = limits.maxNamespacesPerElement * limits.maxDepth
  return parseXml(decodeXml(signedBytes), { ...limits, maxNamespacesPerElement })
}

/** Exactly one Signature, a child of the root, right after its Issuer; nothing of XML Signature elsewhere (R4, R5). */
function theSignature(root: XmlElement): XmlElement {
  const all = signatureElements(root)
  const [first, second] = childElements(root)
  if (all.length === 0) {
    refuse('notSigned', { expected: `a signed ${root.localName}`, actual: 'no signature' })
  }
  const isInPlace =
    all.length === 1 &&
    first !== undefined &&
    isElement(first, ns.assertion, 'Issuer') &&
    second === all[0]
  if (!isInPlace || second === undefined) {
    refuse('signaturePlacement', {
      expected: 'one Signature, after the Issuer',
      actual: `${all.length}, elsewhere`,
    })
  }
  // Of several elements with one ID another reader might digest another.
  const ids = idsOf(root)
  if (new Set(ids).size < ids.length) {
    refuse('duplicateId', { expected: 'each ID once', actual: 'one twice' })
  }
  return second
}

function signatureElements(element: XmlElement): XmlElement[] {
  return childElements(element).flatMap((child) => [
    ...(isElement(child, ns.signature, 'Signature') ? [child] : []),
    ...signatureElements(child),
  ])
}

function idsOf(element: XmlElement): string[] {
  const own = element.attributes
    .filter(({ localName }) => /^(id|assertionid)$/i.test(localName))
    .map(({ value }) => value)
  return [...own, ...childElements(element).flatMap(idsOf)]
}
