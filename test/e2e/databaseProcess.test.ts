import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { type Ended, type ProgramOptions, run } from '../support/program.ts'

const asOrdinaryUser = fileURLToPath(new URL('children/asOrdinaryUser.ts', import.meta.url))

describe('a database that cannot be used is a clear message', function () {
  this.timeout(60_000)
  let deployment: Deployment
  let good: Buffer
  let folder: string
  const file = () => join(folder, 'homerealm.sqlite')

  before(async () => {
    deployment = await startDeployment()
    await deployment.storage.close()
    good = readFileSync(join(deployment.dataFolder, 'homerealm.sqlite'))
  })
  after(() => deployment?.close())
  beforeEach(() => {
    folder = newDataFolder()
  })
  afterEach(() => {
    chmodSync(folder, 0o700)
    rmSync(folder, { recursive: true, force: true })
  })

  /** A command that reads, and the server, both on this folder and at once. */
  function commands(options: ProgramOptions = {}, dataFolder = folder): Promise<Ended[]> {
    const environment = { HOMEREALM_DATA: dataFolder, HOMEREALM_PORT: '0' }
    const serving = { ...environment, HOMEREALM_PUBLIC_URL: 'https://login.example.test' }
    return Promise.all([
      run(['users', 'list'], { ...options, environment }),
      run(['serve'], { ...options, environment: serving }),
    ])
  }

  /** One line that begins with the file's name, no stack, status 2, and nothing on standard output. */
  function expectMessage(ended: readonly Ended[], pattern: RegExp, name = file()): void {
    for (const { status, stdout, stderr } of ended) {
      expect(stderr.startsWith(`homerealm: ${name}: `), stderr).to.equal(true)
      expect(stderr).to.match(pattern)
      expect(stderr.trimEnd()).not.to.include('\n')
      expect([status, stdout]).to.deep.equal([2, ''])
    }
  }

  it('missing: for the commands that need one', async () => {
    const environment = { HOMEREALM_DATA: folder }
    const id = '9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
    const ended = await Promise.all([
      run(['users', 'import', 'fixtures/csv/carol.csv'], { environment }),
      run(['trace', id], { environment }),
      run(['replay', '--database', 'fixtures/cases'], { environment }),
    ])
    expectMessage(ended, /there is no database here\. Start homerealm once to make it/)
  })

  it('no database at all', async () => {
    writeFileSync(file(), 'this is a letter, not a database\n'.repeat(100))
    const demo = await run(['demo'], { environment: { HOMEREALM_DATA: folder } })
    expectMessage([...(await commands()), demo], /not a SQLite database.*move this one away/)
    expect(readFileSync(file(), 'utf8')).to.match(/^this is a letter/)
  })

  it('damaged', async () => {
    const damaged = Buffer.from(good)
    damaged.fill(0xa5, 4096 * 2, 4096 * 12)
    writeFileSync(file(), damaged)
    expectMessage(await commands(), /the database is damaged.*restore a backup/)
  })

  it('of another program', async () => {
    const other = new Database(file())
    other.exec('CREATE TABLE notes (text)')
    other.close()
    expectMessage(await commands(), /another program\. It was not changed; name another file/)
  })

  it('of a newer homerealm', async () => {
    writeFileSync(file(), good)
    const newer = new Database(file())
    newer.pragma('user_version = 9999')
    newer.close()
    expectMessage(await commands(), /newer homerealm \(its version is 9999.*Update homerealm/)
  })

  it('not to be written, because of the file or of the folder', async () => {
    writeFileSync(file(), good)
    chmodSync(folder, 0o777)
    chmodSync(file(), 0o444)
    const [, ...byFile] = await commands({ script: asOrdinaryUser })
    expectMessage(byFile, /cannot be written.*write permission/)
    chmodSync(file(), 0o666)
    chmodSync(folder, 0o555)
    const [, ...byFolder] = await commands({ script: asOrdinaryUser })
    expectMessage(byFolder, /cannot be written.*its folder/)
  })

  it('not to be read', async () => {
    writeFileSync(file(), good)
    chmodSync(folder, 0o777)
    chmodSync(file(), 0o000)
    expectMessage(
      await commands({ script: asOrdinaryUser }),
      /permission to read and write the file/,
    )
  })

  it('not to be made, for the folder may not be written', async () => {
    chmodSync(folder, 0o555)
    const inside = join(folder, 'data')
    const [, ...ended] = await commands({ script: asOrdinaryUser }, inside)
    expectMessage(ended, /cannot be made here.*write permission/, join(inside, 'homerealm.sqlite'))
  })

  it('a folder where the file should be, and a file where the folder should be', async () => {
    mkdirSync(file())
    expectMessage(await commands(), /this is a folder, not a database file/)
    const blocked = join(folder, 'taken')
    writeFileSync(blocked, '')
    const [, ...ended] = await commands({}, blocked)
    expectMessage(ended, /Correct the path/, join(blocked, 'homerealm.sqlite'))
  })
})
