import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { principalNameKey } from '../../src/directory/upn.ts'
import { DatabaseError } from '../../src/storage/databaseError.ts'
import { sqliteDirectory } from '../../src/storage/sqlite/directoryStore.ts'
import { sqliteProviderRecords } from '../../src/storage/sqlite/oidcStore.ts'
import { connectAgain, openDatabase } from '../../src/storage/sqlite/open.ts'
import { sqliteSessions, sqliteSigninState } from '../../src/storage/sqlite/signinStore.ts'
import { storageContract } from './contract.ts'
import { newFolder, openAt, removeFolders } from './folders.ts'
import { appOf, keyOf, recordOf } from './oidcContract.ts'
import {
  all,
  domainOf,
  federationOf,
  now,
  rejection,
  requestOf,
  sessionOf,
  tenant,
  traceOf,
  userOf,
} from './samples.ts'

describe('storage in a SQLite file', () => {
  after(removeFolders)

  storageContract((retention) =>
    openAt(join(newFolder(), 'homerealm.db'), retention === undefined ? {} : { retention }),
  )

  it('keeps the audit as it is, whoever writes to the file: records are neither changed nor removed', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    const target = { kind: 'user', id: 'id-1', name: 'alice@customer.com' } as const
    const act = { at: now, who: 'admin', door: 'commandLine' } as const
    const record = { ...act, action: 'userDeleted', target, before: {}, after: null } as const
    await storage.directory.audit.add({ ...record, undoes: null })
    const raw = new Database(file)
    const forged = "(1, 0, 'nobody', 'csv', 'userDeleted', 'user', 'id-1', 'x', NULL, NULL, NULL)"
    for (const sql of [
      "UPDATE audit SET who = 'nobody'",
      'DELETE FROM audit',
      `REPLACE INTO audit VALUES ${forged}`,
      `INSERT OR REPLACE INTO audit VALUES ${forged}`,
      `INSERT INTO audit VALUES ${forged} ON CONFLICT (id) DO UPDATE SET who = 'nobody'`,
    ]) {
      expect(() => raw.exec(sql), sql).to.throw('the audit is append-only')
    }
    raw.close()
    expect(await storage.directory.audit.record(1)).to.include({ who: 'admin' })
    expect(await storage.directory.audit.add({ ...record, undoes: null })).to.equal(2)
    await storage.close()
  })

  it('survives its process: everything is there after it is opened again', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const first = openAt(file)
    await first.ensureTenant(tenant)
    await first.directory.putFederation(federationOf('a'))
    await first.directory.putDomain(domainOf('customer.com', 'a'))
    const alice = userOf('alice@customer.com')
    await first.directory.writeUsers([{ kind: 'create', user: alice }])
    await first.signin.rememberRequest(requestOf('_1'))
    const use = { requestId: null, browser: null, federationId: 'a', assertionId: 'id1' }
    await first.signin.consume({ ...use, rememberUntil: now, now })
    await first.sessions.putSession(sessionOf('key-1'))
    await first.traces.keepTrace(traceOf('request-1'))
    await first.close()
    await first.close()

    const second = openAt(file, { mustExist: true })
    expect(await second.directory.tenant()).to.deep.equal(tenant)
    expect(await second.directory.federations()).to.deep.equal([federationOf('a')])
    expect(await second.directory.domains()).to.deep.equal([domainOf('customer.com', 'a')])
    expect(await all(second.directory.users())).to.deep.equal([alice])
    expect(await second.signin.pendingRequest('_1')).to.deep.equal(requestOf('_1'))
    const again = await second.signin.consume({ ...use, rememberUntil: now, now })
    expect(again).to.equal('responseReplayed')
    expect(await second.sessions.session('key-1', now)).to.deep.equal(sessionOf('key-1'))
    expect(await second.traces.trace('request-1', now)).to.deep.equal(traceOf('request-1'))
    await second.close()
  })

  it('makes folder and file for their owner alone', async () => {
    const folder = join(newFolder(), 'new', 'data')
    const storage = openAt(join(folder, 'homerealm.db'))
    await storage.ensureTenant(tenant)
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
    for (const end of ['', '-wal', '-shm']) {
      expect(statSync(join(folder, `homerealm.db${end}`)).mode & 0o777, end).to.equal(0o600)
    }
    await storage.close()
  })

  it('commits with a write to the disk, and guards its own schema', () => {
    const first = openDatabase(join(newFolder(), 'homerealm.db'), { now: () => now })
    const setting = (db: Database.Database, name: string) => db.pragma(name, { simple: true })
    expect(setting(first.db, 'journal_mode')).to.equal('wal')
    for (const { db } of [first, connectAgain(first)]) {
      expect(setting(db, 'synchronous')).to.equal(2)
      expect(setting(db, 'foreign_keys')).to.equal(1)
      expect(setting(db, 'trusted_schema')).to.equal(0)
      expect(() => db.exec('PRAGMA writable_schema = ON; DELETE FROM sqlite_schema')).to.throw(
        /may not be modified/,
      )
      db.close()
    }
  })

  it('uses up assertions and codes, and ends sessions, with a write to the disk; the rest need not wait for it', async () => {
    const connection = openDatabase(join(newFolder(), 'homerealm.db'), { now: () => now })
    const waited: boolean[] = []
    const durablyOr =
      (isDurable: boolean) =>
      async <T>(write: () => T) => {
        waited.push(isDurable)
        return write()
      }
    const file = { connection, durably: durablyOr(true), quickly: durablyOr(false) }
    const [signin, sessions] = [sqliteSigninState(file), sqliteSessions(file)]
    const records = sqliteProviderRecords(file)
    const code = recordOf('AuthorizationCode', 'code-1')
    await signin.rememberRequest(requestOf('_1'))
    await sessions.putSession(sessionOf('key-1'))
    await records.put(code)
    expect(waited.splice(0)).to.deep.equal([false, false, false])
    const use = { requestId: '_1', browser: 'browser-1', federationId: 'fed-1', assertionId: 'id1' }
    expect(await signin.consume({ ...use, rememberUntil: now, now })).to.equal('consumed')
    expect(await records.consume(code.kind, code.id, now)).to.equal(true)
    await sessions.endSession('key-1')
    await sessions.endSessionsOfUser('user-1', null)
    await records.remove('RefreshToken', 'token-1')
    await records.removeByGrant('grant-1')
    expect(waited).to.deep.equal([true, true, true, true, true, true])
    connection.db.close()
  })

  it('knows at once what another process did to keys and apps', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const [one, other] = [openAt(file), openAt(file)]
    const kids = async () => (await one.keys.keys()).map(({ kid }) => kid)
    expect(await kids()).to.deep.equal([])
    await other.keys.changeKeys({ seen: [], put: [keyOf('k1')], remove: [] })
    expect(await kids()).to.deep.equal(['k1'])
    await one.keys.changeKeys({ seen: ['k1'], put: [keyOf('k2')], remove: ['k1'] })
    expect(await kids()).to.deep.equal(['k2'])
    await other.apps.putApp(appOf('1', { displayName: 'Before' }))
    expect((await one.apps.app('1'))?.displayName).to.equal('Before')
    await other.apps.putApp(appOf('1', { displayName: 'After' }))
    expect((await one.apps.app('1'))?.displayName).to.equal('After')
    await Promise.all([one.close(), other.close()])
  })

  it('finds ImmutableId, UPN and the users of a domain through an index', () => {
    const { db } = openDatabase(join(newFolder(), 'homerealm.db'), { now: () => now })
    const plan = (sql: string) =>
      (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
        .map(({ detail }) => detail)
        .join('; ')
    expect(plan("SELECT * FROM users WHERE onPremisesImmutableId = 'x'")).to.match(/^SEARCH.*INDEX/)
    expect(plan("SELECT * FROM users WHERE userPrincipalNameKey = 'x'")).to.match(/^SEARCH.*INDEX/)
    const list = plan(
      "SELECT * FROM users WHERE domain = 'x' AND userPrincipalNameKey > 'x' ORDER BY userPrincipalNameKey",
    )
    expect(list)
      .to.match(/^SEARCH.*users_by_domain/)
      .and.not.to.contain('TEMP B-TREE')
    db.close()
  })

  it('a full disk is a clear message, and nothing of the write is kept', async () => {
    const connection = openDatabase(join(newFolder(), 'homerealm.db'), { now: () => now })
    const pages = Number(connection.db.pragma('page_count', { simple: true }))
    connection.db.pragma(`max_page_count = ${pages + 10}`)
    const directory = sqliteDirectory(connection, {
      keyOf: principalNameKey,
      transaction: () => Promise.reject(new Error('not here')),
    })
    const many = Array.from({ length: 1000 }, (_, n) => userOf(`user${n}@customer.com`))
    const error = await rejection(
      directory.writeUsers(many.map((user) => ({ kind: 'create', user }))),
    )
    expect(error).to.be.instanceOf(DatabaseError).with.property('problem', 'full')
    expect(String(error)).to.contain(connection.file).and.to.contain('make room')
    expect(await directory.countUsers()).to.equal(0)
    connection.db.close()
  })

  it('a database that another process keeps locked is a clear message in the end', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file, { lockPatience: 100 })
    const other = new Database(file)
    other.exec('BEGIN IMMEDIATE')
    const error = await rejection(storage.ensureTenant(tenant))
    expect(error).to.be.instanceOf(DatabaseError).with.property('problem', 'busy')
    other.exec('ROLLBACK')
    other.close()
    expect(await storage.ensureTenant(tenant)).to.deep.equal(tenant)
    await storage.close()
  })

  it('closing it ends a transaction that still runs, with nothing kept', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    const error = await rejection(
      storage.directory.transaction(async (store) => {
        await store.writeUsers([{ kind: 'create', user: userOf('alice@customer.com') }])
        await storage.close()
        await store.countUsers()
      }),
    )
    expect(error).to.be.instanceOf(DatabaseError).with.property('problem', 'closed')
    const again = openAt(file)
    expect(await again.directory.countUsers()).to.equal(0)
    await again.close()
  })
})
