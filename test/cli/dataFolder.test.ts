import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openToOthers } from '../../src/cli/server/dataFolder.ts'
import { newDataFolder, startDeployment } from '../support/deployment.ts'
import { run } from '../support/program.ts'

describe('the data folder', () => {
  let folder: string
  beforeEach(() => {
    folder = join(newDataFolder(), 'data')
  })
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

  const warned = (logged: readonly string[]) =>
    logged
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'dataFolder')
      .map(({ level, msg }) => [level, msg])

  it('is made with mode 700, with a key file of mode 600, and nothing is said', async () => {
    const { close, logged } = await startDeployment({ dataFolder: folder })
    await close()
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
    expect(statSync(join(folder, 'key-encryption.key')).mode & 0o777).to.equal(0o600)
    expect(openToOthers(folder)).to.deep.equal([])
    expect(warned(logged)).to.deep.equal([])
  })

  it('that was there before, and is open to others, is told at each start with the command that mends it, and by status', async () => {
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    const { close, logged } = await startDeployment({ dataFolder: folder })
    await close()
    const message = `The data folder is open to others (mode 755): chmod 700 ${folder}`
    expect(warned(logged)).to.deep.equal([['warn', message]])
    const status = () => run(['status'], { environment: { HOMEREALM_DATA: folder } })
    expect((await status()).stdout).to.include(`notice     ${message}`)
    chmodSync(folder, 0o700)
    expect((await status()).stdout).not.to.include('chmod')
  })

  it('whose key or database others can read needs attention', async () => {
    await (await startDeployment({ dataFolder: folder })).close()
    const key = join(folder, 'key-encryption.key')
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(key, mode)
      const [finding, ...more] = openToOthers(folder)
      expect(more).to.deep.equal([])
      expect(finding).to.deep.equal({
        kind: 'file',
        message: `Others on this machine can read keys or people: chmod 600 ${key}`,
      })
    }
    const { status, stdout } = await run(['status'], { environment: { HOMEREALM_DATA: folder } })
    expect([status, stdout.includes(`ATTENTION  Others on this machine`)]).to.deep.equal([1, true])
  })

  it('without anything of ours in it is nobody’s business, and a strange name is quoted for the shell', () => {
    const odd = join(folder, "it's $HOME")
    mkdirSync(odd, { recursive: true })
    chmodSync(odd, 0o777)
    expect(openToOthers(odd)).to.deep.equal([])
    writeFileSync(join(odd, 'homerealm.sqlite'), '', { mode: 0o600 })
    const [finding] = openToOthers(odd)
    expect(finding?.message.endsWith(`chmod 700 '${folder}/it'\\''s $HOME'`)).to.equal(true)
  })
})
