import { expect } from 'chai'
import { StaleWrite, UniqueViolation, UnknownMember } from '../../src/directory/errors.ts'
import { deleteGroup } from '../../src/directory/groupChanges.ts'
import type { Group } from '../../src/directory/groups.ts'
import { deleteUser } from '../../src/directory/userChanges.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { MakeStorage } from './contract.ts'
import { now, rejection, userOf } from './samples.ts'

const alice = userOf('alice@customer.com')
const bob = userOf('bob@customer.com')

function groupOf(id: string, more: Partial<Group> = {}): Group {
  return {
    id,
    displayName: `Group ${id}`,
    description: null,
    createdDateTime: now,
    lastModifiedDateTime: now,
    ...more,
  }
}

/** Groups with their members, and what provisioning clients call people. */
export function groupContract(fresh: MakeStorage): void {
  const withGroups = async (...groups: Group[]): Promise<Storage> => {
    const storage = fresh()
    const users = [alice, bob]
    await storage.directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
    for (const group of groups) await storage.directory.groups.write({ kind: 'create', group })
    return storage
  }

  describe('groups', () => {
    it('come back as they were written, by id and by name in any case', async () => {
      const sales = groupOf('1', { displayName: 'Sales Åre', description: 'All of “Sales”' })
      const { groups } = (await withGroups(sales, groupOf('2'))).directory
      expect(await groups.group('1')).to.deep.equal(sales)
      expect(await groups.groupByName('sALES Åre')).to.deep.equal(sales)
      expect(await groups.groupByName('sales åre')).to.equal(null)
      expect(await groups.group('3')).to.equal(null)
    })

    it('no two share an id, or a name in any case', async () => {
      const { groups } = (await withGroups(groupOf('1'), groupOf('2'))).directory
      const twins = [
        ['id', { kind: 'create', group: groupOf('1', { displayName: 'Other' }) }],
        ['groupName', { kind: 'create', group: groupOf('3', { displayName: 'group 1' }) }],
        [
          'groupName',
          {
            kind: 'update',
            before: groupOf('2'),
            group: groupOf('2', { displayName: 'GROUP 1' }),
          },
        ],
      ] as const
      for (const [property, change] of twins) {
        const error = await rejection(groups.write(change))
        expect(error).to.be.instanceOf(UniqueViolation).with.property('property', property)
      }
      expect(await groups.found.count(null)).to.equal(2)
    })

    it('an update or a deletion of one that was changed meanwhile is refused', async () => {
      const { groups } = (await withGroups(groupOf('1'))).directory
      const newer = groupOf('1', { displayName: 'Newer', lastModifiedDateTime: now + 1 })
      await groups.write({ kind: 'update', before: groupOf('1'), group: newer })
      for (const change of [
        { kind: 'update', before: groupOf('1'), group: groupOf('1') },
        { kind: 'delete', group: groupOf('1') },
        { kind: 'delete', group: groupOf('none') },
      ] as const) {
        const error = await rejection(groups.write(change))
        expect(error).to.be.instanceOf(StaleWrite).with.property('recordId', change.group.id)
      }
      expect(await groups.group('1')).to.deep.equal(newer)
    })
  })

  describe('ids of groups', () => {
    it('are known when their group is gone, as the audit has it, and those of nothing else are', async () => {
      const { directory } = await withGroups(groupOf('1'), groupOf('2'))
      const act = { at: now, who: 'admin', door: 'commandLine' } as const
      await directory.transaction((tx) => deleteGroup(tx, groupOf('2'), act))
      await directory.transaction((tx) => deleteUser(tx, alice, act))
      const asked = ['1', '2', '3', alice.id, bob.id]
      expect([...(await directory.groups.idsOfGroups(asked))]).to.deep.equal(['1', '2'])
      expect([...(await directory.groups.idsOfGroups([]))]).to.deep.equal([])
    })
  })

  describe('members', () => {
    it('are added and removed once, and say what changed', async () => {
      const { groups } = (await withGroups(groupOf('1'), groupOf('2'))).directory
      const add = [bob.id, alice.id]
      expect(await groups.changeMembers('1', { add, remove: [] })).to.deep.equal({
        add,
        remove: [],
      })
      expect(await groups.changeMembers('1', { add, remove: ['nobody'] })).to.deep.equal({
        add: [],
        remove: [],
      })
      expect(await groups.members('1')).to.deep.equal([alice, bob])
      expect(await groups.members('1', { limit: 1 })).to.deep.equal([alice])
      const rest = { after: alice.id, limit: 5 }
      expect(await groups.members('1', rest)).to.deep.equal([bob])
      expect(await groups.countMembers('1')).to.equal(2)
      expect(await groups.groupsOf(bob.id)).to.deep.equal([groupOf('1')])
      const swapped = await groups.changeMembers('1', { add: [], remove: [alice.id] })
      expect(swapped).to.deep.equal({ add: [], remove: [alice.id] })
      expect(await groups.members('1')).to.deep.equal([bob])
    })

    it('must be users of a group that is there: all of a change or nothing', async () => {
      const { groups } = (await withGroups(groupOf('1'))).directory
      for (const [group, user] of [
        ['1', 'nobody'],
        ['none', alice.id],
      ] as const) {
        const add = [bob.id, user]
        const error = await rejection(groups.changeMembers(group, { add, remove: [] }))
        expect(error).to.be.instanceOf(UnknownMember)
        expect(error).to.have.property('userId', group === '1' ? user : bob.id)
      }
      expect(await groups.members('1')).to.deep.equal([])
    })

    it('go with their group; of a user who goes and comes back they are there again', async () => {
      const { directory } = await withGroups(groupOf('1'), groupOf('2'))
      for (const id of ['1', '2']) {
        await directory.groups.changeMembers(id, { add: [alice.id, bob.id], remove: [] })
      }
      await directory.writeUsers([{ kind: 'delete', user: alice }])
      expect(await directory.groups.members('1')).to.deep.equal([bob])
      expect(await directory.groups.countMembers('1')).to.equal(1)
      expect(await directory.groups.groupsOf(alice.id)).to.deep.equal([])
      await directory.writeUsers([{ kind: 'create', user: alice }])
      expect(await directory.groups.members('1')).to.deep.equal([alice, bob])
      await directory.groups.write({ kind: 'delete', group: groupOf('1') })
      expect(await directory.groups.groupsOf(alice.id)).to.deep.equal([groupOf('2')])
    })
  })

  describe('external ids', () => {
    it('belong to one client and one kind, byte for byte', async () => {
      const { externalIds, foundUsers } = (await withGroups(groupOf('1'))).directory
      await externalIds.set('okta', 'user', alice.id, '00uA')
      await externalIds.set('entra', 'user', alice.id, 'e-1')
      await externalIds.set('okta', 'group', '1', '00uA')
      await externalIds.set('okta', 'user', bob.id, '00ua')
      const ids = [alice.id, bob.id, 'nobody']
      expect([...(await externalIds.of('okta', 'user', ids))]).to.deep.equal([
        [alice.id, '00uA'],
        [bob.id, '00ua'],
      ])
      const where = { op: 'externalId', client: 'okta', value: '00uA' } as const
      const page = await foundUsers.page({ where, orderBy: null, limit: 5 })
      expect(page.items).to.deep.equal([alice])
    })

    it('no two records share one, until the other lets go of it or is gone', async () => {
      const { directory } = await withGroups()
      const { externalIds } = directory
      await externalIds.set('okta', 'user', alice.id, 'x')
      const error = await rejection(externalIds.set('okta', 'user', bob.id, 'x'))
      expect(error).to.be.instanceOf(UniqueViolation).with.property('property', 'externalId')
      await externalIds.set('okta', 'user', alice.id, null)
      await externalIds.set('okta', 'user', bob.id, 'x')
      await directory.writeUsers([{ kind: 'delete', user: bob }])
      await externalIds.set('okta', 'user', alice.id, 'x')
      expect([...(await externalIds.of('okta', 'user', [alice.id]))]).to.deep.equal([
        [alice.id, 'x'],
      ])
    })
  })

  describe('users who are deleted', () => {
    it('are gone with their UPN and ImmutableId, which others may take in the same write', async () => {
      const { directory } = await withGroups()
      const heir = { ...alice, id: 'heir' }
      await directory.writeUsers([
        { kind: 'create', user: heir },
        { kind: 'delete', user: alice },
      ])
      expect(await directory.userByPrincipalName('alice@customer.com')).to.deep.equal(heir)
      expect(await directory.user(alice.id)).to.equal(null)
    })

    it('must be as they were read', async () => {
      const { directory } = await withGroups()
      const old = { ...alice, lastModifiedDateTime: now - 1 }
      const error = await rejection(directory.writeUsers([{ kind: 'delete', user: old }]))
      expect(error).to.be.instanceOf(StaleWrite).with.property('recordId', alice.id)
      expect(await directory.countUsers()).to.equal(2)
    })
  })
}
