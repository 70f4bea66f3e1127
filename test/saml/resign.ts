/** Signs a changed SignedInfo anew: for documents that a signer's library would not make, and whose signature holds all the same. */
import { sign } from 'node:crypto'
import { defaultLimits } from '../../src/saml/types.ts'
import { decodeXml } from '../../src/saml/xml/bytes.ts'
import { canonicalize, exclusive } from '../../src/saml/xml/canonicalize.ts'
import { ns } from '../../src/saml/xml/names.ts'
import { parseXml } from '../../src/saml/xml/parse.ts'
import { onlyChild, type XmlElement } from '../../src/saml/xml/tree.ts'
import type { Signer } from './sign.ts'
import { change } from './support.ts'

export const parse = (xml: string): XmlElement =>
  parseXml(decodeXml(Buffer.from(xml)), defaultLimits)

/** The child of that name in XML Signature's namespace, which must be there. */
export function part(parent: XmlElement, name: string): XmlElement {
  const child = onlyChild(parent, ns.signature, name)
  if (child === null) throw new Error(`no ${name} in ${parent.localName}`)
  return child
}

/**
 * Changes a signed Response, whose own signature stands first, and gives it a new signature value: RSA PKCS#1 v1.5, or ECDSA as DER,
 * with SHA-256, whatever SignatureMethod says.
 */
export function resigned(xml: string, signer: Signer, from: string | RegExp, to: string): string {
  const changed = change(xml, from, to)
  const info = canonicalize(
    part(part(parse(changed), 'Signature'), 'SignedInfo'),
    exclusive,
    null,
    1e6,
  )
  const value = sign('sha256', Buffer.from(info, 'latin1'), signer.privateKey).toString('base64')
  return change(changed, /(?<=<ds:SignatureValue>)[^<]*(?=<\/ds:SignatureValue>)/, value)
}
