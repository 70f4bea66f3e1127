import { expect } from 'chai'
import { Command } from 'commander'
import { addAppsCommand } from '../../src/cli/apps/command.ts'
import { addKeysCommand } from '../../src/cli/keys/command.ts'
import { UsageError } from '../../src/cli/usageError.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { AppError } from '../../src/oidc/appError.ts'
import { type AppSettings, addApp } from '../../src/oidc/apps.ts'
import { isRegistered, isSpaOrigin } from '../../src/oidc/redirectUris.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { surroundingsOver } from '../cli/surroundingsOver.ts'
import { rejection } from '../storage/samples.ts'
import { alice, customerDomain, federation } from '../support/circumstances.ts'

const now = Date.UTC(2026, 0, 15, 9, 30)

describe('redirect URIs', () => {
  const app = {
    redirectUris: [
      { uri: 'https://app.example/cb?x=1', platform: 'web' },
      { uri: 'http://localhost:3000/web', platform: 'web' },
      { uri: 'https://spa.example:8443/', platform: 'spa' },
      { uri: 'http://127.0.0.1/native', platform: 'native' },
      { uri: 'http://localhost:1234', platform: 'native' },
      { uri: 'com.example.app:/cb', platform: 'native' },
    ],
  } as const

  it('are compared byte for byte', () => {
    for (const { uri } of app.redirectUris) expect(isRegistered(app, uri), uri).to.equal(true)
    for (const uri of [
      'https://app.example/cb',
      'https://app.example/cb?x=1&y=2',
      'https://app.example/CB?x=1',
      'https://app.example:443/cb?x=1',
      'https://spa.example/',
      'com.example.app:/cb2',
      'com.example.app://cb',
      '',
    ]) {
      expect(isRegistered(app, uri), uri).to.equal(false)
    }
  })

  it('of native apps on loopback have a free port, and nothing else is free', () => {
    for (const uri of ['http://127.0.0.1:51234/native', 'http://localhost:9', 'http://localhost']) {
      expect(isRegistered(app, uri), uri).to.equal(true)
    }
    for (const uri of [
      'http://localhost:4000/web',
      'http://127.0.0.1:51234/other',
      'http://127.0.0.1:51234/native?x',
      'http://127.0.0.1:51234/native#x',
      'http://localhost:51234/native',
      'http://[::1]:51234/native',
      'https://127.0.0.1:51234/native',
      'http://127.0.0.1:99999/native',
      'http://127.0.0.1:51234@evil.example/native',
      'http://127.0.0.1.evil.example:1/native',
      'http://127.0.0.1:/native',
    ]) {
      expect(isRegistered(app, uri), uri).to.equal(false)
    }
  })

  it('only the origin of a spa may read answers across origins', () => {
    expect(isSpaOrigin(app, 'https://spa.example:8443')).to.equal(true)
    for (const origin of ['https://app.example', 'https://spa.example', 'null', '']) {
      expect(isSpaOrigin(app, origin), origin).to.equal(false)
    }
  })
})

describe('the rules of apps', () => {
  const add = (settings: Partial<AppSettings>) =>
    addApp(
      memoryStorage({ principalNameKey }).apps,
      { displayName: 'App', isPublic: true, ...settings },
      { now, random: systemRandom },
    )
  const web = (uri: string) => ({ redirectUris: [{ uri, platform: 'web' as const }] })

  it('refuse what would be dangerous or useless, and say why', async () => {
    const cases: [Partial<AppSettings>, string][] = [
      [{ displayName: '' }, 'name'],
      [{ displayName: 'two\nlines' }, 'one line'],
      [{ displayName: 'x'.repeat(121) }, '120'],
      [web('/relative'), 'absolute'],
      [web('http://app.example/cb'), 'https'],
      [web('https://app.example/cb#x'), 'fragment'],
      [web('https://*.example/cb'), 'wildcard'],
      [web('https://user:pw@app.example/cb'), 'user or a password'],
      [web('javascript:alert(1)'), 'javascript:'],
      [web('com.example:/cb'), '--native'],
      [web('https://app.example/ä'), 'ASCII'],
      [{ redirectUris: [{ uri: 'data:text/html,x', platform: 'native' }] }, 'data:'],
      [
        { isPublic: false, redirectUris: [{ uri: 'https://a.example', platform: 'spa' }] },
        'public',
      ],
      [{ keys: [{ kty: 'RSA' }] }, 'public app'],
      [{ accessTokenSeconds: 86_401 }, '86400'],
      [{ accessTokenSeconds: 60 }, '300'],
      [{ refreshTokenSeconds: 1 }, '3600'],
      [{ allowHybrid: true }, 'web redirect URI'],
      [{ backChannelLogoutUri: 'ftp://x' }, 'ftp:'],
      [{ frontChannelLogoutUri: 'app:/x' }, 'native'],
      [{ api: { identifierUri: 'orders', scopes: [], roles: [] } }, 'api://orders'],
      [{ api: { identifierUri: 'api://orders/', scopes: [], roles: [] } }, 'slash'],
      [
        {
          api: { identifierUri: 'api://o', scopes: [{ value: 'a b', description: '' }], roles: [] },
        },
        'scope',
      ],
      [
        {
          api: {
            identifierUri: 'api://o',
            scopes: [],
            roles: [
              { value: 'R', description: '' },
              { value: 'R', description: '' },
            ],
          },
        },
        'twice',
      ],
      [{ isPublic: false, grantedRoles: [{ api: 'api://none', role: 'R' }] }, 'no API api://none'],
    ]
    for (const [settings, word] of cases) {
      const error = await rejection(add(settings))
      expect(error, JSON.stringify(settings)).to.be.instanceOf(AppError)
      expect(String(error)).to.include(word)
    }
  })
})

