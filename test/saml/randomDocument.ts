import fc from 'fast-check'

/**
 * Documents with namespaces, prefixes, attributes, references and white space of every kind that the parser takes. A prefix always
 * stands for the same namespace, since xml-crypto forgets a prefix's second meaning when it ends, and end tags have no white space,
 * since xmldom then misses them; both are tested by hand.
 */
const prefixes = ['p', 'q', 'saml2', 'xs'] as const
const uri = (prefix: string) => `urn:example:${prefix}`

const textPiece = fc.oneof(
  { weight: 5, arbitrary: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).map(clean) },
  fc.constantFrom('&amp;', '&lt;', '&gt;', '&quot;', '&apos;', '&#13;', '&#xA;', '&#x9;'),
  fc.constantFrom('&#xe9;', '&#x1F600;', '&#65;', '\r\n', '\r', '\n', '\t', '>', '"', "'", ' '),
)

/** Markup, what is no character of XML, and what xmldom takes for line ends as if this were XML 1.1. */
const notPlain = new Set(['<', '&', ']', '\ufffe', '\uffff', '\u0085', '\u2028', '\u2029'])

function clean(text: string): string {
  return [...text].filter((it) => it >= ' ' && !notPlain.has(it)).join('')
}

const text = fc.array(textPiece, { maxLength: 4 }).map((pieces) => pieces.join(''))
const value = text.map((it) => `"${it.replaceAll('"', '&quot;')}"`)
const localName = fc.constantFrom('a', 'b', 'Issuer', 'c-d', 'E.f', '_g')

interface Shape {
  readonly name: string
  readonly prefix: string
  readonly attributes: readonly (readonly [prefix: string, name: string, value: string])[]
  readonly declared: readonly string[]
  readonly undeclaresDefault: boolean
  readonly spaces: string
  readonly children: readonly (Shape | string)[]
}

const { shape } = fc.letrec<{ shape: Shape; child: Shape | string }>((tie) => ({
  child: fc.oneof({ depthSize: 'small', maxDepth: 5 }, text, tie('shape')),
  shape: fc.record({
    name: localName,
    prefix: fc.constantFrom('', '', ...prefixes),
    attributes: fc.uniqueArray(
      fc.tuple(fc.constantFrom('', '', ...prefixes, 'xml'), localName, value),
      {
        maxLength: 4,
        selector: ([prefix, name]) => `${prefix}:${name}`,
      },
    ),
    declared: fc.uniqueArray(fc.constantFrom('', ...prefixes), { maxLength: 3 }),
    undeclaresDefault: fc.boolean(),
    spaces: fc.constantFrom('', ' ', '\n\t'),
    children: fc.array(tie('child'), { maxLength: 4 }),
  }),
}))

/** Writes a shape, and declares on it whatever it uses and nothing around it has declared. */
function write(it: Shape, inForce: ReadonlySet<string>): string {
  const used = [it.prefix, ...it.attributes.map(([prefix]) => prefix)]
  const missing = used.filter((prefix) => prefix !== '' && prefix !== 'xml' && !inForce.has(prefix))
  const declared = new Set([...it.declared, ...missing])
  const declarations = [...declared].map((prefix) =>
    prefix === ''
      ? ` xmlns="${it.undeclaresDefault ? '' : uri('default')}"`
      : ` xmlns:${prefix}="${uri(prefix)}"`,
  )
  const attributes = it.attributes.map(
    ([prefix, name, quoted]) => `\n${prefix === '' ? '' : `${prefix}:`}${name} = ${quoted}`,
  )
  const name = it.prefix === '' ? it.name : `${it.prefix}:${it.name}`
  const start = `<${name}${[...attributes, ...declarations].join('')}${it.spaces}`
  if (it.children.length === 0) return `${start}/>`
  const scope = new Set([...inForce, ...declared])
  const content = it.children.map((child) =>
    typeof child === 'string' ? child : write(child, scope),
  )
  return `${start}>${content.join('')}</${name}>`
}

export const randomDocument: fc.Arbitrary<string> = shape.map((root) => write(root, new Set()))
