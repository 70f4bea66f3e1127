import { cut, inserted, replaced } from './markup.ts'
import type { Mutators } from './mutator.ts'

const snippets = [
  '<!---->',
  '<!-- x -->',
  '<?x?>',
  '<![CDATA[x]]>',
  '<!DOCTYPE x [<!ENTITY e "evil">]>',
  '<x/>',
  '&e;',
  '&#65;',
  '&#0;',
  ']]>',
  ' ',
  '\r\n',
  '\x00',
  '\xc2\xa0',
  'xmlns=""',
  '</',
  '<',
  '>',
  '"',
  'evil',
]

function someBytes(length: number, below: (count: number) => number, most: number) {
  const start = below(length)
  return { start, end: Math.min(length, start + 1 + below(most)) }
}

/** Changes that know nothing of XML. */
export const byteMutators: Mutators = {
  'byte: replace': (xml, choose) => {
    const start = choose.below(xml.length)
    return replaced(xml, { start, end: start + 1 }, String.fromCharCode(choose.below(256)))
  },
  'byte: flip a bit': (xml, choose) => {
    const start = choose.below(xml.length)
    const flipped = xml.charCodeAt(start) ^ (1 << choose.below(8))
    return replaced(xml, { start, end: start + 1 }, String.fromCharCode(flipped))
  },
  'bytes: remove': (xml, choose) =>
    replaced(
      xml,
      someBytes(xml.length, (count) => choose.below(count), 400),
      '',
    ),
  'bytes: repeat': (xml, choose) => {
    const span = someBytes(xml.length, (count) => choose.below(count), 400)
    return inserted(xml, span.end, cut(xml, span))
  },
  'bytes: truncate': (xml, choose) => xml.slice(0, choose.below(xml.length)),
  'bytes: insert a snippet': (xml, choose) =>
    inserted(xml, choose.below(xml.length + 1), choose.of(snippets)),
}
