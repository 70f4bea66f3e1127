import { readFileSync, rmSync } from 'node:fs'
import { expect } from 'chai'
import { limits } from '../../src/admin/scim/names.ts'
import { ignoredAttributes, keptAttributes } from '../../src/admin/scim/userAttributes.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { run } from '../support/program.ts'

const text = readFileSync('docs/scim.md', 'utf8')

describe('docs/scim.md', () => {
  let deployment: Deployment
  const dataFolder = newDataFolder()
  before(async () => {
    deployment = await startDeployment({ dataFolder })
  })
  after(async () => {
    await deployment?.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })

  it('has the mapping that the code has, and names all that is ignored', () => {
    const rows = [...text.matchAll(/^\| `([^`|]+)` \| `([^`|]+)` \|/gm)].map(([, scim, ours]) => [
      scim,
      ours,
    ])
    for (const { path, property } of keptAttributes) {
      expect(rows).to.deep.include([path, property])
    }
    expect(rows).to.have.lengthOf(keptAttributes.length)
    for (const name of ignoredAttributes) {
      expect(text).to.include(`\`${name.slice(name.lastIndexOf(':') + 1)}\``)
    }
  })

  it('has the limits that the code has', () => {
    for (const limit of Object.values(limits)) expect(text).to.match(new RegExp(`\\b${limit}\\b`))
  })

  it('has commands that make a client whose key the door takes', async () => {
    const commands = [...text.matchAll(/^npx homerealm (.+)$/gm)].map(([, line = '']) => line)
    expect(commands).to.have.lengthOf(2)
    let key = ''
    for (const command of commands) {
      const environment = { HOMEREALM_DATA: dataFolder }
      const { status, stdout, stderr } = await run(command.split(' '), { environment })
      expect([status, stderr], command).to.deep.equal([0, ''])
      key = /API key, shown this once: (\S+)/.exec(stdout)?.[1] ?? key
    }
    const [, header = '', path = ''] =
      /^curl -H '([^']+)' 'https:\/\/login\.example\.com([^']+)'/m.exec(text) ?? []
    const [name = '', value = ''] = header.split(': ')
    const answer = await fetch(deployment.publicUrl + path, {
      headers: { [name]: value.replace('KEY', key) },
    })
    const { totalResults, Resources } = await answer.json()
    expect([answer.status, totalResults]).to.deep.equal([200, 1])
    const [alice] = Resources
    expect(alice.externalId).to.equal(deployment.person('alice@customer.com').nameId)
  })
})
