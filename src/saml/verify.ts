import { refuse } from '../aadsts/reasons.ts'
import { verifiedAssertion } from './assertion.ts'
import { opened, type ResponseDocument } from './document.ts'
import { openEncrypted } from './encryption/open.ts'
import { verifiedEnvelope } from './response.ts'
import { assertionShape } from './shape.ts'
import type { SignatureProfile } from './signature/profile.ts'
import { allowSignature, type VerifiedSignature, verifySignature } from './signature/verify.ts'
import type { MessageLimits, SignatureTrust, VerifyResponse } from './types.ts'
import { canonicalize, exclusive } from './xml/canonicalize.ts'
import { ns } from './xml/names.ts'
import { parseXml } from './xml/parse.ts'
import { isElement, onlyChild, type XmlElement } from './xml/tree.ts'

type Context = Parameters<VerifyResponse>[2]

/** An assertion that signed bytes hold, read anew from them. */
interface ProvenAssertion {
  readonly element: XmlElement
  readonly signedXml: string
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
export const verifyResponse: VerifyResponse = (claimed, trust, context) => {
  const document = opened(claimed.document)
  const holder = coveredAssertion(document, trust)
  allowAll(document, trust)

  const envelope = proofOf(document.responseSignature, trust, context)
  const root = envelope && parseCanonical(envelope.signedXml, context.limits)
  const assertion = document.isEncrypted
    ? decryptedAssertion(document, holder, root, trust, context)
    : plainAssertion(document, root, envelope, trust, context)
  const proof = envelope ?? assertion.proof
  if (proof === null) return refuseUnsigned('a signature of the Response or the Assertion')

  const allowCbc = trust.allowCbcEncryption && envelope !== null
  return {
    assertion: verifiedAssertion(assertion.element, (encryptedId) =>
      openNameId(encryptedId, allowCbc, context),
    ),
    envelope: root && verifiedEnvelope(root),
    signedBy: proof.signedBy,
    signatureAlgorithm: proof.signatureAlgorithm,
    encrypted: document.isEncrypted,
    warnings: [...new Set([...(envelope?.warnings ?? []), ...(assertion.proof?.warnings ?? [])])],
    signedXml: Buffer.from(assertion.signedXml, 'latin1').toString('utf8'),
  }
}

/** The assertion, when what policy asks for is there. That an encrypted one is signed inside shows after decryption. */
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

function allowAll(document: ResponseDocument, trust: SignatureTrust): void {
  for (const profile of [document.responseSignature, document.assertionSignature])
    if (profile !== null) allowSignature(profile, trust)
}

function proofOf(
  profile: SignatureProfile | null,
  trust: SignatureTrust,
  { now, limits }: Context,
): VerifiedSignature | null {
  if (profile === null) return null
  return verifySignature(allowSignature(profile, trust), trust, now, limits.maxBytes)
}

/** `root` and `envelope` stand for the Response's own signature, null when it has none. */
function plainAssertion(
  document: ResponseDocument,
  root: XmlElement | null,
  envelope: VerifiedSignature | null,
  trust: SignatureTrust,
  context: Context,
): ProvenAssertion {
  const proof = proofOf(document.assertionSignature, trust, context)
  if (root !== null && envelope !== null)
    return { element: theChild(root, 'Assertion'), signedXml: envelope.signedXml, proof }
  if (proof === null) return refuseUnsigned('a signature of the Response or the Assertion')
  return {
    element: parseCanonical(proof.signedXml, context.limits),
    signedXml: proof.signedXml,
    proof,
  }
}

/**
 * Decrypts the assertion, from the digested bytes when the Response is signed, and puts it through parser, shape and signature like any
 * other. It must be signed inside unless the Response was signed around it: anyone can encrypt to our public key.
 */
function decryptedAssertion(
  document: ResponseDocument,
  holder: XmlElement,
  root: XmlElement | null,
  trust: SignatureTrust,
  context: Context,
): ProvenAssertion {
  const source = root === null ? holder : theChild(root, 'EncryptedAssertion')
  const decrypted = openEncrypted(source, trust.allowCbcEncryption && root !== null, context)
  const profile = assertionShape(decrypted, document.ids)
  if (profile === null && root === null)
    refuseUnsigned('a signature of the Response, or of the Assertion inside the encryption')
  const proof = proofOf(profile, trust, context)
  const signedXml =
    proof?.signedXml ?? canonicalize(decrypted, exclusive, null, context.limits.maxBytes)
  return { element: parseCanonical(signedXml, context.limits), signedXml, proof }
}

function openNameId(encryptedId: XmlElement, allowCbc: boolean, context: Context): XmlElement {
  const nameId = openEncrypted(encryptedId, allowCbc, context)
  if (!isElement(nameId, ns.assertion, 'NameID'))
    refuse('decryptionFailed', {
      expected: 'a NameID inside EncryptedID',
      actual: 'another element',
    })
  return nameId
}

/** The child that `responseShape` found once in the tree from which these bytes were made. */
function theChild(root: XmlElement, localName: string): XmlElement {
  const child = onlyChild(root, ns.assertion, localName)
  if (child === null) throw new Error(`canonical form has lost ${localName}`)
  return child
}

/** Canonical form can put on one element the namespaces that stood on all its ancestors; the other limits hold as before. */
function parseCanonical(xml: string, limits: MessageLimits): XmlElement {
  const maxNamespacesPerElement = limits.maxNamespacesPerElement * limits.maxDepth
  return parseXml(xml, { ...limits, maxNamespacesPerElement })
}

function refuseUnsigned(expected: string): never {
  refuse('notSigned', { expected, actual: 'no such signature' })
}
