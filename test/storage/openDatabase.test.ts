import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { DatabaseError, type DatabaseProblem } from '../../src/storage/databaseError.ts'
import type { SqliteStorageOptions } from '../../src/storage/sqlite/index.ts'
import { applicationId, schemaVersion } from '../../src/storage/sqlite/schema.ts'
import { signinFileOf } from '../../src/storage/sqlite/signinFile.ts'
import { newFolder, openAt, removeFolders } from './folders.ts'
import { asOrdinaryUser } from './ordinaryUser.ts'
import { all, domainOf, federationOf, rejection, tenant, userOf } from './samples.ts'

/** What opening the file is refused with. */
function refusal(file: string, more: Partial<SqliteStorageOptions> = {}): DatabaseError {
  try {
    openAt(file, more)
  } catch (error) {
    expect(error).to.be.instanceOf(DatabaseError)
    return error as DatabaseError
  }
  throw new Error('expected the file to be refused, but it was opened')
}

/** The message is one line that names the file, and has what is wrong and what to do. */
function expectRefusal(
  error: DatabaseError,
  file: string,
  problem: DatabaseProblem,
  ...parts: RegExp[]
): void {
  expect(error.problem).to.equal(problem)
  expect(error.message.startsWith(`${file}: `), error.message).to.equal(true)
  expect(error.message).not.to.contain('\n')
  for (const part of parts) expect(error.message).to.match(part)
}

/** A database of some two megabytes, closed. */
async function filledDatabase(folder: string): Promise<string> {
  const file = join(folder, 'homerealm.db')
  const storage = openAt(file)
  await storage.ensureTenant(tenant)
  const users = Array.from({ length: 5000 }, (_, n) => userOf(`user${n}@customer.com`))
  await storage.directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
  await storage.close()
  return file
}

function overwrite(file: string, position: number, length: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, position)
  closeSync(descriptor)
}

