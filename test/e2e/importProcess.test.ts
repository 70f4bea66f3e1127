import { execFileSync } from 'node:child_process'
import { createWriteStream, readdirSync, rmSync, type WriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { Program, run } from '../support/program.ts'

const heading = 'userPrincipalName,displayName,onPremisesImmutableId\n'
const row = (n: number) =>
  `load.${n}@customer.com,Load ${n},${Buffer.from(`load test ${n}`.padEnd(16)).toString('base64')}\n`
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => row(from + i)).join('')

describe('an import as a process, beside a server that runs', function () {
  this.timeout(60_000)
  let deployment: Deployment
  let folder: string
  let program: Program | null = null
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())
  beforeEach(() => {
    folder = newDataFolder()
  })
  afterEach(async () => {
    await program?.kill()
    program = null
    rmSync(folder, { recursive: true, force: true })
  })
  const environment = () => ({ HOMEREALM_DATA: deployment.dataFolder })
  const count = () => deployment.storage.directory.countUsers()

  function start(args: readonly string[]): Program {
    program = new Program(args, { environment: environment() })
    return program
  }

  /** Starts the import of a file that never ends, and comes back when it is in the middle of reading it. */
  async function inTheMiddle(
    args: readonly string[],
  ): Promise<{ program: Program; pipe: WriteStream }> {
    const file = join(folder, 'users.csv')
    execFileSync('mkfifo', [file])
    const started = start(['users', 'import', file, ...args])
    const pipe = createWriteStream(file).on('error', () => {})
    await write(pipe, heading + rows(0, 20_000))
    expect(writeLockIsFree()).to.equal(true)
    return { program: started, pipe }
  }

  /** Starts an import, and stands it still in the middle of writing to the directory. */
  async function writing(): Promise<Program> {
    const file = join(folder, 'users.csv')
    writeFileSync(file, heading + rows(0, 60_000))
    const started = start(['users', 'import', file])
    while (writeLockIsFree()) await new Promise((resolve) => setTimeout(resolve, 2))
    started.signal('SIGSTOP')
    expect(writeLockIsFree()).to.equal(false)
    return started
  }

  /** Resolves when all but the last piece (a pipe holds 64 KB) has been read. */
  function write(pipe: WriteStream, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      pipe.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }

  function writeLockIsFree(): boolean {
    const db = new Database(join(deployment.dataFolder, 'homerealm.sqlite'), { timeout: 0 })
    try {
      db.exec('BEGIN IMMEDIATE; ROLLBACK')
      return true
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
      return false
    } finally {
      db.close()
    }
  }

  it('Ctrl-C in the middle leaves nothing: no user, no file, and status 130 says so', async () => {
    const before = await count()
    const rejects = join(folder, 'rejects.csv')
    const okta = join(folder, 'okta.csv')
    const { program, pipe } = await inTheMiddle(['--reject-file', rejects, '--okta-out', okta])
    program.signal('SIGINT')
    // The rest of the file goes on coming until the import has heard it.
    for (let n = 20_000; !pipe.destroyed; n += 500) await write(pipe, rows(n, 500)).catch(() => {})
    const { status, stdout, stderr } = await program.ended
    expect([status, stdout, stderr]).to.deep.equal([
      130,
      '',
      'Interrupted: nothing was imported.\n',
    ])
    expect(await count()).to.equal(before)
    expect(readdirSync(folder)).to.deep.equal(['users.csv'])
    expect(writeLockIsFree()).to.equal(true)
  })

  it('Ctrl-C and a kill while it writes leave nothing, and the server signs people in meanwhile', async () => {
    const before = await count()
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const program = await writing()
      expect(await count(), 'while it writes').to.equal(before)
      expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)
      program.signal(signal)
      program.signal('SIGCONT')
      const { status, signal: endedBy } = await program.ended
      expect([status, endedBy]).to.deep.equal(signal === 'SIGINT' ? [130, null] : [null, signal])
      expect(await count()).to.equal(before)
      expect(await deployment.storage.directory.imports.imports()).to.have.length(1)
      expect(writeLockIsFree()).to.equal(true)
    }
  })

  it('being killed in the middle leaves nothing either, and the next import finds all in order', async () => {
    const before = await count()
    const { program, pipe } = await inTheMiddle([])
    program.signal('SIGKILL')
    expect((await program.ended).signal).to.equal('SIGKILL')
    pipe.destroy()
    expect(await count()).to.equal(before)
    expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)

    const again = new Program(['users', 'import', '-', '--json'], {
      environment: environment(),
      input: heading + rows(0, 300),
    })
    const { status, stdout } = await again.ended
    expect(status).to.equal(0)
    expect(JSON.parse(stdout).isWritten).to.equal(true)
    expect(await count()).to.equal(before + 300)
  })

  it('Ctrl-C while standard input is still awaited ends it too', async () => {
    const before = await count()
    const program = new Program(['users', 'import', '-'], {
      environment: environment(),
      input: null,
    })
    // More than a pipe holds: when it is written, the program has begun to read.
    await program.write(heading + rows(0, 20_000))
    program.signal('SIGINT')
    const { status, stderr } = await program.ended
    expect([status, stderr]).to.deep.equal([130, 'Interrupted: nothing was imported.\n'])
    expect(await count()).to.equal(before)
  })

  it('those who were imported can sign in at once, and those who were disabled no more', async () => {
    const visitor = deployment.visitor()
    expect((await visitor.signIn('carol@customer.com')).aadsts).to.equal(50034)
    const loaded = await run(['users', 'import', 'fixtures/csv/carol.csv'], {
      environment: environment(),
    })
    expect(loaded.status, loaded.stderr).to.equal(0)
    expect((await visitor.signIn('carol@customer.com')).status).to.equal(303)
    const disabled = await run(['users', 'import', '-'], {
      environment: environment(),
      input: 'userPrincipalName,accountEnabled\ncarol@customer.com,false\n',
    })
    expect(disabled.status, disabled.stderr).to.equal(0)
    expect(await visitor.signedInAs()).to.equal(null)
    expect((await visitor.signIn('carol@customer.com')).aadsts).to.equal(50057)
  })

  it('one bad row keeps all out, and is named with line, column and reason', async () => {
    const before = await count()
    const input = `${heading}new@customer.com,New,bmV3IHVzZXIgb2Ygb3VycyE=\nbad@elsewhere.example,Bad,\n`
    const ended = await run(['users', 'import', '-'], { environment: environment(), input })
    expect(ended.status).to.equal(1)
    expect(ended.stdout).to.match(/line 3.*userPrincipalName/i)
    expect(ended.stdout).to.include('elsewhere.example')
    expect(await count()).to.equal(before)
  })

  it('a file that is no CSV of users is named with what is wrong, and status 2', async () => {
    const wrong = [
      ['', /^homerealm: standard input: it has no /],
      ['a,b\n1,2\n', /^homerealm: standard input/],
      [`${heading}"open,quote\n`, /^homerealm: standard input, line 2/],
    ] as const
    const all = await Promise.all(
      wrong.map(([input]) => run(['users', 'import', '-'], { environment: environment(), input })),
    )
    for (const [index, { status, stderr }] of all.entries()) {
      expect(status, stderr).to.equal(2)
      expect(stderr).to.match(wrong[index]?.[1] ?? /$^/)
      expect(stderr).not.to.match(/\n\s+at /)
    }
    const missing = await run(['users', 'import', 'nowhere.csv'], { environment: environment() })
    expect(missing.status).to.equal(2)
    expect(missing.stderr).to.match(/^homerealm: nowhere\.csv: .*no such file/)
  })
})
