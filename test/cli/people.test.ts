import { expect } from 'chai'
import { principalNameKey } from '../../src/directory/upn.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
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

function setting(typed?: () => string) {
  const storage = memoryStorage({
    tenant: { id: 't', displayName: 'Customer Inc.' },
    federations: [federation],
    domains: [customerDomain, managedDomain],
    users: [alice, max],
    principalNameKey,
  })
  const { command } = domainCommands({ storage, ...(typed && { typed }) })
  return { storage, directory: storage.directory, command }
}

describe('homerealm users add, set, remove', () => {
  it('add makes a user with what is given, and one record that says who did it', async () => {
    const { directory, command } = setting()
    const said = await command(
      ...['users', 'add', 'zoe@customer.com', '--immutable-id', 'fVsmfZg/REGXoElnSjfAOg=='],
      ...['--given-name', 'Zoë', '--surname', 'Ost', '--disable'],
    )
    expect([said.status, said.stderr]).to.deep.equal([0, ''])
    expect(said.stdout).to.match(/^Added zoe@customer\.com \([0-9a-f-]{36}\)\. .*audit undo 1$/)
    const zoe = await directory.userByPrincipalName('zoe@customer.com')
    expect(zoe).to.include({
      onPremisesImmutableId: 'fVsmfZg/REGXoElnSjfAOg==',
      displayName: 'Zoë Ost',
      accountEnabled: false,
    })
    const [record, ...more] = await directory.audit.latest(5)
    expect(more).to.deep.equal([])
    expect(record).to.include({ action: 'userCreated', door: 'commandLine', before: null })
    expect(record?.who).to.not.equal('')
  })

  it('add warns of a federated user without ImmutableId, and makes it', async () => {
    const { command } = setting()
    const managed = await command('users', 'add', 'mia@managed.example')
    expect(managed.stderr).to.equal(
      'mia@managed.example has no password yet: homerealm users set-password mia@managed.example',
    )
    const said = await command('users', 'add', 'zoe@customer.com')
    expect(said.status).to.equal(0)
    expect(said.stderr).to.match(/^Warning: zoe@customer\.com has no ImmutableId/)
  })

  it('add says every rule that is broken, and makes nobody', async () => {
    const { directory, command } = setting()
    const said = await command(
      ...[
        'users',
        'add',
        'zoe@elsewhere.example',
        '--immutable-id',
        alice.onPremisesImmutableId ?? '',
      ],
      ...['--mail', 'nobody', '--usage-location', 'Sweden'],
    )
    expect([said.status, said.stdout]).to.deep.equal([1, ''])
    expect(said.stderr).to.match(/^4 things are wrong, and nothing was changed:\n/)
    for (const line of [
      /userPrincipalName: elsewhere\.example is not a domain here/,
      /onPremisesImmutableId: alice@customer\.com has this ImmutableId already/,
      /mail: It is no e-mail address/,
      /usageLocation: It must be a country code/,
    ]) {
      expect(said.stderr).to.match(line)
    }
    expect(await directory.countUsers()).to.equal(2)
    expect(await directory.audit.latest(1)).to.deep.equal([])
    const taken = await command('users', 'add', 'ALICE@customer.com')
    expect(taken.stderr).to.equal('alice@customer.com is a user here already.')
  })

  it('set changes, renames and clears, and prints before and after', async () => {
    const { directory, command } = setting()
    await command(
      'users',
      'set',
      'max@managed.example',
      '--mail',
      'max@managed.example',
      '--department',
      'IT',
    )
    const said = await command(
      ...['users', 'set', 'MAX@managed.example', '--upn', 'maximilian@managed.example'],
      ...['--department', 'HR', '--clear', 'mail', 'immutable-id'],
    )
    expect([said.status, said.stderr]).to.deep.equal([0, ''])
    expect(said.stdout).to.match(
      /userPrincipalName +max@managed\.example +maximilian@managed\.example\n/,
    )
    expect(said.stdout).to.match(/mail +max@managed\.example +-\n/)
    const user = await directory.user(max.id)
    expect(user).to.include({ department: 'HR', mail: null, displayName: max.displayName })
    const nothing = await command('users', 'set', max.id, '--department', 'HR')
    expect(nothing.stdout).to.equal(
      'maximilian@managed.example is so already. Nothing was changed.',
    )
    expect(await directory.audit.latest(5)).to.have.length(2)
    const json = await command('users', 'set', max.id, '--department', 'IT', '--json')
    expect(JSON.parse(json.stdout)).to.deep.include({
      changes: [{ property: 'department', old: 'HR', new: 'IT' }],
      auditId: 3,
    })
  })

  for (const [what, args, message] of [
    ['nothing to do', ['max@managed.example'], /Say what is to change/],
    [
      'nobody',
      ['nobody@managed.example', '--disable'],
      /There is no user nobody@managed\.example here/,
    ],
    [
      'what cannot be cleared',
      ['max@managed.example', '--clear', 'displayName'],
      /displayName: it cannot be cleared\. These can be: onPremisesImmutableId, mail/,
    ],
    [
      'a value set and cleared',
      ['max@managed.example', '--mail', 'a@b.example', '--clear', 'mail'],
      /mail is to be set and cleared at once/,
    ],
  ] as const) {
    it(`set refuses ${what} as wrong usage`, async () => {
      const { directory, command } = setting()
      const said = await command('users', 'set', ...args)
      expect([said.status, said.stdout]).to.deep.equal([2, ''])
      expect(said.stderr).to.match(message)
      expect(await directory.audit.latest(1)).to.deep.equal([])
    })
  }

  it('remove asks first, removes all of the given or none, and each has its record', async () => {
    const { directory, command } = setting(() => 'yes')
    const partly = await command(
      'users',
      'remove',
      'alice@customer.com',
      'x@customer.com',
      'y@customer.com',
    )
    expect(partly.status).to.equal(2)
    expect(partly.stderr).to.match(
      /no user x@customer\.com here\.\nThere is no user y@customer\.com/,
    )
    expect(await directory.countUsers()).to.equal(2)
    const said = await command(
      'users',
      'remove',
      'alice@customer.com',
      alice.id,
      'max@managed.example',
    )
    expect(said.stderr).to.include('Remove alice@customer.com, max@managed.example? Type yes: ')
    expect(said.stdout.split('\n')).to.have.length(2)
    expect(await directory.countUsers()).to.equal(0)
    const records = await directory.audit.latest(5)
    expect(records.map(({ action, target }) => [action, target.name])).to.deep.equal([
      ['userDeleted', 'alice@customer.com'],
      ['userDeleted', 'max@managed.example'],
    ])
  })

  it('remove does nothing where nobody can be asked, or says no', async () => {
    for (const typed of [undefined, () => 'no']) {
      const { directory, command } = setting(typed)
      const said = await command('users', 'remove', 'alice@customer.com')
      expect(said.status).to.equal(2)
      expect(said.stderr).to.match(/Nothing was changed\./)
      expect(await directory.countUsers()).to.equal(2)
    }
    const { directory, command } = setting()
    expect((await command('users', 'remove', 'alice@customer.com', '--yes')).status).to.equal(0)
    expect(await directory.countUsers()).to.equal(1)
  })

  it('remove and --disable warn of a break-glass account, and when it is the last', async () => {
    const { storage, command } = setting()
    const change = { isBreakGlass: true, passwordHash: 'hash' }
    await changeCredentials(storage.credentials, max.id, (before) => ({ ...before, ...change }))
    const disabled = await command('users', 'set', 'max@managed.example', '--disable')
    expect(disabled.stderr).to.match(/WARNING: max@managed\.example is a break-glass account/)
    const said = await command(
      'users',
      'remove',
      'max@managed.example',
      'alice@customer.com',
      '--yes',
    )
    expect(said.stderr.split('\n')).to.deep.equal([
      'WARNING: max@managed.example is a break-glass account.',
      'WARNING: no other break-glass account could sign in today.',
    ])
  })
})

