import type { Document, Element } from '@xmldom/xmldom'
import { ns } from '../xml.ts'
import { copyUnsigned, editXml, first, forgeElement, ownSignature, rootOf } from './dom.ts'
import type { Fault, FaultScene } from './fault.ts'

/**
 * Signature wrapping: the signed part is kept somewhere in the document, so that its signature holds, and a forged part stands
 * where an application looks. The eight classic arrangements, numbered as in Somorovsky et al., "On Breaking SAML: Be Whoever
 * You Want to Be" (USENIX Security 2012) and in SAML Raider. XSW1 and 2 wrap a signed Response, 3 to 8 a signed assertion.
 */
interface Wrapping {
  readonly name: string
  readonly title: string
  readonly signed: 'response' | 'assertion'
  /** `part` is the signed element, still unchanged; `forged` a copy of it, forged and without the signature. */
  readonly arrange: (part: Element, forged: Element, document: Document) => void
}

const wrappings: readonly Wrapping[] = [
  {
    name: 'xsw1',
    title: 'XSW1: the signed Response inside its own signature, in a forged one',
    signed: 'response',
    arrange: (part, forged, document) => {
      const signature = ownSignature(part)
      const original = copyUnsigned(part)
      document.replaceChild(forged, part)
      afterIssuer(forged, signature)
      signature.appendChild(original)
    },
  },
  {
    name: 'xsw2',
    title: 'XSW2: the signed Response before its own signature, in a forged one',
    signed: 'response',
    arrange: (part, forged, document) => {
      const signature = ownSignature(part)
      const original = copyUnsigned(part)
      document.replaceChild(forged, part)
      afterIssuer(forged, signature)
      forged.insertBefore(original, signature)
    },
  },
  {
    name: 'xsw3',
    title: 'XSW3: a forged assertion before the signed one',
    signed: 'assertion',
    arrange: (part, forged) => {
      part.parentNode?.insertBefore(forged, part)
    },
  },
  {
    name: 'xsw4',
    title: 'XSW4: the signed assertion inside a forged one',
    signed: 'assertion',
    arrange: (part, forged) => {
      part.parentNode?.replaceChild(forged, part)
      forged.appendChild(part)
    },
  },
  {
    name: 'xsw5',
    title: 'XSW5: the signature in a forged assertion, the signed one after it',
    signed: 'assertion',
    arrange: (part, forged) => {
      const signature = ownSignature(part)
      const root = part.parentNode
      root?.replaceChild(forged, part)
      afterIssuer(forged, signature)
      root?.appendChild(part)
    },
  },
  {
    name: 'xsw6',
    title: 'XSW6: the signed assertion inside its own signature, in a forged one',
    signed: 'assertion',
    arrange: (part, forged) => {
      const signature = ownSignature(part)
      part.parentNode?.replaceChild(forged, part)
      afterIssuer(forged, signature)
      signature.appendChild(part)
    },
  },
  {
    name: 'xsw7',
    title: 'XSW7: a forged assertion in Extensions, before the signed one',
    signed: 'assertion',
    arrange: (part, forged, document) => {
      const extensions = document.createElementNS(ns.protocol, 'saml2p:Extensions')
      part.parentNode?.insertBefore(extensions, part)
      extensions.appendChild(forged)
    },
  },
  {
    name: 'xsw8',
    title: 'XSW8: the signed assertion in an Object of its signature, in a forged one',
    signed: 'assertion',
    arrange: (part, forged, document) => {
      const signature = ownSignature(part)
      part.parentNode?.replaceChild(forged, part)
      afterIssuer(forged, signature)
      const object = document.createElementNS(ns.ds, 'ds:Object')
      object.appendChild(part)
      signature.appendChild(object)
    },
  },
]

export const wrappingFaults: readonly Fault[] = wrappings.map(
  ({ name, title, signed, arrange }) => ({
    name,
    title,
    group: 'Wrapped signatures (XSW)',
    before: (spec) => ({ ...spec, signed }),
    after: (xml, scene) =>
      editXml(xml, (document) => {
        const root = rootOf(document)
        const part = signed === 'response' ? root : first(root, ns.assertion, 'Assertion')
        arrange(part, forgedCopy(part, scene), document)
      }),
  }),
)

/** IDs differ from the signed part's throughout, so that wrapping is the only thing wrong. */
function forgedCopy(part: Element, { newId, forgedNameId }: FaultScene): Element {
  const forged = copyUnsigned(part)
  forgeElement(forged, newId(), forgedNameId)
  for (const inner of Array.from(forged.getElementsByTagNameNS(ns.assertion, 'Assertion'))) {
    inner.setAttribute('ID', newId())
  }
  return forged
}

/** Moves a signature (out of its place, if need be) to where a schema validator expects it. */
function afterIssuer(parent: Element, signature: Element): void {
  signature.parentNode?.removeChild(signature)
  parent.insertBefore(signature, first(parent, ns.assertion, 'Issuer').nextSibling)
}
