import { plainText } from './text.ts'

/**
 * The tree that the parser makes and everything else reads.
 *
 * All strings in it are byte strings: UTF-8, one character a byte (latin1), as the parser read them. Values stand in the form
 * in which Canonical XML writes them (section 2.3: `&amp;` `&lt;` `&gt;` `&#xD;` in text, also `&quot;` `&#x9;` `&#xA;` in
 * attributes), so that canonicalizing is joining and never a second look at characters. Text that leaves is made with
 * `plainText` (xml/text.ts), which resolves both and copies, so that nothing outside keeps the document in memory.
 */
export interface XmlAttribute {
  /** Empty when there is none; the attribute is then in no namespace. */
  readonly prefix: string
  readonly localName: string
  readonly namespace: string
  /** Canonical form. */
  readonly value: string
  /** All of it as canonical form writes it: ` xsi:type="xs:string"`. */
  readonly written: string
}

export interface NamespaceDeclaration {
  /** Empty for the default namespace. */
  readonly prefix: string
  /** Canonical form; empty for `xmlns=""`, which takes the default namespace away. */
  readonly uri: string
}

export interface XmlElement {
  /** Its tags as canonical form writes them: `<saml2:Issuer` up to the namespaces and attributes, and `</saml2:Issuer>`. */
  readonly opening: string
  readonly closing: string
  readonly prefix: string
  readonly localName: string
  readonly namespace: string
  readonly parent: XmlElement | null
  /** Namespace declarations excepted; in canonical order: by namespace, then local name (Canonical XML 1.0 section 2.3). */
  readonly attributes: readonly XmlAttribute[]
  /** The namespace declarations on this element, in document order. */
  readonly declarations: readonly NamespaceDeclaration[]
  /** Elements, and runs of text in canonical form. */
  readonly children: readonly (XmlElement | string)[]
  /** Where its start tag begins, in bytes from the start of the document. */
  readonly offset: number
}

/** Whether an element has exactly this expanded name. */
export function isElement(element: XmlElement, namespace: string, localName: string): boolean {
  return element.localName === localName && element.namespace === namespace
}

/** The children that are elements, in order. */
export function childElements(parent: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  for (const child of parent.children) if (typeof child !== 'string') found.push(child)
  return found
}

/** The child elements with this expanded name, in order. */
export function childrenNamed(
  parent: XmlElement,
  namespace: string,
  localName: string,
): XmlElement[] {
  const found: XmlElement[] = []
  for (const child of parent.children)
    if (typeof child !== 'string' && isElement(child, namespace, localName)) found.push(child)
  return found
}

/** The one child element with this expanded name; null when there is none, and also when there are several. */
export function onlyChild(
  parent: XmlElement,
  namespace: string,
  localName: string,
): XmlElement | null {
  let found: XmlElement | null = null
  for (const child of parent.children) {
    if (typeof child === 'string' || !isElement(child, namespace, localName)) continue
    if (found !== null) return null
    found = child
  }
  return found
}

/** The value, in canonical form, of an attribute in no namespace; null when it is absent. */
export function attributeOf(element: XmlElement, localName: string): string | null {
  for (const attribute of element.attributes)
    if (attribute.prefix === '' && attribute.localName === localName) return attribute.value
  return null
}

/** The element's own text in canonical form, that of its child elements left out. */
export function ownText(element: XmlElement): string {
  const [first] = element.children
  if (element.children.length === 1 && typeof first === 'string') return first
  let text = ''
  for (const child of element.children) if (typeof child === 'string') text += child
  return text
}

const whiteSpaceOnly = /^[ \t\n]*$/

/** Whether an element holds child elements only: no text but white space (which the canonical form writes plainly). */
export function hasElementContentOnly(element: XmlElement): boolean {
  for (const child of element.children)
    if (typeof child === 'string' && !whiteSpaceOnly.test(child)) return false
  return true
}

const maxReportedName = 48

/** How a report names an element: by its local name, copied, and shortened since it is the sender's choice. */
export function describe({ localName }: XmlElement): string {
  const name = plainText(localName.slice(0, maxReportedName))
  return localName.length > maxReportedName ? `${name}...` : name
}
