import { ns } from '../xml.ts'
import { copyUnsigned, editXml, first, forgeElement, ownSignature, rootOf } from './dom.ts'
import type { Fault } from './fault.ts'

/** What is wrong with the signatures themselves. */
export const signatureFaults: readonly Fault[] = [
  {
    name: 'unsigned',
    title: 'Not signed at all',
    group: 'Signature',
    before: (spec) => ({ ...spec, signed: 'none' }),
  },
  {
    name: 'foreign-key',
    title: 'Signed with a foreign key',
    group: 'Signature',
    before: async (spec, { foreignKey }) => ({ ...spec, key: await foreignKey() }),
  },
  {
    name: 'sha1',
    title: 'Signed with SHA-1',
    group: 'Signature',
    before: (spec) => ({ ...spec, algorithm: 'rsa-sha1' }),
  },
  {
    name: 'hmac',
    title: 'HMAC with the public certificate as its key',
    group: 'Signature',
    before: (spec) => ({ ...spec, algorithm: 'hmac-sha256' }),
  },
  {
    name: 'bad-digest',
    title: 'A good signature over a wrong digest',
    group: 'Signature',
    before: (spec) => ({ ...spec, wrongDigest: true }),
  },
  {
    name: 'bad-signature-value',
    title: 'A wrong signature value',
    group: 'Signature',
    // The Response's own signature stands first. The assertion's is left whole: what is wrong is wrong in one place.
    after: (xml) =>
      xml.replace(
        /(<ds:SignatureValue>)(.)/,
        (_all, start: string, letter: string) => start + (letter === 'A' ? 'B' : 'A'),
      ),
  },
  {
    name: 'object-in-signature',
    title: 'A forged assertion in an Object of the signature',
    group: 'Signature',
    // The enveloped-signature transform takes the Object out with the signature, so that both signatures still hold.
    after: (xml, scene) =>
      editXml(xml, (document) => {
        const root = rootOf(document)
        const forged = copyUnsigned(first(root, ns.assertion, 'Assertion'))
        forgeElement(forged, scene.newId(), scene.forgedNameId)
        const object = document.createElementNS(ns.ds, 'ds:Object')
        object.appendChild(forged)
        ownSignature(root).appendChild(object)
      }),
  },
  {
    name: 'duplicate-id',
    title: 'A forged assertion with the ID of the signed one',
    group: 'Signature',
    before: (spec) => ({ ...spec, signed: 'assertion' }),
    after: (xml, { forgedNameId }) =>
      editXml(xml, (document) => {
        const root = rootOf(document)
        const genuine = first(root, ns.assertion, 'Assertion')
        const forged = copyUnsigned(genuine)
        forgeElement(forged, genuine.getAttribute('ID') ?? '', forgedNameId)
        root.insertBefore(forged, genuine)
      }),
  },
]
