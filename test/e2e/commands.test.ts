import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { expectUsageError, run } from '../support/program.ts'

describe('the commands, with good and bad input', function () {
  this.timeout(60_000)
  let deployment: Deployment
  let folder: string
  before(async () => {
    deployment = await startDeployment()
    folder = newDataFolder()
  })
  after(async () => {
    await deployment?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })
  const here = (args: string[], input = '') =>
    run(args, { environment: { HOMEREALM_DATA: deployment.dataFolder }, input })
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  it('homerealm without a command, with --help, and with a command that there is none', async () => {
    const [bare, help, wrong] = await Promise.all([run([]), run(['--help']), run(['user', 'list'])])
    expect(bare.status).to.equal(2)
    expect(bare.stderr).to.match(/Usage: homerealm/)
    expect([help.status, help.stderr]).to.deep.equal([0, ''])
    for (const command of ['demo', 'serve', 'users', 'domains', 'replay', 'trace', 'config']) {
      expect(help.stdout).to.match(new RegExp(`^ {2}${command}\\b`, 'm'))
    }
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    )
    expect((await run(['--version'])).stdout).to.equal(`${version}\n`)
    expectUsageError(wrong, /unknown command 'user'[\s\S]*Did you mean users\?/)
  })

  it('serve and config check name all problems of the configuration at once, and no secret', async () => {
    const environment = {
      HOMEREALM_PORT: '70000',
      HOMEREALM_CLOCK_SKEW_SECONDS: '600',
      HOMEREALM_SIGNING_KEY: file('key.pem', 'a secret that is no PEM'),
      HOMEREALM_PUBLIC_ULR: 'https://login.example.test',
    }
    const both = await Promise.all([
      run(['serve'], { environment }),
      run(['config', 'check'], { environment }),
    ])
    for (const ended of both) {
      expectUsageError(ended, /^homerealm: The configuration cannot be used:\n/)
      for (const name of [...Object.keys(environment), 'HOMEREALM_PUBLIC_URL is missing']) {
        expect(ended.stderr).to.include(`\n  - ${name}`)
      }
      expect(ended.stderr).not.to.include('a secret')
    }
  })

  it('config check says that a configuration is good', async () => {
    const environment = {
      HOMEREALM_PUBLIC_URL: 'https://login.example.test',
      HOMEREALM_DATA: join(folder, 'not-made'),
    }
    const { status, stdout, stderr } = await run(['config', 'check'], { environment })
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(/configuration is good.*HOMEREALM_PUBLIC_URL/)
    expect(existsSync(join(folder, 'not-made'))).to.equal(false)
  })

  it('trace prints every check of a refusal by its Request Id, also as JSON', async () => {
    const answer = await deployment.signInOverSockets('bob@customer.com')
    const id = answer.headers.get('x-ms-request-id') ?? ''
    const [text, json] = await Promise.all([
      here(['trace', id.toUpperCase()]),
      here(['trace', id, '--json']),
    ])
    expect([text.status, text.stderr]).to.deep.equal([0, ''])
    expect(text.stdout).to.match(/^Refused: immutableIdMismatch \(AADSTS51004\)\n/)
    expect(text.stdout).to.match(/upper and lower case|differs? .*case/i)
    expect(JSON.parse(json.stdout).reason).to.equal('immutableIdMismatch')
  })

  it('trace of an id that is none, or that nothing is kept under', async () => {
    const [none, unknown] = await Promise.all([
      here(['trace', 'AADSTS51004']),
      here(['trace', '00000000-0000-4000-8000-000000000000']),
    ])
    expectUsageError(none, /AADSTS51004 is no Request Id: expected a GUID/)
    expect([unknown.status, unknown.stdout]).to.deep.equal([1, ''])
    expect(unknown.stderr).to.match(/^No trace is kept under 0{8}-.*24 hours/)
  })

  it('domains list and show, also as JSON; add and federate say what they did', async () => {
    const certificate = file('okta.cer', deployment.idp.key.certificatePem)
    const added = await here(['domains', 'add', 'Partner.Example', '--trust'])
    expect([added.status, added.stderr]).to.deep.equal([0, ''])
    expect(added.stdout).to.match(/^Added partner\.example \(managed\)/)
    const federated = await here([
      ...['domains', 'federate', 'partner.example', '--issuer', 'http://www.okta.com/exkpartner'],
      ...['--sign-in-url', 'https://partner.okta.com/sso', '--certificate', certificate, '--yes'],
    ])
    expect(federated.status).to.equal(0)
    // The sample tenant has no break-glass account.
    expect(federated.stderr).to.match(/^WARNING: NOBODY COULD SIGN IN AS AN ADMIN[^\n]*\n$/)
    expect(federated.stdout).to.match(/^Federated partner\.example:\n/m)
    const [list, json, show] = await Promise.all([
      here(['domains', 'list']),
      here(['domains', 'list', '--json']),
      here(['domains', 'show', 'partner.example']),
    ])
    expect(list.stdout).to.match(
      /^partner\.example +Federated, not proven +0 +http:\/\/www\.okta\.com\/exkpartner$/m,
    )
    expect(
      JSON.parse(json.stdout).map(({ domain }: { domain: string }) => domain),
    ).to.include.members(['customer.com', 'customer.co.uk', 'managed.example', 'partner.example'])
    expect(show.stdout).to.match(/signingCertificate +until .+SHA-256 [0-9a-f]{64}$/m)
    const settingGroups = ['domains', 'federate', 'partner.example', '--yes', '--groups-attribute']
    const named = await here([...settingGroups, 'memberOf'])
    expect(named.stdout).to.match(/groups attribute +memberOf$/m)
    expect(named.stdout).to.match(/^groupsAttribute +memberOf +- +memberOf$/m)
    const usual = await here([...settingGroups, 'none'])
    expect(usual.stdout).to.match(/groups attribute +the usual names$/m)
    const bad = await here([...settingGroups, ' memberOf'])
    expect([bad.status, bad.stderr]).to.satisfy(
      ([status, stderr]: [number, string]) =>
        status !== 0 && /groupsAttribute must be/.test(stderr),
    )
    // And a server that runs knows it at once.
    const begun = await deployment.visitor().begin('someone@partner.example')
    expect(new URL(begun.action).host).to.equal('partner.okta.com')
  })

  it('domains with bad input: what is wrong, and which', async () => {
    const text = file('not-a-certificate.txt', 'hello')
    const source = ['--issuer', 'urn:x', '--sign-in-url', 'https://x.example/sso', '--certificate']
    const [unknown, missing, noFile, noCertificate, noMetadata, plain] = await Promise.all([
      here(['domains', 'show', 'elsewhere.example']),
      here(['domains', 'federate', 'managed.example']),
      here(['domains', 'federate', 'customer.com', ...source, 'nowhere.cer']),
      here(['domains', 'federate', 'customer.com', ...source, text]),
      here(['domains', 'federate', 'customer.com', '--metadata', text]),
      here(['domains', 'add', 'not a domain']),
    ])
    expect([unknown.status, unknown.stdout]).to.deep.equal([1, ''])
    expect(unknown.stderr).to.include('elsewhere.example')
    expectUsageError(missing, /Missing: --issuer URI, --sign-in-url URL, --certificate FILE/)
    expectUsageError(noFile, /nowhere\.cer: .*no such file/)
    expectUsageError(noCertificate, /^homerealm: \S+not-a-certificate\.txt: Found 5 characters/)
    expectUsageError(noMetadata, /^homerealm: \S+not-a-certificate\.txt: /)
    expect(plain.status).to.equal(1)
    expect(plain.stderr).to.include('not a domain')
  })

  it('users list and export, of all or of one domain, and of one that is not here', async () => {
    const [list, wrong, json, csv, unknown] = await Promise.all([
      here(['users', 'list', '--limit', '2']),
      here(['users', 'list', '--limit', '2x']),
      here(['users', 'list', '--json', '--domain', 'customer.com']),
      here(['users', 'export']),
      here(['users', 'list', '--domain', 'elsewhere.example']),
    ])
    expect(list.stdout.trimEnd().split('\n')).to.have.length(3)
    expect(list.stderr).to.match(/^2 of \d+; more with --limit/)
    expectUsageError(wrong, /^homerealm: --limit is a whole number from 1 on, and "2x" is none/)
    const users = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const alice = users.find(({ userPrincipalName }) => userPrincipalName === 'alice@customer.com')
    expect(alice.onPremisesImmutableId).to.equal(deployment.person('alice@customer.com').nameId)
    expect(unknown.status).to.equal(1)
    expect(unknown.stderr).to.include('elsewhere.example')
    // What was exported changes nothing when it is imported again.
    const again = await here(['users', 'import', '-', '--json', '--dry-run'], csv.stdout)
    const { isDryRun, created, changed, unchangedCount } = JSON.parse(again.stdout)
    expect({ isDryRun, created, changed }).to.deep.equal({
      isDryRun: true,
      created: [],
      changed: [],
    })
    expect(unchangedCount).to.equal(await deployment.storage.directory.countUsers())
  })
})
