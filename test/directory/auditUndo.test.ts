import { expect } from 'chai'
import fc from 'fast-check'
import type { Act } from '../../src/directory/audit.ts'
import { undoChange } from '../../src/directory/auditUndo.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { addDomain } from '../../src/directory/domains.ts'
import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
} from '../../src/directory/groupChanges.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import {
  changeUser,
  createUser,
  deleteUser,
  lenientAnchors,
} from '../../src/directory/userChanges.ts'
import { all, now } from '../storage/samples.ts'
import { countingIds, emptyStore } from './storeForTests.ts'

const upn = fc.constantFrom('a@customer.com', 'b@customer.com', 'c@customer.com')
const groupName = fc.constantFrom('Staff', 'Guests')
const anchor = fc.constantFrom('anchor-one==', 'anchor-two==', null)
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), upn, anchor }),
  fc.record({ do: fc.constant('set' as const), upn, anchor, to: upn }),
  fc.record({ do: fc.constant('remove' as const), upn }),
  fc.record({ do: fc.constantFrom('addGroup', 'removeGroup'), groupName }),
  fc.record({ do: fc.constant('rename' as const), groupName, to: groupName }),
  fc.record({ do: fc.constant('move' as const), groupName, upn, isIn: fc.boolean() }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function take(
  tx: DirectoryStore,
  each: Step,
  act: Act & { readonly newId: () => string },
): Promise<void> {
  const context = { ...act, anchors: lenientAnchors }
  if (each.do === 'add') {
    const input = { userPrincipalName: each.upn, onPremisesImmutableId: each.anchor }
    await createUser(tx, input, context)
    return
  }
  const group = 'groupName' in each ? await tx.groups.groupByName(each.groupName) : null
  const user = 'upn' in each ? await tx.userByPrincipalName(each.upn) : null
  if (each.do === 'addGroup') await createGroup(tx, { displayName: each.groupName }, act)
  else if (each.do === 'removeGroup' && group) await deleteGroup(tx, group, act)
  else if (each.do === 'rename' && group && 'to' in each) {
    await changeGroup(tx, group, { displayName: each.to }, act)
  } else if (each.do === 'remove' && user) await deleteUser(tx, user, act)
  else if (each.do === 'set' && user) {
    const input = { userPrincipalName: each.to, onPremisesImmutableId: each.anchor }
    await changeUser(tx, user, input, context)
  } else if (each.do === 'move' && group && user) {
    const [add, remove] = each.isIn ? [[user.id], []] : [[], [user.id]]
    await changeMembers(tx, group, { add, remove }, act)
  }
}

/** All that there is, without the times of the last change. */
async function everything(store: DirectoryStore) {
  const groups = (await store.groups.found.page({ where: null, orderBy: null, limit: 9 })).items
  return {
    users: (await all(store.users())).map(({ lastModifiedDateTime: _, ...rest }) => rest),
    groups: await Promise.all(
      groups.map(async ({ lastModifiedDateTime: _, ...rest }) => ({
        ...rest,
        members: (await store.groups.members(rest.id)).map(({ id }) => id),
      })),
    ),
  }
}

describe('whatever was done to users and groups, undone from the newest to the oldest', () => {
  it('is as if it had never been, step by step; and redone it is all there again', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 25, size: 'max' }),
      async (steps) => {
        const store = emptyStore()
        await addDomain(store, 'customer.com')
        const newId = countingIds()
        let minutes = 0
        const act = (): Act => ({ at: now + 60_000 * ++minutes, who: 'root', door: 'commandLine' })
        const states = [await everything(store)]
        for (const each of steps) {
          try {
            await store.transaction((tx) => take(tx, each, { ...act(), newId }))
          } catch (error) {
            if (!(error instanceof DirectoryError)) throw error
          }
          const records = await all(store.audit.records())
          if (records.length === states.length) states.push(await everything(store))
          else expect(records.length, 'one record a change').to.equal(states.length - 1)
        }
        const undo = (id: number) => store.transaction((tx) => undoChange(tx, id, act()))
        const count = states.length - 1
        for (let id = count; id >= 1; id -= 1) {
          await undo(id)
          expect(await everything(store), `record ${id}`).to.deep.equal(states[id - 1])
        }
        for (let id = 2 * count; id > count; id -= 1) await undo(id)
        expect(await everything(store), 'redone').to.deep.equal(states[count])
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })
})
