import { expect } from 'chai'
import type { Act } from '../../src/directory/audit.ts'
import { addDomain } from '../../src/directory/domains.ts'
import {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
  type GroupInput,
} from '../../src/directory/groupChanges.ts'
import { createUser, lenientAnchors } from '../../src/directory/userChanges.ts'
import { brokenRule, countingIds, emptyStore } from './storeForTests.ts'

const at = Date.UTC(2026, 0, 15)
const act: Act = { at, who: 'Okta provisioning', door: 'scim' }

async function directory() {
  const store = emptyStore()
  await addDomain(store, 'managed.example')
  const newId = countingIds()
  const context = { ...act, newId, anchors: lenientAnchors }
  const userIds = await store.transaction(async (tx) => {
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      const input = { userPrincipalName: `${name}@managed.example` }
      ids.push((await createUser(tx, input, context)).user.id)
    }
    return ids
  })
  const add = (input: GroupInput) => store.transaction((tx) => createGroup(tx, input, context))
  const records = async () => {
    const all = []
    for await (const record of store.audit.records()) {
      if (record.target.kind === 'group') all.push(record)
    }
    return all
  }
  return { store, add, userIds, records }
}

describe('changes of groups', () => {
  it('a group is made, renamed and removed, each with its record', async () => {
    const { store, add, userIds, records } = await directory()
    const made = await add({ displayName: 'Sales' })
    const renamed = await store.transaction((tx) =>
      changeGroup(tx, made, { displayName: 'SALES', description: 'North' }, act),
    )
    expect(renamed.lastModifiedDateTime).to.be.above(made.lastModifiedDateTime)
    const filled = await store.transaction((tx) =>
      changeMembers(tx, renamed, { add: userIds.slice(0, 2), remove: [] }, act),
    )
    await store.transaction((tx) => deleteGroup(tx, filled, act))
    expect(await store.groups.group(made.id)).to.equal(null)
    expect(
      (await records()).map(({ action, before, after }) => [action, before, after]),
    ).to.deep.equal([
      ['groupCreated', null, { displayName: 'Sales', description: null }],
      [
        'groupChanged',
        { displayName: 'Sales', description: null },
        { displayName: 'SALES', description: 'North' },
      ],
      ['groupMembersChanged', { removed: [] }, { added: userIds.slice(0, 2) }],
      ['groupDeleted', { ...filled, members: userIds.slice(0, 2) }, null],
    ])
  })

  it('what changes nothing is neither written nor recorded', async () => {
    const { store, add, userIds, records } = await directory()
    const made = await add({ displayName: 'Sales' })
    await store.transaction(async (tx) => {
      expect(await changeGroup(tx, made, { displayName: 'Sales' }, act)).to.equal(made)
      const nobody = { add: [], remove: userIds }
      expect(await changeMembers(tx, made, nobody, act)).to.equal(made)
    })
    expect(await records()).to.have.length(1)
  })

  it('names are there, short enough, without control characters, and nobody else’s', async () => {
    const { store, add } = await directory()
    const sales = await add({ displayName: 'Sales' })
    const other = await add({ displayName: 'x'.repeat(256), description: '' })
    for (const [input, rule] of [
      [{ displayName: '' }, 'valueRequired'],
      [{ displayName: ' \t ' }, 'valueRequired'],
      [{ displayName: 'x'.repeat(257) }, 'valueTooLong'],
      [{ displayName: 'a\nb' }, 'valueMalformed'],
      [{ displayName: 'a\u202Eb' }, 'valueMalformed'],
      [{ displayName: 'sales' }, 'groupExists'],
      [{ displayName: 'Ok', description: 'y'.repeat(1025) }, 'valueTooLong'],
    ] as const) {
      const name = JSON.stringify(input).slice(0, 60)
      expect(await brokenRule(() => add(input)), name).to.equal(rule)
      const change = () => store.transaction((tx) => changeGroup(tx, other, input, act))
      expect(await brokenRule(change), name).to.equal(rule)
    }
    expect(await store.groups.found.count(null)).to.equal(2)
    expect(await store.groups.group(sales.id)).to.deep.equal(sales)
  })

  it('members must be users here: a change with one who is not is refused whole', async () => {
    const { store, add, userIds } = await directory()
    const made = await add({ displayName: 'Sales' })
    const change = () =>
      store.transaction((tx) =>
        changeMembers(tx, made, { add: [...userIds, 'nobody'], remove: [] }, act),
      )
    expect(await brokenRule(change)).to.equal('memberNotFound')
    expect(await store.groups.members(made.id)).to.deep.equal([])
  })
})
