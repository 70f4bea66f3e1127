import { ns } from './names.ts'

/**
 * The words that SAML messages are made of. The parser hands out these constants where it would cut the same text out of the
 * document: comparing two constants is comparing two pointers, while V8 compares a cut-out by a call into its runtime. A word that
 * is not here works the same, more slowly.
 */
const words: readonly string[] = `
  saml2p saml2 samlp saml ds dsig xs xsi ec xenc xenc11 xmlns xml ID Id Version Value Name
  Format Destination InResponseTo IssueInstant Consent NameFormat FriendlyName type Algorithm
  URI Type PrefixList Method NotBefore NotOnOrAfter Recipient Address AuthnInstant
  SessionIndex SessionNotOnOrAfter NameQualifier SPNameQualifier Response Issuer Status
  StatusCode StatusMessage StatusDetail Extensions Assertion EncryptedAssertion Signature
  SignedInfo CanonicalizationMethod SignatureMethod Reference Transforms Transform
  DigestMethod DigestValue SignatureValue KeyInfo X509Data X509Certificate InclusiveNamespaces
  Subject NameID EncryptedID SubjectConfirmation SubjectConfirmationData Conditions
  AudienceRestriction Audience OneTimeUse ProxyRestriction AuthnStatement AuthnContext
  AuthnContextClassRef AttributeStatement Attribute AttributeValue EncryptedData EncryptedKey
  EncryptionMethod CipherData CipherValue MGF
`
  .trim()
  .split(/\s+/)
  .concat(Object.values(ns))

interface Word {
  readonly text: string
  readonly bytes: Uint8Array
}

/** A power of two, so large that few of the words share a slot; of those that do, the last has it. */
const slotCount = 4096
const slots: (Word | undefined)[] = new Array(slotCount).fill(undefined)
for (const text of words) {
  const bytes = Uint8Array.from(Buffer.from(text, 'latin1'))
  slots[slotOf(bytes, 0, bytes.length)] = { text, bytes }
}

/** By length and three bytes: cheap, since the comparison decides. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  const first = bytes[start] ?? 0
  const middle = bytes[start + (length >> 1)] ?? 0
  const last = bytes[end - 1] ?? 0
  return (length * 97 + first * 1031 + middle * 449 + last * 37) & (slotCount - 1)
}

/** The word that stands from `start` to `end`, or undefined when it is none of these. */
export function knownWord(bytes: Uint8Array, start: number, end: number): string | undefined {
  const word = slots[slotOf(bytes, start, end)]
  if (word === undefined || word.bytes.length !== end - start) return undefined
  for (let i = 0; i < word.bytes.length; i++)
    if (word.bytes[i] !== bytes[start + i]) return undefined
  return word.text
}
