import {
  constants,
  createDecipheriv,
  hash,
  privateDecrypt,
  verify,
  X509Certificate,
} from 'node:crypto'
import { type Contender, succeeds } from '../contender.ts'
import type { BenchDocument } from '../documents.ts'
import { inProcess } from '../measure.ts'
import { decryptionKey, idpKey, parties } from '../scene.ts'
import { signaturesOf, verifierOf } from './xmlCrypto.ts'

/** What cannot be saved: the bytes that were signed and digested are there already, keys are ready. */
interface BareWork {
  readonly signatures: readonly {
    readonly signedInfo: Buffer
    readonly value: Buffer
    readonly content: Buffer
    readonly digest: Buffer
  }[]
  readonly encryption: { readonly wrappedKey: Buffer; readonly content: Buffer } | null
}

const { publicKey } = new X509Certificate(idpKey.certificatePem)

/** The cryptography of a response and nothing else, by node:crypto: the speed that no verifier on it can reach. */
export const limit: Contender = {
  id: 'limit',
  title: 'the limit',
  includes: 'RSA and SHA-256 (and RSA-OAEP, AES-GCM) over the right bytes, at hand already',
  async open(_kind, documents) {
    const work = documents.map((document) => bareWork(document.xml))
    return {
      ...inProcess(work, doBareWork),
      accepts: async (document, base64) => {
        const own = bareWork(document.xml)
        return succeeds(() =>
          doBareWork(base64 === document.base64 ? own : tampered(own, document)),
        )
      },
    }
  },
}

function doBareWork({ signatures, encryption }: BareWork): void {
  if (encryption !== null) decrypt(encryption)
  for (const { signedInfo, value, content, digest } of signatures) {
    if (!verify('sha256', signedInfo, publicKey, value)) throw new Error('limit: signature')
    if (!hash('sha256', content, 'buffer').equals(digest)) throw new Error('limit: digest')
  }
}

function decrypt({ wrappedKey, content }: NonNullable<BareWork['encryption']>): Buffer {
  const key = privateDecrypt(
    { key: decryptionKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    wrappedKey,
  )
  const decipher = createDecipheriv('aes-256-gcm', key, content.subarray(0, 12), {
    authTagLength: 16,
  })
  decipher.setAuthTag(content.subarray(-16))
  const text = decipher.update(content.subarray(12, -16))
  decipher.final()
  return text
}

/** Takes the bytes out of a document, by xml-crypto: what it digests and verifies itself is what is verified here. */
function bareWork(xml: string): BareWork {
  const values = [...xml.matchAll(/<xenc:CipherValue>([^<]+)</g)].map(([, value]) =>
    Buffer.from(value ?? '', 'base64'),
  )
  const [wrappedKey, content] = values
  const encryption = wrappedKey && content ? { wrappedKey, content } : null
  const plain = encryption === null ? xml : decrypt(encryption).toString('utf8')
  return { encryption, signatures: signaturesOf(plain).map((it) => signedBytes(plain, it)) }
}

function signedBytes(xml: string, signature: string): BareWork['signatures'][number] {
  const verifier = verifierOf(signature)
  let material = ''
  verifier.SignatureAlgorithms = {
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': class {
      getAlgorithmName = () => 'rsa-sha256'
      getSignature = () => ''
      verifySignature = (signedInfo: unknown) => {
        material = String(signedInfo)
        return true
      }
    },
  }
  verifier.checkSignature(xml)
  const [content = ''] = verifier.getSignedReferences()
  const text = (name: string) => new RegExp(`<ds:${name}>([^<]+)<`).exec(signature)?.[1] ?? ''
  return {
    signedInfo: Buffer.from(material),
    content: Buffer.from(content),
    value: Buffer.from(text('SignatureValue'), 'base64'),
    digest: Buffer.from(text('DigestValue'), 'base64'),
  }
}

/** The same work over the content of a tampered twin. */
function tampered(work: BareWork, { tamperedBase64 }: BenchDocument): BareWork {
  if (tamperedBase64 === '') return work
  return {
    ...work,
    signatures: work.signatures.map((each) => ({
      ...each,
      content: Buffer.from(each.content.toString().replace(parties.nameId, 'someone else')),
    })),
  }
}
