import type { Choices } from './choices.ts'
import {
  attributes,
  cut,
  type Element,
  elements,
  inserted,
  replaced,
  type Span,
  seams,
  texts,
} from './markup.ts'
import type { Mutators } from './mutator.ts'

/** Repetition stops here: beyond the size limit a verifier refuses before it has looked. */
const maxRepeatedBytes = 200_000

/** What a wrapping attack carries the genuine element in. */
const carriers = [
  ['<x>', '</x>'],
  ['<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">', '</ds:Object>'],
  [
    '<saml2p:Extensions xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol">',
    '</saml2p:Extensions>',
  ],
  ['<saml2:Advice xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">', '</saml2:Advice>'],
] as const

const names = [
  'saml2:Assertion',
  'saml2:EncryptedAssertion',
  'saml2:NameID',
  'saml2:Subject',
  'saml2:Issuer',
  'saml2p:Response',
  'saml2p:Extensions',
  'ds:Signature',
  'ds:Reference',
  'ds:Object',
  'x',
]

/** Elements as a whole: moved, copied, swapped, removed, renamed, wrapped, multiplied. */
export const elementMutators: Mutators = {
  'element: move': (xml, choose) => withElement(xml, choose, (it) => moved(xml, it, choose)),
  'element: copy elsewhere': (xml, choose) =>
    withElement(xml, choose, (it) => inserted(xml, choose.of(seams(xml)), cut(xml, it))),
  'element: swap two': (xml, choose) => {
    const all = elements(xml)
    const one = choose.ofAny(all)
    const other = choose.ofAny(all.filter((it) => one && areApart(one, it)))
    if (one === undefined || other === undefined) return xml
    const [first, second] = one.start < other.start ? [one, other] : [other, one]
    return replaced(replaced(xml, second, cut(xml, first)), first, cut(xml, second))
  },
  'element: delete': (xml, choose) => withElement(xml, choose, (it) => replaced(xml, it, '')),
  'element: empty': (xml, choose) =>
    withElement(xml, choose, ({ content }) => (content ? replaced(xml, content, '') : xml)),
  'element: rename': (xml, choose) =>
    withElement(xml, choose, (it) => replaced(xml, it, renamed(xml, it, choose.of(names)))),
  'element: unwrap': (xml, choose) =>
    withElement(xml, choose, (it) => (it.content ? replaced(xml, it, cut(xml, it.content)) : xml)),
  'element: wrap': (xml, choose) =>
    withElement(xml, choose, (it) => {
      const [before, after] = choose.of(carriers)
      return replaced(xml, it, before + cut(xml, it) + after)
    }),
  'element: multiply': (xml, choose) =>
    withElement(xml, choose, (it) => {
      const times = 2 ** choose.below(12)
      const most = Math.max(1, Math.floor(maxRepeatedBytes / (it.end - it.start)))
      return inserted(xml, it.end, cut(xml, it).repeat(Math.min(times, most)))
    }),
  'element: nest in itself': (xml, choose) =>
    withElement(xml, choose, (it) => {
      const start = cut(xml, it.startTag)
      const times = 1 + choose.below(60)
      return it.content
        ? replaced(xml, it, start.repeat(times) + cut(xml, it) + `</${it.name}>`.repeat(times))
        : xml
    }),
  // The kernel of every wrapping attack: the genuine element moves out of the way, its altered twin takes its place.
  'element: evil twin in its place': (xml, choose) =>
    withSignedElement(xml, choose, (it) => {
      const twin = altered(cut(xml, it), choose)
      const seam = choose.of(seams(twin).filter((at) => at > 0))
      const [before, after] = choose.of(carriers)
      const isWrapped = choose.isHeads()
      const genuine = isWrapped ? before + cut(xml, it) + after : cut(xml, it)
      return replaced(xml, it, inserted(twin, seam ?? twin.length, genuine))
    }),
  'element: evil twin beside it': (xml, choose) =>
    withSignedElement(xml, choose, (it) => {
      const twin = altered(cut(xml, it), choose)
      return inserted(xml, choose.isHeads() ? it.start : it.end, twin)
    }),
}

function withElement(xml: string, choose: Choices, change: (it: Element) => string): string {
  const it = choose.ofAny(elements(xml))
  return it === undefined ? xml : change(it)
}

/** One of those with an ID, by which a signature refers to them, more often than any other. */
function withSignedElement(xml: string, choose: Choices, change: (it: Element) => string): string {
  const all = elements(xml)
  const withId = all.filter(({ startTag }) => / ID=/.test(cut(xml, startTag)))
  const it = choose.ofAny(withId.length > 0 && choose.below(4) > 0 ? withId : all)
  return it === undefined ? xml : change(it)
}

function moved(xml: string, it: Element, choose: Choices): string {
  const target = choose.of(seams(xml))
  if (target > it.start && target < it.end) return xml
  const rest = replaced(xml, it, '')
  return inserted(rest, target >= it.end ? target - (it.end - it.start) : target, cut(xml, it))
}

function areApart(one: Span, other: Span): boolean {
  return one.end <= other.start || other.end <= one.start
}

function renamed(xml: string, it: Element, name: string): string {
  const start = replaced(cut(xml, it.startTag), { start: 1, end: 1 + it.name.length }, name)
  return it.content ? `${start}${cut(xml, it.content)}</${name}>` : start
}

/** A copy with another text in it and, mostly, other IDs. */
function altered(xml: string, choose: Choices): string {
  const text = choose.ofAny(texts(xml))
  const changed = text ? replaced(xml, text, `evil${cut(xml, text)}`) : xml
  if (choose.below(4) === 0) return changed
  const ids = elements(changed)
    .flatMap((it) => attributes(changed, it.startTag))
    .filter(({ name }) => name === 'ID')
    .sort((a, b) => b.start - a.start)
  return ids.reduce((it, { value }) => inserted(it, value.end, 'x'), changed)
}
