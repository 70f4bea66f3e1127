import { expect } from 'chai'
import type { AuditFilter, AuditRecord } from '../../src/directory/audit.ts'
import type { MakeStorage } from './contract.ts'
import { all, now, rejection } from './samples.ts'

const record: Omit<AuditRecord, 'id'> = {
  at: now,
  who: 'admin',
  door: 'commandLine',
  action: 'userChanged',
  target: { kind: 'user', id: 'id-1', name: 'alice@customer.com' },
  before: { displayName: 'Alice “A”', mail: null },
  after: { displayName: 'Alice', mail: 'alice@customer.com' },
  undoes: null,
}

/** The audit: records that are only ever added. */
export function auditContract(fresh: MakeStorage): void {
  describe('the audit', () => {
    it('gives its records as they were added, counted from 1', async () => {
      const { audit } = fresh().directory
      const creation = { ...record, action: 'userCreated', before: null } as const
      expect(await audit.add(record)).to.equal(1)
      expect(await audit.add(creation)).to.equal(2)
      expect(await audit.record(1)).to.deep.equal({ ...record, id: 1 })
      expect(await audit.record(3)).to.equal(null)
      expect(await all(audit.records())).to.deep.equal([
        { ...record, id: 1 },
        { ...creation, id: 2 },
      ])
    })

    it('knows which record took another back', async () => {
      const { audit } = fresh().directory
      await audit.add(record)
      expect(await audit.undoneBy(1)).to.equal(null)
      await audit.add({ ...record, undoes: 1 })
      expect(await audit.undoneBy(1)).to.deep.equal({ ...record, undoes: 1, id: 2 })
      await audit.add({ ...record, undoes: 2 })
      await audit.add({ ...record, undoes: 1 })
      expect((await audit.undoneBy(1))?.id, 'the newest').to.equal(4)
    })

    it('is filtered by each of its parts, and by several at once', async () => {
      const { audit } = fresh().directory
      const other = { kind: 'user', id: 'id-2', name: 'bob@customer.com' } as const
      await audit.add(record)
      await audit.add({ ...record, who: 'Okta', door: 'scim', at: now + 10 })
      await audit.add({ ...record, target: other, at: now + 20 })
      const idsOf = async (filter: AuditFilter) =>
        (await all(audit.records(filter))).map(({ id }) => id)
      for (const [filter, ids] of [
        [{ after: 1 }, [2, 3]],
        [{ since: now + 10 }, [2, 3]],
        [{ until: now + 10 }, [1, 2]],
        [{ who: 'Okta' }, [2]],
        [{ who: 'okta' }, []],
        [{ door: 'commandLine' }, [1, 3]],
        [{ targetId: 'id-1' }, [1, 2]],
        [{ targetId: 'id-1', door: 'scim', since: now }, [2]],
        [{ who: '\uD800' }, []],
      ] as const) {
        expect(await idsOf(filter), JSON.stringify(filter)).to.deep.equal(ids)
      }
      const latest = await audit.latest(2, { door: 'commandLine' })
      expect(latest.map(({ id }) => id)).to.deep.equal([1, 3])
      expect((await audit.latest(1)).map(({ id }) => id)).to.deep.equal([3])
    })

    it('comes whole, however long it is', async () => {
      const { directory } = fresh()
      await directory.transaction(async ({ audit }) => {
        for (let n = 0; n < 1200; n += 1) await audit.add({ ...record, at: now + n })
      })
      const records = await all(directory.audit.records())
      expect(records.map(({ at }) => at - now)).to.deep.equal([...Array(1200).keys()])
    })

    it('is lost with the transaction that it was written in', async () => {
      const { directory } = fresh()
      await rejection(
        directory.transaction(async ({ audit }) => {
          await audit.add(record)
          throw new Error('changed our mind')
        }),
      )
      expect(await all(directory.audit.records())).to.deep.equal([])
    })
  })
}
