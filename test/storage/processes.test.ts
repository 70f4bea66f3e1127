import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { migrate, schemaVersion } from '../../src/storage/sqlite/schema.ts'
import { keyRingOf, newFolder, openAt, removeFolders } from './folders.ts'
import { all, now, requestOf, userOf } from './samples.ts'

const script = fileURLToPath(new URL('children/child.ts', import.meta.url))

/** A child process that is ready to begin its task. */
interface Child {
  readonly process: ChildProcessWithoutNullStreams
  begin(): void
  /** The result it prints. */
  result(): Promise<unknown>
}

async function startChild(task: string, file: string): Promise<Child> {
  const child = spawn(process.execPath, ['--conditions=homerealm-source', script, task, file])
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the child ended early: ${complaints}`)
    return value
  }
  expect(await nextLine()).to.equal('ready')
  return {
    process: child,
    begin: () => void child.stdin.write('go\n'),
    result: async () => JSON.parse(await nextLine()),
  }
}

async function startChildren(count: number, task: string, file: string): Promise<Child[]> {
  return Promise.all(Array.from({ length: count }, () => startChild(task, file)))
}

const everyVersion = Array.from({ length: schemaVersion }, (_, n) => n + 1)

describe('several processes on one database', () => {
  const children: Child[] = []
  const run = async (count: number, task: string, file: string): Promise<unknown[]> => {
    const started = await startChildren(count, task, file)
    children.push(...started)
    for (const child of started) child.begin()
    return Promise.all(started.map((child) => child.result()))
  }
  afterEach(() => {
    for (const { process } of children.splice(0)) process.kill('SIGKILL')
    removeFolders()
  })

  it('that start at once on a new file migrate it once, and none of them fails', async () => {
    const results = await run(4, 'migrate', join(newFolder(), 'data', 'homerealm.db'))
    expect(results).to.deep.equal(Array.from({ length: 4 }, () => everyVersion))
  })

  it('one that waits while another migrates finds the work done', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const first = new Database(file)
    first.pragma('journal_mode = WAL')
    first.exec('BEGIN IMMEDIATE')
    const waiting = await startChild('migrate', file)
    children.push(waiting)
    waiting.begin()
    // Long enough for the other to come as far as the lock; if it does not, the test is only easier to pass.
    await new Promise((resolve) => setTimeout(resolve, 300))
    migrate(first, now)
    first.exec('COMMIT')
    expect(await waiting.result()).to.deep.equal(everyVersion)
    first.close()
  })

  it('that get the same response fifty times each let one post sign in', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    await storage.signin.rememberRequest(requestOf('_1'))
    const outcomes = (await run(2, 'consume', file)).flat()
    expect(outcomes).to.have.length(100)
    expect(outcomes.filter((outcome) => outcome === 'consumed')).to.have.length(1)
    expect(outcomes.filter((outcome) => outcome === 'responseReplayed')).to.have.length(99)
    await storage.close()
  })

  it('that use up one record, or answer one device, fifty times each do so once', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    const record = { id: '1', payload: '{}', grantId: null, clientId: null, consumedAt: null }
    const kept = { ...record, userCode: null, expiresAt: now + 60_000 }
    await storage.providerRecords.put({ ...kept, kind: 'Code' })
    await storage.providerRecords.put({ ...kept, kind: 'DeviceCode' })
    const results = (await run(2, 'records', file)) as Record<string, boolean[]>[]
    expect(results).to.have.length(2)
    for (const what of ['codes', 'answers']) {
      const outcomes = results.flatMap((result) => result[what] ?? [])
      expect(outcomes, what).to.have.length(100)
      expect(outcomes.filter(Boolean).length, what).to.equal(1)
    }
    await storage.close()
  })

  it('that rotate the signing keys rotate what is due once, and lose none that was made by hand', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    await keyRingOf(storage, now).ensure(['RS256', 'PS256'])
    const before = (await storage.keys.keys()).map(({ kid }) => kid)
    const results = (await run(2, 'rotate', file)) as { algs: string[]; made: string }[]
    expect(results.flatMap(({ algs }) => algs).toSorted()).to.deep.equal(['PS256', 'RS256'])
    const after = await storage.keys.keys()
    const algs = after.map(({ alg }) => alg).toSorted()
    expect(algs).to.deep.equal(['ES256', 'ES256', 'PS256', 'PS256', 'RS256', 'RS256', 'pairwise'])
    const kids = after.map(({ kid }) => kid)
    expect(kids).to.include.members([...before, ...results.map(({ made }) => made)])
    await storage.close()
  })

  it('take turns with their transactions: none works on what another has changed', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    expect(await run(2, 'count', file)).to.deep.equal(['done', 'done'])
    expect(await storage.directory.countUsers()).to.equal(50)
    await storage.close()
  })

  it('one that is killed in the middle of an import leaves nothing half done, and no lock', async () => {
    const file = join(newFolder(), 'homerealm.db')
    const storage = openAt(file)
    const before = userOf('before@customer.com')
    await storage.directory.writeUsers([{ kind: 'create', user: before }])
    expect(await run(1, 'import', file)).to.deep.equal([5001])
    expect(await storage.directory.countUsers(), 'while it runs').to.equal(1)

    const [importer] = children
    const ended = once(importer?.process ?? process, 'exit')
    importer?.process.kill('SIGKILL')
    await ended
    expect(await all(storage.directory.users())).to.deep.equal([before])
    const after = userOf('after@customer.com')
    await storage.directory.writeUsers([{ kind: 'create', user: after }])
    await storage.close()
    const again = openAt(file)
    expect(await all(again.directory.users())).to.deep.equal([after, before])
    await again.close()
  })
})
