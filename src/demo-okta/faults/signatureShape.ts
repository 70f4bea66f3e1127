import { createHash } from 'node:crypto'
import type { Fault } from './fault.ts'
import {
  type Edit,
  elementText,
  idIn,
  inOrder,
  insertedAfter,
  insertedBefore,
  reachingIn,
  replaced,
  rewritten,
} from './text.ts'

const group = 'Shape of the signature'

/** SignedInfo of another shape, signed so with the right key. */
function inSignedInfo(name: string, title: string, signedInfo: Edit): Fault {
  return { name, title, group, before: reachingIn({ signedInfo }) }
}

/** A change in the Response's signature outside its SignedInfo, after signing: nothing signed is touched, and the value holds. */
function around(name: string, title: string, after: Edit): Fault {
  return { name, title, group, after }
}

/** Another URI of the reference, signed so. */
function uri(name: string, title: string, change: (id: string) => string): Fault {
  return inSignedInfo(
    `reference-uri-${name}`,
    title,
    rewritten(/ URI="#([^"]*)"/, (_all, id = '') => change(id)),
  )
}

const decoyInfo = (xml: string): string =>
  elementText(xml, 'ds:SignedInfo').replace(
    /(<ds:DigestValue>)[^<]*/,
    `$1${createHash('sha256').update('decoy').digest('base64')}`,
  )

