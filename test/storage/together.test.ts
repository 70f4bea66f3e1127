import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { DatabaseError } from '../../src/storage/databaseError.ts'
import type { Connection } from '../../src/storage/sqlite/open.ts'
import { togetherOn } from '../../src/storage/sqlite/together.ts'
import { newFolder, removeFolders } from './folders.ts'
import { rejection } from './samples.ts'

/** A database with one table of unique numbers, and what its connection is told. */
function scene(patience = 1000) {
  const file = join(newFolder(), 'together.db')
  const statements: string[] = []
  const db = new Database(file, { verbose: (sql) => void statements.push(String(sql)) })
  db.pragma('busy_timeout = 0')
  db.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)')
  statements.length = 0
  const { durably: together, quickly } = togetherOn({ db, file, patience } satisfies Connection)
  const insert = db.prepare('INSERT INTO numbers VALUES (?)')
  const numbers = () => db.prepare('SELECT n FROM numbers ORDER BY n').pluck().all()
  const add = (...all: number[]) => together(() => all.map((n) => insert.run(n).changes).length)
  return { file, db, statements, together, quickly, add, numbers }
}

describe('writes that come together', () => {
  after(removeFolders)

  it('share one transaction, and each gets its own result', async () => {
    const { add, numbers, statements } = scene()
    expect(await Promise.all([add(1), add(2, 3), add(4)])).to.deep.equal([1, 2, 1])
    expect(statements.filter((sql) => /^BEGIN/.test(sql))).to.deep.equal(['BEGIN IMMEDIATE'])
    expect(statements.filter((sql) => sql === 'COMMIT')).to.have.length(1)
    expect(numbers()).to.deep.equal([1, 2, 3, 4])
  })

  it('wait for the disk when one of them is to be durable, and only then', async () => {
    const { add, db, quickly, statements } = scene()
    const level = () => db.pragma('synchronous', { simple: true })
    expect(await quickly(level)).to.equal(1)
    expect(level()).to.equal(2)
    expect(await Promise.all([quickly(level), add(1), quickly(level)])).to.deep.equal([2, 1, 2])
    expect(statements.filter((sql) => sql === 'COMMIT')).to.have.length(2)
  })

  it('wait for the disk again after one that failed without', async () => {
    const { add, db, quickly } = scene()
    await add(1)
    const failed = await rejection(quickly(() => db.exec('INSERT INTO numbers VALUES (1)')))
    expect(failed).to.have.property('code', 'SQLITE_CONSTRAINT_PRIMARYKEY')
    expect(db.pragma('synchronous', { simple: true })).to.equal(2)
  })

  it('one that fails is taken back as a whole, and alone', async () => {
    const { add, numbers } = scene()
    const [first, second, third] = await Promise.allSettled([add(1), add(2, 1), add(2)])
    expect([first?.status, second?.status, third?.status]).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect((second as PromiseRejectedResult).reason)
      .to.be.instanceOf(Database.SqliteError)
      .with.property('code', 'SQLITE_CONSTRAINT_PRIMARYKEY')
    expect(numbers()).to.deep.equal([1, 2])
  })

  it('run in order, and see what those before them did', async () => {
    const { add, numbers, together } = scene()
    const [, seen] = await Promise.all([add(1), together(numbers), add(2)])
    expect(seen).to.deep.equal([1])
  })

  it('nobody is answered before all is kept', async () => {
    const { add, db, file } = scene()
    const other = new Database(file)
    const seen = await add(1).then(() =>
      other.prepare('SELECT count(*) FROM numbers').pluck().get(),
    )
    expect([seen, db.inTransaction]).to.deep.equal([1, false])
    other.close()
  })

  it('wait for a lock of another process, and then all count once', async () => {
    const { add, numbers, file } = scene()
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const waiting = Promise.all([add(1), add(2)])
    await new Promise((resolve) => setTimeout(resolve, 20))
    const later = add(3)
    other.exec('COMMIT')
    other.close()
    await Promise.all([waiting, later])
    expect(numbers()).to.deep.equal([1, 2, 3])
  })

  it('are kept in the order in which they were handed over, a lock between them or not', async () => {
    const { file, add, together, db, numbers } = scene()
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const added = add(1)
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    other.exec('COMMIT')
    other.close()
    const removed = together(() => db.prepare('DELETE FROM numbers WHERE n = 1').run().changes)
    expect(await Promise.all([added, removed])).to.deep.equal([1, 1])
    expect(numbers()).to.deep.equal([])
  })

  it('all are refused when the lock stays, or the database was closed', async () => {
    const { add, numbers, file, db } = scene(5)
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const refused = await Promise.all([rejection(add(1)), rejection(add(2))])
    for (const error of refused) {
      expect(error).to.be.instanceOf(DatabaseError).with.property('problem', 'busy')
    }
    other.exec('ROLLBACK')
    other.close()
    expect(numbers()).to.deep.equal([])
    const late = rejection(add(1))
    db.close()
    expect(await late)
      .to.be.instanceOf(DatabaseError)
      .with.property('problem', 'closed')
  })
})