describe('homerealm apps and keys', () => {
  function setting() {
    const storage = memoryStorage({
      tenant: { id: 't', displayName: 'Customer Inc.' },
      federations: [federation],
      domains: [customerDomain],
      users: [alice],
      principalNameKey,
    })
    const printed: string[] = []
    const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }
    const surroundings = surroundingsOver(storage, environment, {
      print: (line) => void printed.push(line),
    })
    const run = async (...args: string[]): Promise<string> => {
      const program = new Command().exitOverride()
      addAppsCommand(program, surroundings)
      addKeysCommand(program, surroundings)
      printed.length = 0
      await program.parseAsync(args, { from: 'user' })
      return printed.join('\n')
    }
    const app = async () => {
      const [one] = await storage.apps.apps()
      if (one === undefined) throw new Error('no app')
      return one
    }
    return { storage, run, app }
  }

  it('add prints the secret once; it is kept as a hash, and show tells only its beginning', async () => {
    const { run, app } = setting()
    const added = await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    const secret = /shown this once: ([\w-]{43})/.exec(added)?.[1] ?? ''
    expect(secret).to.have.length(43)
    expect(added).to.include((await app()).id)
    expect(JSON.stringify(await app())).not.to.include(secret)
    const shown = await run('apps', 'show', 'crm')
    expect(shown)
      .to.include(`${secret.slice(0, 3)}...`)
      .and.not.include(secret)
    const json = JSON.parse(await run('apps', 'show', 'CRM', '--json'))
    expect(json.secrets[0]).to.have.all.keys('id', 'hint', 'createdAt', 'expiresAt')
    expect(await run('apps', 'list')).to.include('confidential, web')
  })

  it('a browser app and a native one are public, and have no secret', async () => {
    const { run, app, storage } = setting()
    const spa = await run('apps', 'add', 'SPA', '--spa', 'https://spa.example/')
    expect(spa).not.to.include('secret')
    expect(await app()).to.include({ isPublic: true })
    await run('apps', 'add', 'CLI', '--native', 'http://localhost', '--device-code')
    expect(await run('apps', 'list')).to.include('public, native, device flow')
    expect(await storage.apps.apps()).to.have.length(2)
  })

  it('set changes what is given and nothing else', async () => {
    const { run, app } = setting()
    await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb', '--groups', 'all')
    const before = await app()
    await run('apps', 'set', 'CRM', '--assignment-required', '--access-token-minutes', '10')
    expect(await app()).to.deep.equal({
      ...before,
      assignmentRequired: true,
      accessTokenSeconds: 600,
    })
    expect(await run('apps', 'set', 'CRM', '--require-mfa')).to.match(/second factor +required/)
    expect(await app()).to.include({ requireMfa: true, assignmentRequired: true })
    expect(await run('apps', 'set', 'CRM', '--no-require-mfa')).to.match(/factor +not required/)
    expect(await app()).to.include({ requireMfa: false })
    await run('apps', 'set', 'CRM', '--no-assignment-required', '--no-enabled', '--name', 'Old CRM')
    expect(await app()).to.deep.include({ displayName: 'Old CRM', isEnabled: false })
    await run('apps', 'set', 'Old CRM', '--back-channel-logout', 'https://crm.example/out')
    await run('apps', 'set', 'Old CRM', '--back-channel-logout', 'none')
    expect((await app()).backChannelLogoutUri).to.equal(null)
  })

  it('a name that another app has, in whatever case, is refused with its client id, unless one insists', async () => {
    const { run, app, storage } = setting()
    await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    const first = await app()
    const again = ['apps', 'add', 'crm', '--redirect-uri', 'https://other.example/cb']
    const error = await rejection(run(...again))
    expect(error).to.be.instanceOf(UsageError)
    expect(String(error)).to.include(first.id).and.include('--allow-same-name')
    expect(await storage.apps.apps()).to.deep.equal([first])
    await run(...again, '--allow-same-name')
    await run('apps', 'add', 'Shop', '--redirect-uri', 'https://shop.example/cb')
    expect(String(await rejection(run('apps', 'set', 'Shop', '--name', 'CRM')))).to.include('CRM')
    // Its own name, written otherwise, is free.
    await run('apps', 'set', 'Shop', '--name', 'SHOP')
    const names = (await storage.apps.apps()).map(({ displayName }) => displayName)
    expect(names).to.have.members(['CRM', 'crm', 'SHOP'])
  })

  it('set says which addresses are gone, whichever option replaced them', async () => {
    const { run } = setting()
    const [one, two] = ['https://crm.example/cb', 'https://crm.example/2']
    await run('apps', 'add', 'CRM', '--spa', one, two)
    await run('apps', 'set', 'CRM', '--front-channel-logout', 'https://crm.example/out')
    expect(await run('apps', 'set', 'CRM', '--groups', 'all')).not.to.include('any more')
    expect(await run('apps', 'set', 'CRM', '--spa', two)).to.match(
      /^Not registered any more: https:\/\/crm\.example\/cb \(spa\)\n/,
    )
    expect(await run('apps', 'set', 'CRM', '--native', 'http://localhost')).to.match(
      /^Not registered any more: https:\/\/crm\.example\/2 \(spa\)\n/,
    )
    expect(await run('apps', 'set', 'CRM', '--front-channel-logout', 'none')).to.match(
      /^Not registered any more: https:\/\/crm\.example\/out \(front-channel logout\)\n/,
    )
  })

  it('an API offers scopes and roles, and roles are granted to apps', async () => {
    const { run, storage } = setting()
    await run(
      ...['apps', 'add', 'Orders', '--identifier-uri', 'api://orders', '--no-secret'],
      ...['--scope', 'Orders.Read', '--role', 'Orders.Read.All'],
    )
    await run('apps', 'add', 'Job', '--grant', 'api://orders/Orders.Read.All')
    const job = (await storage.apps.apps()).find(({ displayName }) => displayName === 'Job')
    const orders = await storage.apps.appByIdentifierUri('api://orders')
    const of = { api: 'api://orders', apiId: orders?.id }
    expect(job?.grantedRoles).to.deep.equal([{ ...of, role: 'Orders.Read.All' }])
    expect(job?.grantedScopes).to.deep.equal([])
    expect(await run('apps', 'show', 'api://orders')).to.include('Orders.Read')
    const error = await rejection(run('apps', 'set', 'Job', '--grant', 'api://orders/Other'))
    expect(error).to.be.instanceOf(AppError)
  })

  it('--grant takes scopes as well; show tells them apart, and what is both must be named', async () => {
    const { run, storage } = setting()
    await run(
      ...['apps', 'add', 'Orders', '--identifier-uri', 'api://orders', '--no-secret'],
      ...['--scope', 'Orders.Read', 'Both', '--role', 'Orders.Read.All', 'Both'],
    )
    const api = await storage.apps.appByIdentifierUri('api://orders')
    await run('apps', 'add', 'Page', '--spa', 'https://spa.example/')
    const grant = (...values: string[]) => run('apps', 'set', 'Page', '--grant', ...values)
    const shown = await grant('api://orders/Orders.Read', 'scope:api://orders/Both')
    expect(shown).to.match(/granted for a person +api:\/\/orders\/Orders\.Read\n/)
    const page = (await storage.apps.apps()).find(({ displayName }) => displayName === 'Page')
    const of = { api: 'api://orders', apiId: api?.id }
    expect(page?.grantedScopes).to.deep.equal([
      { ...of, scope: 'Orders.Read' },
      { ...of, scope: 'Both' },
    ])
    expect(page?.grantedRoles).to.deep.equal([])
    for (const [value, word] of [
      ['api://orders/Both', 'role:api://orders/Both'],
      ['role:api://orders/Both', 'public app'],
      ['scope:api://orders/Orders.Read.All', 'offers no scope'],
      ['api://orders/None', 'offers no scope or role'],
      ['api://other/None', 'There is no API'],
    ] as const) {
      expect(String(await rejection(grant(value))), value).to.include(word)
    }
    expect(await grant('none')).not.to.include('granted')
    await run('apps', 'add', 'Job', '--grant', 'role:api://orders/Both')
    expect(await run('apps', 'show', 'Job')).to.match(/granted in its own name +api:/)
  })

  it('add takes the secret’s days and the granted roles as they must be, or nothing', async () => {
    const { run, storage } = setting()
    await run(...['apps', 'add', 'Orders', '--identifier-uri', 'api://orders', '--role', 'Read'])
    const cases: [string[], string][] = [
      [['--secret-days', '0'], 'from 1 to 3650'],
      [['--secret-days', '99999'], 'from 1 to 3650'],
      [['--secret-days', 'x'], 'from 1 to 3650'],
      [['--grant', 'nonsense'], 'as in api://orders/Orders.Read'],
      [['--grant', 'api://orders'], 'as in api://orders/Orders.Read'],
      [['--grant', 'api://orders/'], 'as in api://orders/Orders.Read'],
      [['--grant', 'api://orders/Write'], 'offers no scope or role Write'],
      [['--grant', 'api://other/Read'], 'no API api://other'],
      [['--access-token-minutes', '1'], '5 to 1440 minutes'],
    ]
    for (const [args, word] of cases) {
      const error = await rejection(run('apps', 'add', 'Job', ...args))
      expect(String(error), args.join(' ')).to.include(word)
    }
    expect(await storage.apps.apps()).to.have.length(1)
    expect(await run('apps', 'add', 'Job', '--grant', 'api://orders/Read')).to.match(
      /^Added Job: client id \S{36}\nTenant id: t\nClient secret, shown this once: \S{43}\nIt ends at /,
    )
    const wrong = run('apps', 'rotate-secret', 'Job', '--overlap-hours', '9999')
    expect(String(await rejection(wrong))).to.include('from 0 to 8760')
  })

  it('rotate-secret makes a new one beside the old, and says when that ends, or in its place', async () => {
    const { run, app } = setting()
    await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    const hint = (await app()).secrets[0]?.hint
    const rotated = await run('apps', 'rotate-secret', 'CRM')
    expect(rotated.split('\n').at(-1)).to.match(/^The older one, (.{3})\.\.\., ends at \d{4}-/)
    expect(rotated).to.include(`The older one, ${hint}...`)
    expect((await app()).secrets).to.have.length(2)
    const replaced = await run('apps', 'rotate-secret', 'CRM', '--overlap-hours', '0')
    expect(replaced).not.to.include('older')
    expect((await app()).secrets).to.have.length(1)
  })

  it('assign and unassign users and groups, with roles', async () => {
    const { run, app } = setting()
    await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    await run('apps', 'assign', 'CRM', '--user', alice.userPrincipalName, '--role', 'Admin')
    await run('apps', 'assign', 'CRM', '--user', alice.userPrincipalName, '--role', 'Admin')
    const shown = await run('apps', 'assign', 'CRM', '--group', 'Sales')
    expect(shown).to.match(new RegExp(`assigned user +${alice.userPrincipalName} as Admin\n`))
    expect(shown).to.match(/assigned group +Sales \(as an identity provider names it\)$/)
    expect((await app()).assignments).to.deep.equal([
      { kind: 'user', id: alice.id, role: 'Admin' },
      { kind: 'group', id: 'Sales', role: null },
    ])
    await run('apps', 'unassign', 'CRM', '--user', alice.userPrincipalName)
    expect((await app()).assignments).to.have.length(1)
    const error = await rejection(run('apps', 'unassign', 'CRM', '--group', 'sales'))
    expect(error).to.be.instanceOf(AppError)
  })

  it('assign a group of the directory by its name or id, unless the identity provider’s is meant', async () => {
    const { run, app, storage } = setting()
    const id = '0f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11'
    const group = { id, displayName: 'Sales', description: null }
    const times = { createdDateTime: 0, lastModifiedDateTime: 0 }
    await storage.directory.groups.write({ kind: 'create', group: { ...group, ...times } })
    await run('apps', 'add', 'CRM', '--redirect-uri', 'https://crm.example/cb')
    const shown = await run('apps', 'assign', 'CRM', '--group', 'SALES')
    expect(shown).to.match(new RegExp(`assigned group +Sales \\(${id}\\)$`))
    await run('apps', 'assign', 'CRM', '--group', id.toUpperCase())
    await run('apps', 'assign', 'CRM', '--idp-group', 'Sales')
    expect((await app()).assignments).to.deep.equal([
      { kind: 'group', id, role: null },
      { kind: 'group', id: 'Sales', role: null },
    ])
    await run('apps', 'unassign', 'CRM', '--group', 'sales')
    expect((await app()).assignments).to.deep.equal([{ kind: 'group', id: 'Sales', role: null }])
    const two = rejection(run('apps', 'assign', 'CRM', '--group', 'a', '--idp-group', 'b'))
    expect(String(await two)).to.include('Give one of --user, --group and --idp-group.')
  })

  it('remove takes an app by name or id, and not by a name that two have', async () => {
    const { run, storage } = setting()
    await run('apps', 'add', 'Twin', '--spa', 'https://a.example/')
    await run('apps', 'add', 'twin', '--spa', 'https://b.example/', '--allow-same-name')
    expect(String(await rejection(run('apps', 'remove', 'Twin')))).to.include('Several apps')
    const [first] = await storage.apps.apps()
    await run('apps', 'remove', first?.id ?? '')
    await run('apps', 'remove', 'TWIN')
    expect(await storage.apps.apps()).to.deep.equal([])
    expect(String(await rejection(run('apps', 'show', 'twin')))).to.include('There is no app')
  })

  it('a name that is not there is answered with the one that was probably meant', async () => {
    const { run } = setting()
    await run('apps', 'add', 'Routty (demo)', '--spa', 'https://a.example/')
    await run('apps', 'add', 'Orders', '--spa', 'https://b.example/')
    for (const [typed, meant] of [
      ['routty', 'Did you mean "Routty (demo)"? All apps: '],
      ['Ordesr', 'Did you mean "Orders"? All apps: '],
      ['Elsewhere', 'There is no app "Elsewhere". All apps: '],
    ] as const) {
      expect(String(await rejection(run('apps', 'show', typed)))).to.include(meant)
    }
  })

  it('remove names the apps whose grants are void, and show marks them, also when the API is made anew', async () => {
    const { run } = setting()
    const api = ['apps', 'add', 'Orders', '--identifier-uri', 'api://orders', '--scope', 'Read']
    await run(...api)
    const again = String(await rejection(run(...api, '--allow-same-name')))
    expect(again).to.include('another app is the API of this identifier URI already')
    await run('apps', 'add', 'Page', '--spa', 'https://a.example/', '--grant', 'api://orders/Read')
    expect(await run('apps', 'show', 'Page')).to.match(/granted for a person +\S+\/Read\n/)
    expect(await run('apps', 'remove', 'Orders')).to.match(/ void now, to: Page$/)
    await run(...api)
    const shown = await run('apps', 'show', 'Page')
    expect(shown).to.include('api://orders/Read (void: that API was removed; grant it anew)')
    const granted = await run('apps', 'set', 'Page', '--grant', 'api://orders/Read')
    expect(granted).not.to.include('void')
    expect(await run('apps', 'remove', 'Page')).not.to.include('void')
  })

  it('--claims none takes all back, and stands alone', async () => {
    const { run, app } = setting()
    await run('apps', 'add', 'CRM', '--spa', 'https://a.example/', '--claims', 'email', 'upn')
    const both = run('apps', 'set', 'CRM', '--claims', 'none', 'upn')
    expect(String(await rejection(both))).to.include('stands alone')
    expect((await app()).optionalClaims).to.deep.equal(['email', 'upn'])
    await run('apps', 'set', 'CRM', '--claims', 'none')
    expect((await app()).optionalClaims).to.deep.equal([])
  })

  it('keys rotate and list: the new one is published, the old one signs on for a while', async () => {
    const { run } = setting()
    expect(await run('keys', 'list')).to.include('No key yet')
    await run('keys', 'rotate')
    const rows = JSON.parse(await run('keys', 'list', '--json'))
    expect(rows.map(({ use }: { use: string }) => use)).to.deep.equal([
      'signs',
      'published, will sign',
    ])
    await run('keys', 'rotate', '--revoke')
    const [only, ...more] = JSON.parse(await run('keys', 'list', '--json'))
    expect([only.use, more]).to.deep.equal(['signs', []])
  })
})
