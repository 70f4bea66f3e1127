import type { Verified } from '../lib/claimed.ts'
import { parseDateTime } from './dateTime.ts'
import { facts } from './text.ts'
import type {
  VerifiedAssertion,
  VerifiedAttribute,
  VerifiedAuthnStatement,
  VerifiedConditions,
  VerifiedNameId,
  VerifiedSubjectConfirmation,
  VerifiedTime,
} from './types.ts'
import { ns } from './xml/names.ts'
import { childElements, childrenNamed, isElement, onlyChild, type XmlElement } from './xml/tree.ts'

/** Decrypts an EncryptedID into the NameID inside it. */
export type OpenEncryptedId = (encryptedId: XmlElement) => XmlElement

/**
 * Reads an assertion (SAML core section 2). `assertion` must stand in a tree that was parsed from digested bytes.
 *
 * It reports what is there and judges nothing: counts are given where the schema wants one and a judge must know. Where the schema
 * wants one and no count is given (Issuer), several count as none.
 */
export function verifiedAssertion(
  assertion: XmlElement,
  openEncryptedId: OpenEncryptedId,
): VerifiedAssertion {
  const id = facts.attribute(assertion, 'ID')
  if (id === null) throw new Error('verifiedAssertion needs an Assertion of checked shape')
  const subjects = childrenNamed(assertion, ns.assertion, 'Subject')
  const conditions = childrenNamed(assertion, ns.assertion, 'Conditions')
  const identifiers = subjects[0] === undefined ? [] : identifiersOf(subjects[0])
  const nameId = identifiers.find(isNameId)
  return {
    id,
    version: facts.attribute(assertion, 'Version'),
    issuer: facts.text(onlyChild(assertion, ns.assertion, 'Issuer')),
    issueInstant: verifiedTime(assertion, 'IssueInstant'),
    subjectCount: subjects.length,
    identifierCount: identifiers.length,
    nameId: nameId === undefined ? null : verifiedNameId(nameId, openEncryptedId),
    subjectConfirmations: subjects.slice(0, 1).flatMap(confirmationsOf),
    conditionsCount: conditions.length,
    conditions: conditions[0] === undefined ? null : verifiedConditions(conditions[0]),
    authnStatements: childrenNamed(assertion, ns.assertion, 'AuthnStatement').map(authnStatement),
    attributes: childrenNamed(assertion, ns.assertion, 'AttributeStatement').flatMap(attributesOf),
  }
}

/** A time in an attribute, as written and as an instant; null when the attribute is absent. */
export function verifiedTime(element: XmlElement, attribute: string): VerifiedTime | null {
  const text = facts.attribute(element, attribute)
  return text === null ? null : { text, at: parseDateTime(text) }
}

/**
 * All that a Subject could be told by, in document order (SAML core section 2.4.1): whatever is no SubjectConfirmation, of any
 * namespace, since a reader that minds namespaces less would take it for the NameID; and whatever a SubjectConfirmation holds
 * beside its data. One sound NameID or EncryptedID is what a judge wants to see.
 */
function identifiersOf(subject: XmlElement): XmlElement[] {
  return childElements(subject).flatMap((child) =>
    isElement(child, ns.assertion, 'SubjectConfirmation')
      ? childElements(child).filter(
          (part) => !isElement(part, ns.assertion, 'SubjectConfirmationData'),
        )
      : [child],
  )
}

function isNameId(element: XmlElement): boolean {
  return (
    isElement(element, ns.assertion, 'NameID') || isElement(element, ns.assertion, 'EncryptedID')
  )
}

function verifiedNameId(element: XmlElement, openEncryptedId: OpenEncryptedId): VerifiedNameId {
  const nameId = element.localName === 'EncryptedID' ? openEncryptedId(element) : element
  return {
    value: facts.ownText(nameId) ?? ('' as Verified),
    format: facts.attribute(nameId, 'Format'),
    nameQualifier: facts.attribute(nameId, 'NameQualifier'),
    spNameQualifier: facts.attribute(nameId, 'SPNameQualifier'),
    hasChildren: childElements(nameId).length > 0,
  }
}

function confirmationsOf(subject: XmlElement): VerifiedSubjectConfirmation[] {
  return childrenNamed(subject, ns.assertion, 'SubjectConfirmation').map((confirmation) => {
    const data = onlyChild(confirmation, ns.assertion, 'SubjectConfirmationData')
    return {
      method: facts.attribute(confirmation, 'Method'),
      recipient: facts.attribute(data, 'Recipient'),
      inResponseTo: facts.attribute(data, 'InResponseTo'),
      notBefore: data && verifiedTime(data, 'NotBefore'),
      notOnOrAfter: data && verifiedTime(data, 'NotOnOrAfter'),
    }
  })
}

/** The conditions of SAML core section 2.5.1 whose meaning is known here. */
const knownConditions: ReadonlySet<string> = new Set([
  'AudienceRestriction',
  'OneTimeUse',
  'ProxyRestriction',
])

function verifiedConditions(conditions: XmlElement): VerifiedConditions {
  const children = childElements(conditions)
  return {
    notBefore: verifiedTime(conditions, 'NotBefore'),
    notOnOrAfter: verifiedTime(conditions, 'NotOnOrAfter'),
    audienceRestrictions: childrenNamed(conditions, ns.assertion, 'AudienceRestriction').map(
      (restriction) => textsOf(restriction, 'Audience'),
    ),
    oneTimeUse: children.some((child) => isElement(child, ns.assertion, 'OneTimeUse')),
    unknown: children
      .filter((it) => it.namespace !== ns.assertion || !knownConditions.has(it.localName))
      .map((it) => facts.name(it)),
  }
}

function authnStatement(statement: XmlElement): VerifiedAuthnStatement {
  const context = onlyChild(statement, ns.assertion, 'AuthnContext')
  return {
    authnInstant: verifiedTime(statement, 'AuthnInstant'),
    sessionIndex: facts.attribute(statement, 'SessionIndex'),
    sessionNotOnOrAfter: verifiedTime(statement, 'SessionNotOnOrAfter'),
    classRef: facts.text(context && onlyChild(context, ns.assertion, 'AuthnContextClassRef')),
  }
}

function attributesOf(statement: XmlElement): VerifiedAttribute[] {
  return childrenNamed(statement, ns.assertion, 'Attribute').map((attribute) => ({
    name: facts.attribute(attribute, 'Name') ?? ('' as Verified),
    nameFormat: facts.attribute(attribute, 'NameFormat'),
    values: textsOf(attribute, 'AttributeValue'),
  }))
}

function textsOf(parent: XmlElement, localName: string): Verified[] {
  return childrenNamed(parent, ns.assertion, localName).map(
    (it) => facts.text(it) ?? ('' as Verified),
  )
}
