import { type Instant, isoMillis } from '../../lib/clock.ts'
import { element, type Markup } from '../xmlWriter.ts'

const protocol = { 'xmlns:samlp': 'urn:oasis:names:tc:SAML:2.0:protocol' }
const assertion = { xmlns: 'urn:oasis:names:tc:SAML:2.0:assertion' }
export const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'

interface Envelope {
  readonly id: string
  readonly now: Instant
  readonly issuer: string
  readonly destination: string
}

/** Asks the identity provider to end the session that an assertion opened (SAML core 3.7.1). */
export function logoutRequestXml(
  envelope: Envelope,
  session: {
    readonly nameId: string
    readonly nameIdFormat: string | null
    readonly sessionIndex: string | null
  },
): string {
  const { nameId, nameIdFormat, sessionIndex } = session
  return element(
    'samlp:LogoutRequest',
    { ...protocol, ...attributes(envelope) },
    issuer(envelope),
    element('NameID', { ...assertion, Format: nameIdFormat }, nameId),
    ...(sessionIndex === null ? [] : [element('samlp:SessionIndex', {}, sessionIndex)]),
  ).xml
}

/** Says that the session is over (SAML core 3.7.2). */
export function logoutResponseXml(envelope: Envelope, inResponseTo: string): string {
  return element(
    'samlp:LogoutResponse',
    { ...protocol, ...attributes(envelope), InResponseTo: inResponseTo },
    issuer(envelope),
    element('samlp:Status', {}, element('samlp:StatusCode', { Value: SUCCESS })),
  ).xml
}

function attributes({ id, now, destination }: Envelope): Record<string, string> {
  return { ID: id, Version: '2.0', IssueInstant: isoMillis(now), Destination: destination }
}

function issuer({ issuer: name }: Envelope): Markup {
  return element('Issuer', assertion, name)
}