describe('opening a database that cannot be used', () => {
  after(removeFolders)

  it('a missing file, where one must be, is not made', () => {
    const folder = newFolder()
    const file = join(folder, 'none', 'homerealm.db')
    for (const more of [{ mustExist: true }, { readonly: true }]) {
      expectRefusal(refusal(file, more), file, 'missing', /no database here/, /correct the path/)
    }
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('a folder, a device, or a path that leads through a file is no database', () => {
    const folder = newFolder()
    expectRefusal(refusal(folder), folder, 'notAFile', /this is a folder/, /Name a file in it/)
    expectRefusal(refusal('/dev/null'), '/dev/null', 'notAFile', /device/)
    writeFileSync(join(folder, 'plain'), '')
    const through = join(folder, 'plain', 'homerealm.db')
    expectRefusal(
      refusal(through),
      through,
      'notAFile',
      /file where a folder should be|file stands/,
    )
    const deeper = join(folder, 'plain', 'deeper', 'homerealm.db')
    expectRefusal(refusal(deeper), deeper, 'notAFile', /Correct the path/)
  })

  it('a file of another kind is left as it was', () => {
    const file = join(newFolder(), 'users.csv')
    const text = 'userPrincipalName,displayName\n'.repeat(200)
    writeFileSync(file, text)
    expectRefusal(
      refusal(file),
      file,
      'notADatabase',
      /not a SQLite database/,
      /move this one away/,
    )
    expect(readFileSync(file, 'utf8')).to.equal(text)
  })

  for (const [what, id] of [
    ['with a mark of its own', 0x47504b47],
    ['without a mark', 0],
  ] as const) {
    it(`the database of another program, ${what}, is left as it was`, () => {
      const file = join(newFolder(), 'other.db')
      const other = new Database(file)
      other.exec('CREATE TABLE notes (text)')
      other.pragma(`application_id = ${id}`)
      other.close()
      const before = readFileSync(file)
      expectRefusal(refusal(file), file, 'otherProgram', /another program/, /not changed/)
      expect(readFileSync(file).equals(before)).to.equal(true)
    })
  }

  it('a database from a newer homerealm is left as it was', async () => {
    const file = await filledDatabase(newFolder())
    const raw = new Database(file)
    raw.pragma(`user_version = ${schemaVersion + 1}`)
    raw.close()
    const before = readFileSync(file)
    expectRefusal(refusal(file), file, 'newerVersion', /newer homerealm/, /Update homerealm/)
    expect(readFileSync(file).equals(before)).to.equal(true)
  })

  it('a database from an older homerealm is not opened for reading only, since that cannot migrate it', () => {
    const file = join(newFolder(), 'homerealm.db')
    const raw = new Database(file)
    raw.pragma(`application_id = ${applicationId}`)
    raw.close()
    const error = refusal(file, { readonly: true })
    expectRefusal(error, file, 'olderVersion', /version 0/, /Start homerealm once/)
  })

  it('a database of version 3 is brought up: its federations and apps keep what they had, and the new settings are off', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const before = openAt(file)
    const federation = federationOf('fed-1')
    await before.directory.putFederation(federation)
    await before.close()
    const raw = new Database(file)
    raw.exec(`ALTER TABLE federations DROP COLUMN groupsAttribute;
      DROP INDEX provider_records_by_owner; ALTER TABLE provider_records DROP COLUMN owner;
      DROP TRIGGER users_forget_origins; DROP TABLE imports; DROP TABLE value_origins; DROP TABLE import_changes;
      ALTER TABLE users DROP COLUMN importId; ALTER TABLE users DROP COLUMN importLine;
      DROP TABLE domain_ownership; DROP TABLE domain_changes; DROP TABLE signin_counts;
      DROP INDEX users_by_name; DROP INDEX users_by_mail; DROP TABLE groups; DROP TABLE group_members;
      DROP TABLE external_ids; DROP TABLE audit;
      DELETE FROM migrations WHERE version > 3; PRAGMA user_version = 3;
      INSERT INTO apps VALUES ('api-1', 'api://orders', 'Orders', '{"id":"api-1"}');
      INSERT INTO apps VALUES ('app-1', NULL, 'App', '{"id":"app-1","displayName":"App","grantedRoles":
        [{"api":"api://orders","role":"Read"},{"api":"api://gone","role":"Read"}]}')`)
    raw.close()
    const after = openAt(file)
    expect(await after.directory.federation('fed-1')).to.deep.equal(federation)
    expect(await after.apps.app('app-1')).to.deep.equal({
      id: 'app-1',
      displayName: 'App',
      requireMfa: false,
      grantedScopes: [],
      apiKeys: [],
      scim: null,
      // Bound to the API that is there; what names none was worth nothing.
      grantedRoles: [{ api: 'api://orders', apiId: 'api-1', role: 'Read' }],
    })
    await after.close()
  })

  it('damaged pages are found at opening', async () => {
    const file = await filledDatabase(newFolder())
    overwrite(file, 4096 * 20, 4096 * 3)
    expectRefusal(refusal(file), file, 'corrupt', /damaged/, /restore a backup/)
  })

  it('a file that was cut off is found at opening', async () => {
    const file = await filledDatabase(newFolder())
    truncateSync(file, 4096 * 100)
    expectRefusal(refusal(file), file, 'corrupt', /damaged/, /restore a backup/)
  })

  it('a damaged header is found at opening', async () => {
    const file = await filledDatabase(newFolder())
    overwrite(file, 0, 100)
    expectRefusal(refusal(file), file, 'notADatabase', /not a SQLite database/)
  })

  it('a table that is gone is found at opening', async () => {
    const file = await filledDatabase(newFolder())
    const raw = new Database(file)
    raw.exec('DROP TABLE used_assertions')
    raw.close()
    expectRefusal(refusal(file), file, 'corrupt', /table used_assertions is missing/)
  })

  it('damage that comes later is the same clear message when it is met', async () => {
    const file = await filledDatabase(newFolder())
    const storage = openAt(file)
    overwrite(file, 4096 * 20, 4096 * 100)
    const error = await rejection(storage.directory.transaction((store) => all(store.users())))
    expectRefusal(error as DatabaseError, file, 'corrupt', /damaged/, /restore a backup/)
    await storage.close()
  })

  it('a file that may not be written is refused at once, not at the first sign-in', async () => {
    const folder = newFolder()
    const file = await filledDatabase(folder)
    chmodSync(folder, 0o777)
    chmodSync(file, 0o444)
    const error = asOrdinaryUser(() => refusal(file))
    expectRefusal(error, file, 'readOnly', /cannot be written/, /write permission/)
  })

  it('a folder that may not be written is refused, with a database in it or without', async () => {
    const folder = newFolder()
    const file = await filledDatabase(folder)
    chmodSync(file, 0o666)
    chmodSync(folder, 0o555)
    const error = asOrdinaryUser(() => refusal(file))
    expectRefusal(error, file, 'readOnly', /cannot be written/, /its folder/)
    const other = join(folder, 'new', 'other.db')
    const second = asOrdinaryUser(() => refusal(other))
    expectRefusal(second, other, 'readOnly', /cannot be made here/, /write permission/)
  })

  it('a file that may not be read is refused', async () => {
    const folder = newFolder()
    const file = await filledDatabase(folder)
    chmodSync(folder, 0o777)
    chmodSync(file, 0o000)
    const error = asOrdinaryUser(() => refusal(file))
    expectRefusal(error, file, 'noAccess', /cannot be opened/, /permission to read and write/)
  })

  it('opened for reading only, it reads, and every write is a clear refusal', async () => {
    const file = await filledDatabase(newFolder())
    const storage = openAt(file, { readonly: true })
    expect(await storage.directory.countUsers()).to.equal(5000)
    const write = storage.directory.writeUsers([{ kind: 'create', user: userOf('new@x.com') }])
    expectRefusal((await rejection(write)) as DatabaseError, file, 'readOnly')
    const inside = storage.directory.transaction((store) =>
      store.putDomain(domainOf('x.com', null)),
    )
    expectRefusal((await rejection(inside)) as DatabaseError, file, 'readOnly')
    const end = storage.sessions.endSession('key-1')
    expectRefusal((await rejection(end)) as DatabaseError, signinFileOf(file), 'readOnly')
    await storage.close()
  })

  it('an empty file becomes a database, and names that SQLite takes for others do not', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'empty.db'), '')
    await openAt(join(folder, 'empty.db')).close()
    await openAt(join(folder, 'empty.db'), { mustExist: true }).close()
    mkdirSync(join(folder, 'sub'))
    const here = process.cwd()
    process.chdir(join(folder, 'sub'))
    try {
      await openAt(':memory:').close()
      await openAt('file:x?mode=memory').close()
    } finally {
      process.chdir(here)
    }
    expect(readdirSync(join(folder, 'sub')).sort()).to.deep.equal([
      ':memory:',
      ':memory:-state',
      'file:x?mode=memory',
      'file:x?mode=memory-state',
    ])
  })
})
