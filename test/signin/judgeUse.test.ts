import { expect } from 'chai'
import type { Circumstances } from '../../src/signin/circumstances.ts'
import { judge } from '../../src/signin/judge.ts'
import type { PendingRequest } from '../../src/signin/ports.ts'
import {
  alice,
  circumstancesOf,
  federation,
  otherFederation,
  waiting,
} from '../support/circumstances.ts'
import { foreignKey, signedMessage } from '../support/signedMessage.ts'
import { federations, judged, refused, signedIn } from './judged.ts'

describe('judge: state, federations, second opinion and ports', () => {
  describe('use', () => {
    it('is once: the second post of the same message is a replay', async () => {
      const world = circumstancesOf({ federations })
      const first = await judge(signedMessage(), world)
      const second = await judge(signedMessage(), world)
      expect(first.outcome).to.equal('signedIn')
      expect(second).to.include({ outcome: 'refused', reason: 'responseReplayed' })
    })

    it('is once for fifty posts at the same time', async () => {
      const world = circumstancesOf({ federations })
      const message = signedMessage()
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => judge(message, world)))
      expect(verdicts.filter(({ outcome }) => outcome === 'signedIn')).to.have.lengthOf(1)
    })

    it('is not made of a refused response: it signs in once its cause is mended', async () => {
      const disabled = circumstancesOf({
        federations,
        users: [{ ...alice, accountEnabled: false }],
      })
      const refusal = await judge(signedMessage(), disabled)
      expect(refusal).to.include({ outcome: 'refused', reason: 'userDisabled' })
      const { directory } = circumstancesOf({ federations })
      const again = await judge(signedMessage(), { ...disabled, directory })
      expect(again.outcome).to.equal('signedIn')
    })

    it('is not made of garbage that names a waiting request', async () => {
      const world = circumstancesOf({ federations })
      await judge(signedMessage({ signed: 'none' }), world)
      await judge(signedMessage({ key: foreignKey }), world)
      expect((await judge(signedMessage(), world)).outcome).to.equal('signedIn')
    })
  })

  describe('two federations with one key', () => {
    const partners: readonly PendingRequest[] = [
      { ...waiting, federationId: otherFederation.id, loginHint: 'paul@partner.com' },
    ]

    it('cannot answer for each other: the Issuer of the one that was not asked', async () => {
      const verdict = await refused({ issuer: otherFederation.issuerUri })
      expect(verdict.reason).to.equal('issuerMismatch')
    })

    it('cannot use a request of the other by leaving it out of the Response', async () => {
      const said = { issuer: otherFederation.issuerUri, inResponseTo: null }
      expect((await refused(said)).reason).to.equal('issuerMismatch')
      const back = await refused({ inResponseTo: null }, { requests: partners })
      expect(back.reason).to.equal('issuerMismatch')
    })

    it('cannot sign in each other’s users', async () => {
      const verdict = await refused({ issuer: otherFederation.issuerUri }, { requests: partners })
      expect(verdict.reason).to.equal('upnDomainNotFederatedHere')
    })
  })

  describe('a second opinion', () => {
    it('is asked about accepted responses only, with the message itself', async () => {
      const asked: string[] = []
      const secondOpinion: Circumstances['secondOpinion'] = async (message, { id }) => {
        asked.push(`${id} ${message.body.length}`)
        return { agrees: true }
      }
      await refused({ audience: 'urn:x' }, {}, { secondOpinion, diagnose: true })
      expect(asked).to.deep.equal([])
      await signedIn({}, {}, { secondOpinion })
      expect(asked).to.deep.equal([`${federation.id} ${signedMessage().body.length}`])
    })

    it('that differs refuses, and nothing is used up', async () => {
      const world = circumstancesOf({ federations })
      const secondOpinion: Circumstances['secondOpinion'] = async () => ({
        agrees: false,
        differences: 'NameID',
      })
      const verdict = await judge(signedMessage(), { ...world, secondOpinion })
      expect(verdict).to.include({ outcome: 'refused', reason: 'secondOpinionDiffers' })
      expect((await judge(signedMessage(), world)).outcome).to.equal('signedIn')
    })
  })

  describe('a port out of reach', () => {
    const outOfReach = async () => {
      throw new Error('the database is out of reach')
    }
    const world = circumstancesOf({ federations })
    const ports: readonly [string, Partial<Circumstances>][] = [
      ...(['pendingRequest', 'wasUsed', 'consume'] as const).map(
        (port) => [port, { state: { ...world.state, [port]: outOfReach } }] as const,
      ),
      ...(['domain', 'federation', 'federationByIssuer', 'userByImmutableId'] as const).map(
        (port) => [port, { directory: { ...world.directory, [port]: outOfReach } }] as const,
      ),
    ].map(([port, more]) => [port, more])
    for (const [port, more] of ports) {
      it(`rejects when ${port} does`, async () => {
        let thrown: unknown = null
        try {
          await judged({}, {}, more)
        } catch (error) {
          thrown = error
        }
        expect(thrown).to.be.an('error').with.property('message', 'the database is out of reach')
      })
    }

    it('does not change a verdict that has fallen, when only diagnosis asks for it', async () => {
      const directory = { ...world.directory, userByImmutableId: outOfReach }
      const verdict = await refused({ audience: 'urn:x' }, {}, { directory, diagnose: true })
      expect(verdict.reason).to.equal('audienceMismatch')
      const user = verdict.trace.find(({ check }) => check === 'user')
      expect(user).to.include({ result: 'skipped', hint: 'Could not run: it failed itself.' })
    })
  })
})
