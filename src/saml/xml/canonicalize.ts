import { refuse } from '../../aadsts/reasons.ts'
import { ns } from './names.ts'
import type { NamespaceDeclaration, XmlElement } from './tree.ts'

/** How to canonicalize. */
export interface Canonicalization {
  /** `exclusive`: Exclusive XML Canonicalization 1.0. `inclusive`: Canonical XML 1.0 and 1.1, which differ in nothing that is let in here. */
  readonly kind: 'exclusive' | 'inclusive'
  /** InclusiveNamespaces PrefixList (exclusive only), with `''` for `#default`. */
  readonly inclusivePrefixes: ReadonlySet<string>
}

/** Exclusive, without a PrefixList. */
export const exclusive: Canonicalization = { kind: 'exclusive', inclusivePrefixes: new Set() }

/**
 * The canonical form of the subtree at `apex`, comments not being there to begin with, as a byte string; `omitted` is left out (the
 * enveloped signature). Attributes and values in the tree are canonical already, so what is left is which namespaces to write where.
 *
 * Exclusive (section 2.2 of that Recommendation): a prefix is written where it is visibly used, unless the nearest written ancestor
 * that has it says the same; prefixes of the PrefixList are written as Canonical XML 1.0 would. Inclusive is then the case in
 * which every prefix is in the list. `maxNamespaceBytes` bounds what repeated namespaces may add: exclusive form can write a
 * long name that stands once in the document on each of thousands of elements. Throws Refusal `tooComplex` beyond it.
 *
 * Inclusive form would import `xml:` attributes of ancestors into the apex, by rules in which 1.0 and 1.1 differ; no SAML
 * message has them there, so they are refused (`forbiddenMarkup`).
 */
export function canonicalize(
  apex: XmlElement,
  { kind, inclusivePrefixes }: Canonicalization,
  omitted: XmlElement | null,
  maxNamespaceBytes: number,
): string {
  if (kind === 'inclusive') refuseInheritedXmlAttributes(apex)
  const isListed =
    kind === 'inclusive'
      ? () => true
      : inclusivePrefixes.size > 0
        ? (prefix: string) => inclusivePrefixes.has(prefix)
        : null
  return new Canonicalizer(isListed, omitted, maxNamespaceBytes).subtree(apex)
}

interface WrittenNamespace extends NamespaceDeclaration {
  /** What its prefix stood for in the output before. */
  readonly before: string | undefined
}

/** Stands for "nothing due", the rule on most elements. Never pushed to. */
const none: WrittenNamespace[] = []

class Canonicalizer {
  private readonly isListed: ((prefix: string) => boolean) | null
  private readonly omitted: XmlElement | null
  private namespaceBytesLeft: number
  /** The namespaces that the elements open in the output have declared. */
  private readonly inForce = new Map<string, string>([['', '']])
  private out = ''

  constructor(
    isListed: ((prefix: string) => boolean) | null,
    omitted: XmlElement | null,
    maxNamespaceBytes: number,
  ) {
    this.isListed = isListed
    this.omitted = omitted
    this.namespaceBytesLeft = maxNamespaceBytes
  }

  subtree(apex: XmlElement): string {
    this.element(apex, this.isListed === null ? apex.declarations : declarationsInScope(apex))
    return this.out
  }

  /** Depth is bounded by the parser's limit, so recursion is safe. */
  private element(element: XmlElement, declarations: readonly NamespaceDeclaration[]): void {
    this.out += element.opening
    const written = this.namespaces(element, declarations)
    for (const attribute of element.attributes) this.out += attribute.written
    this.out += '>'
    for (const child of element.children) {
      if (typeof child === 'string') this.out += child
      else if (child !== this.omitted) this.element(child, child.declarations)
    }
    this.out += element.closing
    for (const { prefix, before } of written) {
      if (before === undefined) this.inForce.delete(prefix)
      else this.inForce.set(prefix, before)
    }
  }

  /** Writes the namespaces due on an element, and returns them, to be taken back after its end tag. */
  private namespaces(
    element: XmlElement,
    declarations: readonly NamespaceDeclaration[],
  ): readonly WrittenNamespace[] {
    let due = this.dueNamespace(none, element.prefix, element.namespace)
    for (const { prefix, namespace } of element.attributes)
      if (prefix !== '' && prefix !== 'xml') due = this.dueNamespace(due, prefix, namespace)
    if (this.isListed !== null)
      for (const { prefix, uri } of declarations)
        if (this.isListed(prefix)) due = this.dueNamespace(due, prefix, uri)
    if (due === none) return none

    if (due.length > 1) due.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
    for (const { prefix, uri } of due)
      this.out += prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`
    return due
  }

  /** Adds a namespace to those due on an element, unless it is in force in the output already. */
  private dueNamespace(due: WrittenNamespace[], prefix: string, uri: string): WrittenNamespace[] {
    const before = this.inForce.get(prefix)
    if (before === uri) return due
    this.inForce.set(prefix, uri)
    this.namespaceBytesLeft -= prefix.length + uri.length
    if (this.namespaceBytesLeft < 0)
      refuse('tooComplex', {
        expected: 'namespaces that canonical form writes a few times',
        actual: 'long ones that it would repeat on very many elements',
      })
    if (due === none) return [{ prefix, uri, before }]
    due.push({ prefix, uri, before })
    return due
  }
}

/** The namespace declarations in force at an element: its own and those it inherits, the nearest winning. */
function declarationsInScope(element: XmlElement): NamespaceDeclaration[] {
  const found = new Map<string, NamespaceDeclaration>()
  for (let at: XmlElement | null = element; at !== null; at = at.parent)
    for (const declaration of at.declarations)
      if (!found.has(declaration.prefix)) found.set(declaration.prefix, declaration)
  return [...found.values()]
}

function refuseInheritedXmlAttributes(apex: XmlElement): void {
  for (let at = apex.parent; at !== null; at = at.parent)
    for (const attribute of at.attributes)
      if (attribute.namespace === ns.xml)
        refuse('forbiddenMarkup', {
          expected: 'no xml: attribute above an element under inclusive canonicalization',
          actual: 'one',
        })
}
