import { DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom'
import { ns, xmlDeclaration } from '../xml.ts'

/**
 * Moves nodes about in signed XML. What is not touched keeps its canonical form, so that signatures over it still hold.
 * @param xml one that we made, so that it is well-formed
 */
export function editXml(xml: string, edit: (document: Document) => void): string {
  const document = new DOMParser({
    onError: (_level, message) => {
      throw new Error(message)
    },
  }).parseFromString(xml, 'text/xml')
  edit(document)
  const text = new XMLSerializer().serializeToString(rootOf(document))
  return xmlDeclaration + text.replaceAll('\r', '&#13;')
}

/** The document's root element. */
export function rootOf(document: Document): Element {
  const root = document.documentElement
  if (!root) throw new Error('a document without root element')
  return root
}

/** The first descendant of that SAML assertion or signature name, in document order. */
export function first(
  parent: Element,
  namespace: typeof ns.assertion | typeof ns.ds,
  name: string,
): Element {
  const found = parent.getElementsByTagNameNS(namespace, name).item(0)
  if (!found) throw new Error(`no ${name} in ${parent.nodeName}: this fault needs one`)
  return found
}

/** The signature that is the element's own child. */
export function ownSignature(element: Element): Element {
  const signature = Array.from(element.childNodes).find(
    (child) => child.namespaceURI === ns.ds && child.localName === 'Signature',
  )
  if (!signature) throw new Error(`${element.nodeName} is not signed: this fault needs it signed`)
  return signature as Element
}

/** A deep copy, without the copied element's own signature when it has one. */
export function copyUnsigned(element: Element): Element {
  const copy = element.cloneNode(true) as Element
  for (const child of Array.from(copy.childNodes)) {
    if (child.namespaceURI === ns.ds && child.localName === 'Signature') copy.removeChild(child)
  }
  return copy
}

/** Gives an element another ID and every NameID in it another value: the forger's part. */
export function forgeElement(element: Element, id: string, nameId: string): void {
  element.setAttribute('ID', id)
  for (const one of Array.from(element.getElementsByTagNameNS(ns.assertion, 'NameID'))) {
    one.textContent = nameId
  }
}

/**
 * Rewrites the text of every NameID in place, byte for byte elsewhere.
 * @param rewrite gets the text as it stands, escapes and all, and returns XML
 */
export function rewriteNameId(xml: string, rewrite: (escaped: string) => string): string {
  return xml.replace(
    /(<saml2:NameID\b[^>]*>)([^<]*)(<\/saml2:NameID>)/g,
    (_all, start: string, text: string, end: string) => start + rewrite(text) + end,
  )
}