describe('homerealm groups', () => {
  it('are made, listed, shown, renamed, described and removed; each change is one record', async () => {
    const { directory, command } = setting()
    const groups = (...args: string[]) => command('groups', ...args)
    expect((await groups('list')).stdout).to.match(/No group yet/)
    expect((await groups('add', 'Staff', '--description', 'all of us')).stdout).to.match(
      /^Added Staff \(/,
    )
    const undo = (id: number) => `Take it back: homerealm audit undo ${id}`
    expect((await groups('rename', 'STAFF', 'Everybody')).stdout).to.equal(
      `Renamed Staff to Everybody. ${undo(2)}`,
    )
    expect((await groups('describe', 'everybody', '')).stdout).to.equal(
      `Changed Everybody. ${undo(3)}`,
    )
    expect((await groups('describe', 'everybody', '')).stdout).to.match(/is so already/)
    const added = await groups('add-member', 'everybody', 'alice@customer.com', max.id)
    expect(added.stdout).to.equal(`Everybody has 2 members. ${undo(4)}`)
    const again = await groups('add-member', 'everybody', 'ALICE@customer.com')
    expect(again.stdout).to.equal(
      'That is so already. Nothing was changed: Everybody has 2 members.',
    )
    expect((await groups('remove-member', 'Everybody', 'max@managed.example')).stdout).to.equal(
      `Everybody has 1 member. ${undo(5)}`,
    )
    expect((await groups('list')).stdout).to.match(
      /^GROUP +ID +MEMBERS\nEverybody +[0-9a-f-]{36} +1$/,
    )
    const shown = JSON.parse((await groups('show', 'Everybody', '--json')).stdout)
    expect(shown).to.deep.include({ displayName: 'Everybody', description: null })
    expect(shown.createdDateTime, 'as Graph writes it').to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(shown.members).to.deep.equal([{ id: alice.id, userPrincipalName: 'alice@customer.com' }])
    expect((await groups('show', shown.id)).stdout).to.match(/members +1\n +alice@customer\.com$/)
    expect((await groups('remove', 'Everybody')).status, 'not confirmed').to.equal(2)
    expect((await groups('remove', 'Everybody', '--yes')).stdout).to.equal(
      `Removed Everybody. ${undo(6)}`,
    )
    const actions = (await directory.audit.latest(20)).map(({ action }) => action)
    expect(actions).to.deep.equal([
      'groupCreated',
      'groupChanged',
      'groupChanged',
      'groupMembersChanged',
      'groupMembersChanged',
      'groupDeleted',
    ])
  })

  it('list and show say when there is more than they show', async () => {
    const { command } = setting()
    for (const name of ['A', 'B', 'C']) await command('groups', 'add', name)
    const listed = await command('groups', 'list', '--limit', '2')
    expect([listed.stdout.split('\n').length, listed.stderr]).to.deep.equal([
      3,
      '2 of 3; more with --limit',
    ])
    expect((await command('groups', 'list', '--json')).stdout.split('\n')).to.have.length(3)
    await command('groups', 'add-member', 'A', 'alice@customer.com', 'max@managed.example')
    const shown = await command('groups', 'show', 'A', '--limit', '1')
    expect(shown.stderr).to.equal('1 of 2; more with --limit')
    expect((await command('groups', 'list', '--limit', '0')).status).to.equal(2)
  })

  it('refuse a name that is taken or empty, and who is not there, with nothing changed', async () => {
    const { directory, command } = setting()
    await command('groups', 'add', 'Staff')
    const taken = await command('groups', 'add', 'staff')
    expect([taken.status, taken.stderr]).to.deep.equal([1, 'There is a group Staff already.'])
    expect((await command('groups', 'rename', 'Staff', ' ')).stderr).to.equal(
      'displayName: It must not be empty.',
    )
    for (const args of [
      ['show', 'Nobodies'],
      ['add-member', 'Nobodies', 'alice@customer.com'],
      ['add-member', 'Staff', 'alice@customer.com', 'nobody@customer.com'],
    ]) {
      const said = await command('groups', ...args)
      expect([said.status, said.stdout], args.join(' ')).to.deep.equal([2, ''])
      expect(said.stderr).to.match(/There is no (user|group) nobod/i)
    }
    expect(await directory.audit.latest(5)).to.have.length(1)
  })
})
