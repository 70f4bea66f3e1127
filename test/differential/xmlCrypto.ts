/** xml-crypto as the other one: signs random responses, and says what it makes of mutated ones. */
import { createRequire } from 'node:module'
import { SignedXml } from 'xml-crypto'
import type { IdpKey } from '../../src/demo-okta/keys.ts'
import { type Prefixes, withSignature } from './randomResponse.ts'

// The xmldom that xml-crypto brings: nodes of another version must not be handed to it.
const { DOMParser } = createRequire(createRequire(import.meta.url).resolve('xml-crypto'))(
  '@xmldom/xmldom',
) as typeof import('@xmldom/xmldom')

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = `${ds}enveloped-signature`

/** xml-crypto orders prefixes as words of a language, canonical form by their code points: only lower case here. */
export const plainPrefixes: Prefixes = {
  protocol: ['saml2p', 'samlp', 'pr', ''],
  assertion: ['saml', 'a', 'as', ''],
}

export interface HowSigned {
  readonly signature: string
  readonly digest: string
  /** Of the Signature's elements. */
  readonly prefix: string
  readonly inclusivePrefixes: readonly string[]
  readonly hasKeyInfo: boolean
}

export const signatureAlgorithms = [
  `${more}rsa-sha256`,
  `${more}rsa-sha512`,
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
] as const
export const digestAlgorithms = [
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
] as const

/**
 * Signs the element with this ID. The Signature is put into the text by hand, after the element's Issuer: the document stays as it
 * was written, references, line ends and all, where xml-crypto would write it anew.
 */
export function signed(xml: string, id: string, key: IdpKey, how: HowSigned): string {
  const signer = new SignedXml({
    privateKey: key.privateKeyPem,
    signatureAlgorithm: how.signature,
    canonicalizationAlgorithm: exclusive,
    idAttribute: 'ID',
    getKeyInfoContent: (args) => {
      const prefix = args?.prefix ? `${args.prefix}:` : ''
      const certificate = `${prefix}X509Certificate>${key.certificateBase64}</${prefix}X509Certificate`
      return how.hasKeyInfo ? `<${prefix}X509Data><${certificate}></${prefix}X509Data>` : null
    },
  })
  signer.addReference({
    xpath: `//*[@ID='${id}']`,
    transforms: [enveloped, exclusive],
    digestAlgorithm: how.digest,
    inclusiveNamespacesPrefixList: [...how.inclusivePrefixes],
  })
  signer.computeSignature(xml, { prefix: how.prefix })
  return withSignature(xml, id, signer.getSignatureXml())
}

/** Whether xml-crypto finds that every Signature of the Response and of its Assertion holds, one at least. */
export function holds(xml: string, key: IdpKey): boolean {
  try {
    const root = strictParser().parseFromString(xml, 'text/xml').documentElement
    const signatures = [root, ...childrenOf(root, 'Assertion')].flatMap((it) =>
      childrenOf(it, 'Signature'),
    )
    return (
      signatures.length > 0 &&
      signatures.every((signature) => {
        const verifier = new SignedXml({
          publicCert: key.certificatePem,
          getCertFromKeyInfo: () => null,
        })
        verifier.loadSignature(signature as never)
        return verifier.checkSignature(xml)
      })
    )
  } catch {
    return false
  }
}

function strictParser() {
  return new DOMParser({
    errorHandler: (level: string, message: string) => {
      throw new Error(`xmldom ${level}: ${message}`)
    },
  } as never)
}

interface Node {
  readonly localName: string | null
  readonly childNodes: ArrayLike<Node>
}

function childrenOf(parent: unknown, localName: string): Node[] {
  return Array.from((parent as Node).childNodes).filter((it) => it.localName === localName)
}
