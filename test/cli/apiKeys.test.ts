import { expect } from 'chai'
import { Command } from 'commander'
import { addAppsCommand } from '../../src/cli/apps/command.ts'
import { UsageError } from '../../src/cli/usageError.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { AppError } from '../../src/oidc/appError.ts'
import { directoryApiId } from '../../src/oidc/directoryApi.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { rejection } from '../storage/samples.ts'
import { surroundingsOver } from './surroundingsOver.ts'

const graph = 'https://graph.microsoft.com'

function setting() {
  const storage = memoryStorage({
    tenant: { id: 't', displayName: 'Customer Inc.' },
    principalNameKey,
  })
  const printed: string[] = []
  const environment = {
    HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    HOMEREALM_PUBLIC_URL: 'https://login.example.com',
  }
  const surroundings = surroundingsOver(storage, environment, {
    print: (line) => void printed.push(line),
  })
  const run = async (...args: string[]): Promise<string> => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} })
    addAppsCommand(program, surroundings)
    printed.length = 0
    await program.parseAsync(['apps', ...args], { from: 'user' })
    return printed.join('\n')
  }
  const app = async () => {
    const [one] = await storage.apps.apps()
    if (one === undefined) throw new Error('no app')
    return one
  }
  return { storage, run, app }
}

