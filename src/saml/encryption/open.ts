import type { KeyObject } from 'node:crypto'
import type { MessageLimits } from '../types.ts'
import { decodeXml } from '../xml/bytes.ts'
import { parseXml } from '../xml/parse.ts'
import type { XmlElement } from '../xml/tree.ts'
import { decrypt, refuseDecryption } from './decrypt.ts'
import { readEncrypted } from './read.ts'

/**
 * Decrypts an EncryptedAssertion or EncryptedID and parses what is inside, as a document of its own under the same limits.
 *
 * A GCM tag that holds proves that the sender wrote these bytes, so a fault in them can be named. CBC proves nothing: there a
 * fault in the XML is as secret as one in the padding, and both are `decryptionFailed`.
 */
export function openEncrypted(
  holder: XmlElement,
  allowCbc: boolean,
  context: { readonly limits: MessageLimits; readonly decryptionKeys: readonly KeyObject[] },
): XmlElement {
  const content = readEncrypted(holder, allowCbc)
  const bytes = decrypt(content, context.decryptionKeys)
  const parse = () => parseXml(decodeXml(bytes), context.limits)
  if (content.cipher.mode === 'gcm') return parse()
  try {
    return parse()
  } catch {
    return refuseDecryption()
  }
}
