import {
  constants,
  createCipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { element, ns } from '../../src/demo-okta/xml.ts'

const xenc = 'http://www.w3.org/2001/04/xmlenc#'
const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'

/**
 * An assertion as Okta encrypts it: AES-256-GCM, its key by RSA-OAEP with SHA-1, the one form that every peer understands, in the
 * EncryptedData (XML Encryption 1.1 sections 3.1, 5.2.4, 5.5.2).
 */
export function encryptAssertion(assertionXml: string, certificatePem: string): string {
  const contentKey = randomBytes(32)
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce)
  const text = Buffer.concat([cipher.update(assertionXml, 'utf8'), cipher.final()])
  const content = Buffer.concat([nonce, text, cipher.getAuthTag()])
  const wrappedKey = publicEncrypt(
    {
      key: createPublicKey(new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'pem' })),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha1',
    },
    contentKey,
  )
  const key = element(
    'xenc:EncryptedKey',
    {},
    element(
      'xenc:EncryptionMethod',
      { Algorithm: `${xenc}rsa-oaep-mgf1p` },
      element('ds:DigestMethod', { Algorithm: sha1 }),
    ),
    cipherData(wrappedKey),
  )
  return element(
    'saml2:EncryptedAssertion',
    { 'xmlns:saml2': ns.assertion },
    element(
      'xenc:EncryptedData',
      { 'xmlns:xenc': xenc, Type: `${xenc}Element` },
      element('xenc:EncryptionMethod', { Algorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm' }),
      element('ds:KeyInfo', { 'xmlns:ds': ns.ds }, key),
      cipherData(content),
    ),
  )
}

function cipherData(value: Buffer): string {
  return element(
    'xenc:CipherData',
    {},
    element('xenc:CipherValue', {}, value.toString('base64')),
  )
}
