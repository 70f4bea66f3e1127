import { refuse } from '../../aadsts/reasons.ts'
import type { Federation } from '../../directory/types.ts'
import { minutes } from '../../lib/clock.ts'
import { newGuid } from '../../lib/ids.ts'
import { fingerprint } from '../../lib/secrets.ts'
import {
  claimedIssuer,
  isComplete,
  type LogoutMessage,
  type LogoutRequest,
  type LogoutResponse,
  readLogoutMessage,
} from '../../saml/logout/message.ts'
import {
  decodePostMessage,
  parseLogoutXml,
  refuseXmlSignature,
  verifyPostMessage,
} from '../../saml/logout/post.ts'
import {
  checkRelayState,
  readRedirectMessage,
  signedRedirectUrl,
  verifyRedirectSignature,
} from '../../saml/logout/redirect.ts'
import { logoutRequestXml, logoutResponseXml } from '../../saml/logout/write.ts'
import type { XmlElement } from '../../saml/xml/tree.ts'
import type { Session } from '../ports.ts'
import { acceptableUntil, checkEnvelope } from './envelope.ts'
import { incompleteLogouts, isPage, signedOutPath } from './incomplete.ts'
import type { LoggedOut, LogoutArrival, LogoutParts } from './types.ts'

/** A LogoutResponse is awaited this long. */
export const LOGOUT_LIFETIME = minutes(15)

export type Logout = ReturnType<typeof createLogout>

