import fc from 'fast-check'
import { randomDocument } from '../saml/randomDocument.ts'
import { randomText, randomValue, type Written } from './randomText.ts'

/** An unsigned response, and what stands in it. */
export interface RandomResponse {
  readonly xml: string
  readonly responseId: string
  readonly assertionId: string
  readonly issuer: string
  readonly nameId: string
  readonly audience: string
  /** Names and first values of the attributes that hold text only. */
  readonly attributes: readonly (readonly [name: string, value: string])[]
}

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion'

/**
 * The prefixes that SAML's namespaces get; empty is the default namespace. None is one that the foreign trees use, since xml-crypto
 * forgets a prefix's second meaning when it ends (randomDocument.ts).
 */
export interface Prefixes {
  readonly protocol: readonly string[]
  readonly assertion: readonly string[]
}

/** How a document is written. */
interface Style {
  readonly protocolPrefix: string
  readonly assertionPrefix: string
  /** Whether the assertion's namespace is declared on the root already. */
  readonly isDeclaredEarly: boolean
  readonly declaration: string
  /** White space between the elements of SAML. */
  readonly between: string
  readonly quote: string
  /** White space between attributes. */
  readonly spaces: string
  /** Whether attributes and declarations stand in the other order. */
  readonly isBackwards: boolean
}

const style = ({ protocol, assertion }: Prefixes): fc.Arbitrary<Style> =>
  fc.record({
    protocolPrefix: fc.constantFrom(...protocol),
    assertionPrefix: fc.constantFrom(...assertion),
    isDeclaredEarly: fc.boolean(),
    declaration: fc.constantFrom(
      '',
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<?xml version='1.0'?>\n",
    ),
    between: fc.constantFrom('', '\n', '\r\n  ', '\t'),
    quote: fc.constantFrom('"', "'"),
    spaces: fc.constantFrom(' ', '\n', '  '),
    isBackwards: fc.boolean(),
  })

const ncName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{4,20}$/)

const parts = fc.record({
  ids: fc.uniqueArray(ncName, { minLength: 2, maxLength: 2 }),
  nameId: randomText,
  audience: randomText,
  issuer: randomText,
  attributes: fc.array(fc.tuple(randomValue, randomText), { maxLength: 4 }),
  foreignValue: fc.option(randomDocument, { nil: '' }),
  foreignAttribute: randomValue,
  extension: fc.option(randomDocument, { nil: '' }),
})

export function randomResponse(
  prefixes: Prefixes,
  { mayHaveLanguage = true } = {},
): fc.Arbitrary<RandomResponse> {
  const hasLanguage = mayHaveLanguage ? fc.boolean() : fc.constant(false)
  return fc.tuple(style(prefixes), parts, hasLanguage).map(([how, chosen, language]) => {
    const what = { ...chosen, hasLanguage: language }
    const [responseId = '', assertionId = ''] = what.ids
    return {
      xml: how.declaration + write(how, what, responseId, assertionId),
      responseId,
      assertionId,
      issuer: what.issuer.meant,
      nameId: what.nameId.meant,
      audience: what.audience.meant,
      attributes: what.attributes.map(([name, value]) => [name.meant, value.meant] as const),
    }
  })
}

/** The document with a Signature in its place in the element with this ID: after the Issuer. All else stays as it is written. */
export function withSignature(xml: string, id: string, signature: string): string {
  const issuer = /<([\w.:-]*Issuer)\b[^>]*(?:\/>|>[^<]*<\/\1>)/g
  issuer.lastIndex = xml.search(new RegExp(`ID=["']${id}["']`))
  if (issuer.lastIndex === 0 || !issuer.test(xml)) throw new Error(`no Issuer after the ID ${id}`)
  return xml.slice(0, issuer.lastIndex) + signature + xml.slice(issuer.lastIndex)
}

type Parts = (typeof parts extends fc.Arbitrary<infer T> ? T : never) & {
  /** Whether the root has an xml:lang. */
  readonly hasLanguage: boolean
}
type Attributes = Readonly<Record<string, string | null>>

function write(how: Style, what: Parts, responseId: string, assertionId: string): string {
  const isOneDefault = how.protocolPrefix === '' && how.assertionPrefix === ''
  // The root cannot declare both as its default namespace.
  const isEarly = how.isDeclaredEarly && !isOneDefault
  const p = (name: string) => qualified(how.protocolPrefix, name)
  const a = (name: string) => qualified(how.assertionPrefix, name)
  const own = (prefix: string, namespace: string) => ({
    [prefix === '' ? 'xmlns' : `xmlns:${prefix}`]: namespace,
  })
  const ours = own(how.assertionPrefix, assertion)
  // With both as default namespace, a child of the other namespace declares its own again.
  const late: Attributes = isEarly ? {} : ours
  const again: Attributes = isOneDefault ? own('', protocol) : {}
  const e = (name: string, attributes: Attributes, ...content: string[]) =>
    element(how, name, attributes, content)
  const issuer = e(a('Issuer'), late, what.issuer.written)
  const nameId = e(a('NameID'), { Format: 'urn:x' }, what.nameId.written)
  const confirmation = e(
    a('SubjectConfirmation'),
    { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' },
    e(a('SubjectConfirmationData'), {
      'xmlns:f': 'urn:foreign',
      'f:note': what.foreignAttribute.written,
      Recipient: 'https://login.example.test/saml2',
    }),
  )
  const texts = what.attributes.map(([name, value]) => attribute(how, a, name, value.written))
  const foreign =
    what.foreignValue === ''
      ? ''
      : attribute(how, a, { written: 'foreign', meant: 'foreign' }, what.foreignValue)
  return e(
    p('Response'),
    {
      ...own(how.protocolPrefix, protocol),
      ...(isEarly ? ours : {}),
      ID: responseId,
      Version: '2.0',
      'xml:lang': what.hasLanguage ? 'en' : null,
    },
    issuer,
    // A tree without prefix inherits a default namespace; that of SAML must not come into Extensions.
    what.extension === '' || how.protocolPrefix === '' || how.assertionPrefix === ''
      ? ''
      : e(p('Extensions'), {}, what.extension),
    e(p('Status'), again, e(p('StatusCode'), { Value: 'urn:x' })),
    e(
      a('Assertion'),
      { ...late, Version: '2.0', ID: assertionId },
      e(a('Issuer'), {}, what.issuer.written),
      e(a('Subject'), {}, nameId, confirmation),
      e(
        a('Conditions'),
        {},
        e(a('AudienceRestriction'), {}, e(a('Audience'), {}, what.audience.written)),
      ),
      e(a('AttributeStatement'), {}, ...texts, foreign),
    ),
  )
}

function attribute(
  how: Style,
  a: (name: string) => string,
  name: Written,
  content: string,
): string {
  return element(how, a('Attribute'), { Name: name.written }, [
    element(how, a('AttributeValue'), {}, [content]),
  ])
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`
}

/** Elements that hold elements get white space between them; those that hold text do not. */
function element(
  { quote, spaces, between, isBackwards }: Style,
  name: string,
  attributes: Attributes,
  content: readonly string[],
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${spaces}${key}=${quote}${value}${quote}`)
  const start = name + (isBackwards ? written.reverse() : written).join('')
  const isText = !/(Response|Status|Assertion|Subject|Statement|Conditions)$/.test(name)
  const inner = isText
    ? content.join('')
    : content.flatMap((it) => (it === '' ? [] : [between, it])).join('')
  return inner === '' ? `<${start}/>` : `<${start}>${inner}</${name}>`
}
