import { refuse } from '../aadsts/reasons.ts'
import type { ResponseDocument } from './document.ts'
import { readSignature, type SignatureProfile } from './signature/profile.ts'
import { inspect } from './structure.ts'
import { ns } from './xml/names.ts'
import {
  attributeOf,
  childElements,
  childrenNamed,
  describe,
  hasElementContentOnly,
  isElement,
  type XmlElement,
} from './xml/tree.ts'

/** The children a Response may have and how often (SAML protocol schema, StatusResponseType and ResponseType). */
const responseChildren: readonly (readonly [namespace: string, name: string])[] = [
  [ns.assertion, 'Issuer'],
  [ns.signature, 'Signature'],
  [ns.protocol, 'Extensions'],
  [ns.protocol, 'Status'],
  [ns.assertion, 'Assertion'],
  [ns.assertion, 'EncryptedAssertion'],
]

/**
 * Takes a message apart that must be a SAML 2.0 Response of the one shape that is judged here (saml-security R4, R5), before any
 * cryptography. In this order: the root is a Response with Version 2.0 and an ID (`notAResponse`); `inspect`; at most one
 * Assertion or EncryptedAssertion in the whole message, a child of the root (`severalAssertions`, also for a single one elsewhere);
 * each Signature once and in its schema place, of the right shape (`signaturePlacement`); no other children (`notAResponse`).
 */
export function responseShape(root: XmlElement): ResponseDocument {
  if (!isElement(root, ns.protocol, 'Response'))
    refuse('notAResponse', { expected: 'Response of SAML 2.0', actual: describe(root) })
  const version = attributeOf(root, 'Version')
  if (version !== '2.0')
    refuse('notAResponse', {
      expected: 'Version 2.0',
      actual: version === null ? 'none' : 'another version',
    })
  const id = attributeOf(root, 'ID')
  if (id === null) refuse('notAResponse', { expected: 'an ID of the Response', actual: 'none' })

  const ids = new Set<string>()
  const assertions = inspect(root, ids)
  const [assertion = null] = assertions
  if (assertions.length > 1 || (assertion !== null && assertion.parent !== root))
    refuse('severalAssertions', {
      expected: 'one assertion, a child of the Response',
      actual:
        assertions.length > 1
          ? `${assertions.length} assertions`
          : `one inside ${describe(assertion?.parent ?? root)}`,
    })
  const isEncrypted = assertion?.localName === 'EncryptedAssertion'
  const responseSignature = signatureOf(root, id)
  const assertionSignature =
    assertion === null || isEncrypted ? null : signatureOf(assertion, assertionId(assertion))
  checkChildren(root)
  return { root, ids, assertion, isEncrypted, responseSignature, assertionSignature }
}

/**
 * The same rules for a decrypted assertion: it is the root of its own document and the only assertion in it. `ids` are those of
 * the message it came in.
 */
export function assertionShape(
  root: XmlElement,
  ids: ReadonlySet<string>,
): SignatureProfile | null {
  const assertions = inspect(root, new Set(ids))
  if (!isElement(root, ns.assertion, 'Assertion') || assertions.length !== 1)
    refuse('severalAssertions', {
      expected: 'exactly one Assertion inside EncryptedAssertion',
      actual: assertions.length > 1 ? 'several' : 'something else',
    })
  return signatureOf(root, assertionId(root))
}

function assertionId(assertion: XmlElement): string {
  const id = attributeOf(assertion, 'ID')
  if (id === null) refuse('duplicateId', { expected: 'an ID of the Assertion', actual: 'none' })
  return id
}

/** The Signature of a Response or Assertion: right after the Issuer, or first when there is no Issuer; null when there is none. */
function signatureOf(signed: XmlElement, id: string): SignatureProfile | null {
  const signatures = childrenNamed(signed, ns.signature, 'Signature')
  const [signature] = signatures
  if (signature === undefined) return null
  const [first, second] = childElements(signed)
  const place = first && isElement(first, ns.assertion, 'Issuer') ? second : first
  if (signatures.length > 1 || signature !== place)
    refuse('signaturePlacement', {
      expected: `one Signature in ${describe(signed)}, right after its Issuer`,
      actual: signatures.length > 1 ? 'several' : 'in another place',
    })
  return readSignature(signature, signed, id)
}

function checkChildren(root: XmlElement): void {
  for (const child of childElements(root))
    if (!responseChildren.some(([namespace, name]) => isElement(child, namespace, name)))
      refuse('notAResponse', {
        expected: 'Issuer, Signature, Extensions, Status and Assertion in the Response',
        actual: describe(child),
      })
  if (!hasElementContentOnly(root))
    refuse('notAResponse', { expected: 'a Response without text of its own', actual: 'text' })
}
