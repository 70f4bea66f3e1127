/** The tags of a document in order, with attribute names but without attribute values. */
export function skeleton(html: string): string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, '=""'))
}

const entities = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
])

/** Takes the escaping away. */
export function unescaped(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities.get(entity) ?? entity)
}

/** The text of each element of that name, without tags, unescapedd. */
export function texts(html: string, element: string): string[] {
  const pattern = new RegExp(`<${element}(?:\\s[^>]*)?>(.*?)</${element}>`, 'gs')
  return [...html.matchAll(pattern)].map(([, inner]) =>
    unescaped((inner ?? '').replaceAll(/<[^>]*>/g, ''))
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
}

/** Each tag of that name as a map of its attributes, unescapedd; an attribute without a value is ''. */
export function tags(html: string, element: string): Map<string, string>[] {
  return [...html.matchAll(new RegExp(`<${element}(\\s[^>]*)?>`, 'g'))].map(
    ([, attributes = '']) =>
      new Map(
        [...attributes.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
          name,
          unescaped(value),
        ]),
      ),
  )
}
