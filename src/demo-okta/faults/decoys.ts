import { oktaRefusal, statusCodes } from '../honest.ts'
import { buildResponse } from '../response.ts'
import { ns } from '../xml.ts'
import type { Fault, FaultScene } from './fault.ts'
import {
  elementText,
  forgedText,
  idIn,
  inOrder,
  insertedAfter,
  insertedBefore,
  lastReplaced,
  replaced,
  withDs,
} from './text.ts'

const group = 'Wrapped signatures (XSW)'

/** A response of which only the assertion is signed, rearranged. The signed assertion's bytes stay what they are. */
function arranged(
  name: string,
  title: string,
  arrange: (parts: {
    readonly xml: string
    readonly genuine: string
    /** Without signature, with an ID and a NameID of its own. */
    readonly forged: string
    readonly signature: string
  }) => string,
): Fault {
  return {
    name,
    title,
    group,
    twin: 'assertion-signed',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml, scene) => {
      const genuine = elementText(xml, 'saml2:Assertion')
      const forged = forgedText(genuine, scene.newId(), scene.forgedNameId)
      return arrange({ xml, genuine, forged, signature: elementText(genuine, 'ds:Signature') })
    },
  }
}

const afterIssuer = (addition: string) => insertedAfter('</saml2:Issuer>', addition)

/** Something else that the identity provider has signed, used as the source of a signature. */
const signedRefusal = ({ facts, newId }: FaultScene): string =>
  buildResponse(oktaRefusal({ ...facts, responseId: newId() }, statusCodes.requestDenied)).replace(
    /^<\?xml[^>]*\?>/,
    '',
  )

