import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { keyFileName } from '../../src/cli/server/keyEncryptionKey.ts'
import { openDeployment } from '../../src/cli/server/running.ts'
import { ConfigError, parseConfig } from '../../src/config.ts'
import { KeyError } from '../../src/oidc/keys.ts'
import { newDataFolder, startDeployment } from '../support/deployment.ts'

describe('a database whose secrets are sealed', () => {
  const folder = newDataFolder()
  before(async () => {
    const deployment = await startDeployment({ dataFolder: folder })
    await deployment.close()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const opened = async (environment: Record<string, string> = {}) => {
    const config = parseConfig({ HOMEREALM_DATA: folder, ...environment }, 'demo')
    try {
      const { storage } = await openDeployment(config)
      await storage.close()
      return 'opened'
    } catch (error) {
      return error
    }
  }

  it('is not served with another key, which would fail at every app', async () => {
    const other = Buffer.alloc(32, 9).toString('base64')
    expect(await opened({ HOMEREALM_KEY_ENCRYPTION_KEY: other })).to.be.instanceOf(KeyError)
    expect(await opened()).to.equal('opened')
  })

  it('whose key file is gone says so, and no other key takes its place', async () => {
    const file = join(folder, keyFileName)
    rmSync(file)
    expect(await opened())
      .to.be.instanceOf(ConfigError)
      .with.property('message')
      .that.includes('put the file back from a backup')
    expect(existsSync(file)).to.equal(false)
  })
})
