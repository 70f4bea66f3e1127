/**
 * signature/: the SAML profile of XML Signature: which shape a Signature must have, which algorithms, and whether it holds. It must
 * not know what the signed content means.
 */
import { refuse } from '../../aadsts/reasons.ts'
import { ns } from '../xml/names.ts'
import { unescaped } from '../xml/text.ts'
import {
  attributeOf,
  childElements,
  describe,
  hasElementContentOnly,
  isElement,
  onlyChild,
  ownText,
  type XmlElement,
} from '../xml/tree.ts'
import { envelopedSignature, isKnownTransform, refuseAlgorithm } from './algorithms.ts'

/** A canonicalization as a Signature names it. */
export interface NamedCanonicalization {
  /** Identifier, in canonical form. */
  readonly algorithm: string
  /** InclusiveNamespaces PrefixList, `''` standing for `#default`. */
  readonly inclusivePrefixes: ReadonlySet<string>
}

/** A Signature of the right shape, taken apart. All identifiers in canonical form, as the sender wrote them. */
export interface SignatureProfile {
  readonly element: XmlElement
  /** The element it stands in and signs. */
  readonly signed: XmlElement
  readonly signedInfo: XmlElement
  readonly canonicalization: NamedCanonicalization
  readonly signatureMethod: string
  readonly contentCanonicalization: NamedCanonicalization
  readonly digestMethod: string
  /** base64, white space and all. */
  readonly digestValue: string
  /** base64, white space and all. */
  readonly signatureValue: string
  /** Never a source of trust; tells which unknown key signed. */
  readonly keyInfo: XmlElement | null
}

/**
 * Takes apart the Signature of `signed`, an element whose ID is `id`, and refuses every shape but the one that SAML core section
 * 5.4 describes: SignedInfo, SignatureValue, perhaps KeyInfo; one Reference, to exactly the parent's ID; two transforms, the first
 * of them enveloped-signature; nothing else in between, no Object above all.
 *
 * Throws Refusal `signaturePlacement`, or `algorithmNotAllowed` for a first transform that is another. No cryptography here.
 */
export function readSignature(
  element: XmlElement,
  signed: XmlElement,
  id: string,
): SignatureProfile {
  const keyInfo = onlyChild(element, ns.signature, 'KeyInfo')
  const [signedInfo, signatureValue] = childrenInOrder(
    element,
    keyInfo === null
      ? ['SignedInfo', 'SignatureValue']
      : ['SignedInfo', 'SignatureValue', 'KeyInfo'],
  )
  const [method, signatureMethod, reference] = childrenInOrder(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ])
  if (attributeOf(reference, 'URI') !== `#${id}`)
    refusePlacement('one Reference, to the ID of the element around the Signature', 'another')
  const [transforms, digestMethod, digestValue] = childrenInOrder(reference, [
    'Transforms',
    'DigestMethod',
    'DigestValue',
  ])
  const [enveloped, canonicalization] = childrenInOrder(transforms, ['Transform', 'Transform'])
  if (algorithmOf(enveloped) !== envelopedSignature)
    refuseAlgorithm('transform', algorithmOf(enveloped))
  inclusivePrefixesOf(enveloped) // refuses any other parameter
  for (const leaf of [signatureMethod, digestMethod, signatureValue, digestValue])
    if (childElements(leaf).length > 0)
      refusePlacement(`${leaf.localName} without parameters`, 'child elements')
  return {
    element,
    signed,
    signedInfo,
    canonicalization: namedCanonicalization(method),
    signatureMethod: algorithmOf(signatureMethod),
    contentCanonicalization: namedCanonicalization(canonicalization),
    digestMethod: algorithmOf(digestMethod),
    digestValue: unescaped(ownText(digestValue)),
    signatureValue: unescaped(ownText(signatureValue)),
    keyInfo,
  }
}

/** The child elements, which must be exactly these of XML Signature, in this order, with white space only in between. */
function childrenInOrder<const Names extends readonly string[]>(
  parent: XmlElement,
  names: Names,
): { [I in keyof Names]: XmlElement } {
  const children = childElements(parent)
  const isAsWanted =
    children.length === names.length &&
    children.every((child, i) => isElement(child, ns.signature, names[i] ?? '')) &&
    hasElementContentOnly(parent)
  if (!isAsWanted)
    refusePlacement(
      `${parent.localName} of ${names.join(', ')}`,
      children.map(describe).slice(0, 8).join(', ') || 'nothing',
    )
  return children as { [I in keyof Names]: XmlElement } // one for each name, as just seen
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? ''
}

function namedCanonicalization(element: XmlElement): NamedCanonicalization {
  return { algorithm: algorithmOf(element), inclusivePrefixes: inclusivePrefixesOf(element) }
}

const noPrefixes: ReadonlySet<string> = new Set()
const listSeparator = /[ \t\r\n]+/

/**
 * The one parameter there is: InclusiveNamespaces with PrefixList (Exclusive XML Canonicalization 1.0 section 4). xml-crypto writes
 * it into every Transform, in a namespace named like the algorithm, also where it means nothing: there it is let pass and ignored.
 */
function inclusivePrefixesOf(element: XmlElement): ReadonlySet<string> {
  const algorithm = algorithmOf(element)
  const [parameter, ...more] = childElements(element)
  if (parameter === undefined) return noPrefixes
  if (!isKnownTransform(algorithm)) refuseAlgorithm('transform', algorithm)
  const isPrefixList =
    more.length === 0 &&
    isElement(parameter, algorithm, 'InclusiveNamespaces') &&
    parameter.children.length === 0
  if (!isPrefixList) refusePlacement('InclusiveNamespaces as only parameter', describe(parameter))
  if (algorithm !== ns.exclusiveCanonicalization) return noPrefixes
  const prefixes = unescaped(attributeOf(parameter, 'PrefixList') ?? '').split(listSeparator)
  return new Set(prefixes.filter((it) => it !== '').map((it) => (it === '#default' ? '' : it)))
}

function refusePlacement(expected: string, actual: string): never {
  refuse('signaturePlacement', { expected, actual })
}
