import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { principalNameKey } from '../../src/directory/upn.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { withFolder } from '../csv/directoryForTests.ts'
import {
  customerDomain,
  federation,
  managedDomain,
  alice as someone,
  userWith,
} from '../support/circumstances.ts'
import { domainCommands } from './domainCommands.ts'

const max = userWith('max@managed.example', null, { id: 'a1b2c3d4-0000-4000-8000-000000000001' })
const alice = { ...someone, id: 'a1b2c3d4-0000-4000-8000-000000000002' }

function setting() {
  const storage = memoryStorage({
    tenant: { id: 't', displayName: 'Customer Inc.' },
    federations: [federation],
    domains: [customerDomain, managedDomain],
    users: [alice, max],
    principalNameKey,
  })
  const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }
  const secret = 'a long enough secret'
  return { ...domainCommands({ storage, environment, secret }), directory: storage.directory }
}

const lines = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

describe('homerealm audit', () => {
  it('lists the last changes, the newest last, and all of them as JSON lines', async () => {
    const { command } = setting()
    expect((await command('audit')).stdout).to.equal('No record.')
    await command('users', 'set', 'max@managed.example', '--department', 'IT')
    await command('groups', 'add', 'Staff')
    await command('groups', 'add-member', 'Staff', 'max@managed.example')
    const { stdout } = await command('audit', '--limit', '2')
    expect(stdout.split('\n').map((line) => line.split(/ +/)[0])).to.deep.equal([
      'RECORD',
      '2',
      '3',
    ])
    expect(stdout).to.match(/commandLine +groupMembersChanged +Staff +1 added, 0 removed$/)
    const records = lines((await command('audit', '--json')).stdout)
    expect(records.map(({ id }) => id)).to.deep.equal([1, 2, 3])
    expect(Object.keys(records[0])).to.deep.equal([
      ...['id', 'at', 'who', 'door', 'action', 'target', 'before', 'after', 'undoes'],
    ])
    expect(records[0].at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(records[0]).to.deep.include({
      door: 'commandLine',
      action: 'userChanged',
      target: { kind: 'user', id: max.id, name: 'max@managed.example' },
      before: { department: null },
      after: { department: 'IT' },
      undoes: null,
    })
  })

  it('chooses by time, person, door and target, and goes on after a record', async () => {
    const { directory, command } = setting()
    await command('users', 'set', 'max@managed.example', '--department', 'IT')
    await command('users', 'set', 'alice@customer.com', '--department', 'IT')
    const [, second] = await directory.audit.latest(2)
    if (second === undefined) throw new Error('no record')
    const at = Date.parse('2026-01-15T23:59:59.999Z')
    await directory.audit.add({ ...second, at, who: 'Okta', door: 'scim' })
    const ids = async (...args: string[]) =>
      lines((await command('audit', '--json', ...args)).stdout).map(({ id }) => id)
    expect(await ids('--after', '1')).to.deep.equal([2, 3])
    expect(await ids('--after', '0')).to.deep.equal([1, 2, 3])
    expect(await ids('--door', 'scim')).to.deep.equal([3])
    expect(await ids('--who', 'Okta')).to.deep.equal([3])
    expect(await ids('--user', 'ALICE@customer.com')).to.deep.equal([2, 3])
    expect(await ids('--target', max.id)).to.deep.equal([1])
    expect(await ids('--until', '2026-01-15')).to.deep.equal([3])
    expect(await ids('--until', '2026-01-15T23:59:59Z')).to.deep.equal([])
    expect(
      await ids('--since', '2026-01-16T00:59:59.999+01:00', '--until', '2026-01-15'),
    ).to.deep.equal([3])
    await command('users', 'remove', 'max@managed.example', '--yes')
    expect(await ids('--user', 'max@managed.example'), 'who is gone').to.deep.equal([1, 4])
  })

  for (const [args, message] of [
    [
      ['--since', 'yesterday'],
      /--since is a day or a time, such as 2026-01-15 .*"yesterday" is none/,
    ],
    [['--until', '2026-02-30'], /--until is a day or a time/],
    [['--until', '2026-02-30T09:30:00Z'], /--until is a day or a time/],
    [['--since', '2026-13-01'], /--since is a day or a time/],
    [['--user', '\uD800@customer.com'], /There is no user/],
    [['--after', 'x'], /--after is a whole number/],
    [['--user', 'nobody@customer.com'], /no user nobody@customer\.com here, and no record/],
    [['--expand'], /--expand goes with --json/],
    [['show', 'x'], /x is no number of a record/],
    [['show', '9'], /There is no record 9/],
    [['undo', '9'], /There is no record 9/],
  ] as const) {
    it(`refuses ${args.join(' ')} as wrong usage`, async () => {
      const said = await setting().command('audit', ...args)
      expect([said.status, said.stdout]).to.deep.equal([2, ''])
      expect(said.stderr).to.match(message)
    })
  }

  it('shows one record with before and after, and undoes it', async () => {
    const { directory, command } = setting()
    await command(
      'users',
      'set',
      'alice@customer.com',
      '--immutable-id',
      'fVsmfZg/REGXoElnSjfAOg==',
    )
    const shown = await command('audit', 'show', '1')
    expect(shown.stdout).to.match(/^Record 1: userChanged alice@customer\.com\n/)
    const [way, gap, row] = shown.stdout.split('\n').reverse()
    expect([way, gap]).to.deep.equal(['Take it back: homerealm audit undo 1', ''])
    expect(row?.split(/ +/)).to.deep.equal([
      ...['onPremisesImmutableId', alice.onPremisesImmutableId, 'fVsmfZg/REGXoElnSjfAOg=='],
    ])
    const undone = await command('audit', 'undo', '1')
    expect([undone.status, undone.stderr]).to.deep.equal([0, ''])
    expect(undone.stdout).to.match(/^Undid record 1 .*audit undo 2$/)
    expect(await directory.user(alice.id)).to.include({
      onPremisesImmutableId: alice.onPremisesImmutableId,
    })
    const after = (await command('audit', 'show', '1')).stdout
    expect(after).to.include('undone by record 2').and.not.include('Take it back')
    const again = await command('audit', 'undo', '1')
    expect([again.status, again.stdout]).to.deep.equal([1, ''])
    expect(again.stderr).to.equal('Record 1 was undone already, by record 2.')
    const json = lines((await command('audit', 'show', '2', '--json')).stdout)
    expect(json).to.have.length(1)
    expect(json[0]).to.include({ id: 2, undoes: 1 })
    const redone = await command('audit', 'undo', '2', '--json')
    expect(JSON.parse(redone.stdout)).to.deep.equal({ undone: 2, by: 3 })
  })

  it('shows members by UPN, groups by name and times as times', async () => {
    const { command } = setting()
    await command('groups', 'add', 'Staff')
    await command('groups', 'add-member', 'Staff', 'alice@customer.com', 'max@managed.example')
    const added = (await command('audit', 'show', '2')).stdout
    expect(added).to.match(/\nadded +- +alice@customer\.com, max@managed\.example\n/)
    await command('users', 'remove', 'max@managed.example', '--yes')
    const removed = (await command('audit', 'show', '3')).stdout
    expect(removed).to.match(/\nmemberOf +Staff +-\n/)
    expect(removed).to.match(/\ncreatedDateTime +\d{4}-\d\d-\d\dT[\d:]+Z +-\n/)
    const gone = (await command('audit', 'show', '2')).stdout
    expect(gone, 'who is gone stands there by id').to.include(`alice@customer.com, ${max.id}`)
    const [record] = lines((await command('audit', 'show', '3', '--json')).stdout)
    expect(record.before.createdDateTime).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('says when there are older records than it lists', async () => {
    const { command } = setting()
    for (const name of ['A', 'B', 'C']) await command('groups', 'add', name)
    const some = await command('audit', '--limit', '2')
    expect(some.stdout.split('\n').map((line) => line.split(' ')[0])).to.deep.equal([
      'RECORD',
      '2',
      '3',
    ])
    expect(some.stderr).to.match(/^The last 2; there are older ones/)
    expect((await command('audit', '--limit', '3')).stderr).to.equal('')
  })

  it('shows the people of an import as JSON lines, and undoes the import', () =>
    withFolder(async (folder) => {
      const { directory, command } = setting()
      const file = join(folder, 'new.csv')
      writeFileSync(
        file,
        'userPrincipalName,department\nmax@managed.example,HR\nzoe@managed.example,IT\n',
      )
      expect((await command('users', 'import', file)).status).to.equal(0)
      const [record, ...people] = lines((await command('audit', 'show', '1', '--json')).stdout)
      expect(record).to.deep.include({ id: 1, door: 'csv', action: 'usersImported' })
      expect(
        people.map((each) => [each.record, each.action, each.target.name, each.line]),
      ).to.have.deep.members([
        [1, 'userChanged', 'max@managed.example', 2],
        [1, 'userCreated', 'zoe@managed.example', 3],
      ])
      expect(lines((await command('audit', '--json', '--expand')).stdout)).to.deep.equal([
        record,
        ...people,
      ])
      expect(lines((await command('audit', '--json')).stdout)).to.deep.equal([record])
      expect((await command('audit')).stdout).to.match(/new\.csv +1 created, 1 changed$/)
      const undone = await command('audit', 'undo', '1')
      expect(undone.stdout).to.match(/^Import 1 \(new\.csv\) is undone/)
      expect(await directory.countUsers()).to.equal(2)
      const kept = (await directory.audit.latest(1))[0]
      expect(kept).to.include({ action: 'importUndone', door: 'commandLine', undoes: 1 })
    }))

  it('undoes a change of domains as domains undo does: shown first, and confirmed', async () => {
    const { directory, command } = setting()
    await command('domains', 'add', 'new.example', '--trust')
    expect((await directory.audit.latest(1))[0]).to.include({ action: 'domainsChanged' })
    const refused = await command('audit', 'undo', '1')
    expect(refused.status).to.equal(2)
    expect(refused.stderr).to.match(/Add --yes/)
    const undone = await command('audit', 'undo', '1', '--yes')
    expect(undone.status, undone.stderr).to.equal(0)
    expect(await directory.domain('new.example')).to.equal(null)
    expect((await directory.audit.latest(1))[0]).to.include({ undoes: 1 })
  })

  it('shows what a name from outside would do to a terminal, and does not do it', async () => {
    const { directory, command } = setting()
    const target = { kind: 'import', id: '1', name: 'a\u001b[2J.csv' } as const
    const act = { at: 0, who: 'x\u0007', door: 'csv' } as const
    const record = { ...act, action: 'usersImported', target, before: null, undoes: null } as const
    await directory.audit.add({ ...record, after: { 'k\u0007': 'v\u001b[0m' } })
    for (const args of [[], ['show', '1']]) {
      const { stdout } = await command('audit', ...args)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
      expect(stdout).to.not.match(/[\u0007\u001b]/)
      expect(stdout).to.include('\\u{1b}')
    }
  })
})

describe('what is kept beside the directory', () => {
  it('credentials: each change is one record without secret or hash, and a password is not undone', async () => {
    const { storage, directory, command } = setting()
    await command('users', 'set-password', 'max@managed.example', '--must-change')
    await command('users', 'totp', 'enable', 'max@managed.example')
    await command('users', 'require-mfa', 'max@managed.example', 'on')
    await command('users', 'require-mfa', 'max@managed.example', 'on')
    await command('users', 'break-glass', 'add', 'max@managed.example')
    await command('users', 'totp', 'disable', 'max@managed.example')
    const records = await directory.audit.latest(20)
    expect(
      records.map(({ action, before, after }) => [action, before, after && Object.keys(after)]),
    ).to.deep.equal([
      [
        'credentialsChanged',
        { passwordSetAt: null, mustChangePassword: false },
        ['passwordSetAt', 'mustChangePassword'],
      ],
      [
        'credentialsChanged',
        { secondFactorSince: null, recoveryCodesLeft: 0 },
        ['secondFactorSince', 'recoveryCodesLeft'],
      ],
      ['credentialsChanged', { requireMfa: false }, ['requireMfa']],
      ['credentialsChanged', { isBreakGlass: false }, ['isBreakGlass']],
      [
        'credentialsChanged',
        { secondFactorSince: records[1]?.after?.secondFactorSince, recoveryCodesLeft: 10 },
        ['secondFactorSince', 'recoveryCodesLeft'],
      ],
    ])
    for (const { target, door } of records) {
      expect([target.kind, target.id, target.name, door]).to.deep.equal([
        ...['user', max.id, 'max@managed.example', 'commandLine'],
      ])
    }
    const hash = (await storage.credentials.credentials(max.id))?.passwordHash ?? 'none'
    const text = JSON.stringify(records)
    expect(text).not.to.include(hash).and.not.include('a long enough secret')
    expect((await command('audit', 'undo', '1')).stderr).to.match(
      /Record 1 \(credentialsChanged\) is not undone here: what was there before is not kept/,
    )
  })

  it('a password that was set since keeps nobody from taking a new user back', async () => {
    const { command, directory } = setting()
    await command('users', 'add', 'zoe@managed.example')
    expect((await command('users', 'set-password', 'zoe@managed.example')).status).to.equal(0)
    const made = await directory.audit.latest(2)
    expect(made.map(({ action }) => action)).to.deep.equal(['userCreated', 'credentialsChanged'])
    const undone = await command('audit', 'undo', '1')
    expect([undone.status, undone.stderr]).to.deep.equal([0, ''])
    expect(await directory.userByPrincipalName('zoe@managed.example')).to.equal(null)
  })

  it('apps: made, changed, given a secret, assigned and removed, with only the hint of a secret', async () => {
    const { storage, directory, command } = setting()
    await command('apps', 'add', 'Routty', '--redirect-uri', 'https://routty.example/cb')
    await command('apps', 'set', 'Routty', '--name', 'Routty 2')
    await command('apps', 'set', 'Routty 2', '--name', 'Routty 2')
    await command('apps', 'assign', 'Routty 2', '--user', 'max@managed.example')
    await command('apps', 'add-key', 'Routty 2')
    const [app] = await storage.apps.apps()
    const hashes = [...(app?.secrets ?? []), ...(app?.apiKeys ?? [])].map(({ hash }) => hash)
    expect(hashes).to.have.length(2)
    await command('apps', 'remove', 'Routty 2')
    const records = (await directory.audit.latest(20)).filter(({ target }) => target.kind === 'app')
    expect(
      records.map(({ action, after }) => [
        action,
        after && Object.keys(after).length > 3 ? 'all' : Object.keys(after ?? {}),
      ]),
    ).to.deep.equal([
      ['appCreated', 'all'],
      ['appChanged', ['secrets']],
      ['appChanged', ['displayName']],
      ['appChanged', ['assignments']],
      ['appChanged', ['apiKeys']],
      ['appDeleted', []],
    ])
    expect(records.every(({ target }) => target.id === app?.id)).to.equal(true)
    for (const hash of hashes) expect(JSON.stringify(records)).not.to.include(hash)
    const [secret] = (records[1]?.after?.secrets ?? []) as readonly object[]
    expect(secret).to.have.all.keys('id', 'hint', 'createdAt', 'expiresAt')
  })

  it('keys: a rotation is one record with the keys that it made and ended, never the keys themselves', async () => {
    const { storage, directory, command } = setting()
    await command('keys', 'rotate')
    const kids = (await storage.keys.keys()).map(({ kid }) => kid)
    await command('keys', 'rotate', '--revoke')
    const records = await directory.audit.latest(20)
    expect(records.map(({ action }) => action)).to.deep.equal(Array(3).fill('keysRotated'))
    const gone = Object.keys(records[2]?.before ?? {})
    expect(gone.length).to.be.above(0)
    expect(kids).to.include.members(gone)
    const sealed = (await storage.keys.keys()).map(({ sealedPrivateJwk }) => sealedPrivateJwk)
    for (const each of sealed) expect(JSON.stringify(records)).not.to.include(each)
  })
})
