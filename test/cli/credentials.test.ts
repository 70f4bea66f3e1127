import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { Command } from 'commander'
import { readSecretLine } from '../../src/cli/secretInput.ts'
import type { Surroundings } from '../../src/cli/surroundings.ts'
import { UsageError } from '../../src/cli/usageError.ts'
import { addCredentialCommands } from '../../src/cli/users/credentials.ts'
import { parseConfig } from '../../src/config.ts'
import { principalNameKey } from '../../src/directory/upn.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import {
  alice,
  customerDomain,
  federation,
  managedDomain,
  userWith,
} from '../support/circumstances.ts'

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
    const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') }
    const surroundings: Surroundings = {
      environment,
      config: () => parseConfig(environment, 'command'),
      openStorage: async () => storage,
      secondOpinion: () => {
        throw new Error('not asked for')
      },
      print: (line) => void printed.push(line),
      complain: (line) => void complained.push(line),
      readSecret: async () => secret,
      exit: () => {},
      interrupted: new AbortController().signal,
      isTerminal: false,
    }
    const run = async (...args: string[]): Promise<string> => {
      const program = new Command().exitOverride()
      addCredentialCommands(program, surroundings)
      printed.length = 0
      await program.parseAsync(args, { from: 'user' })
      return printed.join('\n')
    }
    return { storage, run, complained }
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

  it('set-password of a federated user says that it lies idle', async () => {
    const { run, complained } = setting('a long enough secret')
    await run('set-password', alice.userPrincipalName)
    expect(complained.join()).to.include('no password is asked for here')
  })

  it('totp enable prints the secret and ten codes once; list and disable follow', async () => {
    const { storage, run } = setting()
    const said = await run('totp', 'enable', 'max@managed.example')
    expect(said).to.match(/otpauth:\/\/totp\/Customer%20Inc\.:max%40managed\.example\?/)
    expect(said.match(/^ {2}[0-9a-z]{4}-[0-9a-z-]{14}$/gm)).to.have.length(10)
    expect((await storage.credentials.credentials(max.id))?.totpSecret).to.match(/^1\./)
    expect(await run('totp', 'list')).to.match(/max@managed\.example.*10 recovery codes left/)
    await run('totp', 'disable', 'max@managed.example')
    expect(await run('totp', 'list')).to.equal('Nobody.')
  })

  it('break-glass accounts are marked, listed with what they lack, and unmarked', async () => {
    const { run, complained } = setting()
    await run('break-glass', 'add', 'max@managed.example')
    expect(complained.join()).to.include('It has no password yet')
    const [listed] = JSON.parse(await run('break-glass', 'list', '--json'))
    expect(listed).to.include({
      userPrincipalName: 'max@managed.example',
      domain: 'managed',
      hasPassword: false,
      isBreakGlass: true,
    })
    await run('break-glass', 'remove', 'max@managed.example')
    expect(await run('break-glass', 'list')).to.equal('Nobody.')
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

  it('must be there', async () => {
    const input = new PassThrough()
    input.end()
    const failed = await readSecretLine(input, new PassThrough(), '').catch((e: Error) => e)
    expect(failed).to.be.instanceOf(UsageError)
  })
})
