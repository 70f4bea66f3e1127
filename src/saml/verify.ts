import { refuse } from '../aadsts/reasons.ts'
import { verifiedAssertion } from './assertion.ts'
import { opened, type ResponseDocument } from './document.ts'
import { openEncrypted } from './encryption/open.ts'
import { verifiedEnvelope } from './response.ts'
import { assertionShape } from './shape.ts'
import type { SignatureProfile } from './signature/profile.ts'
import {
  type AllowedSignature,
  allowSignature,
  type VerifiedSignature,
  verifySignature,
} from './signature/verify.ts'
import type { MessageLimits, SignatureTrust, VerifyResponse } from './types.ts'
import { decodeXml } from './xml/bytes.ts'
import { canonicalize, exclusive } from './xml/canonicalize.ts'
import { ns } from './xml/names.ts'
import { parseXml } from './xml/parse.ts'
import { isElement, onlyChild, type XmlElement } from './xml/tree.ts'

type Context = Parameters<VerifyResponse>[2] & { readonly trust: SignatureTrust }

/** The Response's own signature, and the Response read anew from what it signed. */
interface ProvenEnvelope {
  readonly proof: VerifiedSignature
  readonly root: XmlElement
}

/** An assertion that signed bytes hold, read anew from them. */
interface ProvenAssertion {
  readonly element: XmlElement
  readonly signedBytes: Buffer
  /** Of its own signature; null when the Response's alone covers it. */
  readonly proof: VerifiedSignature | null
}

/**
 * Verifies a Response: every signature in it must hold, and one of them must cover the assertion (saml-security R6 to R8, R24).
 *
 * In this order: what policy asks for is there (`assertionMissing`, `assertionNotEncrypted`, `notSigned`); all algorithms are allowed,
 * before any cryptography (`algorithmNotAllowed`); the Response's signature (see `verifySignature`); decryption; the assertion's
 * signature. A broken signature is never rescued by a good one.
 *
 * What is handed out is read from the canonical bytes that were digested: those of the Response when it is signed, else those of
 * the assertion. The bytes are parsed once more, by the same parser, rather than read off the tree they were made from: then
 * nothing rests on the tree and its canonical form saying the same, only on the digest. Both signatures are checked on the first
 * tree, as the signer saw it: exclusive form drops namespaces that a PrefixList inside may need.
 */
export const verifyResponse: VerifyResponse = (claimed, trust, circumstances) => {
  const document = opened(claimed.document)
  const context: Context = { ...circumstances, trust }
  const holder = coveredAssertion(document, trust)
  const responseSignature = allowed(document.responseSignature, trust)
  const assertionSignature = allowed(document.assertionSignature, trust)

  const envelope = responseSignature && provenEnvelope(responseSignature, context)
  const assertion = document.isEncrypted
    ? decryptedAssertion(document, holder, envelope, context)
    : plainAssertion(assertionSignature, envelope, context)
  const proof = envelope?.proof ?? assertion.proof
  if (proof === null) return refuseUnsigned('a signature of the Response or the Assertion')

  const warnings = [...(envelope?.proof.warnings ?? []), ...(assertion.proof?.warnings ?? [])]
  return {
    assertion: verifiedAssertion(assertion.element, (encryptedId) =>
      openNameId(encryptedId, envelope, context),
    ),
    envelope: envelope && verifiedEnvelope(envelope.root),
    signedBy: proof.signedBy,
    signatureAlgorithm: proof.signatureAlgorithm,
    encrypted: document.isEncrypted,
    warnings: [...new Set(warnings)],
    signedBytes: assertion.signedBytes,
  }
}

