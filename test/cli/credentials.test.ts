import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { Command } from 'commander'
import { assembleKeyRing } from '../../src/assembly.ts'
import { addKeysCommand } from '../../src/cli/keys/command.ts'
import { readNewSecret, readSecretLine } from '../../src/cli/secretInput.ts'
import { UsageError } from '../../src/cli/usageError.ts'
import { addBreakGlassCommands } from '../../src/cli/users/breakGlass.ts'
import { addCredentialCommands } from '../../src/cli/users/credentials.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { KeyError } from '../../src/oidc/keys.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { admitAttempt, codeCounters, passwordCounters } from '../../src/signin/password/lockout.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import {
  alice,
  customerDomain,
  federation,
  managedDomain,
  userWith,
} from '../support/circumstances.ts'
import { surroundingsOver } from './surroundingsOver.ts'

const max = userWith('max@managed.example', null)

describe('homerealm users: what they sign in with', () => {
  function setting(secret = '') {
    const storage = memoryStorage({
      tenant: { id: 't', displayName: 'Customer Inc.' },
      federations: [federation],
      domains: [customerDomain, managedDomain],
      users: [alice, max],
      principalNameKey,
    })
    const printed: string[] = []
    const complained: string[] = []
    const statuses: number[] = []
    const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }
    const surroundings = surroundingsOver(storage, environment, {
      print: (line) => void printed.push(line),
      complain: (line) => void complained.push(line),
      readSecret: async () => secret,
      exit: (status) => void statuses.push(status),
    })
    const run = async (...args: string[]): Promise<string> => {
      const program = new Command().exitOverride()
      addCredentialCommands(program, surroundings)
      addBreakGlassCommands(program, surroundings)
      addKeysCommand(program, surroundings)
      printed.length = 0
      complained.length = 0
      statuses.length = 0
      await program.parseAsync(args, { from: 'user' })
      return printed.join('\n')
    }
    return { storage, run, complained, statuses, environment }
  }

  it('set-password keeps a hash of what was typed, and ends the user’s sessions', async () => {
    const { storage, run } = setting('a long enough secret')
    const said = await run('set-password', 'MAX@managed.example', '--must-change')
    expect(said).to.include('must be changed').and.not.include('a long enough secret')
    const stored = await storage.credentials.credentials(max.id)
    expect(stored).to.include({ mustChangePassword: true })
    const hasher = passwordHasher(systemRandom)
    expect(await hasher.verify('a long enough secret', stored?.passwordHash ?? null)).to.equal(true)
  })

  it('set-password refuses a bad one and an unknown user, and sets nothing', async () => {
    const { storage, run } = setting('short')
    const failed = (upn: string) => run('set-password', upn).catch((error: Error) => error)
    expect(await failed('max@managed.example'))
      .to.be.instanceOf(UsageError)
      .with.property('message', 'Nothing was set. Use 8 characters or more.')
    expect(await failed('who@managed.example')).to.be.instanceOf(UsageError)
    expect(await storage.credentials.credentials(max.id)).to.equal(null)
  })

  it('set-password lifts a lock-out, and what was familiar to the old password is not to the new one', async () => {
    const { storage, run } = setting('a long enough secret')
    const { attempts, familiarBrowsers } = storage
    const origin = { address: '192.0.2.1', familiarBrowser: null }
    const counters = [
      ...passwordCounters(principalNameKey(max.userPrincipalName), origin),
      ...codeCounters(max.id, origin),
    ].filter(({ kind }) => kind === 'lock')
    for (let n = 0; n < 10; n++) await admitAttempt(attempts, counters, Date.now())
    expect((await admitAttempt(attempts, counters, Date.now())).isAdmitted).to.equal(false)
    await familiarBrowsers.rememberBrowser(max.id, 'browser', Date.now() + 10_000)
    expect(await run('set-password', max.userPrincipalName)).to.include('a lock-out is lifted')
    expect((await admitAttempt(attempts, counters, Date.now())).isAdmitted).to.equal(true)
    expect(await familiarBrowsers.isFamiliar(max.id, 'browser', Date.now())).to.equal(false)
  })

  it('set-password of a federated user says that it lies idle', async () => {
    const { run, complained } = setting('a long enough secret')
    await run('set-password', alice.userPrincipalName)
    expect(complained.join()).to.include('is federated: this password has no effect')
  })

  it('totp enable prints the secret and ten codes once; list and disable follow', async () => {
    const { storage, run } = setting()
    const said = await run('totp', 'enable', 'max@managed.example')
    expect(said).to.match(/otpauth:\/\/totp\/Customer%20Inc\.:max%40managed\.example\?/)
    expect(said.match(/^ {2}[0-9a-z]{4}-[0-9a-z-]{14}$/gm)).to.have.length(10)
    expect((await storage.credentials.credentials(max.id))?.totpSecret).to.match(/^1\./)
    expect(await run('totp', 'list')).to.match(/max@managed\.example.*10 recovery codes left/)
    await run('totp', 'disable', 'max@managed.example')
    expect(await run('totp', 'list')).to.equal('Nobody has a second factor here.')
    expect(await run('totp', 'disable', 'max@managed.example')).to.include('Nothing was changed')
  })

  it('break-glass accounts are marked, listed with what they lack, and unmarked', async () => {
    const { run, complained, statuses } = setting('a long enough secret')
    await run('break-glass', 'add', 'max@managed.example')
    expect(complained.join()).to.include('It has no password yet')
    const [listed] = JSON.parse(await run('break-glass', 'list', '--json'))
    expect(listed).to.deep.include({
      userPrincipalName: 'max@managed.example',
      domain: 'managed',
      hasPassword: false,
      isBreakGlass: true,
      couldSignInByPassword: false,
      obstacles: ['no password is set'],
    })
    expect(await run('break-glass', 'list')).to.match(/NO: no password is set/)
    expect(statuses).to.deep.equal([1])
    await run('set-password', 'max@managed.example')
    expect(await run('break-glass', 'list')).to.match(/max@managed\.example {2}yes/)
    expect(statuses).to.deep.equal([])
    const removed = await run('break-glass', 'remove', 'max@managed.example')
    expect(removed).to.include('no break-glass account any more')
    expect(await run('break-glass', 'remove', 'max@managed.example')).to.include('Nothing was')
    expect(await run('break-glass', 'list')).to.include('No account is marked')
    expect(statuses).to.deep.equal([1])
  })

  it('break-glass takes no account that hangs on the identity provider', async () => {
    const { storage, run } = setting()
    const failed = await run('break-glass', 'add', alice.userPrincipalName).catch((e: Error) => e)
    expect(failed).to.be.instanceOf(UsageError)
    expect(String(failed)).to.include('Nothing was marked').and.include('is federated')
    expect(await storage.credentials.credentialsWith('breakGlass')).to.deep.equal([])
  })

  it('totp enable in place of another says so', async () => {
    const { run, complained } = setting()
    await run('totp', 'enable', 'max@managed.example')
    expect(complained).to.deep.equal([])
    await run('totp', 'enable', 'max@managed.example')
    expect(complained.join()).to.include('replace the second factor that was there before')
  })

  it('seals nothing with another key than the database has: nobody could open it', async () => {
    const { storage, run, environment } = setting()
    const keyEncryptionKey = Buffer.alloc(32, 7)
    await assembleKeyRing({ storage, keyEncryptionKey }).ensure(['RS256'])
    const kept = await storage.keys.keys()
    environment.HOMEREALM_KEY_ENCRYPTION_KEY = Buffer.alloc(32, 8).toString('base64')
    const commands = [
      ['totp', 'enable', 'max@managed.example'],
      ['keys', 'rotate'],
    ]
    for (const command of commands) {
      const failed = await run(...command).catch((error: Error) => error)
      expect(failed, command.join(' ')).to.be.instanceOf(KeyError)
    }
    expect(await storage.keys.keys()).to.deep.equal(kept)
    expect(await storage.credentials.credentials(max.id)).to.equal(null)
    environment.HOMEREALM_KEY_ENCRYPTION_KEY = keyEncryptionKey.toString('base64')
    expect(await run('totp', 'enable', 'max@managed.example')).to.include('otpauth://')
  })

  it('require-mfa is switched on and off, and takes no other word', async () => {
    const { storage, run } = setting()
    const isRequired = async () => (await storage.credentials.credentials(max.id))?.requireMfa
    await run('require-mfa', 'max@managed.example', 'on')
    expect(await isRequired()).to.equal(true)
    await run('require-mfa', 'max@managed.example', 'off')
    expect(await isRequired()).to.equal(false)
    const failed = await run('require-mfa', 'max@managed.example', 'yes').catch((e: Error) => e)
    expect(failed).to.be.instanceOf(UsageError)
  })
})

