import { DOMParser } from '@xmldom/xmldom'
import { SignedXml } from 'xml-crypto'
import { type Contender, succeeds } from '../contender.ts'
import { inProcess } from '../measure.ts'
import { idpKey } from '../scene.ts'

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'

/** xml-crypto by itself: every signature found and checked, nothing read afterwards. It does not decrypt. */
export const xmlCrypto: Contender = {
  id: 'xmlCrypto',
  title: 'xml-crypto',
  includes: 'xmldom parse and checkSignature for each signature; no SAML',
  async open(kind, documents) {
    if (kind === 'encrypted') return null
    const verify = (base64: string) => {
      const xml = Buffer.from(base64, 'base64').toString('utf8')
      const signatures = signaturesOf(xml)
      if (signatures.length === 0) throw new Error('xml-crypto: no signature')
      for (const signature of signatures) {
        const verifier = verifierOf(signature)
        if (!verifier.checkSignature(xml)) throw new Error('xml-crypto: the digest differs')
      }
    }
    return {
      ...inProcess(documents, ({ base64 }) => verify(base64)),
      accepts: (_document, base64) => succeeds(() => verify(base64)),
    }
  },
}

/** The Signature elements of a document in document order, each as XML. */
export function signaturesOf(xml: string): string[] {
  const document = new DOMParser().parseFromString(xml, 'text/xml')
  return Array.from(document.getElementsByTagNameNS(xmldsig, 'Signature'), String)
}

/** xml-crypto ready for one signature of the benchmarks' identity provider, whose certificate it must not take from KeyInfo. */
export function verifierOf(signature: string): SignedXml {
  const verifier = new SignedXml({
    publicCert: idpKey.certificatePem,
    getCertFromKeyInfo: () => null,
  })
  verifier.loadSignature(signature)
  return verifier
}
