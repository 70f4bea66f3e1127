/**
 * xml/: a strict, namespace-aware parser for the XML that SAML needs, and Canonical XML on its tree. It must not know SAML.
 *
 * It takes elements, attributes, text, the five entities and character references. Markup that an honest message never has
 * (DOCTYPE, comments, processing instructions, CDATA) is refused, not skipped, so that no two readers can differ about it
 * (saml-security R2). One pass without going back: the cost is linear in the input, whatever its shape.
 */
import type { MessageLimits } from '../types.ts'
import { illegal, markup, plainRun, textClass } from './characters.ts'
import { refuseComplex, refuseMalformed, refuseMarkup } from './faults.ts'
import { append, declare, none, type OpenElement, type PendingAttribute } from './open.ts'
import { resolveNames } from './resolve.ts'
import { Scanner } from './scanner.ts'
import { NamespaceScope } from './scope.ts'
import { canonicalText, ValueFault } from './text.ts'
import type { XmlElement } from './tree.ts'

const lessThan = 0x3c
const greaterThan = 0x3e
const slash = 0x2f
const space = 0x20
const equalsSign = 0x3d
const doubleQuote = 0x22

/** XMLDecl (production 23) for the one version and the one encoding there are here. */
const xmlDeclaration =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"utf-8"|'utf-8'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/i
const maxDeclarationLength = 200

/**
 * Parses a whole document and returns its root.
 *
 * Takes a byte string (latin1) of well-formed UTF-8, as `decodeXml` (xml/bytes.ts) makes it. Its size is the caller's to limit;
 * depth and counts are limited here, while reading. Throws Refusal `notWellFormed`, `forbiddenMarkup` or `tooComplex` with line
 * and column; nothing of the document's text stands in it.
 *
 * Sources: XML 1.0 (5th edition), Namespaces in XML 1.0 (3rd edition), saml-security R2 and R3.
 */
export function parseXml(xml: string, limits: MessageLimits): XmlElement {
  try {
    return new Parser(xml, limits).document()
  } catch (fault) {
    if (fault instanceof ValueFault)
      refuseMalformed(xml, fault.offset, 'text as XML allows it', fault.message)
    throw fault
  }
}

class Parser extends Scanner {
  private readonly limits: MessageLimits
  private readonly scope = new NamespaceScope()
  /** Whether the start tag just read was an empty-element tag, `<a/>`. */
  private wasEmptyTag = false
  private depth = 0
  private elementCount = 0
  private nodeCount = 0

  constructor(xml: string, limits: MessageLimits) {
    super(xml)
    this.limits = limits
  }

  document(): XmlElement {
    if (this.xml.startsWith('<?xml'))
      this.at = xmlDeclaration.exec(this.xml.slice(0, maxDeclarationLength))?.[0].length ?? 0
    this.skipWhiteSpace()
    if (this.byteAt(this.at) !== lessThan) refuseMalformed(this.xml, this.at, 'the root element')
    const root = this.startTag(null)
    if (!this.wasEmptyTag) this.content(root)
    this.skipWhiteSpace()
    if (this.at < this.xml.length) refuseMarkup(this.xml, this.at, 'nothing after the root element')
    return root
  }

  /** Everything from the root's start tag to its end tag. The way back up goes by `parent`, so depth costs no stack. */
  private content(root: OpenElement): void {
    let element = root
    for (;;) {
      this.text(element)
      if (this.byteAt(this.at + 1) !== slash) {
        const child = this.startTag(element)
        if (!this.wasEmptyTag) element = child
        continue
      }
      this.endTag(element)
      if (element.parent === null) return
      element = element.parent
    }
  }

  /** Character data up to the next `<`. */
  private text(parent: OpenElement): void {
    const { xml } = this
    const start = this.at
    if (this.byteAt(start) === lessThan) return
    plainRun.lastIndex = start
    plainRun.test(xml)
    let at = plainRun.lastIndex
    const isPlain = this.byteAt(at) === lessThan
    for (; at < xml.length; at++) {
      const kind = textClass[this.byteAt(at)]
      if (kind === markup) break
      if (kind === illegal) refuseMalformed(xml, at, 'a character of XML', 'a control code')
    }
    if (at >= xml.length) refuseMalformed(xml, at, 'an end tag')
    this.at = at
    append(parent, isPlain ? xml.slice(start, at) : canonicalText(xml, start, at))
  }

