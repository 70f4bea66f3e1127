import { verifiedTime } from './assertion.ts'
import type { ResponseDocument } from './document.ts'
import { sealed } from './document.ts'
import { claims, facts } from './text.ts'
import type { ClaimedResponse, ClaimedStatus, VerifiedEnvelope } from './types.ts'
import { ns } from './xml/names.ts'
import { onlyChild, type XmlElement } from './xml/tree.ts'

/**
 * What a Response says of itself, unsigned as it may be. Where the schema has one element and there are several, none of them is
 * taken. Requires `responseShape`.
 */
export function claimedResponse(document: ResponseDocument): ClaimedResponse {
  const { root, assertion, isEncrypted } = document
  const issuerOf = (element: XmlElement | null) =>
    claims.text(element && onlyChild(element, ns.assertion, 'Issuer'))
  const plainAssertion = isEncrypted ? null : assertion
  const subject = plainAssertion && onlyChild(plainAssertion, ns.assertion, 'Subject')
  const id = claims.attribute(root, 'ID')
  if (id === null) throw new Error('claimedResponse needs a Response that has passed responseShape')
  return {
    id,
    issuer: issuerOf(root) ?? issuerOf(plainAssertion),
    destination: claims.attribute(root, 'Destination'),
    inResponseTo: claims.attribute(root, 'InResponseTo'),
    status: claimedStatus(onlyChild(root, ns.protocol, 'Status')),
    assertionCount: assertion === null ? 0 : 1,
    encrypted: isEncrypted,
    nameId: claims.text(subject && onlyChild(subject, ns.assertion, 'NameID')),
    document: sealed(document),
  }
}

/** SAML core section 3.2.2: the top-level code, perhaps one below it, perhaps a message. */
function claimedStatus(status: XmlElement | null): ClaimedStatus {
  const code = status && onlyChild(status, ns.protocol, 'StatusCode')
  return {
    code: claims.attribute(code, 'Value'),
    subCode: claims.attribute(code && onlyChild(code, ns.protocol, 'StatusCode'), 'Value'),
    message: claims.text(status && onlyChild(status, ns.protocol, 'StatusMessage')),
  }
}

/** What a Response says of itself. `root` must have been parsed from the digested bytes of its own signature. */
export function verifiedEnvelope(root: XmlElement): VerifiedEnvelope {
  const id = facts.attribute(root, 'ID')
  if (id === null)
    throw new Error('verifiedEnvelope needs a Response that has passed responseShape')
  const status = onlyChild(root, ns.protocol, 'Status')
  return {
    id,
    version: facts.attribute(root, 'Version'),
    issuer: facts.text(onlyChild(root, ns.assertion, 'Issuer')),
    issueInstant: verifiedTime(root, 'IssueInstant'),
    destination: facts.attribute(root, 'Destination'),
    inResponseTo: facts.attribute(root, 'InResponseTo'),
    statusCode: facts.attribute(status && onlyChild(status, ns.protocol, 'StatusCode'), 'Value'),
  }
}
