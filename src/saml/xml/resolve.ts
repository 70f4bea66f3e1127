import { refuseForbidden, refuseMalformed } from './faults.ts'
import type { OpenElement, PendingAttribute } from './open.ts'
import type { NamespaceScope } from './scope.ts'
import type { XmlAttribute } from './tree.ts'

/**
 * Gives an element and its attributes their namespaces, and puts the attributes into canonical order. An undeclared prefix and two
 * attributes of one expanded name are refused (Namespaces in XML 1.0 sections 5 and 6.3).
 */
export function resolveNames(
  xml: string,
  element: OpenElement,
  pending: PendingAttribute[],
  scope: NamespaceScope,
): void {
  if (element.prefix === 'xml')
    refuseForbidden(xml, element.offset, 'elements of other prefixes than xml', 'one')
  element.namespace = resolvePrefix(xml, element.prefix, element.offset, scope)
  if (pending.length === 0) return
  for (const attribute of pending)
    if (attribute.prefix !== '')
      attribute.namespace = resolvePrefix(xml, attribute.prefix, attribute.offset, scope)
  if (pending.length > 1) {
    sortAttributes(pending)
    refuseTwins(xml, pending)
  }
  element.attributes = pending
}

function resolvePrefix(xml: string, prefix: string, offset: number, scope: NamespaceScope): string {
  const uri = scope.resolve(prefix)
  if (uri === undefined) refuseMalformed(xml, offset, 'a declared prefix', 'another')
  return uri
}

/** Canonical XML 1.0 section 2.3: by namespace name, then local name; those in no namespace come first. Bytes order as code points. */
export function compareAttributes(a: XmlAttribute, b: XmlAttribute): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  if (a.localName === b.localName) return 0
  return a.localName < b.localName ? -1 : 1
}

/** Two or three attributes are the rule, often in order already: then one look is enough. */
function sortAttributes(attributes: PendingAttribute[]): void {
  for (let i = 1; i < attributes.length; i++) {
    const [a, b] = [attributes[i - 1], attributes[i]]
    if (a && b && compareAttributes(a, b) > 0) {
      attributes.sort(compareAttributes)
      return
    }
  }
}

/** After sorting, attributes of one expanded name stand side by side. */
function refuseTwins(xml: string, sorted: readonly PendingAttribute[]): void {
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1], sorted[i]]
    if (a && b && compareAttributes(a, b) === 0)
      refuseMalformed(xml, b.offset, 'each attribute once', 'a second of one name')
  }
}