  /** `<name attributes>` or `<name attributes/>`: the element, already added to its parent. */
  private startTag(parent: OpenElement | null): OpenElement {
    const { xml, limits } = this
    const offset = this.at
    this.at += 1
    const colon = this.qualifiedName(offset)
    const element: OpenElement = {
      opening: xml.slice(offset, this.at),
      closing: '',
      prefix: colon < 0 ? '' : this.word(offset + 1, colon),
      localName: this.word(colon < 0 ? offset + 1 : colon + 1, this.at),
      namespace: '',
      parent,
      attributes: none,
      declarations: none,
      children: none,
      offset,
    }
    this.elementCount += 1
    this.depth += 1
    if (this.elementCount > limits.maxElements)
      refuseComplex(xml, offset, limits.maxElements, 'elements')
    if (this.depth > limits.maxDepth) refuseComplex(xml, offset, limits.maxDepth, 'levels')
    const pending = this.attributes(element)
    this.nodeCount += 1 + pending.length
    if (this.nodeCount > limits.maxNodes)
      refuseComplex(xml, offset, limits.maxNodes, 'elements and attributes')

    this.scope.enter(element.declarations)
    resolveNames(xml, element, pending, this.scope)
    if (parent !== null) append(parent, element)
    if (this.wasEmptyTag) {
      element.closing = closingOf(element)
      this.leave(element)
    }
    return element
  }

  /** The attributes of a start tag and its end, `>` or `/>`. Declarations go to the element, the others are handed back. */
  private attributes(element: OpenElement): PendingAttribute[] {
    const { xml, limits } = this
    let pending: PendingAttribute[] = none
    this.wasEmptyTag = false
    for (;;) {
      const before = this.at
      if (this.byteAt(before) !== greaterThan) this.skipWhiteSpace()
      const byte = this.byteAt(this.at)
      if (byte === greaterThan) break
      if (byte === slash) {
        this.wasEmptyTag = true
        this.at += 1
        if (this.byteAt(this.at) === greaterThan) break
        refuseMalformed(xml, this.at, '">" after "/"')
      }
      if (this.at === before) refuseMalformed(xml, this.at, 'white space, ">" or "/>"')
      const attribute = this.attribute()
      if (attribute.isDeclaration) {
        if (element.declarations.length === limits.maxNamespacesPerElement)
          refuseComplex(xml, before, limits.maxNamespacesPerElement, 'namespaces an element')
        declare(xml, element, attribute)
      } else {
        if (pending.length === limits.maxAttributesPerElement)
          refuseComplex(xml, before, limits.maxAttributesPerElement, 'attributes an element')
        if (pending === none) pending = [attribute]
        else pending.push(attribute)
      }
    }
    this.at += 1
    return pending
  }

  /** `name="value"`, its value in canonical form. */
  private attribute(): PendingAttribute {
    const { xml } = this
    const offset = this.at
    const colon = this.qualifiedName(offset)
    const nameEnd = this.at
    if (this.byteAt(nameEnd) !== equalsSign) this.skipWhiteSpace()
    if (this.byteAt(this.at) !== equalsSign) refuseMalformed(xml, this.at, '"=" after the name')
    this.at += 1
    if (this.byteAt(this.at) !== doubleQuote) this.skipWhiteSpace()
    const localName = this.word(colon < 0 ? offset : colon + 1, nameEnd)
    const prefix = colon < 0 ? '' : this.word(offset, colon)
    const isDeclaration = (colon < 0 ? localName : prefix) === 'xmlns'
    const value = this.quotedValue(isDeclaration)
    // mostly it is written canonically already, and one piece of the document will do
    const isCanonical =
      !isDeclaration &&
      this.wasPlainValue &&
      this.at === nameEnd + value.length + 3 &&
      this.byteAt(nameEnd + 1) === doubleQuote &&
      this.byteAt(offset - 1) === space
    let written = '' // declarations are written anew, where they are due
    if (isCanonical) written = xml.slice(offset - 1, this.at)
    else if (!isDeclaration) written = ` ${xml.slice(offset, nameEnd)}="${value}"`
    return { prefix, localName, namespace: '', value, written, isDeclaration, offset }
  }

  /** `</name>` of the element that is open. */
  private endTag(element: OpenElement): void {
    const { xml } = this
    const offset = this.at
    // the name stands in the start tag too: comparing bytes of one text beats startsWith
    const distance = offset + 1 - element.offset
    const end = offset + 1 + element.opening.length
    for (let at = offset + 2; at < end; at++)
      if (this.byteAt(at) !== this.byteAt(at - distance))
        refuseMalformed(xml, offset, 'the end tag of the open element')
    this.at = end
    if (this.byteAt(end) !== greaterThan) this.skipWhiteSpace()
    if (this.byteAt(this.at) !== greaterThan)
      refuseMalformed(xml, offset, 'the end tag of the open element')
    this.at += 1
    element.closing = this.at === end + 1 ? xml.slice(offset, this.at) : closingOf(element)
    this.leave(element)
  }

  private leave(element: OpenElement): void {
    this.scope.leave(element.declarations)
    this.depth -= 1
  }
}

function closingOf({ opening }: OpenElement): string {
  return `</${opening.slice(1)}>`
}
