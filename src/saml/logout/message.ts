import { refuse } from '../../aadsts/reasons.ts'
import type { Claimed, Verified } from '../../lib/claimed.ts'
import { verifiedTime } from '../assertion.ts'
import { claims, facts } from '../text.ts'
import type { VerifiedTime } from '../types.ts'
import { isNcName } from '../xml/characters.ts'
import { ns } from '../xml/names.ts'
import { childElements, childrenNamed, isElement, onlyChild, type XmlElement } from '../xml/tree.ts'

export type LogoutKind = 'LogoutRequest' | 'LogoutResponse'

interface LogoutCommon {
  readonly id: Verified
  readonly issuer: Verified
  readonly destination: Verified | null
  readonly issueInstant: VerifiedTime | null
}

/** SAML core 3.7.1: the identity provider wants a session ended. */
export interface LogoutRequest extends LogoutCommon {
  readonly kind: 'LogoutRequest'
  readonly notOnOrAfter: VerifiedTime | null
  readonly nameId: Verified
  readonly nameIdFormat: Verified | null
  readonly sessionIndexes: readonly Verified[]
}

/** SAML core 3.7.2: it has ended the one that we asked it to. */
export interface LogoutResponse extends LogoutCommon {
  readonly kind: 'LogoutResponse'
  readonly inResponseTo: Verified | null
  /** The StatusCode and those inside it, outermost first; none where the schema is broken. */
  readonly statusCodes: readonly Verified[]
}

export type LogoutMessage = LogoutRequest | LogoutResponse

/** The Issuer of a message whose signature has not been checked yet: it chooses the federation to check with. */
export function claimedIssuer(root: XmlElement): Claimed {
  const issuer = claims.text(onlyChild(root, ns.assertion, 'Issuer'))
  return issuer ?? malformed('one Issuer', 'none, or several')
}

/** Which of the two messages it is; refuses every other root. */
export function logoutKind(root: XmlElement): LogoutKind {
  for (const kind of ['LogoutRequest', 'LogoutResponse'] as const) {
    if (isElement(root, ns.protocol, kind)) return kind
  }
  return malformed('a SAML 2.0 LogoutRequest or LogoutResponse', 'another root element')
}

/**
 * What a message says, out of bytes that a good signature covers and out of no others. Refuses with `logoutMalformed` what the
 * schema does not allow, or what two readers could read differently: several NameIDs, elements inside one, an EncryptedID.
 */
export function readLogoutMessage(root: XmlElement): LogoutMessage {
  const kind = logoutKind(root)
  if (facts.attribute(root, 'Version') !== '2.0') malformed('Version 2.0', 'another')
  const id = facts.attribute(root, 'ID')
  if (id === null || !isNcName(id)) malformed('an ID', 'none')
  const issuer = facts.text(onlyChild(root, ns.assertion, 'Issuer'))
  if (issuer === null) malformed('one Issuer', 'none, or several')
  const common = {
    id,
    issuer,
    destination: facts.attribute(root, 'Destination'),
    issueInstant: verifiedTime(root, 'IssueInstant'),
  }
  return kind === 'LogoutRequest' ? request(root, common) : response(root, common)
}

function request(root: XmlElement, common: LogoutCommon): LogoutRequest {
  const nameId = onlyChild(root, ns.assertion, 'NameID')
  const value = facts.text(nameId)
  if (nameId === null || value === null || value === '') malformed('one NameID', 'none, or several')
  if (childElements(nameId).length > 0) malformed('a NameID of text only', 'elements in it')
  const indexes = childrenNamed(root, ns.protocol, 'SessionIndex')
  if (indexes.length > MOST_INDEXES) malformed(`at most ${MOST_INDEXES} SessionIndexes`, 'more')
  return {
    kind: 'LogoutRequest',
    ...common,
    notOnOrAfter: verifiedTime(root, 'NotOnOrAfter'),
    nameId: value,
    nameIdFormat: facts.attribute(nameId, 'Format'),
    sessionIndexes: indexes.map((each) => facts.text(each)).filter((text) => text !== null),
  }
}

const MOST_INDEXES = 16

function response(root: XmlElement, common: LogoutCommon): LogoutResponse {
  const status = onlyChild(root, ns.protocol, 'Status')
  return {
    kind: 'LogoutResponse',
    ...common,
    inResponseTo: facts.attribute(root, 'InResponseTo'),
    statusCodes: statusCodes(status),
  }
}

/** SAML core 3.2.2.2: a code may refine the one around it; nobody refines more than once. */
function statusCodes(status: XmlElement | null): readonly Verified[] {
  const outer = status && onlyChild(status, ns.protocol, 'StatusCode')
  const inner = outer && onlyChild(outer, ns.protocol, 'StatusCode')
  return [outer, inner]
    .map((code) => facts.attribute(code, 'Value'))
    .filter((value) => value !== null)
}

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
const PARTIAL = 'urn:oasis:names:tc:SAML:2.0:status:PartialLogout'

/** Whether a response says that every session is over (SAML core 3.7.3.2: PartialLogout says that some are not). */
export function isComplete({ statusCodes: [outer, inner] }: LogoutResponse): boolean {
  return outer === SUCCESS && inner !== PARTIAL
}

export function malformed(expected: string, actual: string): never {
  refuse('logoutMalformed', { expected, actual })
}
