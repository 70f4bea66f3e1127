import { expect } from 'chai'
import type { Act } from '../../src/directory/audit.ts'
import { undoChange } from '../../src/directory/auditUndo.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
} from '../../src/directory/groupChanges.ts'
import type { Group } from '../../src/directory/groups.ts'
import type { User } from '../../src/directory/types.ts'
import {
  changeUser,
  createUser,
  deleteUser,
  lenientAnchors,
} from '../../src/directory/userChanges.ts'
import type { UserInput } from '../../src/directory/users.ts'
import { importText } from '../csv/directoryForTests.ts'
import type { MakeStorage } from './contract.ts'
import { all, domainOf, now } from './samples.ts'

/** Changes of users and groups that are taken back by their records. */
export function auditUndoContract(fresh: MakeStorage): void {
  /** A directory with customer.com; each change is a minute after the one before. */
  async function scene() {
    const { directory: store } = fresh()
    await store.putDomain(domainOf('customer.com', null))
    let minutes = 0
    let ids = 0
    const act = (): Act => ({ at: now + 60_000 * ++minutes, who: 'root', door: 'commandLine' })
    const context = () => ({ ...act(), newId: () => `made-${++ids}`, anchors: lenientAnchors })
    const by = async (upn: string): Promise<User> => {
      const user = await store.userByPrincipalName(upn)
      if (user === null) throw new Error(`no ${upn}`)
      return user
    }
    const group = async (id: string): Promise<Group> => {
      const found = await store.groups.group(id)
      if (found === null) throw new Error(`no ${id}`)
      return found
    }
    return {
      store,
      by,
      group,
      add: (userPrincipalName: string, more: Partial<UserInput> = {}) =>
        store.transaction((tx) => createUser(tx, { userPrincipalName, ...more }, context())),
      set: async (upn: string, input: Partial<UserInput>) => {
        const user = await by(upn)
        return store.transaction((tx) => changeUser(tx, user, input, context()))
      },
      remove: async (upn: string) => {
        const user = await by(upn)
        return store.transaction((tx) => deleteUser(tx, user, act()))
      },
      addGroup: (displayName: string) =>
        store.transaction((tx) => createGroup(tx, { displayName }, context())),
      move: async (id: string, add: readonly string[], remove: readonly string[]) => {
        const of = await group(id)
        return store.transaction((tx) => changeMembers(tx, of, { add, remove }, act()))
      },
      undo: (id: number) => store.transaction((tx) => undoChange(tx, id, act())),
      last: async () => (await store.audit.latest(1))[0]?.id ?? 0,
      members: async (id: string) => (await store.groups.members(id)).map((user) => user.id),
    }
  }

  /** Which rule keeps the undo from being done, with its words; fails when it is done. */
  async function refusal(work: Promise<unknown>): Promise<readonly [string, string]> {
    try {
      await work
    } catch (error) {
      if (error instanceof DirectoryError) return [error.rule, error.message]
      throw error
    }
    throw new Error('it was done')
  }

  const values = ({ lastModifiedDateTime: _, ...rest }: User) => rest

  describe('undoing a recorded change', () => {
    it('of a user’s values brings back those and no others, and is a record that names it', async () => {
      const { store, add, set, undo, by, last } = await scene()
      await add('alice@customer.com', { department: 'Sales', mail: 'a@customer.com' })
      await set('alice@customer.com', { department: 'IT', mail: null })
      const changed = await last()
      await set('alice@customer.com', { jobTitle: 'Head' })
      expect((await undo(changed)).id).to.equal(changed)
      expect(await by('alice@customer.com')).to.include({
        department: 'Sales',
        mail: 'a@customer.com',
        jobTitle: 'Head',
      })
      const [record] = await store.audit.latest(1)
      expect(record).to.deep.include({
        action: 'userChanged',
        undoes: changed,
        before: { mail: null, department: 'IT' },
        after: { mail: 'a@customer.com', department: 'Sales' },
      })
    })

    it('brings back the UPN of a renamed user', async () => {
      const { add, set, undo, by, last } = await scene()
      const { user } = await add('alice@customer.com')
      await set('alice@customer.com', { userPrincipalName: 'alicia@customer.com' })
      await undo(await last())
      expect((await by('alice@customer.com')).id).to.equal(user.id)
    })

    it('can itself be undone, and then the change can be undone again', async () => {
      const { add, set, undo, by, last } = await scene()
      await add('alice@customer.com', { department: 'Sales' })
      await set('alice@customer.com', { department: 'IT' })
      const changed = await last()
      await undo(changed)
      expect((await refusal(undo(changed)))[0]).to.equal('changeUndone')
      await undo(await last())
      expect((await by('alice@customer.com')).department).to.equal('IT')
      await undo(changed)
      expect((await by('alice@customer.com')).department).to.equal('Sales')
    })

    it('refuses when the value was changed since, and says which record or import did it', async () => {
      const { store, add, set, undo, last } = await scene()
      await add('alice@customer.com', { department: 'Sales' })
      await set('alice@customer.com', { department: 'IT' })
      const first = await last()
      await set('alice@customer.com', { department: 'HR' })
      const second = await last()
      const [rule, message] = await refusal(undo(first))
      expect(rule).to.equal('changedSince')
      expect(message).to.include(`record ${second} (userChanged, root, commandLine)`)
      await importText(store, 'login,department\nalice@customer.com,Board\n')
      const [, byImport] = await refusal(undo(second))
      expect(byImport).to.include('import 1 (users.csv, line 2)').and.include('users undo 1')
      await undo(second).catch(() => {})
      expect((await store.userByPrincipalName('alice@customer.com'))?.department).to.equal('Board')
    })

    it('is no obstacle once the newer change was taken back', async () => {
      const { add, set, undo, by, last } = await scene()
      await add('alice@customer.com', { department: 'Sales' })
      await set('alice@customer.com', { department: 'IT' })
      const first = await last()
      await set('alice@customer.com', { department: 'HR' })
      await undo(await last())
      await undo(first)
      expect((await by('alice@customer.com')).department).to.equal('Sales')
    })

    it('of a creation removes the user, unless anything was done to it since', async () => {
      const { store, add, set, undo, last, addGroup, move } = await scene()
      const { user, auditId } = await add('alice@customer.com')
      await set('alice@customer.com', { department: 'HR' })
      expect((await refusal(undo(auditId ?? 0)))[0]).to.equal('changedSince')
      await undo(await last())
      const group = await addGroup('Staff')
      await move(group.id, [user.id], [])
      const [rule, message] = await refusal(undo(auditId ?? 0))
      expect([rule, message.includes('member of Staff')]).to.deep.equal(['changedSince', true])
      await undo(await last())
      await undo(auditId ?? 0)
      expect(await store.user(user.id)).to.equal(null)
    })

    it('of a removal brings the user back with id, groups, external ids and the time of its creation', async () => {
      const { store, add, remove, undo, addGroup, move, members } = await scene()
      const { user } = await add('alice@customer.com', {
        onPremisesImmutableId: 'anchor-of-alice==',
      })
      const [staff, gone] = [await addGroup('Staff'), await addGroup('Gone')]
      await move(staff.id, [user.id], [])
      await move(gone.id, [user.id], [])
      await store.externalIds.set('okta', 'user', user.id, '00u1')
      const removal = await remove('alice@customer.com')
      await store.transaction((tx) =>
        store.groups
          .group(gone.id)
          .then((found) => deleteGroup(tx, found ?? gone, { at: now, who: 'root', door: 'graph' })),
      )
      expect(await store.user(user.id)).to.equal(null)
      await undo(removal)
      const back = await store.user(user.id)
      expect(back && values(back)).to.deep.equal(values(user))
      expect(await members(staff.id)).to.deep.equal([user.id])
      expect([...(await store.externalIds.of('okta', 'user', [user.id]))]).to.deep.equal([
        [user.id, '00u1'],
      ])
      expect((await refusal(undo(removal)))[0]).to.equal('changeUndone')
      const [record] = await store.audit.latest(1)
      expect(record).to.include({ action: 'userCreated', undoes: removal })
      expect(record?.after?.memberOf).to.deep.equal([staff.id])
      await undo(record?.id ?? 0)
      expect(await store.user(user.id)).to.equal(null)
    })

    it('of a removal refuses when UPN or ImmutableId belongs to somebody else since, and names the record', async () => {
      const { add, remove, undo, store } = await scene()
      await add('alice@customer.com', { onPremisesImmutableId: 'anchor-of-alice==' })
      const removal = await remove('alice@customer.com')
      const other = await add('ALICE@customer.com')
      const [rule, message] = await refusal(undo(removal))
      expect(rule).to.equal('principalNameTaken')
      expect(message).to.include(`record about it is ${other.auditId} (userCreated`)
      await remove('alice@customer.com')
      await add('bob@customer.com', { onPremisesImmutableId: 'anchor-of-alice==' })
      const [anchorRule, anchorMessage] = await refusal(undo(removal))
      expect(anchorRule).to.equal('immutableIdTaken')
      expect(anchorMessage).not.to.include('anchor-of-alice==')
      await store.domainRecords.deleteDomain('customer.com')
      expect((await refusal(undo(removal)))[0]).to.equal('domainNotHere')
    })

    it('of members moves them back, unless somebody moved them since or they are gone', async () => {
      const { add, remove, undo, last, addGroup, move, members } = await scene()
      const { user: alice } = await add('alice@customer.com')
      const { user: bob } = await add('bob@customer.com')
      const staff = await addGroup('Staff')
      await move(staff.id, [alice.id], [])
      await move(staff.id, [bob.id], [alice.id])
      const swap = await last()
      await undo(swap)
      expect(await members(staff.id)).to.deep.equal([alice.id])
      await undo(await last())
      await move(staff.id, [alice.id], [])
      const newer = await last()
      const [rule, message] = await refusal(undo(swap))
      expect([rule, message.includes(`record ${newer} `)]).to.deep.equal(['changedSince', true])
      await undo(newer)
      const removal = await remove('alice@customer.com')
      expect((await refusal(undo(swap)))[1]).to.include(`record ${removal} (userDeleted`)
      await undo(removal)
      await undo(swap)
      expect(await members(staff.id)).to.deep.equal([alice.id])
    })

    it('of a group brings back its name, itself, and of its members those who are still here', async () => {
      const { store, add, remove, undo, last, addGroup, group, move, members } = await scene()
      const { user: alice } = await add('alice@customer.com')
      const { user: bob } = await add('bob@customer.com')
      const staff = await addGroup('Staff')
      const created = await last()
      await store.transaction((tx) =>
        changeGroup(
          tx,
          staff,
          { displayName: 'All', description: 'everybody' },
          {
            at: now + 3_600_000,
            who: 'root',
            door: 'graph',
          },
        ),
      )
      expect((await refusal(undo(created)))[0]).to.equal('changedSince')
      await undo(await last())
      expect(await group(staff.id)).to.include({ displayName: 'Staff', description: null })
      await move(staff.id, [alice.id, bob.id], [])
      expect((await refusal(undo(created)))[0]).to.equal('changedSince')
      const whole = await group(staff.id)
      await store.transaction((tx) =>
        deleteGroup(tx, whole, { at: now + 7_200_000, who: 'root', door: 'graph' }),
      )
      const removal = await last()
      await remove('bob@customer.com')
      const namesake = await addGroup('staff')
      expect((await refusal(undo(removal)))[0]).to.equal('groupExists')
      await store.groups.write({ kind: 'delete', group: namesake })
      await undo(removal)
      expect(await members(staff.id)).to.deep.equal([alice.id])
      expect((await group(staff.id)).createdDateTime).to.equal(staff.createdDateTime)
    })

    it('refuses what is not there, and what is undone elsewhere or never', async () => {
      const { store, undo } = await scene()
      expect((await refusal(undo(7)))[0]).to.equal('changeNotFound')
      const target = { kind: 'user', id: 'id-1', name: 'alice@customer.com' } as const
      const record = { at: now, who: 'root', door: 'server', target, undoes: null } as const
      for (const action of ['usersImported', 'domainsChanged', 'credentialsChanged'] as const) {
        const id = await store.audit.add({ ...record, action, before: null, after: {} })
        expect((await refusal(undo(id)))[0], action).to.equal('changeNotUndoable')
      }
      expect(await all(store.audit.records({ after: 3 }))).to.deep.equal([])
    })
  })
}
