import type { SignatureProfile } from './signature/profile.ts'
import type { ParsedDocument } from './types.ts'
import type { XmlElement } from './xml/tree.ts'

/** What stands behind a ParsedDocument: a Response whose shape is sound, taken apart. */
export interface ResponseDocument {
  readonly root: XmlElement
  /** All ID-like values of the message. */
  readonly ids: ReadonlySet<string>
  /** The Assertion or EncryptedAssertion, null when there is none. */
  readonly assertion: XmlElement | null
  readonly isEncrypted: boolean
  readonly responseSignature: SignatureProfile | null
  /** Of a plain Assertion; that of an encrypted one shows after decryption. */
  readonly assertionSignature: SignatureProfile | null
}

export function sealed(document: ResponseDocument): ParsedDocument {
  return document as unknown as ParsedDocument
}

export function opened(document: ParsedDocument): ResponseDocument {
  return document as unknown as ResponseDocument
}
