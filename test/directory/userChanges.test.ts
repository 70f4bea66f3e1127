import { expect } from 'chai'
import type { AuditRecord } from '../../src/directory/audit.ts'
import { DirectoryError } from '../../src/directory/directoryError.ts'
import { addDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import { changeMembers, createGroup } from '../../src/directory/groupChanges.ts'
import type { DirectoryStore } from '../../src/directory/ports.ts'
import {
  type ChangeContext,
  changeUser,
  createUser,
  deleteUser,
  lenientAnchors,
  strictAnchors,
} from '../../src/directory/userChanges.ts'
import type { UserInput } from '../../src/directory/users.ts'
import { countingIds, emptyStore, okta } from './storeForTests.ts'

const at = Date.UTC(2026, 0, 15)
const anchor = 'q2w3AAAAAAAAAAAAAAAAAA=='
const other = 'q2w3BBBBBBBBBBBBBBBBBB=='

/** A directory with a federated customer.com and a managed managed.example. */
async function directory() {
  const store = emptyStore()
  for (const name of ['customer.com', 'managed.example']) await addDomain(store, name)
  await federate(store, okta, () => 'okta')
  const newId = countingIds()
  const contextOf = (anchors = strictAnchors): ChangeContext => ({
    at,
    who: 'admin',
    door: 'graph',
    newId,
    anchors,
  })
  return {
    store,
    add: (input: UserInput, anchors = strictAnchors) =>
      store.transaction((tx) => createUser(tx, input, contextOf(anchors))),
    change: (upn: string, input: Partial<UserInput>, anchors = strictAnchors) =>
      store.transaction(async (tx) => {
        const before = await tx.userByPrincipalName(upn)
        if (before === null) throw new Error(`no ${upn}`)
        return changeUser(tx, before, input, contextOf(anchors))
      }),
    context: contextOf(),
  }
}

async function lastRecord(store: DirectoryStore): Promise<AuditRecord | undefined> {
  return (await store.audit.latest(1))[0]
}

/** Every rule that the work breaks, with the property: `rule property`. */
async function broken(work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(DirectoryError)
  return (error as DirectoryError).problems.map(({ rule, field }) => `${rule} ${field}`)
}

describe('createUser', () => {
  it('makes the user and one record of who did it, with its values and nothing before', async () => {
    const { store, add } = await directory()
    const input = { userPrincipalName: 'alice@customer.com', onPremisesImmutableId: anchor }
    const { user, auditId } = await add({ ...input, givenName: 'Alice', surname: 'Smith' })
    expect(user).to.include({ ...input, displayName: 'Alice Smith', accountEnabled: true })
    expect(await store.userByImmutableId(anchor)).to.deep.equal(user)
    const record = await lastRecord(store)
    expect(record).to.deep.include({
      id: auditId,
      at,
      who: 'admin',
      door: 'graph',
      action: 'userCreated',
      target: { kind: 'user', id: user.id, name: 'alice@customer.com' },
      before: null,
      undoes: null,
    })
    expect(record?.after).to.include({ ...input, displayName: 'Alice Smith' })
  })

  it('tells every broken rule at once, and keeps neither user nor record', async () => {
    const { store, add } = await directory()
    const work = add({
      userPrincipalName: 'alice@nowhere.example',
      onPremisesImmutableId: ' a b ',
      displayName: '',
      usageLocation: 'Sweden',
    })
    expect(await broken(work)).to.have.members([
      'domainNotHere userPrincipalName',
      'immutableIdMalformed onPremisesImmutableId',
      'valueRequired displayName',
      'valueMalformed usageLocation',
    ])
    expect(await store.countUsers()).to.equal(0)
    expect(await lastRecord(store)).to.equal(undefined)
  })

  it('refuses a UPN or an ImmutableId that somebody has, naming that person', async () => {
    const { add } = await directory()
    await add({ userPrincipalName: 'alice@customer.com', onPremisesImmutableId: anchor })
    const work = add({ userPrincipalName: 'ALICE@customer.com', onPremisesImmutableId: anchor })
    expect(await broken(work)).to.deep.equal([
      'principalNameTaken userPrincipalName',
      'immutableIdTaken onPremisesImmutableId',
    ])
  })

  it('wants an ImmutableId in a federated domain when the door is strict, else warns', async () => {
    const { add } = await directory()
    const input = { userPrincipalName: 'alice@customer.com' }
    expect(await broken(add(input))).to.deep.equal(['immutableIdRequired onPremisesImmutableId'])
    const { warnings } = await add(input, lenientAnchors)
    expect(warnings.map(({ field }) => field)).to.deep.equal(['onPremisesImmutableId'])
    expect((await add({ userPrincipalName: 'bob@managed.example' })).warnings).to.deep.equal([])
  })
})

describe('changeUser', () => {
  it('records only what changed, before and after', async () => {
    const { store, add, change } = await directory()
    await add({ userPrincipalName: 'a@managed.example', displayName: 'A', department: 'Sales' })
    const upn = 'b@managed.example'
    const { user, changes } = await change('a@managed.example', {
      userPrincipalName: upn,
      displayName: 'B',
      department: 'Sales',
    })
    expect(changes.map(({ property }) => property)).to.deep.equal([
      'userPrincipalName',
      'displayName',
    ])
    expect(user.lastModifiedDateTime).to.be.above(at)
    expect(await lastRecord(store)).to.deep.include({
      action: 'userChanged',
      before: { userPrincipalName: 'a@managed.example', displayName: 'A' },
      after: { userPrincipalName: upn, displayName: 'B' },
    })
  })

  it('writes and records nothing when nothing is different', async () => {
    const { store, add, change } = await directory()
    const { user, auditId } = await add({ userPrincipalName: 'a@managed.example' })
    const outcome = await change('a@managed.example', { accountEnabled: true, jobTitle: null })
    expect(outcome).to.deep.equal({ user, changes: [], warnings: [], auditId: null })
    expect((await lastRecord(store))?.id).to.equal(auditId)
  })

  it('leaves the ImmutableId of a federated user alone when the door is strict, and says the way out', async () => {
    const { add, change } = await directory()
    const input = { userPrincipalName: 'alice@customer.com', onPremisesImmutableId: anchor }
    await add(input)
    const rule = ['immutableIdFixed onPremisesImmutableId']
    expect(
      await broken(change('alice@customer.com', { onPremisesImmutableId: other })),
    ).to.deep.equal(rule)
    expect(
      await broken(change('alice@customer.com', { onPremisesImmutableId: null })),
    ).to.deep.equal(rule)
    await change('alice@customer.com', { onPremisesImmutableId: other }, lenientAnchors)
    // Entra's way around: out of the federated domain, and back in.
    await change('alice@customer.com', { userPrincipalName: 'alice@managed.example' })
    await change('alice@managed.example', { onPremisesImmutableId: anchor })
    const { user } = await change('alice@managed.example', {
      userPrincipalName: 'alice@customer.com',
    })
    expect(user.onPremisesImmutableId).to.equal(anchor)
  })

  it('lets one without ImmutableId have its first, or go on without; none comes into a federated domain without', async () => {
    const { add, change } = await directory()
    await add({ userPrincipalName: 'alice@customer.com' }, lenientAnchors)
    await change('alice@customer.com', { displayName: 'Alice' })
    await change('alice@customer.com', { onPremisesImmutableId: anchor })
    await add({ userPrincipalName: 'bob@managed.example' })
    const work = change('bob@managed.example', { userPrincipalName: 'bob@customer.com' })
    expect(await broken(work)).to.deep.equal(['immutableIdRequired onPremisesImmutableId'])
  })

  it('refuses what somebody else has, and takes its own for its own', async () => {
    const { add, change } = await directory()
    await add({ userPrincipalName: 'alice@customer.com', onPremisesImmutableId: anchor })
    await add({ userPrincipalName: 'bob@customer.com', onPremisesImmutableId: other })
    const same = { userPrincipalName: 'Alice@customer.com', onPremisesImmutableId: anchor }
    expect((await change('alice@customer.com', same)).user.userPrincipalName).to.equal(
      'Alice@customer.com',
    )
    const work = change('bob@customer.com', same, lenientAnchors)
    expect(await broken(work)).to.deep.equal([
      'principalNameTaken userPrincipalName',
      'immutableIdTaken onPremisesImmutableId',
    ])
  })
})

describe('deleteUser', () => {
  it('removes the user and records all that it was, its groups included', async () => {
    const { store, add, context } = await directory()
    const { user } = await add({ userPrincipalName: 'a@managed.example' })
    const group = await store.transaction(async (tx) => {
      const made = await createGroup(tx, { displayName: 'Sales' }, context)
      return changeMembers(tx, made, { add: [user.id], remove: [] }, context)
    })
    await store.transaction((tx) => deleteUser(tx, user, context))
    expect(await store.user(user.id)).to.equal(null)
    expect(await store.groups.members(group.id)).to.deep.equal([])
    expect(await lastRecord(store)).to.deep.include({
      action: 'userDeleted',
      before: { ...user, memberOf: [group.id] },
      after: null,
    })
  })
})