describe('a secret at the command line', () => {
  it('is the first line of what is piped in, and nothing of it is written out', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    input.end('the secret \nmore\n')
    expect(await readSecretLine(input, output, 'Password: ')).to.equal('the secret ')
    expect(output.read()).to.equal(null)
  })

  it('is not echoed at a terminal, where it is asked for', async () => {
    const [input, output] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()]
    const typed = readSecretLine(input, output, 'Password: ')
    input.write('secret\r')
    expect(await typed).to.equal('secret')
    expect(String(output.read())).to.equal('Password: \n')
  })

  it('that is new is asked for twice at a terminal, and once of a pipe', async () => {
    const typing = (...lines: string[]) => {
      const input = Object.assign(new PassThrough(), { isTTY: true })
      const output = new PassThrough()
      const typed = readNewSecret(input, output, 'Password: ').catch((error: Error) => error)
      // Each line when it is asked for, as a person does.
      output.on('data', (chunk) => {
        if (String(chunk).endsWith(': ')) input.write(`${lines.shift()}\r`)
      })
      return typed
    }
    expect(await typing('one secret', 'one secret')).to.equal('one secret')
    const failed = await typing('one secret', 'one secrte')
    expect(failed)
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.includes('not the same')
    const piped = new PassThrough()
    piped.end('one secret\n')
    expect(await readNewSecret(piped, new PassThrough(), '')).to.equal('one secret')
  })

  it('must be there', async () => {
    const input = new PassThrough()
    input.end()
    const failed = await readSecretLine(input, new PassThrough(), '').catch((e: Error) => e)
    expect(failed).to.be.instanceOf(UsageError)
  })
})