/** Wrappings that came after the eight classic ones, 2018 to 2026. */
export const decoyFaults: readonly Fault[] = [
  arranged(
    'xsw-signature-copied',
    'A forged assertion with a copy of the signature, before the signed one',
    ({ xml, genuine, forged, signature }) =>
      insertedBefore(genuine, afterIssuer(signature)(forged))(xml),
  ),
  arranged(
    'xsw-signature-transplanted',
    'The signature moved to a forged assertion, the signed one gone',
    ({ xml, genuine, forged, signature }) => replaced(genuine, afterIssuer(signature)(forged))(xml),
  ),
  arranged(
    'xsw-extensions',
    'The signed assertion in Extensions, a forged one in its place',
    ({ xml, genuine, forged }) =>
      inOrder(
        replaced(genuine, forged),
        insertedBefore('<saml2p:Status>', `<saml2p:Extensions>${genuine}</saml2p:Extensions>`),
      )(xml),
  ),
  arranged(
    'xsw-status-detail',
    'The signed assertion in StatusDetail, a forged one in its place',
    ({ xml, genuine, forged }) =>
      inOrder(
        replaced(genuine, forged),
        insertedBefore('</saml2p:Status>', `<saml2p:StatusDetail>${genuine}</saml2p:StatusDetail>`),
      )(xml),
  ),
  arranged(
    'xsw-advice',
    'The signed assertion in the Advice of a forged one',
    ({ xml, genuine, forged }) =>
      replaced(
        genuine,
        insertedBefore('<saml2:AuthnStatement', `<saml2:Advice>${genuine}</saml2:Advice>`)(forged),
      )(xml),
  ),
  arranged(
    'xsw-attribute-value',
    'The signed assertion in an AttributeValue of a forged one',
    ({ xml, genuine, forged }) =>
      replaced(
        genuine,
        insertedBefore(
          '</saml2:AttributeStatement>',
          `<saml2:Attribute Name="x"><saml2:AttributeValue>${genuine}</saml2:AttributeValue></saml2:Attribute>`,
        )(forged),
      )(xml),
  ),
  arranged(
    'xsw-confirmation-data',
    'The signed assertion in the SubjectConfirmationData of a forged one',
    ({ xml, genuine, forged }) =>
      replaced(
        genuine,
        forged.replace(
          /(<saml2:SubjectConfirmationData[^>]*)\/>/,
          (_all, start: string) => `${start}>${genuine}</saml2:SubjectConfirmationData>`,
        ),
      )(xml),
  ),
  arranged(
    'xsw-in-unknown-element',
    'The signed assertion in an element nobody knows',
    ({ xml, genuine, forged }) =>
      replaced(genuine, `<x:Wrap xmlns:x="urn:example:x">${genuine}</x:Wrap>${forged}`)(xml),
  ),
  arranged(
    'xsw-object-of-decoy',
    'A decoy signature with the same value, and a forged assertion in its Object',
    ({ xml, genuine, forged, signature }) => {
      const decoy = lastReplaced(
        '</ds:Signature>',
        `<ds:Object>${forged}</ds:Object></ds:Signature>`,
      )(signature)
      return replaced(genuine, insertedBefore('<ds:Signature ', decoy)(genuine))(xml)
    },
  ),
  arranged(
    'xsw-object-same-id',
    'The signed assertion in an Object, a forged one with its ID outside',
    ({ xml, genuine, forged, signature }) => {
      const posing = forged.replace(/ ID="[^"]*"/, ` ID="${idIn(genuine)}"`)
      const carrier = lastReplaced(
        '</ds:Signature>',
        `<ds:Object>${genuine.replace(signature, '')}</ds:Object></ds:Signature>`,
      )(signature)
      return replaced(genuine, afterIssuer(carrier)(posing))(xml)
    },
  ),
  arranged(
    'xsw-id-by-entity',
    'As GHES in 2025: the forged assertion’s ID is an entity, the signed one’s is plain',
    ({ xml, genuine, forged, signature }) => {
      const posing = forged.replace(/ ID="[^"]*"/, ' ID="&signed;"')
      const carrier = lastReplaced(
        '</ds:Signature>',
        `<ds:Object>${genuine.replace(signature, '')}</ds:Object></ds:Signature>`,
      )(signature)
      const doctype = `<!DOCTYPE saml2p:Response [<!ENTITY signed "${idIn(genuine)}">]>`
      return inOrder(
        replaced(genuine, afterIssuer(carrier)(posing)),
        insertedBefore('<saml2p:Response', doctype),
      )(xml)
    },
  ),
  arranged(
    'xsw-assertion-as-root',
    'A forged assertion as the root, around the whole Response',
    ({ xml, forged }) =>
      insertedBefore('</saml2:Assertion>', xml.replace(/^<\?xml[^>]*\?>/, ''))(forged),
  ),
  {
    name: 'xsw-signed-refusal',
    title: 'A signed refusal inside a forged success',
    group,
    before: (spec) => ({ ...spec, signed: 'none' }),
    after: (xml, scene) =>
      lastReplaced('</saml2p:Response>', `${signedRefusal(scene)}</saml2p:Response>`)(xml),
  },
  {
    name: 'xsw-signature-of-refusal',
    title: 'The signature of a refusal on a forged success',
    group,
    before: (spec) => ({ ...spec, signed: 'none' }),
    after: (xml, scene) =>
      insertedBefore('<saml2p:Status>', elementText(signedRefusal(scene), 'ds:Signature'))(xml),
  },
  {
    name: 'xsw-signed-metadata',
    title: 'The identity provider’s signed metadata in Extensions, its signature to be found',
    group,
    before: (spec) => ({ ...spec, signed: 'none' }),
    after: (xml, scene) => {
      const signature = elementText(signedRefusal(scene), 'ds:Signature')
      const metadata = `<md:EntityDescriptor xmlns:md="${ns.metadata}" ID="${scene.newId()}">${signature}</md:EntityDescriptor>`
      return insertedBefore(
        '<saml2p:Status>',
        `<saml2p:Extensions>${metadata}</saml2p:Extensions>`,
      )(xml)
    },
  },
  {
    name: 'xsw-second-assertion-unsigned',
    title: 'A forged assertion after the signed one, which is in a signed Response too',
    group,
    after: (xml, scene) => {
      const forged = forgedText(
        elementText(xml, 'saml2:Assertion'),
        scene.newId(),
        scene.forgedNameId,
      )
      return lastReplaced('</saml2p:Response>', `${forged}</saml2p:Response>`)(xml)
    },
  },
  {
    name: 'xsw-evil-signature-first',
    title: 'A signature of the forger’s own before the genuine one',
    group,
    after: (xml) => {
      const info = elementText(xml, 'ds:SignedInfo')
      const evil = `<ds:Signature ${withDs}>${info}<ds:SignatureValue>ZXZpbA==</ds:SignatureValue></ds:Signature>`
      return insertedBefore('<ds:Signature ', evil)(xml)
    },
  },
]
