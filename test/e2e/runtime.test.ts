import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { type Ended, root, run } from '../support/program.ts'

/** Every `node` on the path that is too old, by the version it tells itself. */
function oldNodes(): string[] {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file))
    .map((file) => realpathSync(file))
  return [...new Set(found)].filter((file) => {
    const version = execFileSync(file, ['--version'], { encoding: 'utf8' })
    return Number(/^v(\d+)/.exec(version)?.[1]) < 22
  })
}

function expectAdvice({ status, stdout, stderr }: Ended, version: RegExp): void {
  expect(stderr).to.match(/^homerealm needs Node\.js 22\.18 or newer, and this is v/)
  expect(stderr).to.match(version)
  for (const way of ['npm ci', 'npm start', 'npm test']) expect(stderr).to.include(way)
  expect(stderr).not.to.match(/\n\s+at /)
  expect([status, stdout]).to.deep.equal([2, ''])
}

describe('a Node.js that is too old', function () {
  this.timeout(60_000)
  let folder: string
  let pretend: (version: string) => string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-runtime-'))
    // This Node, saying of itself that it is an older one.
    pretend = (version) => {
      const file = join(folder, `${version}.mjs`)
      writeFileSync(
        file,
        `const versions = { ...process.versions, node: '${version}' }
         Object.defineProperty(process, 'versions', { value: versions })
         Object.defineProperty(process, 'version', { value: 'v${version}' })\n`,
      )
      return pathToFileURL(file).href
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const entrances = [
    ['src/homerealm.js', ['demo']],
    ['scripts/test.js', []],
    ['scripts/load-users.ts', ['users.csv']],
    ['scripts/replay.ts', ['fixtures/cases']],
  ] as const

  it('is told what to do, at every entrance', async () => {
    const nodeArguments = ['--import', pretend('20.20.2')]
    const told = await Promise.all(
      entrances.map(([script, args]) => run(args, { script: join(root, script), nodeArguments })),
    )
    for (const ended of told) expectAdvice(ended, /this is v20\.20\.2 \(/)
  })

  it('is 22.17 or 23.5 or older; 22.18, 23.6 and 24 are taken', async () => {
    const script = join(root, 'scripts/runtime.js')
    const check = (version: string) =>
      run([], { script, nodeArguments: ['--import', pretend(version)] })
    const tooOld = ['18.20.4', '21.7.3', '22.17.1', '23.5.0']
    const told = await Promise.all(tooOld.map(check))
    for (const [index, ended] of told.entries()) {
      expectAdvice(ended, new RegExp(`this is v${tooOld[index]} \\(`))
    }
    for (const { status, stderr } of await Promise.all(
      ['22.18.0', '23.6.0', '24.0.0'].map(check),
    )) {
      expect([status, stderr]).to.deep.equal([0, ''])
    }
  })

  it('is told so by the old programs themselves, where this machine has any', async () => {
    const scripts = ['src/homerealm.js', 'scripts/test.js', 'scripts/runtime.js']
    for (const node of oldNodes()) {
      for (const script of scripts) {
        expectAdvice(await run([], { node, script: join(root, script) }), /this is v\d/)
      }
    }
  })
})
