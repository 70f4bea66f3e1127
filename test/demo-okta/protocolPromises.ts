import type { Element } from '@xmldom/xmldom'
import { expect } from 'chai'
import { statusCodes } from '../../src/demo-okta/honest.ts'
import {
  acs,
  all,
  checkSignatures,
  type FaultPromise,
  issuer,
  now,
  one,
  requestId,
  text,
  time,
} from './scene.ts'

const hour = 3_600_000
const destinations = (root: Element) => ({
  destination: root.getAttribute('Destination'),
  recipient: one(root, 'SubjectConfirmationData').getAttribute('Recipient'),
})
const answered = (root: Element) => [
  root.getAttribute('InResponseTo'),
  one(root, 'SubjectConfirmationData').getAttribute('InResponseTo'),
]
const issuers = (root: Element) => all(root, 'Issuer').map(({ textContent }) => textContent)
const statuses = (root: Element) =>
  all(root, 'StatusCode').map((code) => code.getAttribute('Value'))

/** What the faults of times, addresses and protocol promise. */
export const protocolPromises: Record<string, FaultPromise> = {
  expired: {
    intact: true,
    check: (root) => {
      expect(time(one(root, 'Conditions'), 'NotOnOrAfter')).to.equal(now - hour + 300_000)
      expect(time(one(root, 'SubjectConfirmationData'), 'NotOnOrAfter')).to.be.below(now)
      expect(time(root, 'IssueInstant')).to.equal(now - hour)
    },
  },
  'not-yet-valid': {
    intact: true,
    check: (root) => {
      expect(time(one(root, 'Conditions'), 'NotBefore')).to.equal(now + hour - 300_000)
      expect(time(one(root, 'AuthnStatement'), 'AuthnInstant')).to.equal(now + hour)
    },
  },
  'no-conditions-times': {
    intact: true,
    check: (root) => {
      expect(one(root, 'Conditions').attributes.length).to.equal(0)
      expect(text(root, 'Audience')).not.to.equal('')
    },
  },
  'lifetime-too-long': {
    intact: true,
    check: (root) => {
      expect(time(one(root, 'Conditions'), 'NotOnOrAfter')).to.be.above(now + 3000 * 24 * hour)
    },
  },
  'audience-other': {
    intact: true,
    check: (root) => expect(text(root, 'Audience')).to.equal('urn:federation:SomebodyElse'),
  },
  'recipient-other': {
    intact: true,
    check: (root) =>
      expect(destinations(root)).to.deep.equal({
        destination: acs,
        recipient: 'https://sp.other.example/saml2',
      }),
  },
  'destination-other': {
    intact: true,
    check: (root) =>
      expect(destinations(root)).to.deep.equal({
        destination: 'https://sp.other.example/saml2',
        recipient: acs,
      }),
  },
  'issuer-other': {
    intact: true,
    check: (root) => expect(issuers(root)).to.have.length(2).and.not.to.include(issuer),
  },
  'issuer-trailing-slash': {
    intact: true,
    check: (root) => expect(issuers(root)).to.deep.equal([`${issuer}/`, `${issuer}/`]),
  },
  unsolicited: {
    intact: true,
    check: (root) => expect(answered(root)).to.deep.equal([null, null]),
  },
  'in-response-to-other': {
    intact: true,
    check: (root) => {
      const [outer, inner] = answered(root)
      expect(outer).to.match(/^_/).and.to.equal(inner).and.not.to.equal(requestId)
    },
  },
  'status-request-denied': {
    intact: true,
    check: (root) => {
      expect(statuses(root)).to.deep.equal([statusCodes.responder, statusCodes.requestDenied])
      expect(all(root, 'Assertion')).to.deep.equal([])
    },
  },
  'status-missing-assertion': {
    intact: true,
    check: (root) => {
      expect(statuses(root)).to.deep.equal([statusCodes.success])
      expect(all(root, 'Assertion')).to.deep.equal([])
    },
  },
  'two-assertions': {
    intact: true,
    check: (root, xml) => {
      expect(all(root, 'Assertion').map(({ parentNode }) => parentNode)).to.deep.equal([root, root])
      expect(checkSignatures(xml)).to.have.length(3)
    },
  },
  'extensions-assertion': {
    intact: true,
    check: (root) => {
      expect(all(one(root, 'Extensions'), 'Assertion')).to.have.length(1)
      expect(all(root, 'Assertion')).to.have.length(2)
    },
  },
  'holder-of-key': {
    intact: true,
    check: (root) =>
      expect(one(root, 'SubjectConfirmation').getAttribute('Method')).to.match(/:holder-of-key$/),
  },
  'unknown-condition': {
    intact: true,
    check: (root) =>
      expect(one(root, 'Condition').getAttribute('xsi:type')).to.equal('x:OnlyOnSundays'),
  },
  'no-authn-statement': {
    intact: true,
    check: (root) => expect(all(root, 'AuthnStatement')).to.deep.equal([]),
  },
}