/** SAML single logout with the identity providers of federations (SAML profiles 4.4). */
export function createLogout(parts: LogoutParts) {
  const { directory, sessions, logouts, signer, clock, random } = parts
  const notes = incompleteLogouts(parts, LOGOUT_LIFETIME)
  const expected = () => ({ ...parts, now: clock() })

  return {
    /**
     * After a session has ended here: the address that asks its identity provider to end its own, whose answer leads to
     * `returnTo`; null when there is none to ask (a password, no signOutUri, no key).
     */
    async begin(session: Session, returnTo: string): Promise<string | null> {
      const { federationId, nameId } = session
      const federation = federationId && (await directory.federation(federationId))
      if (!federation || nameId === null || signer === null) return null
      const destination = federation.signOutUri
      if (destination === null || !federation.isEnabled) return null
      const now = clock()
      const id = `_${newGuid(random)}`
      await logouts.rememberLogout({
        id,
        federationId: federation.id,
        returnTo,
        createdAt: now,
        expiresAt: now + LOGOUT_LIFETIME,
      })
      const envelope = { id, now, issuer: parts.entityId, destination }
      const xml = logoutRequestXml(envelope, { ...session, nameId })
      return signedRedirectUrl(destination, { field: 'SAMLRequest', xml, relayState: null }, signer)
    },

    noted: notes.noted,

    /** The identity provider of a session can be asked to end its own: where the browser would go. */
    async destinationOf({ federationId }: Session): Promise<string | null> {
      if (federationId === null || signer === null) return null
      const federation = await directory.federation(federationId)
      return federation?.isEnabled ? federation.signOutUri : null
    },

    /**
     * A LogoutRequest or LogoutResponse of an identity provider (saml-security R25). Refuses whatever is not signed by the
     * federation that it names, with RSA-SHA256 or more, over the very octets that are read; nothing is ended then.
     */
    async receive(arrival: LogoutArrival, sessionHandle: string | null): Promise<LoggedOut> {
      const { message, federation, field, relayState } = await believed(arrival)
      if ((field === 'SAMLRequest') !== (message.kind === 'LogoutRequest')) {
        refuse('logoutMalformed', {
          expected: `${field} to hold its own kind`,
          actual: message.kind,
        })
      }
      checkEnvelope(message, expected())
      if (message.kind === 'LogoutResponse') {
        return answered(message, federation)
      }
      const endedOwnSession = await end(message, federation, sessionHandle)
      const goTo = responseUrl(message, federation, relayState) ?? signedOutPath
      return { goTo, endedOwnSession, incomplete: null }
    },
  }

  /** The message in the tree of its signed bytes, and the federation that signed it. */
  async function believed(arrival: LogoutArrival) {
    const { limits } = parts
    const now = clock()
    if (arrival.binding === 'redirect') {
      const carried = readRedirectMessage(arrival.query, limits)
      const root = parseLogoutXml(carried.xml, limits)
      refuseXmlSignature(root)
      const federation = await trusted(root)
      verifyRedirectSignature(carried, parts.trustOf(federation), now)
      return { ...carried, federation, message: readLogoutMessage(root) }
    }
    checkRelayState(arrival.relayState)
    const root = decodePostMessage(arrival.body, limits)
    const federation = await trusted(root)
    const signed = verifyPostMessage(root, parts.trustOf(federation), { now, limits })
    return { ...arrival, federation, message: issuedBy(federation, readLogoutMessage(signed)) }
  }

  async function trusted(root: XmlElement): Promise<Federation> {
    const issuer = claimedIssuer(root)
    const federation = await directory.federationByIssuer(issuer)
    if (federation === null) {
      refuse('issuerNotFederated', { expected: 'the issuerUri of a federation', actual: issuer })
    }
    if (!federation.isEnabled) refuse('federationDisabled', { actual: issuer })
    return federation
  }

  /** The Issuer once more, from the signed bytes. */
  function issuedBy(federation: Federation, message: LogoutMessage): LogoutMessage {
    if (message.issuer !== federation.issuerUri) {
      refuse('issuerMismatch', { expected: federation.issuerUri, actual: message.issuer })
    }
    return message
  }

  /**
   * Ends the sessions that the request names by NameID and SessionIndex. A browser that has a session sends it along, and then it
   * must be that very one, so that nobody signs another person out by a request of their own; one that sends none (a form that
   * another site posts comes without) ends what is stored.
   */
  async function end(
    request: LogoutRequest,
    federation: Federation,
    sessionHandle: string | null,
  ): Promise<boolean> {
    const isNamed = ({ federationId, nameId, sessionIndex }: Session): boolean =>
      federationId === federation.id &&
      nameId === request.nameId &&
      sessionIndex !== null &&
      request.sessionIndexes.some((each) => each === sessionIndex)
    const own = sessionHandle && (await sessions.session(fingerprint(sessionHandle), clock()))
    if (own && !isNamed(own)) {
      refuse('logoutSessionMismatch', {
        expected: 'NameID and SessionIndex of this browser’s session',
        actual: `${request.sessionIndexes.length} SessionIndexes of another`,
      })
    }
    await useUp(request, federation)
    const stored = await sessions.sessionsOfNameId(federation.id, request.nameId)
    for (const session of stored.filter(isNamed)) {
      await sessions.endSession(session.key)
      await parts.onEnded(session)
    }
    return Boolean(own)
  }

  /** A request is good once: a captured one ends no later session, whose SessionIndex may be the same. */
  async function useUp({ id }: LogoutRequest, federation: Federation): Promise<void> {
    const outcome = await parts.state.consume({
      requestId: null,
      browser: null,
      federationId: federation.id,
      // No assertion is called so: an ID is an NCName, which has no space.
      assertionId: `logout ${id}`,
      rememberUntil: acceptableUntil(expected()),
      now: clock(),
    })
    if (outcome !== 'consumed') {
      refuse('responseReplayed', { expected: 'a LogoutRequest that is new', actual: id })
    }
  }

  async function answered(response: LogoutResponse, federation: Federation): Promise<LoggedOut> {
    const id = response.inResponseTo
    const of = { federationId: federation.id, now: clock() }
    const pending = id === null ? null : await logouts.takeLogout({ id, ...of })
    if (pending === null) {
      refuse('requestUnknown', {
        expected: 'InResponseTo a LogoutRequest that waits',
        actual: id ?? 'no InResponseTo',
      })
    }
    const { returnTo } = pending
    if (isComplete(response)) return { goTo: returnTo, endedOwnSession: false, incomplete: null }
    const statusCodes = response.statusCodes.map((code) => code.slice(0, 200))
    return {
      goTo: isPage(returnTo) ? await notes.note(federation, returnTo) : returnTo,
      endedOwnSession: false,
      incomplete: { issuer: federation.issuerUri, statusCodes },
    }
  }

  /** Null when nothing can be answered: there is no key, or no address. */
  function responseUrl(
    { id }: LogoutRequest,
    { signOutUri }: Federation,
    relayState: string | null,
  ): string | null {
    if (signer === null || signOutUri === null) return null
    const now = clock()
    const envelope = {
      id: `_${newGuid(random)}`,
      now,
      issuer: parts.entityId,
      destination: signOutUri,
    }
    const xml = logoutResponseXml(envelope, id)
    return signedRedirectUrl(signOutUri, { field: 'SAMLResponse', xml, relayState }, signer)
  }
}
