import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Condition } from '../../src/directory/query.ts'
import { type FoundTable, findIn } from '../../src/storage/sqlite/findRecords.ts'
import { newFolder, openAt, removeFolders } from '../storage/folders.ts'

interface Thing {
  readonly id: string
  readonly name: string
}

const things: FoundTable<Thing, 'id' | 'name'> = {
  kind: 'group',
  table: 'things',
  list: 'id, name',
  record: (row) => row as Thing,
  few: ['id'],
  orders: ['name'],
  position: ({ id, name }) => ({ value: name, id }),
  comparisons: { id: { as: 'exact', column: 'id' }, name: { as: 'text', column: 'name' } },
}
const rows = 10_000
/** No index finds it, and each row is compared with all of it. */
const costly: Condition<'id' | 'name'> = {
  op: 'or',
  conditions: Array.from({ length: 99 }, (_, n) => ({
    op: 'contains',
    property: 'name',
    value: `nobody ${n}`,
  })),
}

describe('lists that no index answers', () => {
  const db = new Database(':memory:')
  before(() => {
    db.exec(
      'CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT); CREATE INDEX by_name ON things (name COLLATE NOCASE, id)',
    )
    const insert = db.prepare('INSERT INTO things VALUES (?, ?)')
    db.transaction(() => {
      for (let n = 0; n < rows; n += 1) insert.run(`id-${n}`, `thing ${n}`)
    })()
  })
  after(() => {
    db.close()
    removeFolders()
  })

  /** How many statements ran in the busiest turn of the event loop while the work went on, and how many in all. */
  async function busiestTurn(work: (found: ReturnType<typeof findThings>) => Promise<unknown>) {
    const counts = { inTurn: 0, most: 0, all: 0 }
    const nextTurn = () => {
      counts.inTurn = 0
      watch = setImmediate(nextTurn)
    }
    let watch = setImmediate(nextTurn)
    await work(
      findThings(async (statement) => {
        counts.inTurn += 1
        counts.all += 1
        counts.most = Math.max(counts.most, counts.inTurn)
        return statement()
      }),
    )
    clearImmediate(watch)
    return counts
  }
  const findThings = (run: Parameters<typeof findIn>[2]) =>
    findIn<Thing, 'id' | 'name', 'name'>(db, things, run)

  it('take turns however many there are, so that others are served between two pieces of any', async () => {
    const { most, all } = await busiestTurn((found) =>
      Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          n % 2 === 0
            ? found.count(costly)
            : found.page({ where: costly, orderBy: null, limit: 10 }),
        ),
      ),
    )
    expect(all).to.be.greaterThan(1000)
    // A piece is two statements: where it ends, and what is in it. The watch may run in the midst of a turn.
    expect(most).to.be.at.most(4)
  })

  it('count everything one after the other, too', async () => {
    const { most } = await busiestTurn((found) =>
      Promise.all(Array.from({ length: 30 }, () => found.count(null))),
    )
    expect(most).to.be.at.most(2)
  })

  it('of members, and their number, take turns as well', async () => {
    const storage = openAt(join(newFolder(), 'homerealm.db'))
    const { groups } = storage.directory
    let answered = 0
    let most = 0
    const nextTurn = () => {
      answered = 0
      watch = setImmediate(nextTurn)
    }
    let watch = setImmediate(nextTurn)
    const count = () => {
      answered += 1
      most = Math.max(most, answered)
    }
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? groups.members('any') : groups.countMembers('any')).then(count),
      ),
    )
    clearImmediate(watch)
    await storage.close()
    expect(most).to.be.at.most(2)
  })

  it('look at fewer rows at once the more each is compared with', async () => {
    const cheap: Condition<'name'> = { op: 'contains', property: 'name', value: 'nobody' }
    const few = await busiestTurn((found) => found.count(cheap))
    const many = await busiestTurn((found) => found.count(costly))
    expect(many.all).to.be.greaterThan(few.all * 5)
  })
})
