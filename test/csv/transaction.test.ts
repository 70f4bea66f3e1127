import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ImportProgress } from '../../src/admin/csv/importUsers.ts'
import { allUsers, importText, rejection, seededRandom, withDatabase } from './directoryForTests.ts'

const anchor = (index: number) => seededRandom(`anchor ${index}`)(16).toString('base64')

function manyRows(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `user${index}@customer.com,User ${index},${anchor(index)}\n`,
  )
  return `userPrincipalName,displayName,onPremisesImmutableId\n${rows.join('')}`
}

describe('an import into a database', () => {
  it('loads ten thousand rows, tells its progress, and finds each of them', async () => {
    await withDatabase(async (store) => {
      const progress: ImportProgress[] = []
      const report = await importText(store, manyRows(10_000), {
        onProgress: (step) => progress.push(step),
      })
      expect(report.created).to.have.length(10_000)
      expect(await store.countUsers({ domain: 'customer.com' })).to.equal(10_000)
      const found = await store.userByImmutableId(anchor(9_999))
      expect(found?.userPrincipalName).to.equal('user9999@customer.com')
      expect(progress.length).to.be.above(2)
      expect(progress.at(-1)).to.deep.equal({
        phase: 'importing',
        rows: 10_000,
        totalRows: 10_000,
      })
    })
  })

  it('that is aborted half-way keeps nothing, and leaves no file', async () => {
    await withDatabase(async (store, folder, reopen) => {
      const files = readdirSync(folder).sort()
      const controller = new AbortController()
      let lastRows = 0
      const error = await rejection(
        importText(store, manyRows(10_000), {
          signal: controller.signal,
          oktaOut: join(folder, 'okta.csv'),
          rejectFile: join(folder, 'rejects.csv'),
          onProgress: ({ phase, rows }) => {
            lastRows = rows
            if (phase === 'importing') controller.abort(new Error('Ctrl-C'))
          },
        }),
      )
      expect(error.message).to.equal('Ctrl-C')
      expect(lastRows).to.be.within(1, 9_999)
      expect(await allUsers(store)).to.deep.equal([])
      expect(await allUsers(reopen())).to.deep.equal([])
      expect(readdirSync(folder).sort()).to.deep.equal(files)
    })
  })

  it('whose last row is bad keeps nothing', async () => {
    await withDatabase(async (store) => {
      const report = await importText(store, `${manyRows(5_000)}bad,Bad,x\n`)
      expect(report.isWritten).to.equal(false)
      expect(report.rejected.map(({ line }) => line)).to.deep.equal([5_002])
      expect(await store.countUsers()).to.equal(0)
    })
  })

  it('is not seen by another connection before it is whole', async () => {
    await withDatabase(async (store, _folder, reopen) => {
      const other = reopen()
      const seen = new Set<number>()
      await importText(store, manyRows(6_000), {
        onProgress: () => {
          void other.countUsers().then((count) => seen.add(count))
        },
      })
      expect([...seen].filter((count) => count !== 0 && count !== 6_000)).to.deep.equal([])
      expect(seen.has(0)).to.equal(true)
      expect(await other.countUsers()).to.equal(6_000)
    })
  })

  it('rotates ImmutableIds among thousands of people in one go', async () => {
    await withDatabase(async (store) => {
      const count = 3_000
      await importText(store, manyRows(count))
      const rotated = Array.from(
        { length: count },
        (_, index) => `user${index}@customer.com,${anchor((index + 1) % count)}\n`,
      )
      const report = await importText(store, `login,immutableId\n${rotated.join('')}`)
      expect(report.rejected).to.deep.equal([])
      expect(report.changed).to.have.length(count)
      const holder = await store.userByImmutableId(anchor(0))
      expect(holder?.userPrincipalName).to.equal(`user${count - 1}@customer.com`)
    })
  })
})