/** One part of the profile of SAML core section 5.4 broken at a time. */
export const signatureShapeFaults: readonly Fault[] = [
  uri('empty', 'Reference to the whole document, URI ""', () => ' URI=""'),
  uri('missing', 'Reference without URI', () => ''),
  uri('hash', 'Reference to "#"', () => ' URI="#"'),
  uri(
    'external',
    'Reference to another server',
    () => ' URI="http://attacker.example/assertion.xml"',
  ),
  uri('file', 'Reference to a file', () => ' URI="file:///etc/passwd"'),
  uri('xpointer', 'Reference by xpointer', (id) => ` URI="#xpointer(id('${id}'))"`),
  uri('xpointer-root', 'Reference to "#xpointer(/)"', () => ' URI="#xpointer(/)"'),
  uri('quote', 'Reference that breaks out of an XPath', (id) => ` URI="#${id}' or '1'='1"`),
  uri('white-space', 'Reference with a blank before the ID', (id) => ` URI="# ${id}"`),
  uri('encoded', 'Reference with the ID URL-encoded', (id) => ` URI="#%69${id.slice(1)}"`),
  inSignedInfo('reference-two', 'Two references, both to the Response', (xml) =>
    insertedAfter('</ds:Reference>', elementText(xml, 'ds:Reference'))(xml),
  ),
  inSignedInfo(
    'reference-none',
    'SignedInfo without reference',
    rewritten(/<ds:Reference .*<\/ds:Reference>/s, () => ''),
  ),
  inSignedInfo('digest-value-two', 'Two digest values, a decoy first', (xml) =>
    insertedBefore('<ds:DigestValue>', elementText(decoyInfo(xml), 'ds:DigestValue'))(xml),
  ),
  inSignedInfo(
    'digest-value-empty',
    'An empty digest value',
    rewritten(/(<ds:DigestValue>)[^<]*/, (_all, start = '') => start),
  ),
  inSignedInfo(
    'digest-value-nested',
    'A digest value inside an element inside DigestValue',
    rewritten(
      /(<ds:DigestValue>)([^<]*)/,
      (_all, start = '', value = '') => `${start}<ds:DigestValue>${value}</ds:DigestValue>`,
    ),
  ),
  inSignedInfo(
    'transforms-missing',
    'No transforms',
    rewritten(/<ds:Transforms>.*<\/ds:Transforms>/s, () => ''),
  ),
  inSignedInfo(
    'transforms-one',
    'Exclusive canonicalization as the only transform',
    rewritten(/<ds:Transform [^>]*enveloped-signature"(?:\/>|><\/ds:Transform>)/, () => ''),
  ),
  inSignedInfo(
    'transforms-three',
    'Three transforms, canonicalization twice',
    insertedBefore(
      '</ds:Transforms>',
      '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
    ),
  ),
  inSignedInfo(
    'hmac-output-length',
    'SignatureMethod with HMACOutputLength 0',
    rewritten(
      /(<ds:SignatureMethod [^>]*?)\/?>(<\/ds:SignatureMethod>)?/,
      (_all, start = '') =>
        `${start}><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>`,
    ),
  ),
  inSignedInfo('signed-info-text', 'Text in SignedInfo', insertedAfter('<ds:SignedInfo>', 'decoy')),
  around('signed-info-two', 'Two SignedInfo, a decoy first', (xml) =>
    insertedBefore('<ds:SignedInfo>', decoyInfo(xml))(xml),
  ),
  around('signed-info-second', 'Two SignedInfo, a decoy second', (xml) =>
    insertedAfter('</ds:SignedInfo>', decoyInfo(xml))(xml),
  ),
  around('signed-info-in-keyinfo', 'A decoy SignedInfo in KeyInfo', (xml) =>
    insertedAfter('<ds:KeyInfo>', decoyInfo(xml))(xml),
  ),
  around('signed-info-in-object', 'A decoy SignedInfo in an Object before the real one', (xml) =>
    insertedBefore('<ds:SignedInfo>', `<ds:Object>${decoyInfo(xml)}</ds:Object>`)(xml),
  ),
  around('signed-info-foreign', 'A decoy SignedInfo of a foreign namespace', (xml) =>
    insertedBefore(
      '<ds:SignedInfo>',
      decoyInfo(xml)
        .replace(/<(\/?)ds:/g, '<$1x:')
        .replace('>', ' xmlns:x="urn:example:ds">'),
    )(xml),
  ),
  around('c14n-method-decoy', 'A decoy CanonicalizationMethod before SignedInfo', (xml) =>
    insertedBefore(
      '<ds:SignedInfo>',
      '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>',
    )(xml),
  ),
  around('signature-value-decoy', 'A decoy SignatureValue before SignedInfo', (xml) =>
    insertedBefore('<ds:SignedInfo>', '<ds:SignatureValue>ZGVjb3k=</ds:SignatureValue>')(xml),
  ),
  around('keyinfo-two', 'Two KeyInfo', (xml) =>
    insertedAfter('</ds:KeyInfo>', elementText(xml, 'ds:KeyInfo'))(xml),
  ),
  around('object-manifest', 'An Object with a Manifest in the signature', (xml) =>
    insertedAfter(
      '</ds:KeyInfo>',
      `<ds:Object><ds:Manifest>${elementText(xml, 'ds:Reference')}</ds:Manifest></ds:Object>`,
    )(xml),
  ),
  around('signature-foreign-child', 'An element of a foreign namespace in the signature', (xml) =>
    insertedAfter('</ds:KeyInfo>', '<x:More xmlns:x="urn:example:more"/>')(xml),
  ),
  {
    name: 'signature-value-empty',
    title: 'An empty signature value',
    group,
    after: rewritten(/(<ds:SignatureValue>)[^<]*/, (_all, start = '') => start),
  },
  {
    name: 'signature-value-missing',
    title: 'No signature value',
    group,
    after: rewritten(/<ds:SignatureValue>[^<]*<\/ds:SignatureValue>/, () => ''),
  },
  {
    name: 'signature-empty',
    title: 'A signature without anything in it',
    group,
    after: rewritten(/(<ds:Signature [^>]*>).*?(?=<\/ds:Signature>)/s, (_all, start = '') => start),
  },
  {
    name: 'signature-twice',
    title: 'The Response’s signature twice',
    group,
    after: (xml) => insertedAfter('</ds:Signature>', elementText(xml, 'ds:Signature'))(xml),
  },
  {
    name: 'signature-last',
    title: 'The Response’s signature at its end',
    group,
    after: (xml) => {
      const signature = elementText(xml, 'ds:Signature')
      return inOrder(replaced(signature, ''), insertedBefore('</saml2p:Response>', signature))(xml)
    },
  },
  {
    name: 'signature-detached',
    title: 'The assertion’s signature beside it, in the Response',
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml) => {
      const signature = elementText(xml, 'ds:Signature')
      return inOrder(replaced(signature, ''), insertedBefore('<saml2p:Status>', signature))(xml)
    },
  },
  {
    name: 'reference-to-assertion',
    title: 'The Response’s signature refers to the assertion',
    group,
    before: (spec) => {
      const [assertion] = spec.assertions
      const signedInfo = rewritten(/ URI="#[^"]*"/, () => ` URI="#${assertion?.id ?? ''}"`)
      return reachingIn({ signedInfo }, 'response')(spec)
    },
    twin: 'response-signed',
  },
  {
    name: 'id-changed',
    title: 'The Response’s ID changed after signing',
    group,
    after: (xml) => replaced(` ID="${idIn(xml)}"`, ' ID="idOther"')(xml),
  },
]
