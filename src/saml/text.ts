import type { Claimed, Verified } from '../lib/claimed.ts'
import { plainText } from './xml/text.ts'
import { attributeOf, childElements, ownText, type XmlElement } from './xml/tree.ts'

/**
 * Readers of one origin: of an unsigned tree they hand out `Claimed` texts, of a tree parsed from digested bytes `Verified` ones.
 * Every text is a copy of its own and keeps no document in memory.
 */
export interface TextReader<Origin extends Claimed | Verified> {
  /** The text of an element, that of its child elements left out; null for no element. */
  ownText(element: XmlElement | null): Origin | null
  /** The text of an element that holds text only; null for no element, and for one with child elements: readers would differ. */
  text(element: XmlElement | null): Origin | null
  /** The value of an attribute in no namespace; null when there is none, or no element. */
  attribute(element: XmlElement | null, name: string): Origin | null
  /** The qualified name of an element, as written. */
  name(element: XmlElement): Origin
}

function reader<Origin extends Claimed | Verified>(): TextReader<Origin> {
  return {
    ownText: (element) => element && (plainText(ownText(element)) as Origin),
    text: (element) =>
      element === null || childElements(element).length > 0
        ? null
        : (plainText(ownText(element)) as Origin),
    attribute(element, name) {
      const value = element === null ? null : attributeOf(element, name)
      return value === null ? null : (plainText(value) as Origin)
    },
    name: (element) => plainText(element.opening.slice(1)) as Origin,
  }
}

/** For bytes nobody has signed, or whose signature has not been checked yet. */
export const claims = reader<Claimed>()
/** For a tree that was parsed from canonical bytes whose digest a good signature covers, and for no other. */
export const facts = reader<Verified>()
