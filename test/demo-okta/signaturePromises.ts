import { createHmac } from 'node:crypto'
import { XMLSerializer } from '@xmldom/xmldom'
import { expect } from 'chai'
import { SignedXml } from 'xml-crypto'
import {
  alice,
  all,
  bob,
  checkSignatures,
  type FaultPromise,
  foreignKey,
  holds,
  key,
  one,
  problems,
  text,
} from './scene.ts'

/** What the faults of NameID, attributes, markup and signature promise. */
export const signaturePromises: Record<string, FaultPromise> = {
  'nameid-tampered': {
    check: (root, xml) => {
      expect(text(root, 'NameID')).to.equal(bob.nameId)
      expect(holds(xml)).to.deep.equal([false, false])
    },
  },
  'nameid-missing': {
    intact: true,
    check: (root) => {
      expect(all(root, 'NameID')).to.deep.equal([])
      expect(all(root, 'SubjectConfirmation')).to.have.length(1)
    },
  },
  'nameid-format-transient': {
    intact: true,
    check: (root) =>
      expect(one(root, 'NameID').getAttribute('Format')).to.match(/nameid-format:transient$/),
  },
  'nameid-whitespace': {
    intact: true,
    check: (root) => expect(text(root, 'NameID')).to.equal(` ${alice.nameId} `),
  },
  'duplicate-attribute': {
    intact: true,
    check: (root) => {
      const names = all(root, 'Attribute').map((attribute) => attribute.getAttribute('Name'))
      expect(names.filter((name) => name === 'IDPEmail')).to.have.length(2)
    },
  },
  'nameid-comment': {
    intact: true,
    check: (root) => {
      const nameId = one(root, 'NameID')
      expect(nameId.firstChild?.nodeValue, 'what a careless reader takes').to.equal(alice.nameId)
      expect(Array.from(nameId.childNodes, ({ nodeName }) => nodeName)).to.deep.equal([
        '#text',
        '#comment',
        '#text',
      ])
      expect(nameId.textContent).to.equal(`${alice.nameId}.evil.example`)
    },
  },
  'processing-instruction': {
    intact: true,
    check: (root) => {
      const nameId = one(root, 'NameID')
      expect(nameId.lastChild?.nodeType).to.equal(7)
      expect(nameId.textContent, 'what a careless reader takes').to.equal(alice.nameId)
    },
  },
  cdata: {
    intact: true,
    check: (root) => {
      expect(one(root, 'NameID').firstChild?.nodeName).to.equal('#cdata-section')
      expect(text(root, 'NameID')).to.equal(alice.nameId)
    },
  },
  doctype: {
    intact: true,
    check: (root) => expect(root.ownerDocument?.doctype?.name).to.equal('saml2p:Response'),
  },
  unsigned: {
    check: (root) => expect(all(root, 'Signature')).to.deep.equal([]),
  },
  'foreign-key': {
    check: (_root, xml) => {
      expect(holds(xml)).to.deep.equal([false, false])
      expect(holds(xml, foreignKey.certificatePem)).to.deep.equal([true, true])
    },
  },
  sha1: {
    intact: true,
    check: (root, xml) => {
      for (const { algorithm } of checkSignatures(xml)) expect(algorithm).to.match(/#rsa-sha1$/)
      expect(one(root, 'DigestMethod').getAttribute('Algorithm')).to.match(/xmldsig#sha1$/)
    },
  },
  hmac: {
    check: (root, xml) => {
      expect(holds(xml)).to.deep.equal([false, false])
      // What a verifier does that takes the algorithm from the message and the certificate for a key.
      const uri = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'
      const verifier = new SignedXml({ publicCert: key.certificatePem })
      verifier.SignatureAlgorithms = {
        [uri]: class {
          getAlgorithmName = () => uri
          getSignature = () => ''
          verifySignature = (octets: string, secret: unknown, value: string) =>
            createHmac('sha256', String(secret)).update(octets).digest('base64') === value
        },
      }
      verifier.loadSignature(new XMLSerializer().serializeToString(one(root, 'Signature')))
      expect(verifier.checkSignature(xml)).to.equal(true)
    },
  },
  'bad-digest': {
    check: (_root, xml) => expect(holds(xml)).to.deep.equal([false, false]),
  },
  'bad-signature-value': {
    check: (_root, xml) => expect(problems(xml)).to.deep.equal(['signature value', null]),
  },
  'object-in-signature': {
    intact: true,
    check: (root) => {
      const object = one(root, 'Object')
      expect(text(object, 'NameID')).to.equal(bob.nameId)
      expect(object.parentNode?.parentNode).to.equal(root)
    },
  },
  'duplicate-id': {
    check: (root) => {
      const [forged, genuine, ...others] = all(root, 'Assertion')
      expect(others).to.deep.equal([])
      expect(forged?.getAttribute('ID')).to.equal(genuine?.getAttribute('ID'))
      expect(forged && text(forged, 'NameID')).to.equal(bob.nameId)
      expect(genuine && text(genuine, 'NameID')).to.equal(alice.nameId)
    },
  },
}
