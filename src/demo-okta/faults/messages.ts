import { isoMillis } from '../../lib/clock.ts'
import { escapeXml, ns } from '../xml.ts'
import type { Fault, FaultScene } from './fault.ts'
import { elementText, reachingIn } from './text.ts'

const group = 'Other messages'

/** Another message of the protocol in the place of the Response, signed as one by the right key. */
function message(name: string, title: string, make: (scene: FaultScene) => string): Fault {
  return {
    name,
    title,
    group,
    before: (spec, scene) => reachingIn({ response: () => make(scene) }, 'response')(spec),
  }
}

/** A message of that name with the attributes that all have, and an Issuer. */
function protocolMessage(name: string, { facts }: FaultScene, content: string): string {
  const attributes = `ID="${facts.responseId}" Version="2.0" IssueInstant="${isoMillis(facts.now)}" Destination="${escapeXml(facts.acs)}"`
  const issuer = `<saml2:Issuer xmlns:saml2="${ns.assertion}">${escapeXml(facts.issuer)}</saml2:Issuer>`
  return `<saml2p:${name} xmlns:saml2p="${ns.protocol}" ${attributes}>${issuer}${content}</saml2p:${name}>`
}

const success = `<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>`

/** What an identity provider signs besides responses, and what others post to the ACS. */
export const messageFaults: readonly Fault[] = [
  message('message-logout-response', 'A signed LogoutResponse', (scene) =>
    protocolMessage('LogoutResponse', scene, success),
  ),
  message('message-logout-request', 'A signed LogoutRequest', (scene) =>
    protocolMessage(
      'LogoutRequest',
      scene,
      `<saml2:NameID xmlns:saml2="${ns.assertion}">${escapeXml(scene.facts.user.nameId)}</saml2:NameID>`,
    ),
  ),
  message('message-authn-request', 'A signed AuthnRequest', (scene) =>
    protocolMessage('AuthnRequest', scene, ''),
  ),
  message('message-artifact-response', 'A signed ArtifactResponse', (scene) =>
    protocolMessage('ArtifactResponse', scene, success),
  ),
  message(
    'message-metadata',
    'Signed metadata',
    ({ facts }) =>
      `<md:EntityDescriptor xmlns:md="${ns.metadata}" ID="${facts.responseId}" entityID="${escapeXml(facts.issuer)}"><saml2:Issuer xmlns:saml2="${ns.assertion}"/></md:EntityDescriptor>`,
  ),
  {
    name: 'message-assertion',
    title: 'The signed assertion without the Response',
    group,
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml) => elementText(xml, 'saml2:Assertion'),
  },
  {
    name: 'message-soap',
    title: 'The response in a SOAP envelope',
    group,
    after: (xml) =>
      `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${xml.replace(/^<\?xml[^>]*\?>/, '')}</soap:Body></soap:Envelope>`,
  },
  {
    name: 'message-ws-federation',
    title: 'The assertion in an answer of WS-Federation',
    group,
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml) =>
      `<t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:RequestedSecurityToken>${elementText(xml, 'saml2:Assertion')}</t:RequestedSecurityToken></t:RequestSecurityTokenResponse>`,
  },
  {
    name: 'message-response-in-response',
    title: 'A signed Response inside another Response',
    group,
    after: (xml) => {
      const inner = xml.replace(/^<\?xml[^>]*\?>/, '')
      const outer = inner.slice(0, inner.indexOf('>') + 1).replace(/ ID="[^"]*"/, ' ID="idOuter"')
      return `${outer}${success}${inner}</saml2p:Response>`
    },
  },
]
