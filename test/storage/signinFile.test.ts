import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { DatabaseError } from '../../src/storage/databaseError.ts'
import { openDatabase } from '../../src/storage/sqlite/open.ts'
import { signinFileOf } from '../../src/storage/sqlite/signinFile.ts'
import { sqliteSessions, sqliteSigninState } from '../../src/storage/sqlite/signinStore.ts'
import { togetherOn } from '../../src/storage/sqlite/together.ts'
import { newFolder, openAt, removeFolders } from './folders.ts'
import { now, requestOf, sessionOf, tenant, userOf } from './samples.ts'

const use = { requestId: null, browser: null, federationId: 'fed-1', assertionId: 'id1' }
const consume = (signin: ReturnType<typeof sqliteSigninState>) =>
  signin.consume({ ...use, rememberUntil: now, now })

describe('the file of the sign-ins', () => {
  after(removeFolders)

  it('stands beside that of the directory, under its name', () => {
    expect(signinFileOf('/data/homerealm.sqlite')).to.equal('/data/homerealm-state.sqlite')
    expect(signinFileOf('/data.d/homerealm')).to.equal('/data.d/homerealm-state')
  })

  it('is kept by a server whose thread writes its log back, down to the last sign-in, and let go at the end', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file, { checkpointsApart: true })
    for (let n = 0; n < 50; n++) await storage.sessions.putSession(sessionOf(`key-${n}`))
    await storage.close()
    // SQLite removes the log when the last connection ends, the thread's among them.
    expect(existsSync(`${signinFileOf(file)}-wal`)).to.equal(false)
    const again = openAt(file)
    expect(await again.sessions.session('key-49', now)).to.deep.equal(sessionOf('key-49'))
    await again.close()
  })

  /** As a homerealm with one file left it: a request, a session and a used assertion in the directory's file. */
  async function oneFile(): Promise<string> {
    const file = join(newFolder(), 'homerealm.db')
    const connection = openDatabase(file, { now: () => now })
    const signinFile = { connection, ...togetherOn(connection) }
    const signin = sqliteSigninState(signinFile)
    await signin.rememberRequest(requestOf('_1'))
    expect(await consume(signin)).to.equal('consumed')
    await sqliteSessions(signinFile).putSession(sessionOf('key-1'))
    connection.db.close()
    return file
  }

  it('takes over what one file held before, so that no response is good a second time', async () => {
    const file = await oneFile()
    const storage = openAt(file)
    expect(await consume(storage.signin)).to.equal('responseReplayed')
    expect(await storage.signin.pendingRequest('_1')).to.deep.equal(requestOf('_1'))
    expect(await storage.sessions.session('key-1', now)).to.deep.equal(sessionOf('key-1'))
    await storage.close()
    const raw = new Database(file, { readonly: true })
    for (const table of ['used_assertions', 'sessions', 'pending_requests']) {
      expect(raw.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).to.equal(0)
    }
    raw.close()
  })

  it('brings nothing back that has ended since', async () => {
    const file = await oneFile()
    const storage = openAt(file)
    await storage.sessions.endSession('key-1')
    await storage.close()
    const again = openAt(file)
    expect(await again.sessions.session('key-1', now)).to.equal(null)
    await again.close()
  })

  it('goes on where a process ended in the middle of the move', async () => {
    const file = await oneFile()
    const directory = openDatabase(file, { now: () => now })
    const state = openDatabase(signinFileOf(file), { now: () => now })
    state.db.prepare('ATTACH ? AS directory').run(file)
    state.db.exec('INSERT INTO used_assertions SELECT * FROM directory.used_assertions')
    state.db.close()
    directory.db.close()
    const storage = openAt(file)
    expect(await consume(storage.signin)).to.equal('responseReplayed')
    expect(await storage.sessions.session('key-1', now)).not.to.equal(null)
    await storage.close()
  })

  it('is made anew beside a directory without it, and never by a command that only reads', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const first = openAt(file)
    await first.ensureTenant(tenant)
    await first.close()
    rmSync(signinFileOf(file))
    expect(() => openAt(file, { readonly: true }))
      .to.throw(DatabaseError)
      .with.property('problem', 'missing')
    const storage = openAt(file, { mustExist: true })
    expect(await storage.directory.tenant()).to.deep.equal(tenant)
    await storage.close()
  })

  it('is written while an import or a transaction holds the directory', async () => {
    const storage = openAt(join(newFolder(), 'homerealm.db'), { lockPatience: 0 })
    const { directory } = storage
    await directory.writeUsers([{ kind: 'create', user: userOf('alice@customer.com') }])
    const stage = await directory.imports.stage()
    await stage.hold(true)
    await storage.signin.rememberRequest(requestOf('_2'))
    expect(await consume(storage.signin)).to.equal('consumed')
    await storage.sessions.putSession(sessionOf('key-2'))
    await storage.sessions.endSession('key-2')
    expect(await directory.userByPrincipalName('alice@customer.com')).not.to.equal(null)
    await stage.close()
    await storage.close()
  })
})
