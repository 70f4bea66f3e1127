import { expect } from 'chai'
import { domainCommands } from './domainCommands.ts'

const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }

describe('homerealm apps assign', () => {
  async function setting() {
    const { command } = domainCommands({ environment })
    await command('groups', 'add', 'Sales')
    await command('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    return (...args: string[]) => command('apps', ...args)
  }

  it('says that a group is not here, and was taken for one of an identity provider', async () => {
    const apps = await setting()
    await apps('set', 'CRM', '--assignment-required')
    const mistyped = await apps('assign', 'CRM', '--group', 'Slaes')
    expect(mistyped.status).to.equal(0)
    expect(mistyped.stderr).to.match(/^There is no group Slaes here: .*\(--idp-group\)/)
    for (const args of [
      ['--group', 'sales'],
      ['--idp-group', 'Slaes'],
    ]) {
      expect((await apps('assign', 'CRM', ...args)).stderr, args.join(' ')).to.equal('')
    }
  })

  it('says when everybody may use the app anyway, unless it is about a role', async () => {
    const apps = await setting()
    const needless = await apps('assign', 'CRM', '--group', 'Sales')
    expect(needless.stderr).to.match(/^Everybody may use this app, .*--assignment-required/)
    expect((await apps('assign', 'CRM', '--group', 'Sales', '--role', 'Admin')).stderr).to.equal('')
    expect((await apps('unassign', 'CRM', '--group', 'Sales')).stderr).to.equal('')
  })
})

describe('homerealm apps add', () => {
  it('and rotate-secret print JSON for scripts, with the secret this once', async () => {
    const { command } = domainCommands({ environment })
    const first = JSON.parse((await command('apps', 'add', 'CRM', '--json')).stdout)
    expect(first).to.have.all.keys('appId', 'tenantId', 'secret', 'expires', 'olderSecrets')
    expect(first).to.deep.include({ tenantId: 't', olderSecrets: [] })
    const next = JSON.parse((await command('apps', 'rotate-secret', 'CRM', '--json')).stdout)
    expect(next).to.include({ appId: first.appId })
    expect(next.secret)
      .to.match(/^[\w-]{20,}$/)
      .and.not.equal(first.secret)
    expect(next.olderSecrets[0].hint).to.equal(first.secret.slice(0, 3))
    const without = JSON.parse(
      (await command('apps', 'add', 'API', '--no-secret', '--json')).stdout,
    )
    expect(without).to.have.all.keys('appId', 'tenantId')
  })

  it('names the way to an API key for an app of the directory API without a secret', async () => {
    const { command } = domainCommands({ environment })
    const grant = ['--grant', 'https://graph.microsoft.com/Scim.Provision']
    const client = await command('apps', 'add', 'Okta', '--no-secret', ...grant)
    const [, id] = /client id (\S+)/.exec(client.stdout) ?? []
    expect(client.stdout).to.match(new RegExp(`homerealm apps add-key ${id}$`))
    expect((await command('apps', 'add', 'Loader', ...grant)).stdout).not.to.include('add-key')
    expect((await command('apps', 'add', 'API', '--no-secret')).stdout).not.to.include('add-key')
  })
})
