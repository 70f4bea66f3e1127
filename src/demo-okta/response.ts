import { type Instant, isoMillis } from '../lib/clock.ts'
import type { RandomSource } from '../lib/ids.ts'
import type { Interventions } from './interventions.ts'
import type { IdpKey } from './keys.ts'
import { resignRoot } from './resign.ts'
import { type AlgorithmName, signRoot } from './sign.ts'
import { type Attributes, element, escapeXml, ns, xmlDeclaration } from './xml.ts'

/** A NameID as it is written; a null format leaves the attribute out. */
export interface NameIdSpec {
  readonly value: string
  readonly format: string | null
}

export interface SubjectConfirmationSpec {
  readonly method: string
  readonly recipient: string | null
  readonly notOnOrAfter: Instant | null
  readonly inResponseTo: string | null
}

export interface ConditionsSpec {
  readonly notBefore: Instant | null
  readonly notOnOrAfter: Instant | null
  readonly audiences: readonly string[]
  /** Further conditions, as XML. */
  readonly further: string
}

export interface AuthnSpec {
  readonly instant: Instant
  readonly sessionIndex: string | null
  readonly sessionNotOnOrAfter: Instant | null
  readonly contextClassRef: string
}

export interface AttributeSpec {
  readonly name: string
  readonly values: readonly string[]
}

/** An assertion, part by part; null leaves the part out. */
export interface AssertionSpec {
  readonly id: string
  readonly issueInstant: Instant
  readonly issuer: string | null
  readonly nameId: NameIdSpec | null
  readonly confirmations: readonly SubjectConfirmationSpec[]
  readonly conditions: ConditionsSpec | null
  readonly authn: AuthnSpec | null
  readonly attributes: readonly AttributeSpec[]
}

/** A response, part by part; null leaves the part out. Honest ones come from `oktaResponse`; a fault changes one part. */
export interface ResponseSpec {
  readonly id: string
  readonly issueInstant: Instant
  readonly issuer: string | null
  readonly destination: string | null
  readonly inResponseTo: string | null
  readonly status: {
    readonly code: string
    readonly subCode: string | null
    readonly message: string | null
  }
  /** Content of `saml2p:Extensions`, as XML; none when empty. */
  readonly extensions: string
  readonly assertions: readonly AssertionSpec[]
  readonly signed: 'both' | 'assertion' | 'response' | 'none'
  readonly algorithm: AlgorithmName
  /** A forger's: the signatures hold, over digests of other bytes. */
  readonly wrongDigest: boolean
  /** Identifier of the canonicalization, which serves SignedInfo and content; exclusive C14N when absent. */
  readonly canonicalization?: string
  readonly interventions?: Interventions
  readonly key: IdpKey
}

/** An ID as Okta makes them: `id` and digits. */
export function newOktaId(random: RandomSource): string {
  return `id${BigInt(`0x01${random(10).toString('hex')}`)}`
}

/**
 * The response as XML text, signed: each assertion first, then the response around it. The same arguments give the same bytes.
 * Element order and prefixes are Okta's.
 * @throws TypeError when a value holds a character that XML cannot carry
 */
export function buildResponse(spec: ResponseSpec): string {
  const prefixes = spec.assertions.some(hasTypedValues) ? ['xs'] : []
  const assertions = spec.assertions.map((assertion) => signedAssertion(assertion, spec))
  const { code, subCode, message } = spec.status
  const subStatus = subCode === null ? '' : element('saml2p:StatusCode', { Value: subCode })
  const response = element(
    'saml2p:Response',
    {
      'xmlns:saml2p': ns.protocol,
      'xmlns:xs': prefixes.length > 0 ? ns.xs : null,
      Destination: spec.destination,
      ID: spec.id,
      InResponseTo: spec.inResponseTo,
      IssueInstant: isoMillis(spec.issueInstant),
      Version: '2.0',
    },
    issuer(spec.issuer),
    spec.extensions === '' ? '' : element('saml2p:Extensions', {}, spec.extensions),
    element(
      'saml2p:Status',
      {},
      element('saml2p:StatusCode', { Value: code }, subStatus),
      message === null ? '' : element('saml2p:StatusMessage', {}, escapeXml(message)),
    ),
    ...assertions,
  )
  const changed = spec.interventions?.response?.(response) ?? response
  const signsResponse = spec.signed === 'both' || spec.signed === 'response'
  return xmlDeclaration + (signsResponse ? sign(changed, spec.issuer, prefixes, spec) : changed)
}

