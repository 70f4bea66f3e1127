import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { addDomain, setDefaultDomain } from '../../src/directory/domains.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { userOf } from '../storage/samples.ts'
import { key } from '../support/signedMessage.ts'
import { domainCommands } from './domainCommands.ts'

const issuer = 'http://www.okta.com/exk1'
const day = Math.floor(Date.now() / 86_400_000)

describe('homerealm domains federate, manage, remove, undo', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'homerealm-domains-'))
    writeFileSync(join(folder, 'okta.cer'), key.certificateBase64)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function setting(typed?: () => string) {
    const commands = domainCommands(typed && { typed })
    const { storage } = commands
    const { directory } = storage
    for (const name of ['managed.example', 'customer.com', 'sales.customer.com', 'b.example']) {
      await addDomain(directory, name)
    }
    await setDefaultDomain(directory, 'managed.example', null)
    const users = [
      userOf('admin@managed.example', { onPremisesImmutableId: null }),
      userOf('alice@customer.com'),
      userOf('bob@customer.com', { onPremisesImmutableId: null }),
    ]
    await directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
    const breakGlass = (upn: string, passwordHash: string | null) =>
      changeCredentials(storage.credentials, `id of ${upn}`, (before) => ({
        ...before,
        isBreakGlass: true,
        passwordHash,
      }))
    const federateArguments = (domain: string, ...more: string[]) => [
      ...['federate', domain, '--issuer', issuer, '--sign-in-url', 'https://okta.example/sso'],
      ...['--certificate', join(folder, 'okta.cer'), ...more],
    ]
    const state = async () => ({
      domains: await directory.domains(),
      federations: await directory.federations(),
      changes: await directory.domainRecords.changes(),
    })
    return { ...commands, directory, breakGlass, federateArguments, state }
  }

  it('federate without a terminal and without --yes shows what it would do, and does nothing', async () => {
    const { run, state, federateArguments } = await setting()
    const before = await state()
    const said = await run(...federateArguments('customer.com'))
    expect(said.status).to.equal(2)
    expect(said.stderr).to.include('Nothing was changed. Add --yes to do it')
    expect(said.stdout).to.include(
      'customer.com: Managed -> Federated by okta.example; 2 users, 1 of them WITHOUT IMMUTABLEID',
    )
    expect(await state()).to.deep.equal(before)
  })

  it('federate says whom it meets: users, sign-ins, subdomains, and the break-glass accounts that stay outside', async () => {
    const { run, storage, breakGlass, federateArguments } = await setting()
    const signin = { domain: 'customer.com', federationId: '', thumbprint: '' }
    const lastAt = Date.UTC(2026, 0, 15, 9, 30)
    for (const ago of [0, 0, 6, 7]) {
      await storage.signinCounts.countSignin({ ...signin, day: day - ago, lastAt })
    }
    await breakGlass('admin@managed.example', 'hash')
    await breakGlass('alice@customer.com', 'hash')
    const { stdout, stderr, status } = await run(...federateArguments('customer.com', '--yes'))
    expect(stdout).to.include('3 sign-ins in 7 days, the last at 2026-01-15T09:30:00Z')
    expect(stdout).to.match(
      /^ {2}sales\.customer\.com: Managed -> Federated.*no sign-in in 90 days$/m,
    )
    expect(stdout).to.include('break-glass accounts that remain: admin@managed.example\n')
    expect(stdout).to.include('alice@customer.com could not sign in: customer.com is federated')
    expect([status, stderr]).to.deep.equal([0, ''])
  })

  it('federate and manage warn loudly when no break-glass account could sign in', async () => {
    const { run, breakGlass, federateArguments } = await setting()
    await breakGlass('admin@managed.example', null)
    const { stdout, stderr } = await run(...federateArguments('customer.com', '--yes'))
    expect(stdout)
      .to.include('remain: NONE')
      .and.include('admin@managed.example could not sign in: no password')
    expect(stderr).to.include('WARNING: NOBODY COULD SIGN IN AS AN ADMIN')
    expect((await run('manage', 'customer.com', '--yes')).stderr).to.include('WARNING: NOBODY')
  })

  it('federate shows each setting as asked for, as it was and as it will be', async () => {
    const { run, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--yes'))
    const { stdout } = await run(
      'federate',
      'customer.com',
      '--mfa',
      'rejectMfaByFederatedIdp',
      '--yes',
    )
    expect(stdout).to.match(
      /^federatedIdpMfaBehavior +rejectMfaByFederatedIdp +acceptIfMfaDoneByFederatedIdp +rejectMfaByFederatedIdp$/m,
    )
    expect(stdout).to.match(/^issuerUri +(\S+) +\1 +\1$/m)
    expect(stdout).to.match(/^signingCertificate +([0-9a-f]{16}… until \d{4}-\d\d-\d\d) +\1 +\1$/m)
  })

  it('federate that changes nothing asks nothing and keeps no change', async () => {
    const { run, state, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--yes'))
    const again = await run(...federateArguments('customer.com'))
    expect([again.status, (await state()).changes.length]).to.deep.equal([0, 1])
    expect(again.stdout).to.match(/nothing changed$/)
  })

  it('a terminal is asked: yes does it, everything else does nothing', async () => {
    let answer = 'y'
    const { run, state, federateArguments } = await setting(() => answer)
    const before = await state()
    for (answer of ['', 'y', 'no', 'yes please']) {
      const said = await run(...federateArguments('customer.com'))
      expect([said.status, await state()], answer).to.deep.equal([2, before])
      expect(said.stderr).to.include('Federate customer.com? Type yes: ')
    }
    answer = 'YES '
    expect((await run(...federateArguments('customer.com'))).status).to.equal(0)
  })

  it('what is done is what was shown: a change by somebody else in between stops it', async () => {
    const { run, storage, directory, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--yes'))
    const [federation] = await directory.federations()
    if (!federation) throw new Error('no federation')
    const racing = domainCommands({
      storage,
      typed: () => {
        // The write stands in line before that of the command.
        void directory.putFederation({ ...federation, displayName: 'Renamed meanwhile' })
        return 'yes'
      },
    })
    const said = await racing.run('federate', 'customer.com', '--allow-unsolicited')
    expect([said.status, (await directory.federations())[0]?.allowUnsolicited]).to.deep.equal([
      1,
      false,
    ])
    expect(said.stderr).to.include('Somebody changed these domains meanwhile')
  })

  it('manage turns back, undo brings all of it again, history tells who did what', async () => {
    const { run, state, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--allow-unsolicited', '--yes'))
    const federated = await state()
    const managed = await run('manage', 'customer.com', '--yes')
    expect(managed.stdout).to.match(
      /^Managed customer\.com, sales\.customer\.com\. Take it back: homerealm domains undo 2$/m,
    )
    expect(managed.stdout).to.include('removed the federation okta.example')
    expect((await state()).federations).to.deep.equal([])
    expect((await run('undo', '2')).status).to.equal(2)
    expect((await run('undo', '2', '--yes')).stdout).to.include(
      'Undid change 2 (manage customer.com, sales.customer.com)',
    )
    const { domains, federations } = await state()
    expect({ domains, federations }).to.deep.equal({
      domains: federated.domains,
      federations: federated.federations,
    })
    const { stdout } = await run('history')
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[3])).to.deep.equal([
      'WHAT',
      'undo',
      'manage',
      'federate',
    ])
    expect(stdout).to.match(/^2 .* undone by 3$/m)
    expect(JSON.parse((await run('history', '--json')).stdout)).to.have.length(3)
  })

  it('undo refuses what something newer stands upon, an unknown number and a word', async () => {
    const { run, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--yes'))
    await run('federate', 'customer.com', '--name', 'Other', '--yes')
    const newer = await run('undo', '1', '--yes')
    expect(newer.status).to.equal(1)
    expect(newer.stderr).to.match(/was changed since change 1: undo change 2 \(federate\) first\.$/)
    expect((await run('undo', '7', '--yes')).stderr).to.include('There is no change 7')
    for (const word of ['0', 'all', '1e1'])
      expect((await run('undo', word, '--yes')).status).to.equal(2)
  })

  it('remove takes a domain without users away, and no other', async () => {
    const { run, directory } = await setting()
    const used = await run('remove', 'customer.com', '--yes')
    expect([used.status, used.stderr]).to.deep.equal([
      1,
      'customer.com has 2 users: move or remove them first (homerealm users list --domain customer.com).',
    ])
    expect((await run('remove', 'b.example')).status).to.equal(2)
    expect(await directory.domain('b.example')).not.to.equal(null)
    expect((await run('remove', 'b.example', '--yes')).stdout).to.include(
      'b.example: Managed -> nothing',
    )
    expect(await directory.domain('b.example')).to.equal(null)
    expect((await run('undo', '1', '--yes')).status).to.equal(0)
    expect((await directory.domain('b.example'))?.isVerified).to.equal(true)
  })

  it('a subdomain follows until it is promoted', async () => {
    const { run, directory, federateArguments } = await setting()
    const early = await run(...federateArguments('sales.customer.com', '--yes'))
    expect([early.status, early.stderr]).to.deep.equal([
      1,
      'sales.customer.com follows customer.com: change that one, or give it a sign-in of its own (homerealm domains promote sales.customer.com).',
    ])
    expect((await run('promote', 'sales.customer.com')).stdout).to.include(
      'is a root now, and stays managed',
    )
    expect((await run('promote', 'sales.customer.com')).status).to.equal(1)
    await run(...federateArguments('sales.customer.com', '--yes'))
    expect((await directory.domain('customer.com'))?.authenticationType).to.equal('Managed')
    expect((await directory.domain('sales.customer.com'))?.authenticationType).to.equal('Federated')
  })

  it('refuses the default domain, one of Microsoft’s own, and one that is not verified, each by name', async () => {
    const { run, directory, federateArguments } = await setting()
    await addDomain(directory, 'tenant.onmicrosoft.com')
    await run('add', 'new.example')
    const refusal = async (domain: string) => {
      const { status, stderr } = await run(...federateArguments(domain, '--yes'))
      expect(status, domain).to.equal(1)
      return stderr
    }
    expect(await refusal('managed.example')).to.include('is the default domain')
    expect(await refusal('tenant.onmicrosoft.com')).to.include('own domains stay managed')
    expect(await refusal('new.example')).to.include('homerealm domains verify new.example')
    expect(await directory.federations()).to.deep.equal([])
  })

  it('default makes another managed domain the default, and undo the one before', async () => {
    const { run, directory } = await setting()
    const chosen = async () => (await directory.domains()).find(({ isDefault }) => isDefault)?.id
    const said = await run('default', 'B.example')
    expect([said.status, said.stderr]).to.deep.equal([0, ''])
    expect(said.stdout).to.equal(
      'b.example is the default domain. Take it back: homerealm domains undo 1',
    )
    expect(await chosen()).to.equal('b.example')
    const again = await run('default', 'b.example')
    expect(again.stdout).to.equal('b.example is the default domain.')
    expect((await run('undo', '1', '--yes')).status).to.equal(0)
    expect(await chosen()).to.equal('managed.example')
    await run('add', 'new.example')
    const refused = await run('default', 'new.example')
    expect([refused.status, refused.stdout]).to.deep.equal([1, ''])
    expect(refused.stderr).to.match(/new\.example is not verified/)
  })

  it('a domain moves from one federation to another only with --replace, and undo moves it back', async () => {
    const { run, directory, federateArguments } = await setting()
    await run(...federateArguments('customer.com', '--yes'))
    const move = federateArguments('customer.com', '--yes')
    move[move.indexOf(issuer)] = 'http://www.okta.com/exk2'
    expect((await run(...move)).stderr).to.include('--replace to move the domain')
    expect((await run(...move, '--replace')).status).to.equal(0)
    const issuers = async () => (await directory.federations()).map(({ issuerUri }) => issuerUri)
    expect(await issuers()).to.deep.equal(['http://www.okta.com/exk2'])
    await run('undo', '2', '--yes')
    expect(await issuers()).to.deep.equal([issuer])
  })
})
