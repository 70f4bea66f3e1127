import { nameIdFormats } from '../honest.ts'
import { escapeXml } from '../xml.ts'
import { rewriteNameId } from './dom.ts'
import { assertions, type Fault } from './fault.ts'

/**
 * What a forger who owns the name `<victim's NameID>.evil.example` at the IdP has signed. With markup between the two halves, a
 * careless reader takes only the first, and the signature still holds (CVE-2017-11427 and its kin).
 */
const suffix = '.evil.example'
const withSuffix = assertions(({ nameId }) => ({
  nameId: nameId && { ...nameId, value: `${nameId.value}${suffix}` },
}))

/** What is said about the person, or how it is written. */
export const subjectFaults: readonly Fault[] = [
  {
    name: 'nameid-tampered',
    title: "Tampered NameID: somebody else's, put in after signing",
    group: 'NameID and attributes',
    after: (xml, { forgedNameId }) => rewriteNameId(xml, () => escapeXml(forgedNameId)),
  },
  {
    name: 'nameid-missing',
    title: 'No NameID',
    group: 'NameID and attributes',
    before: assertions(() => ({ nameId: null })),
  },
  {
    name: 'nameid-format-transient',
    title: 'NameID of format transient',
    group: 'NameID and attributes',
    before: assertions(({ nameId }) => ({
      nameId: nameId && { ...nameId, format: nameIdFormats.transient },
    })),
  },
  {
    name: 'nameid-whitespace',
    title: 'NameID with white space around it',
    group: 'NameID and attributes',
    before: assertions(({ nameId }) => ({
      nameId: nameId && { ...nameId, value: ` ${nameId.value} ` },
    })),
  },
  {
    name: 'duplicate-attribute',
    title: 'The same attribute twice, with different values',
    group: 'NameID and attributes',
    before: assertions(({ attributes }) => ({
      attributes: [
        ...attributes,
        ...attributes.slice(0, 1).map(({ name }) => ({ name, values: ['ceo@other.example'] })),
      ],
    })),
  },
  {
    name: 'nameid-comment',
    title: 'Comment in NameID, hiding its second half',
    group: 'Markup',
    before: withSuffix,
    after: (xml) => rewriteNameId(xml, (text) => split(text, (tail) => `<!---->${tail}`)),
  },
  {
    name: 'processing-instruction',
    title: 'Processing instruction in NameID, hiding its second half',
    group: 'Markup',
    before: withSuffix,
    // Canonicalizers that write the data of an instruction as text still find what was signed.
    after: (xml) => rewriteNameId(xml, (text) => split(text, (tail) => `<?x ${tail}?>`)),
  },
  {
    name: 'cdata',
    title: 'NameID as CDATA section',
    group: 'Markup',
    after: (xml, { facts }) => rewriteNameId(xml, () => `<![CDATA[${facts.user.nameId}]]>`),
  },
  {
    name: 'doctype',
    title: 'Document type declaration',
    group: 'Markup',
    after: (xml) => xml.replace('<saml2p:Response', '<!DOCTYPE saml2p:Response>\n<saml2p:Response'),
  },
]

function split(text: string, tail: (suffix: string) => string): string {
  return text.slice(0, -suffix.length) + tail(suffix)
}
