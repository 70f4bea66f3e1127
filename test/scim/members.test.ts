import { expect } from 'chai'
import fc from 'fast-check'
import { urns } from '../../src/admin/scim/names.ts'
import { doorInMemory } from './doorInMemory.ts'

const everybody = 5
const some = fc.uniqueArray(fc.integer({ min: 0, max: everybody - 1 }), { maxLength: everybody })

/** One operation on the members of a group as an identity provider writes it, and what it does to the model. */
interface Step {
  readonly operation: (ids: readonly string[]) => object
  readonly model: (members: Set<number>) => Set<number>
}

const values = (ids: readonly string[], chosen: readonly number[]) =>
  chosen.map((n) => ({ value: ids[n] }))
const without = (members: Set<number>, chosen: readonly number[]) =>
  new Set([...members].filter((n) => !chosen.includes(n)))

const step: fc.Arbitrary<Step> = fc.oneof(
  some.map<Step>((chosen) => ({
    operation: (ids) => ({ op: 'add', path: 'members', value: values(ids, chosen) }),
    model: (members) => new Set([...members, ...chosen]),
  })),
  some.map<Step>((chosen) => ({
    operation: (ids) => ({ op: 'Add', value: { members: values(ids, chosen) } }),
    model: (members) => new Set([...members, ...chosen]),
  })),
  fc.integer({ min: 0, max: everybody - 1 }).map<Step>((n) => ({
    operation: (ids) => ({ op: 'remove', path: `members[value eq "${ids[n]}"]` }),
    model: (members) => without(members, [n]),
  })),
  some.map<Step>((chosen) => ({
    operation: (ids) => ({ op: 'Remove', path: 'members', value: values(ids, chosen) }),
    model: (members) => without(members, chosen),
  })),
  some.map<Step>((chosen) => ({
    operation: (ids) => ({ op: 'replace', path: 'members', value: values(ids, chosen) }),
    model: () => new Set(chosen),
  })),
  fc.constant<Step>({
    operation: () => ({ op: 'remove', path: 'members' }),
    model: () => new Set(),
  }),
)

describe('the members of a group', () => {
  it('are those of a set after any PATCH operations, together or one by one', async () => {
    const begun = fc.tuple(
      some,
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
    )
    await fc.assert(
      fc.asyncProperty(begun, async ([first, patches]) => {
        const door = await doorInMemory()
        const ids: string[] = []
        for (let n = 0; n < everybody; n++) {
          const body = { schemas: [urns.user], userName: `user${n}@managed.example` }
          ids.push((await door('Users', 'POST', null, body)).id)
        }
        const body = { schemas: [urns.group], displayName: 'G', members: values(ids, first) }
        const { id } = await door('Groups', 'POST', null, body)
        let model = new Set(first)
        for (const steps of patches) {
          for (const { model: next } of steps) model = next(model)
          const Operations = steps.map(({ operation }) => operation(ids))
          const { members = [] } = await door('Groups', 'PATCH', id, {
            schemas: [urns.patchOp],
            Operations,
          })
          const wanted = [...model].map((n) => ids[n])
          expect(members.map(({ value }) => value)).to.have.members(wanted)
        }
      }),
      { numRuns: 200 },
    )
  })
})