/** The assertion, when what policy asks for is there. Whether an encrypted one is signed inside shows after decryption. */
function coveredAssertion(document: ResponseDocument, trust: SignatureTrust): XmlElement {
  const { assertion, isEncrypted, responseSignature, assertionSignature } = document
  if (assertion === null) refuse('assertionMissing', { expected: 'one assertion', actual: 'none' })
  if (trust.requireEncryptedAssertion && !isEncrypted)
    refuse('assertionNotEncrypted', { expected: 'EncryptedAssertion', actual: 'Assertion' })
  if (trust.requireSignedResponse && responseSignature === null)
    refuseUnsigned('a signature of the Response')
  if (!isEncrypted && responseSignature === null && assertionSignature === null)
    refuseUnsigned('a signature of the Response or the Assertion')
  return assertion
}

function allowed(profile: SignatureProfile | null, trust: SignatureTrust): AllowedSignature | null {
  return profile && allowSignature(profile, trust)
}

function verified(signature: AllowedSignature, context: Context): VerifiedSignature {
  return verifySignature(signature, context.trust, context.now, context.limits.maxBytes)
}

function provenEnvelope(signature: AllowedSignature, context: Context): ProvenEnvelope {
  const proof = verified(signature, context)
  return { proof, root: parseCanonical(proof.signedBytes, context.limits) }
}

function plainAssertion(
  signature: AllowedSignature | null,
  envelope: ProvenEnvelope | null,
  context: Context,
): ProvenAssertion {
  const proof = signature && verified(signature, context)
  if (envelope !== null) {
    const element = theChild(envelope.root, 'Assertion')
    return { element, signedBytes: envelope.proof.signedBytes, proof }
  }
  if (proof === null) return refuseUnsigned('a signature of the Response or the Assertion')
  const element = parseCanonical(proof.signedBytes, context.limits)
  return { element, signedBytes: proof.signedBytes, proof }
}

/**
 * Decrypts the assertion, from the digested bytes when the Response is signed, and puts it through parser, shape and signature like any
 * other. It must be signed inside unless the Response was signed around it: anyone can encrypt to our public key.
 */
function decryptedAssertion(
  document: ResponseDocument,
  holder: XmlElement,
  envelope: ProvenEnvelope | null,
  context: Context,
): ProvenAssertion {
  const source = envelope === null ? holder : theChild(envelope.root, 'EncryptedAssertion')
  const decrypted = openEncrypted(source, mayBeCbc(envelope, context), context)
  const signature = allowed(assertionShape(decrypted, document.ids), context.trust)
  if (signature === null && envelope === null)
    refuseUnsigned('a signature of the Response, or of the Assertion inside the encryption')
  const proof = signature && verified(signature, context)
  const signedBytes =
    proof?.signedBytes ??
    Buffer.from(canonicalize(decrypted, exclusive, null, context.limits.maxBytes), 'latin1')
  return {
    element: parseCanonical(signedBytes, context.limits),
    signedBytes,
    proof,
  }
}

function openNameId(
  encryptedId: XmlElement,
  envelope: ProvenEnvelope | null,
  context: Context,
): XmlElement {
  const nameId = openEncrypted(encryptedId, mayBeCbc(envelope, context), context)
  if (!isElement(nameId, ns.assertion, 'NameID'))
    refuse('decryptionFailed', {
      expected: 'a NameID inside EncryptedID',
      actual: 'another element',
    })
  return nameId
}

function mayBeCbc(envelope: ProvenEnvelope | null, { trust }: Context): boolean {
  return trust.allowCbcEncryption && envelope !== null
}

/** The child that `responseShape` found once in the tree from which these bytes were made. */
function theChild(root: XmlElement, localName: string): XmlElement {
  const child = onlyChild(root, ns.assertion, localName)
  if (child === null) throw new Error(`canonical form has lost ${localName}`)
  return child
}

/** Canonical form can put on one element the namespaces that stood on all its ancestors; the other limits hold as before. */
function parseCanonical(signedBytes: Buffer, limits: MessageLimits): XmlElement {
  const maxNamespacesPerElement = limits.maxNamespacesPerElement * limits.maxDepth
  return parseXml(decodeXml(signedBytes), { ...limits, maxNamespacesPerElement })
}

function refuseUnsigned(expected: string): never {
  refuse('notSigned', { expected, actual: 'no such signature' })
}
