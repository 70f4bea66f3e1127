import { deflateRawSync } from 'node:zlib'
import { cut, elements, inserted, replaced, startTags } from './markup.ts'
import type { Mutators } from './mutator.ts'

const declaration = /^<\?xml[^>]*\?>/

/** The document as a whole, written in another way: other bytes, or other markup for the same. */
export const encodingMutators: Mutators = {
  'encoding: UTF-16': (xml, choose) => {
    const text = Buffer.from(utf8(xml), 'utf16le')
    return Buffer.concat([Buffer.of(0xff, 0xfe), choose.isHeads() ? text.swap16() : text]).toString(
      'latin1',
    )
  },
  'encoding: byte order mark': (xml) => `\xef\xbb\xbf${xml}`,
  'encoding: Latin-1': (xml) => Buffer.from(utf8(xml), 'latin1').toString('latin1'),
  'encoding: UTF-8 twice': (xml) => Buffer.from(xml, 'utf8').toString('latin1'),
  'encoding: overlong UTF-8': (xml, choose) => {
    const start = choose.below(xml.length)
    const code = xml.charCodeAt(start)
    const overlong = String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    return replaced(xml, { start, end: start + 1 }, overlong)
  },
  'encoding: declare another': (xml, choose) =>
    `<?xml version="${choose.of(['1.0', '1.1', '2.0'])}" encoding="${choose.of(['UTF-8', 'utf-8', 'UTF-16', 'ISO-8859-1', 'UTF-7'])}"?>${xml.replace(declaration, '')}`,
  'encoding: line ends': (xml, choose) => xml.replaceAll('\n', choose.of(['\r\n', '\r'])),
  'encoding: compressed': (xml) => deflateRawSync(Buffer.from(xml, 'latin1')).toString('latin1'),
  'markup: white space in every tag': (xml) =>
    rewriteTags(xml, (tag) => tag.replace(/\/?>$/, ' $&')),
  'markup: single quotes': (xml) => rewriteTags(xml, (tag) => tag.replace(/"([^"']*)"/g, "'$1'")),
  'markup: attributes backwards': (xml) =>
    rewriteTags(xml, (tag) => {
      const all = tag.match(/\s[^\s=]+="[^"]*"/g) ?? []
      let next = all.length
      return tag.replace(/\s[^\s=]+="[^"]*"/g, () => all[--next] ?? '')
    }),
  'markup: empty elements with an end tag': (xml, choose) => {
    const empty = elements(xml).filter(({ content }) => content === null)
    const it = choose.ofAny(empty)
    return it ? replaced(xml, it, `${cut(xml, it).replace(/\/>$/, '>')}</${it.name}>`) : xml
  },
}

/** The form field: base64 in other ways, and what is no base64. These come last, after the document has been encoded. */
export const fieldMutators: Mutators = {
  'field: lines': (body, choose) =>
    body.replace(/.{64}/g, `$&${choose.of(['\n', '\r\n', '\r', ' ', '\t'])}`),
  'field: URL alphabet': (body) => body.replaceAll('+', '-').replaceAll('/', '_'),
  'field: padding': (body, choose) => body.replace(/=*$/, choose.of(['', '=', '==', '===', '=x'])),
  'field: unused bits': (body) => body.replace(/.(?==*$)/, 'B'),
  'field: junk': (body, choose) =>
    inserted(
      body,
      choose.below(body.length + 1),
      choose.of(['%', '\x00', '\u00e9', '=', '-', '\ud800']),
    ),
  'field: base64 twice': (body) => Buffer.from(body, 'latin1').toString('base64'),
  'field: form encoding': (body) => encodeURIComponent(body.toWellFormed()),
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function rewriteTags(xml: string, change: (tag: string) => string): string {
  let out = ''
  let from = 0
  for (const tag of startTags(xml)) {
    out += xml.slice(from, tag.start) + change(cut(xml, tag))
    from = tag.end
  }
  return out + xml.slice(from)
}
