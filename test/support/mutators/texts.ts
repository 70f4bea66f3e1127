import { allAttributes, cut, inserted, replaced, type Span, texts } from './markup.ts'
import type { Mutators } from './mutator.ts'

/** What cuts a text in two for one reader and not for another. */
const splitters = [
  '<!---->',
  '<!-- x -->',
  '<?x y?>',
  '<![CDATA[]]>',
  '<x/>',
  '<x>evil</x>',
  '&#0;',
  '&e;',
  '\x00',
]
const additions = [
  'evil',
  ' ',
  '\n',
  '\t',
  '&#13;',
  '&#xFEFF;',
  '=',
  '.',
  '\xcc\x81',
  'A',
  '+',
  '/',
]

/** Texts between tags: changed, cut in two, swapped, written in another way that means the same. */
export const textMutators: Mutators = {
  'text: replace': (xml, choose) => {
    const text = choose.ofAny(texts(xml))
    return text ? replaced(xml, text, choose.of(['', 'evil', '0', 'bWFsbG9yeQ=='])) : xml
  },
  'text: add': (xml, choose) => {
    const text = choose.ofAny(texts(xml))
    return text ? inserted(xml, choose.of([text.start, text.end]), choose.of(additions)) : xml
  },
  'text: change case': (xml, choose) => {
    const text = choose.ofAny(texts(xml))
    return text ? replaced(xml, text, cut(xml, text).toLowerCase()) : xml
  },
  'text: split': (xml, choose) => {
    const text = choose.ofAny(texts(xml))
    if (text === undefined) return xml
    const at = text.start + choose.below(text.end - text.start + 1)
    return inserted(xml, at, choose.of(splitters))
  },
  'text: swap two': (xml, choose) => {
    const all = texts(xml)
    const [one, other] = [choose.ofAny(all), choose.ofAny(all)]
    if (one === undefined || other === undefined || one.start === other.start) return xml
    const [first, second] = one.start < other.start ? [one, other] : [other, one]
    return replaced(replaced(xml, second, cut(xml, first)), first, cut(xml, second))
  },
  'text: a character as a reference': (xml, choose) => {
    const spans: Span[] = [...texts(xml), ...allAttributes(xml).map(({ value }) => value)]
    const span = choose.ofAny(spans.filter(({ start, end }) => end > start))
    if (span === undefined) return xml
    const start = span.start + choose.below(span.end - span.start)
    const code = xml.charCodeAt(start)
    // A byte beyond ASCII is part of a character, and & may begin a reference.
    if (code > 0x7e || code === 0x26) return xml
    const written = choose.of([
      `&#${code};`,
      `&#x${code.toString(16)};`,
      `&#x000${code.toString(16)};`,
    ])
    return replaced(xml, { start, end: start + 1 }, written)
  },
}