describe('homerealm apps, towards the administration APIs', () => {
  it('--grant takes the directory API by either name; show tells what was granted, and the API itself', async () => {
    const { run, app } = setting()
    await run('add', 'Loader', '--grant', `${graph}/User.Read.All`)
    const shown = await run('set', 'Loader', '--grant', 'https://login.example.com/Group.Read.All')
    expect(shown).to.match(
      /granted in its own name +https:\/\/graph\.microsoft\.com\/Group\.Read\.All\n/,
    )
    expect((await app()).grantedRoles).to.deep.equal([
      { api: graph, apiId: directoryApiId, role: 'Group.Read.All' },
    ])
    expect(await run('show', 'Loader')).to.not.include('void')
    expect(await run('show', graph)).to.include(
      'User.Read.All, User.ReadWrite.All, Domain.Read.All, Domain.ReadWrite.All, Group.Read.All, Group.ReadWrite.All, Scim.Provision',
    )
    expect(await run('list')).to.not.include('Directory')
    const error = await rejection(run('set', 'Loader', '--grant', `${graph}/Mail.Send`))
    expect(error).to.be.instanceOf(AppError)
    expect(String(error)).to.include('offers no scope or role Mail.Send')
  })

  it('nobody registers, changes or removes the directory API', async () => {
    const { run, storage } = setting()
    for (const uri of [graph, 'https://login.example.com']) {
      const error = await rejection(run('add', 'Graph', '--identifier-uri', uri))
      expect(error, uri).to.be.instanceOf(AppError)
      expect(String(error)).to.include('stands for the directory API of this server')
    }
    for (const args of [
      ['set', graph, '--no-enabled'],
      ['remove', directoryApiId],
    ]) {
      expect(String(await rejection(run(...args)))).to.include('There is no app')
    }
    expect(await storage.apps.apps()).to.deep.equal([])
  })

  it('add-key shows the key once; show and JSON have its id and end, and never its hash', async () => {
    const { run, app } = setting()
    await run('add', 'Okta', '--no-secret', '--grant', `${graph}/Scim.Provision`)
    const made = await run('add-key', 'Okta', '--days', '30')
    const { id } = await app()
    const key = /shown this once: (\S+)\n/.exec(made)?.[1] ?? ''
    expect(key).to.match(new RegExp(`^hrk_${id}_[0-9a-f]{12}_[\\w-]{43}$`))
    expect(made).to.include('It may: Scim.Provision')
    const [stored] = (await app()).apiKeys
    if (stored === undefined) throw new Error('no key')
    expect(stored.expiresAt - stored.createdAt).to.equal(30 * 86_400_000)
    expect(made).to.include(`homerealm apps remove-key ${id} ${stored.id}`)
    const secret = key.slice(-43)
    expect(JSON.stringify(await app())).to.not.include(secret)
    const shown = await run('show', 'Okta')
    expect(shown).to.match(new RegExp(`API key +${stored.id}, until 20`))
    expect(shown).to.not.include(stored.hash)
    for (const json of [await run('show', 'Okta', '--json'), await run('list', '--json')]) {
      expect(json).to.include(stored.id).and.not.include(stored.hash)
    }
    const iso = (at: number) => new Date(at).toISOString()
    const told = {
      id: stored.id,
      createdAt: iso(stored.createdAt),
      expiresAt: iso(stored.expiresAt),
    }
    expect(JSON.parse(await run('show', 'Okta', '--json')).apiKeys).to.deep.equal([told])
  })

  it('add-key and remove-key print JSON for scripts, and say when the key may nothing yet', async () => {
    const { run, app } = setting()
    await run('add', 'Job', '--no-secret')
    expect(await run('add-key', 'Job')).to.include('It may nothing yet: give it (apps set --grant)')
    const made = JSON.parse(await run('add-key', 'Job', '--json'))
    const { id, apiKeys } = await app()
    expect(made).to.include({ appId: id, keyId: apiKeys[0]?.id })
    expect(made.roles).to.deep.equal([])
    expect(made.key.startsWith(`hrk_${id}_${made.keyId}_`)).to.equal(true)
    expect(Date.parse(made.expires) - Date.now()).to.be.within(364 * 86_400_000, 365 * 86_400_000)
    const removed = JSON.parse(await run('remove-key', 'Job', made.keyId, '--json'))
    expect(removed).to.deep.equal({ appId: id, removed: made.keyId, left: [apiKeys[1]?.id] })
    expect(await run('remove-key', 'Job', apiKeys[1]?.id ?? '')).to.include('Left: none')
    const error = await rejection(run('remove-key', 'Job', made.keyId))
    expect(error).to.be.instanceOf(AppError)
    expect(String(error)).to.include('Its keys: none')
  })

  it('--days is a whole number from 1 to 3650, and a public app gets no key', async () => {
    const { run, app } = setting()
    await run('add', 'Page', '--spa', 'https://a.example/')
    for (const days of ['0', '3651', '-1', '1.5', 'x', '']) {
      const error = await rejection(run('add-key', 'Page', `--days=${days}`))
      expect(error, days).to.be.instanceOf(UsageError)
      expect(String(error)).to.include('from 1 to 3650')
    }
    expect(String(await rejection(run('add-key', 'Page')))).to.include(
      'A public app has no API key',
    )
    expect((await app()).apiKeys).to.deep.equal([])
  })

  it('--scim-immutable-id makes an app a SCIM client and grants nothing; none takes it back', async () => {
    const { run, app } = setting()
    await run('add', 'Okta', '--no-secret')
    expect((await app()).scim).to.equal(null)
    const waiting = await run('set', 'Okta', '--scim-immutable-id', 'externalId')
    expect(waiting).to.include(
      'ImmutableId from externalId (not allowed yet: grant it Scim.Provision)',
    )
    expect(await app()).to.deep.include({
      scim: { immutableIdFrom: 'externalId' },
      grantedRoles: [],
    })
    const allowed = await run('set', 'Okta', '--grant', `${graph}/Scim.Provision`)
    expect(allowed).to.match(/SCIM +ImmutableId from externalId\n/)
    await run('set', 'Okta', '--scim-immutable-id', 'extension')
    expect((await app()).scim).to.deep.equal({ immutableIdFrom: 'extension' })
    expect(await run('set', 'Okta', '--scim-immutable-id', 'none')).to.not.include('SCIM')
    expect((await app()).scim).to.equal(null)
    const wrong = await rejection(run('set', 'Okta', '--scim-immutable-id', 'email'))
    expect(wrong).to.have.property('code', 'commander.invalidArgument')
  })
})
