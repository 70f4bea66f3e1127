/**
 * Where the tags, attributes and texts of a document stand, whether it is well-formed or not: mutators cut and paste text, so that
 * what they make owes nothing to a parser. Documents are byte strings (latin1), offsets are bytes.
 */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Attribute extends Span {
  readonly name: string
  /** Between the quotes. */
  readonly value: Span
}

export interface Element extends Span {
  /** As written, prefix included. */
  readonly name: string
  readonly startTag: Span
  /** Between the tags; null for `<a/>`. */
  readonly content: Span | null
}

// No quantifier here reaches over a `<`, so that looking for tags stays linear whatever the document is.
const tagPattern = /<(\/?)([^\s<>/="']+)(?:[^<>"']|"[^"<]*"|'[^'<]*')*>/g
const attributePattern = /([^\s=<>"'/]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g

/** All elements whose start tag has its end tag, in the order in which they end. */
export function elements(xml: string): Element[] {
  const found: Element[] = []
  const open: { name: string; startTag: Span }[] = []
  for (const match of xml.matchAll(tagPattern)) {
    const [text, slash, name = ''] = match
    const tag = { start: match.index, end: match.index + text.length }
    if (slash === '/') {
      if (open.at(-1)?.name !== name) continue
      const { startTag } = open.pop() ?? { startTag: tag }
      const content = { start: startTag.end, end: tag.start }
      found.push({ name, startTag, content, start: startTag.start, end: tag.end })
    } else if (text.endsWith('/>')) {
      found.push({ ...tag, name, startTag: tag, content: null })
    } else {
      open.push({ name, startTag: tag })
    }
  }
  return found
}

/** Every start tag, the ones of empty elements included. */
export function startTags(xml: string): Span[] {
  return [...xml.matchAll(tagPattern)]
    .filter(([, slash]) => slash === '')
    .map((match) => ({ start: match.index, end: match.index + match[0].length }))
}

/** The attributes of the start tag at `tag`, namespace declarations included. */
export function attributes(xml: string, tag: Span): Attribute[] {
  return [...cut(xml, tag).matchAll(attributePattern)].map((match) => {
    const start = tag.start + match.index
    const end = start + match[0].length
    const length = (match[2] ?? match[3] ?? '').length
    return { name: match[1] ?? '', start, end, value: { start: end - 1 - length, end: end - 1 } }
  })
}

/** The attributes of all start tags. */
export function allAttributes(xml: string): Attribute[] {
  return startTags(xml).flatMap((tag) => attributes(xml, tag))
}

/** The runs of text between tags that are not white space only. */
export function texts(xml: string): Span[] {
  return [...xml.matchAll(/>([^<>]*[^<>\s][^<>]*)</g)].map((match) => ({
    start: match.index + 1,
    end: match.index + match[0].length - 1,
  }))
}

/** Places where markup can be put in without breaking a tag: before and after every tag. */
export function seams(xml: string): number[] {
  return [...xml.matchAll(tagPattern)].flatMap((match) => [
    match.index,
    match.index + match[0].length,
  ])
}

export function cut(xml: string, { start, end }: Span): string {
  return xml.slice(start, end)
}

export function replaced(xml: string, { start, end }: Span, by: string): string {
  return xml.slice(0, start) + by + xml.slice(end)
}

export function inserted(xml: string, at: number, text: string): string {
  return xml.slice(0, at) + text + xml.slice(at)
}
