import { expect } from 'chai'
import type { Reason } from '../../src/aadsts/reasons.ts'
import { minutes } from '../../src/lib/clock.ts'
import { alice, federation, userWith, type World, waiting } from '../support/circumstances.ts'
import { foreignKey, type Said } from '../support/signedMessage.ts'
import { aliceAnchor, now } from '../support/verified.ts'
import { allNames, namesOf, refused, trusting } from './judged.ts'

describe('judge: the first failure decides', () => {
  const foreignDisabled = [userWith('x@partner.com', aliceAnchor, { accountEnabled: false })]
  const refusals: readonly [string, Reason, Partial<Said>, World?][] = [
    ['a text that is no XML', 'notWellFormed', { tamper: () => '<a', issuer: 'urn:x' }],
    [
      'a foreign Issuer, though the status fails too',
      'issuerNotFederated',
      { issuer: 'urn:x', status: 'urn:y' },
    ],
    [
      'a failed status, though nothing is signed',
      'statusNotSuccess',
      { status: 'urn:y', signed: 'none' },
    ],
    [
      'no assertion, though it is unsigned',
      'assertionMissing',
      { withAssertion: false, signed: 'none' },
    ],
    [
      'no signature, though the audience differs',
      'notSigned',
      { signed: 'none', audience: 'urn:x' },
    ],
    [
      'a foreign key, though the audience differs',
      'signatureInvalid',
      { key: foreignKey, audience: 'urn:x' },
    ],
    [
      'the audience, though the recipient differs',
      'audienceMismatch',
      { audience: 'urn:x', recipient: 'urn:x' },
    ],
    [
      'the recipient, though the Destination differs',
      'recipientMismatch',
      { recipient: 'urn:x', destination: 'urn:x' },
    ],
    [
      'the Destination, though it is expired',
      'destinationMismatch',
      { destination: 'urn:x', notOnOrAfter: now - minutes(4) },
    ],
    [
      'the time, though there is no AuthnStatement',
      'assertionExpired',
      { notOnOrAfter: now - minutes(4), withAuthnStatement: false },
    ],
    [
      'no AuthnStatement, though an attribute stands twice',
      'authnStatementMissing',
      {
        withAuthnStatement: false,
        attributes: [
          ['a', '1'],
          ['a', '2'],
        ],
      },
    ],
    [
      'an attribute twice, though the NameID is odd',
      'attributeMalformed',
      {
        attributes: [
          ['a', '1'],
          ['a', '2'],
        ],
        nameId: ' x',
      },
    ],
    ['the NameID, though no request waits', 'nameIdMalformed', { nameId: ' x' }, { requests: [] }],
    [
      'no request, though nobody has that NameID',
      'requestUnknown',
      { nameId: 'x' },
      { requests: [] },
    ],
    [
      'no user, though they would be of a foreign domain',
      'immutableIdMismatch',
      { nameId: 'x' },
      { users: foreignDisabled, requests: [{ ...waiting, loginHint: null }] },
    ],
    [
      'a foreign domain, though the user is disabled',
      'upnDomainNotFederatedHere',
      {},
      { users: foreignDisabled },
    ],
    [
      'a disabled user, though MFA is missing',
      'userDisabled',
      {},
      {
        users: [{ ...alice, accountEnabled: false }],
        federations: [{ ...trusting, federatedIdpMfaBehavior: 'enforceMfaByFederatedIdp' }],
        domains: [
          {
            id: 'customer.com',
            authenticationType: 'Federated',
            isVerified: true,
            isDefault: false,
            federationId: federation.id,
          },
        ],
      },
    ],
  ]
  for (const [what, reason, said, world] of refusals) {
    it(`${what}: ${reason}`, async () => {
      const verdict = await refused(said, world)
      expect(verdict.reason).to.equal(reason)
      const [failed, ...more] = namesOf(verdict, 'fail')
      expect(more).to.deep.equal([])
      const after = allNames.slice(allNames.indexOf(failed ?? '') + 1)
      for (const entry of verdict.trace.filter(({ check }) => after.includes(check))) {
        expect(entry.result).to.equal('skipped')
        expect(entry.hint).to.equal('Not run: an earlier check failed.')
      }
    })
  }

  it('a changed NameID breaks the digest and nothing else is said', async () => {
    const tamper = (xml: string) => xml.replace(aliceAnchor, 'B0bB0bB0bB0bB0bB0bB0bA==')
    expect((await refused({ tamper })).reason).to.equal('digestMismatch')
  })
})
