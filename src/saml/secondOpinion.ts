import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml'
import type { Instant } from '../lib/clock.ts'
import { withQuietConsole } from './quietConsole.ts'
import { defaultLimits, type EncodedMessage, type MessageLimits } from './types.ts'
import { decodeXml } from './xml/bytes.ts'
import { ns } from './xml/names.ts'
import { parseXml } from './xml/parse.ts'
import { unescaped } from './xml/text.ts'
import { attributeOf, childElements, childrenNamed, type XmlElement } from './xml/tree.ts'

/** What node-saml is asked to agree on about a response that our verifier accepted. */
export interface SecondOpinionQuestion {
  /** The federation's issuerUri and certificates (base64 of DER). */
  readonly issuerUri: string
  readonly certificatesBase64: readonly string[]
  /** Our entityID, which must be among the audiences. */
  readonly entityId: string
  readonly acs: string
  readonly now: Instant
  /** Tolerance between the clocks, in milliseconds. */
  readonly clockSkew: number
  /** What our verifier read. */
  readonly expected: { readonly issuer: string; readonly nameId: string }
  /** Those that the response was decoded with. */
  readonly limits?: MessageLimits
}

/** `cannot`: node-saml has no means to judge this response, which says nothing against it. */
export type SecondOpinion =
  | { readonly agrees: true }
  | { readonly agrees: false; readonly differences: string }
  | { readonly agrees: 'cannot'; readonly why: string }

/**
 * Gives a response that our verifier accepted to node-saml, another parser, canonicalizer and signature check, which must find it
 * signed, its times and audience good, and read the same Issuer and NameID. Never to be asked about a response that ours has not
 * accepted: node-saml's cost on hostile input has no bound (saml-security 1.5). `differences` names fields, never their values.
 */
export async function secondOpinion(
  message: EncodedMessage,
  question: SecondOpinionQuestion,
): Promise<SecondOpinion> {
  const bytes = Buffer.from(message.body, message.encoding === 'base64' ? 'base64' : 'utf8')
  const response = parseXml(decodeXml(bytes), question.limits ?? defaultLimits)
  const why = whyNotJudged(response)
  if (why !== null) return { agrees: 'cannot', why }
  const verifier = new ClockedSaml(
    question,
    isSigned(response),
    assertions(response).some(isSigned),
  )
  try {
    const { profile } = await withQuietConsole(() =>
      verifier.validatePostResponseAsync({ SAMLResponse: bytes.toString('base64') }),
    )
    const differences = differencesOf(profile, question)
    return differences.length === 0
      ? { agrees: true }
      : { agrees: false, differences: differences.join(', ') }
  } catch (error) {
    return { agrees: false, differences: fieldOfError(error) }
  }
}

/** node-saml at a given time; it would ask the machine's clock. */
class ClockedSaml extends SAML {
  readonly #now: Instant

  constructor(
    question: SecondOpinionQuestion,
    isResponseSigned: boolean,
    isAssertionSigned: boolean,
  ) {
    super({
      issuer: question.entityId,
      audience: question.entityId,
      callbackUrl: question.acs,
      idpIssuer: question.issuerUri,
      idpCert: [...question.certificatesBase64],
      // Every signature that is there must hold. One is there, or ours would not have accepted the response.
      wantAuthnResponseSigned: isResponseSigned,
      wantAssertionsSigned: isAssertionSigned || !isResponseSigned,
      acceptedClockSkewMs: question.clockSkew,
      // The request is matched and used up by our own check, which knows its browser and its federation.
      validateInResponseTo: ValidateInResponseTo.never,
    })
    this.#now = question.now
  }

  protected override checkTimestampsValidityError(
    _machineNow: number,
    notBefore: string,
    notOnOrAfter: string,
    latest?: number,
  ): Error | null {
    return super.checkTimestampsValidityError(this.#now, notBefore, notOnOrAfter, latest)
  }
}

/** The algorithms of XML Signature that xml-crypto knows for RSA keys, by which node-saml verifies. */
const judgedAlgorithms = new Set([
  'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2000/09/xmldsig#sha1',
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
])

/** Why node-saml cannot judge a response that may well be good; null when it can. */
function whyNotJudged(response: XmlElement): string | null {
  if (childrenNamed(response, ns.assertion, 'EncryptedAssertion').length > 0) {
    return 'the assertion is encrypted, and node-saml does not know all the algorithms that are accepted'
  }
  const subjects = assertions(response).flatMap((one) =>
    childrenNamed(one, ns.assertion, 'Subject'),
  )
  if (subjects.some((one) => childrenNamed(one, ns.assertion, 'EncryptedID').length > 0)) {
    return 'the NameID is encrypted, which node-saml does not read'
  }
  const signatures = [response, ...assertions(response)].flatMap(signaturesOf)
  const unknown = signatures.flatMap(algorithmsOf).find((one) => !judgedAlgorithms.has(one))
  return unknown === undefined ? null : `node-saml does not know the algorithm ${unknown}`
}

function assertions(response: XmlElement): XmlElement[] {
  return childrenNamed(response, ns.assertion, 'Assertion')
}

function signaturesOf(signed: XmlElement): XmlElement[] {
  return childrenNamed(signed, ns.signature, 'Signature')
}

function isSigned(element: XmlElement): boolean {
  return signaturesOf(element).length > 0
}

/** The algorithm identifiers in SignedInfo: canonicalization, signature, transforms and digests. */
function algorithmsOf(signature: XmlElement): string[] {
  const named = (element: XmlElement): string[] => {
    const algorithm = attributeOf(element, 'Algorithm')
    const below = childElements(element).flatMap(named)
    return algorithm === null ? below : [unescaped(algorithm), ...below]
  }
  return childrenNamed(signature, ns.signature, 'SignedInfo').flatMap(named)
}

function differencesOf(profile: Profile | null, question: SecondOpinionQuestion): string[] {
  const { issuerUri, expected } = question
  if (profile === null) return ['assertion']
  const isIssuerSame = profile.issuer === expected.issuer && profile.issuer === issuerUri
  return [
    ...(isIssuerSame ? [] : ['issuer']),
    ...(profile.nameID === expected.nameId ? [] : ['nameID']),
  ]
}

/**
 * What node-saml's errors are about, by how they begin: they have no codes. Its words themselves are not passed on, since many
 * repeat what stands in the response.
 */
const errorFields: readonly (readonly [beginning: string, field: string])[] = [
  ['SAML assertion audience mismatch', 'audience'],
  ['SAML assertion has no AudienceRestriction', 'audience'],
  ['SAML assertion AudienceRestriction has no Audience', 'audience'],
  ['SAML assertion not yet valid', 'times'],
  ['SAML assertion expired', 'times'],
  ['Error parsing Not', 'times'],
  ['Error parsing IssueInstant', 'times'],
  ['Invalid signature', 'signature'],
  ['Invalid document signature', 'signature'],
  ['Too many signatures found for this element', 'signature'],
  ['Only 1 signed references', 'signature'],
  ['Missing SAML assertion', 'assertion'],
]

function fieldOfError(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const field = errorFields.find(([beginning]) => message.startsWith(beginning))?.[1]
  return field ?? 'an error of node-saml that is about none of the fields'
}
