import { isXmlChar } from './xml/characters.ts'

/** XML of our own messages that is well-formed; only `element` makes it. */
export interface Markup {
  readonly xml: string
}

/**
 * One element. Attributes whose value is null are left out; children are elements, or strings as text. Values are escaped; names
 * are constants of the caller and are taken as they are. Throws TypeError for a value with a character that XML cannot carry.
 */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | null>>,
  ...children: readonly (Markup | string)[]
): Markup {
  const opening = Object.entries(attributes)
    .filter((attribute): attribute is [string, string] => attribute[1] !== null)
    .map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`)
    .join('')
  const content = children
    .map((child) => (typeof child === 'string' ? escaped(child) : child.xml))
    .join('')
  return {
    xml: content === '' ? `<${name}${opening}/>` : `<${name}${opening}>${content}</${name}>`,
  }
}

/** White space is written as references too: a parser would turn it into spaces in attributes, and CR into LF in text. */
const references = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
])

function escaped(value: string): string {
  for (const character of value) {
    if (!isXmlChar(character.codePointAt(0) ?? 0)) {
      throw new TypeError('a value holds a character that XML cannot carry (XML 1.0 section 2.2)')
    }
  }
  return value.replace(/[&<>"\t\n\r]/g, (character) => references.get(character) ?? character)
}
