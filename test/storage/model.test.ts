import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { StaleWrite, UniqueViolation } from '../../src/directory/errors.ts'
import type { UserChange } from '../../src/directory/ports.ts'
import type { User } from '../../src/directory/types.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { newFolder, openAt, removeFolders } from './folders.ts'
import { all, userOf } from './samples.ts'

// Small pools, so that values collide often: in full, in case only, and across users.
const ids = ['1', '2', '3', '4']
const upns = ['a@x.com', 'A@x.com', 'b@X.com', 'b@x.com', 'a@y.com', 'c@sub.x.com']
const anchors = [null, 'abc=', 'ABC=', 'abc', 'é', 'e\u0301', '𝔞', '\uFF41']

/** A write as it is drawn: what becomes of each of these users, and whether the write is inside a transaction that fails. */
const drawnWrite = fc.record({
  rows: fc.uniqueArray(
    fc.record({
      id: fc.constantFrom(...ids),
      userPrincipalName: fc.constantFrom(...upns),
      onPremisesImmutableId: fc.constantFrom(...anchors),
      accountEnabled: fc.boolean(),
    }),
    { selector: (row) => row.id, minLength: 1, maxLength: 4 },
  ),
  stale: fc.boolean(),
  inside: fc.constantFrom('nothing', 'transaction', 'failingTransaction'),
})

type Drawn = typeof drawnWrite extends fc.Arbitrary<infer T> ? T : never

/** The simplest thing that could be right: a list, searched from end to end. */
function afterWrite(before: readonly User[], changes: readonly UserChange[]): User[] | null {
  const list = before.filter((user) => !changes.some((change) => change.user.id === user.id))
  const stale = changes.some(
    (change) =>
      change.kind === 'update' &&
      !before.some(
        ({ id, lastModifiedDateTime }) =>
          id === change.user.id && lastModifiedDateTime === change.before.lastModifiedDateTime,
      ),
  )
  if (stale) return null
  for (const { user } of changes) {
    const clash = list.some(
      (other) =>
        other.userPrincipalName.toLowerCase() === user.userPrincipalName.toLowerCase() ||
        (user.onPremisesImmutableId !== null &&
          other.onPremisesImmutableId === user.onPremisesImmutableId),
    )
    if (clash) return null
    list.push(user)
  }
  return list
}

async function expectSame(storage: Storage, model: readonly User[]): Promise<void> {
  const { directory } = storage
  const sorted = model.toSorted((a, b) =>
    a.userPrincipalName.toLowerCase() < b.userPrincipalName.toLowerCase() ? -1 : 1,
  )
  expect(await all(directory.users())).to.deep.equal(sorted)
  for (const domain of ['x.com', 'y.com', 'sub.x.com']) {
    const members = sorted.filter(({ userPrincipalName }) =>
      userPrincipalName.toLowerCase().endsWith(`@${domain}`),
    )
    expect(await all(directory.users({ domain }))).to.deep.equal(members)
    expect(await directory.countUsers({ domain })).to.equal(members.length)
  }
  for (const upn of upns) {
    const wanted = model.find((user) => user.userPrincipalName.toLowerCase() === upn.toLowerCase())
    expect(await directory.userByPrincipalName(upn)).to.deep.equal(wanted ?? null)
  }
  for (const anchor of anchors) {
    if (anchor === null) continue
    const wanted = model.find((user) => user.onPremisesImmutableId === anchor)
    expect(await directory.userByImmutableId(anchor)).to.deep.equal(wanted ?? null)
  }
}

async function play(storage: Storage, writes: Drawn[]) {
  let model: User[] = []
  let time = 0
  for (const { rows, stale, inside } of writes) {
    time += 1
    const changes = rows.map(({ id, ...row }): UserChange => {
      const user = userOf(row.userPrincipalName, { ...row, id, lastModifiedDateTime: time })
      const before = model.find((known) => known.id === id)
      if (before === undefined) return { kind: 'create', user }
      return {
        kind: 'update',
        before: stale ? { ...before, lastModifiedDateTime: -1 } : before,
        user,
      }
    })
    const expected = afterWrite(model, changes)
    const failing = inside === 'failingTransaction'
    const stop = new Error('stop')
    const outcome = await (inside === 'nothing'
      ? storage.directory.writeUsers(changes)
      : storage.directory.transaction(async (store) => {
          await store.writeUsers(changes)
          if (failing) throw stop
        })
    ).then(
      () => 'kept',
      (error: unknown) => error,
    )
    if (expected === null) {
      expect(
        outcome instanceof UniqueViolation || outcome instanceof StaleWrite,
        String(outcome),
      ).to.equal(true)
    } else {
      expect(outcome).to.equal(failing ? stop : 'kept')
      if (!failing) model = expected
    }
    await expectSame(storage, model)
  }
}

describe('the users of any storage behave like a plain list', () => {
  after(removeFolders)
  const makers: Record<string, () => Storage> = {
    'in memory': () => memoryStorage({ principalNameKey }),
    'in a SQLite file': () => openAt(join(newFolder(), 'homerealm.db')),
  }
  for (const [where, make] of Object.entries(makers)) {
    it(`${where}, under any sequence of writes and transactions`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(drawnWrite, { maxLength: 8 }), async (writes) => {
          const storage = make()
          try {
            await play(storage, writes)
          } finally {
            await storage.close()
          }
        }),
        { numRuns: 60 },
      )
    })
  }
})