/** One assertion as XML, signed when the response's spec says so. Exclusive C14N lets it be signed before it has a parent. */
function signedAssertion(assertion: AssertionSpec, spec: ResponseSpec): string {
  const { interventions = {} } = spec
  const plain = buildAssertion(assertion)
  const xml = interventions.assertion?.(plain) ?? plain
  const isSigned = spec.signed === 'both' || spec.signed === 'assertion'
  const prefixes = hasTypedValues(assertion) ? ['xs'] : []
  const signed = isSigned ? sign(xml, assertion.issuer, prefixes, spec) : xml
  return interventions.signedAssertion?.(signed) ?? signed
}

function sign(
  xml: string,
  issuer: string | null,
  inclusivePrefixes: readonly string[],
  spec: ResponseSpec,
): string {
  const afterIssuer = issuer !== null
  const signed = signRoot(xml, { ...spec, inclusivePrefixes, afterIssuer })
  return spec.interventions ? resignRoot(signed, spec, spec.interventions) : signed
}

/** One assertion as XML, unsigned. */
export function buildAssertion(assertion: AssertionSpec): string {
  return element(
    'saml2:Assertion',
    {
      'xmlns:saml2': ns.assertion,
      'xmlns:xs': hasTypedValues(assertion) ? ns.xs : null,
      ID: assertion.id,
      IssueInstant: isoMillis(assertion.issueInstant),
      Version: '2.0',
    },
    issuer(assertion.issuer),
    subject(assertion),
    conditions(assertion.conditions),
    authnStatement(assertion.authn),
    attributeStatement(assertion.attributes),
  )
}

function issuer(value: string | null): string {
  if (value === null) return ''
  const attributes: Attributes = {
    'xmlns:saml2': ns.assertion,
    Format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity',
  }
  return element('saml2:Issuer', attributes, escapeXml(value))
}

function subject({ nameId, confirmations }: AssertionSpec): string {
  return element(
    'saml2:Subject',
    {},
    nameId === null
      ? ''
      : element('saml2:NameID', { Format: nameId.format }, escapeXml(nameId.value)),
    ...confirmations.map((confirmation) =>
      element(
        'saml2:SubjectConfirmation',
        { Method: confirmation.method },
        element('saml2:SubjectConfirmationData', {
          InResponseTo: confirmation.inResponseTo,
          NotOnOrAfter: instant(confirmation.notOnOrAfter),
          Recipient: confirmation.recipient,
        }),
      ),
    ),
  )
}

function conditions(spec: ConditionsSpec | null): string {
  if (spec === null) return ''
  const audiences = spec.audiences.map((audience) =>
    element('saml2:Audience', {}, escapeXml(audience)),
  )
  return element(
    'saml2:Conditions',
    { NotBefore: instant(spec.notBefore), NotOnOrAfter: instant(spec.notOnOrAfter) },
    audiences.length === 0 ? '' : element('saml2:AudienceRestriction', {}, ...audiences),
    spec.further,
  )
}

function authnStatement(spec: AuthnSpec | null): string {
  if (spec === null) return ''
  const contextClassRef = escapeXml(spec.contextClassRef)
  return element(
    'saml2:AuthnStatement',
    {
      AuthnInstant: isoMillis(spec.instant),
      SessionIndex: spec.sessionIndex,
      SessionNotOnOrAfter: instant(spec.sessionNotOnOrAfter),
    },
    element('saml2:AuthnContext', {}, element('saml2:AuthnContextClassRef', {}, contextClassRef)),
  )
}

function attributeStatement(attributes: readonly AttributeSpec[]): string {
  if (attributes.length === 0) return ''
  const nameFormat = 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified'
  const typed = { 'xmlns:xs': ns.xs, 'xmlns:xsi': ns.xsi, 'xsi:type': 'xs:string' }
  return element(
    'saml2:AttributeStatement',
    {},
    ...attributes.map(({ name, values }) =>
      element(
        'saml2:Attribute',
        { Name: name, NameFormat: nameFormat },
        ...values.map((value) => element('saml2:AttributeValue', typed, escapeXml(value))),
      ),
    ),
  )
}

/** Whether `xs:string` occurs, which exclusive C14N does not see as a use of the prefix: hence InclusiveNamespaces. */
function hasTypedValues({ attributes }: AssertionSpec): boolean {
  return attributes.some(({ values }) => values.length > 0)
}

function instant(at: Instant | null): string | null {
  return at === null ? null : isoMillis(at)
}
