import { refuseForbidden, refuseMalformed } from './faults.ts'
import { namespaceName } from './names.ts'
import type { NamespaceDeclaration, XmlAttribute, XmlElement } from './tree.ts'

/** An element while it is read; everybody else sees it read-only, as XmlElement. */
export interface OpenElement extends XmlElement {
  closing: string
  namespace: string
  readonly parent: OpenElement | null
  attributes: XmlAttribute[]
  declarations: NamespaceDeclaration[]
  children: (XmlElement | string)[]
}

/** An attribute before its prefix can be resolved: declarations may still come after it. */
export interface PendingAttribute extends XmlAttribute {
  namespace: string
  /** `xmlns` or `xmlns:prefix`. */
  readonly isDeclaration: boolean
  readonly offset: number
}

/** Stands for every list that has stayed empty: most elements have no attributes, declarations or children. Never pushed to. */
export const none: never[] = []

export function append(parent: OpenElement, child: XmlElement | string): void {
  if (parent.children === none) parent.children = [child]
  else parent.children.push(child)
}

/**
 * Takes `xmlns="uri"` or `xmlns:prefix="uri"` into an element's declarations. Refused: a prefix declared twice, `xmlns:p=""`
 * (Namespaces in XML 1.0 section 2.2), anything about the reserved prefixes and names (section 3; declaring `xml` rightly is legal,
 * and no message does), and relative or odd URIs (see `namespaceName`).
 */
export function declare(xml: string, element: OpenElement, attribute: PendingAttribute): void {
  const { offset } = attribute
  const prefix = attribute.prefix === '' ? '' : attribute.localName
  if (prefix === 'xml' || prefix === 'xmlns')
    refuseForbidden(xml, offset, 'prefixes that are not reserved', 'a declaration of one')
  for (const earlier of element.declarations)
    if (earlier.prefix === prefix)
      refuseMalformed(xml, offset, 'each prefix declared once', 'a second declaration')
  const uri = attribute.value === '' && prefix === '' ? '' : namespaceName(attribute.value)
  if (uri === null)
    refuseForbidden(xml, offset, 'an absolute URI as namespace name', 'another value')
  if (element.declarations.length === 0) element.declarations = [{ prefix, uri }]
  else element.declarations.push({ prefix, uri })
}
