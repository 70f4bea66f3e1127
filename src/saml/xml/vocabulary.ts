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

/** A power of two, so large that few of the words share a slot; of those that do, the last has it. */
const slotCount = 4096
const slots: (string | undefined)[] = new Array(slotCount).fill(undefined)
for (const word of words) slots[slotOf(word, 0, word.length)] = word

/** By length and three bytes: cheap, since the comparison decides. */
function slotOf(text: string, start: number, end: number): number {
  const length = end - start
  const first = text.charCodeAt(start)
  const middle = text.charCodeAt(start + (length >> 1))
  const last = text.charCodeAt(end - 1)
  return (length * 97 + first * 1031 + middle * 331 + last * 37) & (slotCount - 1)
}

/** The text from `start` to `end`, as a shared constant when it is a usual word. */
export function wordOf(xml: string, start: number, end: number): string {
  const word = slots[slotOf(xml, start, end)]
  if (word === undefined || word.length !== end - start) return xml.slice(start, end)
  for (let i = 0; i < word.length; i++)
    if (word.charCodeAt(i) !== xml.charCodeAt(start + i)) return xml.slice(start, end)
  return word
}
