import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { callerReasons } from '../../src/oidc/callers.ts'
import { directoryRoles } from '../../src/oidc/directoryApi.ts'
import { startProbe } from '../support/callerProbe.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { run } from '../support/program.ts'

const text = readFileSync('docs/administration-api.md', 'utf8')

describe('docs/administration-api.md', () => {
  let deployment: Deployment
  const dataFolder = newDataFolder()
  before(async () => {
    deployment = await startDeployment({ dataFolder })
  })
  after(async () => {
    await deployment?.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  it('names the roles and reasons that there are', () => {
    for (const role of Object.keys(directoryRoles)) expect(text).to.include(`\`${role}\``)
    const named = [...text.matchAll(/`((?:token|apiKey|app)[A-Z]\w+)`/g)].map(([, name]) => name)
    expect(named).to.not.be.empty
    for (const name of named) expect(callerReasons).to.have.property(name ?? '')
  })

  it('has commands that work as they stand there, down to a call with the token and with the key', async () => {
    const pem = join(dataFolder, 'app.pem')
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }))
    const known = new Map([['app.pem', pem]])
    const learn = (name: string, pattern: RegExp, output: string) => {
      const found = pattern.exec(output)?.[1]
      if (found !== undefined && !known.has(name)) known.set(name, found)
    }
    const commands = [...text.matchAll(/^npx homerealm (.+)$/gm)].map(([, line = '']) => line)
    expect(commands).to.have.length(6)
    for (const command of commands) {
      const args = command.split(' ').map((word) => known.get(word) ?? word)
      if (args.includes('remove-key'))
        await expectCallable('/scim/v2/Users', known.get('KEY') ?? '')
      const environment = { HOMEREALM_DATA: dataFolder }
      const { status, stdout, stderr } = await run(args, { environment })
      expect([status, stderr], command).to.deep.equal([0, ''])
      learn('CLIENT-ID', /client id (\S{36})/, stdout)
      learn('SECRET', /Client secret, shown this once: (\S+)/, stdout)
      learn('KEY', /API key, shown this once: (\S+)/, stdout)
      learn('KEY-ID', /API key +([0-9a-f]{12}), until/, stdout)
    }
    const fields = [...text.matchAll(/--data-urlencode '(\w+)=([^']+)'/g)].map(
      ([, name = '', value = '']): [string, string] => [name, known.get(value) ?? value],
    )
    const [, address = ''] = /^curl https:\/\/login\.example\.com(\S+)/m.exec(text) ?? []
    const answer = await fetch(
      deployment.publicUrl + address.replace('TENANT-ID', deployment.tenant.id),
      { method: 'POST', body: new URLSearchParams(fields) },
    )
    const { access_token: token } = await answer.json()
    expect(decodeJwt(token).roles).to.deep.equal(['User.ReadWrite.All', 'Domain.Read.All'])
    await expectCallable('/v1.0/users', token)
  })

  async function expectCallable(path: string, bearer: string): Promise<void> {
    const probe = await startProbe(deployment)
    try {
      const { status } = await probe.call(path, bearer, 'POST')
      expect(status, probe.reasons().join()).to.equal(200)
    } finally {
      await probe.close()
    }
  }
})
