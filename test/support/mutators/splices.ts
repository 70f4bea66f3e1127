import { allAttributes, cut, elements, inserted, replaced, seams, texts } from './markup.ts'
import type { Mutators } from './mutator.ts'

/** Two responses that the same key signed, cut and put together. `partner` is the other one. */
export const spliceMutators: Mutators = {
  'splice: an element for its like': (xml, choose, partner) => {
    const theirs = choose.ofAny(elements(partner))
    const ours = choose.ofAny(elements(xml).filter(({ name }) => name === theirs?.name))
    return theirs && ours ? replaced(xml, ours, cut(partner, theirs)) : xml
  },
  'splice: a large element for its like': (xml, choose, partner) => {
    const isLarge = ({ name }: { name: string }) =>
      /Assertion$|Signature$|SignedInfo$|Subject$|KeyInfo$/.test(name)
    const theirs = choose.ofAny(elements(partner).filter(isLarge))
    const ours = choose.ofAny(elements(xml).filter(({ name }) => name === theirs?.name))
    return theirs && ours ? replaced(xml, ours, cut(partner, theirs)) : xml
  },
  'splice: an element put in': (xml, choose, partner) => {
    const theirs = choose.ofAny(elements(partner))
    const seam = choose.ofAny(seams(xml))
    return theirs && seam !== undefined ? inserted(xml, seam, cut(partner, theirs)) : xml
  },
  'splice: a text': (xml, choose, partner) => {
    const [ours, theirs] = [choose.ofAny(texts(xml)), choose.ofAny(texts(partner))]
    return ours && theirs ? replaced(xml, ours, cut(partner, theirs)) : xml
  },
  'splice: an attribute of the same name': (xml, choose, partner) => {
    const ours = choose.ofAny(allAttributes(xml))
    const theirs = choose.ofAny(allAttributes(partner).filter(({ name }) => name === ours?.name))
    return ours && theirs ? replaced(xml, ours.value, cut(partner, theirs.value)) : xml
  },
  'splice: head and tail': (xml, choose, partner) => {
    const head = choose.ofAny(seams(xml))
    const tail = choose.ofAny(seams(partner))
    return head === undefined || tail === undefined ? xml : xml.slice(0, head) + partner.slice(tail)
  },
  'splice: the whole other inside': (xml, choose, partner) => {
    const seam = choose.ofAny(seams(xml))
    const root = partner.replace(/^<\?xml[^>]*>/, '')
    return seam === undefined ? xml : inserted(xml, seam, root)
  },
}
