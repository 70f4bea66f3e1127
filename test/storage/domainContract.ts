import { expect } from 'chai'
import type { DomainChange, DomainOwnership } from '../../src/directory/domainRecords.ts'
import type { MakeStorage } from './contract.ts'
import { domainOf, federationOf, now, rejection, userOf } from './samples.ts'

const ownership: DomainOwnership = {
  domain: 'customer.com',
  code: 'MS=ms01234567',
  proof: 'dns',
  verifiedAt: now,
  verifiedBy: 'admin',
  isRoot: true,
}
const nothing = { domains: [], federations: [], ownerships: [] }
const change: Omit<DomainChange, 'id'> = {
  at: now,
  who: 'admin',
  action: 'federate',
  domains: ['customer.com'],
  before: { ...nothing, domains: [domainOf('customer.com', null)] },
  after: {
    domains: [domainOf('customer.com', 'a')],
    federations: [federationOf('a')],
    ownerships: [ownership],
  },
  undoneBy: null,
}

/** What is kept about domains besides themselves: ownership and history. */
export function domainContract(fresh: MakeStorage): void {
  describe('the ownership of a domain', () => {
    it('comes back as it was put, is replaced by a second put, and listed in order', async () => {
      const { domainRecords } = fresh().directory
      expect(await domainRecords.ownership('customer.com')).to.equal(null)
      const unproven = { ...ownership, proof: null, verifiedAt: null, verifiedBy: null }
      await domainRecords.putOwnership({ ...unproven, isRoot: false })
      await domainRecords.putOwnership(ownership)
      await domainRecords.putOwnership({ ...unproven, domain: 'a.example' })
      expect(await domainRecords.ownership('customer.com')).to.deep.equal(ownership)
      expect(await domainRecords.ownerships()).to.deep.equal([
        { ...unproven, domain: 'a.example' },
        ownership,
      ])
    })

    it('goes with its domain, and with no other', async () => {
      const { directory } = fresh()
      for (const domain of ['customer.com', 'other.com']) {
        await directory.putDomain(domainOf(domain, null))
        await directory.domainRecords.putOwnership({ ...ownership, domain })
      }
      await directory.domainRecords.deleteDomain('customer.com')
      await directory.domainRecords.deleteDomain('unknown.com')
      expect(await directory.domains()).to.deep.equal([domainOf('other.com', null)])
      expect((await directory.domainRecords.ownerships()).map((each) => each.domain)).to.deep.equal(
        ['other.com'],
      )
    })
  })

  describe('the history of domains', () => {
    it('counts its changes from 1, gives them newest first, and marks what was undone', async () => {
      const { domainRecords } = fresh().directory
      expect([
        await domainRecords.addChange(change),
        await domainRecords.addChange({ ...change, action: 'undo' }),
      ]).to.deep.equal([1, 2])
      await domainRecords.markUndone(1, 2)
      expect(await domainRecords.change(1)).to.deep.equal({ ...change, id: 1, undoneBy: 2 })
      expect(await domainRecords.change(3)).to.equal(null)
      expect((await domainRecords.changes()).map(({ id, action }) => [id, action])).to.deep.equal([
        [2, 'undo'],
        [1, 'federate'],
      ])
    })

    it('is lost with the transaction it was written in', async () => {
      const { directory } = fresh()
      await rejection(
        directory.transaction(async ({ domainRecords }) => {
          await domainRecords.addChange(change)
          await domainRecords.putOwnership(ownership)
          throw new Error('changed my mind')
        }),
      )
      expect(await directory.domainRecords.changes()).to.deep.equal([])
      expect(await directory.domainRecords.ownerships()).to.deep.equal([])
      expect(await directory.domainRecords.addChange(change)).to.equal(1)
    })
  })

  it('users without an ImmutableId are counted, of all domains or of one', async () => {
    const { directory } = fresh()
    const users = [
      userOf('a@x.com'),
      userOf('b@x.com', { onPremisesImmutableId: null }),
      userOf('c@sub.x.com', { onPremisesImmutableId: null }),
    ]
    await directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
    const withoutImmutableId = true
    expect([
      await directory.countUsers({ withoutImmutableId }),
      await directory.countUsers({ domain: 'x.com', withoutImmutableId }),
      await directory.countUsers({ domain: 'x.com' }),
      await directory.countUsers({ domain: 'y.com', withoutImmutableId }),
    ]).to.deep.equal([2, 1, 2, 0])
  })
}
