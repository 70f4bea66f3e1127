import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { addDomain, setDefaultDomain } from '../../src/directory/domains.ts'
import { federate } from '../../src/directory/federations.ts'
import { readSigningCertificate } from '../../src/saml/certificates.ts'
import { changeCredentials } from '../../src/signin/password/credentials.ts'
import { makeCertificate } from '../saml-messages/certificateMaker.ts'
import { userOf } from '../storage/samples.ts'
import { newDataFolder, startDeployment } from '../support/deployment.ts'
import { domainCommands } from './domainCommands.ts'

const dayLength = 86_400_000

describe('homerealm status', () => {
  async function setting(validForDays = 1000) {
    const keyEncryptionKey = Buffer.alloc(32, 7).toString('base64')
    const environment = { HOMEREALM_KEY_ENCRYPTION_KEY: keyEncryptionKey }
    const commands = domainCommands({ environment })
    const { directory, credentials } = commands.storage
    for (const name of ['managed.example', 'customer.com']) await addDomain(directory, name)
    await setDefaultDomain(directory, 'managed.example', null)
    const users = [userOf('admin@managed.example'), userOf('alice@customer.com')]
    await directory.writeUsers(users.map((user) => ({ kind: 'create', user })))
    await changeCredentials(credentials, 'id of admin@managed.example', (before) => ({
      ...before,
      isBreakGlass: true,
      passwordHash: 'hash',
    }))
    const notAfter = new Date(Date.now() + (validForDays + 0.5) * dayLength).toISOString()
    const certificate = await makeCertificate({ algorithm: 'P-256', notAfter })
    const { after } = await federate(
      directory,
      {
        domains: ['customer.com'],
        issuerUri: 'http://www.okta.com/exk1',
        passiveSignInUri: 'https://okta.example/sso',
        signingCertificate: certificate.base64,
      },
      () => 'fed-1',
    )
    const attention = async () => {
      const { status, stdout } = await commands.command('status', '--json')
      const { problems } = JSON.parse(stdout) as { problems: { level: string; message: string }[] }
      const messages = problems.filter((p) => p.level === 'attention').map((p) => p.message)
      expect(status).to.equal(messages.length > 0 ? 1 : 0)
      return messages
    }
    return { ...commands, directory, federation: after, attention }
  }

  it('of a sound deployment ends with 0 and shows database, tenant, domains, certificates and keys', async () => {
    const { command } = await setting()
    const { status, stdout, stderr } = await command('status')
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(
      /^database {2}\S+homerealm\.sqlite\ntenant {4}Customer Inc\. \(t\), 2 users\n/,
    )
    expect(stdout).to.match(/^managed\.example \(default\) +Managed +1 +-$/m)
    expect(stdout).to.match(/^customer\.com +Federated +1 +okta\.example$/m)
    expect(stdout).to.match(/^okta\.example +signingCertificate +\S+Z +1000$/m)
    expect(stdout).to.include('break-glass accounts that can sign in: admin@managed.example')
    expect(stdout).to.include('No key for tokens yet').and.include('Nothing needs attention.')
  })

  it('warns of the last client secret or API key of an app, thirty days before its end', async () => {
    const { attention, command } = await setting()
    const grant = ['--grant', 'https://graph.microsoft.com/Scim.Provision']
    const added = await command('apps', 'add', 'Okta', '--no-secret', ...grant)
    const [, id = ''] = /client id (\S+)/.exec(added.stdout) ?? []
    const long = await command('apps', 'add-key', 'Okta', '--days', '31', '--json')
    expect(await attention()).to.deep.equal([])
    await command('apps', 'add-key', 'Okta', '--days', '10')
    expect(await attention(), 'the other one is good for longer').to.deep.equal([])
    await command('apps', 'remove-key', 'Okta', JSON.parse(long.stdout).keyId)
    await command('apps', 'add', 'Loader', '--secret-days', '2')
    const messages = await attention()
    expect(messages).to.have.length(2)
    expect(messages.find((each) => each.includes('Okta'))).to.match(
      new RegExp(
        `^The last API key of Okta ends at \\S+Z, in (10 d|9 d 23 h)\\. Make another: homerealm apps add-key ${id}$`,
      ),
    )
    expect(messages.find((each) => each.includes('Loader'))).to.match(
      /^The last client secret of Loader ends at \S+Z, in (2 d|1 d 23 h)\. .*apps rotate-secret /,
    )
    for (const app of ['Okta', 'Loader']) await command('apps', 'set', app, '--no-enabled')
    expect(await attention(), 'of disabled apps').to.deep.equal([])
  })

  it('ends with 1 for each thing that needs attention, and names it', async () => {
    const { attention, directory, federation, storage } = await setting()
    expect(await attention()).to.deep.equal([])
    const expectOnly = async (pattern: RegExp) => {
      const messages = await attention()
      expect(messages).to.have.length(1)
      expect(messages[0]).to.match(pattern)
    }
    await addDomain(directory, 'new.example', { isVerified: false })
    await expectOnly(/^new\.example is not verified/)
    await directory.domainRecords.deleteDomain('new.example')
    for (const [change, pattern] of [
      [{ isEnabled: false }, /is disabled: nobody/],
      [{ allowSha1Signatures: true }, /is weakened: allowSha1Signatures/],
      [{ isSignedAuthenticationRequestRequired: true }, /wants signed requests/],
    ] as const) {
      await directory.putFederation({ ...federation, ...change })
      await expectOnly(pattern)
    }
    await directory.putFederation(federation)
    await changeCredentials(storage.credentials, 'id of admin@managed.example', (before) => ({
      ...before,
      passwordHash: null,
    }))
    await expectOnly(/^No break-glass account could sign in/)
  })

  it('needs attention when a certificate runs out within 60 days, and not for users without ImmutableId', async () => {
    const { attention, command, directory } = await setting(59)
    expect((await attention()).join()).to.match(
      /^The signingCertificate of okta\.example runs out in 59 days/,
    )
    const bob = userOf('bob@customer.com', { onPremisesImmutableId: null })
    await directory.writeUsers([{ kind: 'create', user: bob }])
    expect((await command('status')).stdout).to.include('notice     1 users of federated domains')
  })

  it('the log of a server warns of the same certificate at its start', async () => {
    const dataFolder = newDataFolder()
    try {
      const first = await startDeployment({ dataFolder })
      const { notAfter } = readSigningCertificate(first.idp.key.certificateBase64)
      expect(first.logged.join('')).not.to.include('certificateExpiry')
      await first.close()
      const second = await startDeployment({ dataFolder, at: notAfter - 10.5 * dayLength })
      const lines = second.logged.filter((line) => line.includes('certificateExpiry'))
      expect(lines).to.have.length(1)
      expect(JSON.parse(lines[0] ?? '')).to.include({ level: 'warn', daysLeft: 10 })
      await second.close()
    } finally {
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })
})
