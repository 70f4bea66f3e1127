import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { isoMillis } from '../../src/lib/clock.ts'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { expectUsageError, run } from '../support/program.ts'

describe('homerealm replay as a command', function () {
  this.timeout(60_000)
  let deployment: Deployment
  let folder: string
  let cases: string
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  before(async () => {
    deployment = await startDeployment()
    folder = newDataFolder()
    cases = join(folder, 'cases')
    mkdirSync(cases)
    const { nameId, login } = deployment.person('alice@customer.com')
    const { samlResponse, acs } = deployment.idp.respond(
      deployment.person('alice@customer.com'),
      '_9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
    )
    file('cases/captured.b64', samlResponse)
    const given = {
      name: 'captured',
      at: isoMillis(deployment.clock.at),
      response: 'captured.b64',
      encoding: 'base64',
      acs,
      audience: deployment.config.entityId,
      clockSkewSeconds: 120,
      request: {
        id: '_9f3c1f9e-7a51-4f0c-9a52-0c6f3f6f2b11',
        federation: deployment.idp.issuer,
        loginHint: login,
      },
      federations: [
        {
          issuerUri: deployment.idp.issuer,
          domains: ['customer.com'],
          signingCertificate: deployment.idp.key.certificatePem,
          nextSigningCertificate: null,
        },
      ],
      users: [{ userPrincipalName: login, onPremisesImmutableId: nameId }],
      decryptionKey: null,
    }
    const write = (name: string, more: object) =>
      file(`cases/${name}.json`, JSON.stringify({ ...given, name, ...more }))
    write('good', { expect: { outcome: 'signedIn' } })
    write('late', {
      at: isoMillis(deployment.clock.at + 3_600_000),
      expect: { outcome: 'refused', reason: 'assertionExpired', aadsts: 500089 },
    })
  })

  after(async () => {
    await deployment?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  it('a folder of cases that all come out as expected has status 0', async () => {
    const { status, stdout, stderr } = await run(['replay', cases])
    expect([status, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(/2 cases, all as expected\n$/)
  })

  it('--json prints one array and nothing else, and --explain what was expected and found', async () => {
    const late = join(cases, 'late.json')
    const [json, explained] = await Promise.all([
      run(['replay', '--json', cases]),
      run(['replay', '--explain', late]),
    ])
    const results = JSON.parse(json.stdout)
    expect(results.map((each: { reason: string | null }) => each.reason)).to.deep.equal([
      null,
      'assertionExpired',
    ])
    expect(Object.keys(results[0])).to.deep.equal([
      'file',
      'name',
      'outcome',
      'user',
      'reason',
      'aadsts',
      'asExpected',
      'trace',
    ])
    expect(explained.stdout).to.match(/expected[\s\S]*our clock says/)
  })

  it('one that comes out otherwise, or is refused with nothing expected, has status 1', async () => {
    const late = JSON.parse(readFileSync(join(cases, 'late.json'), 'utf8'))
    const variant = (name: string, expected: object | undefined) => {
      const given = { ...late, response: 'cases/captured.b64', expect: expected }
      return file(name, JSON.stringify(given))
    }
    const all = await Promise.all([
      run(['replay', variant('otherwise.json', { outcome: 'signedIn' })]),
      run(['replay', variant('unexpected.json', undefined)]),
    ])
    for (const { status, stdout, stderr } of all) {
      expect([status, stderr]).to.deep.equal([1, ''])
      expect(stdout).to.include('assertionExpired')
    }
  })

  it('a bare response that vouches for itself proves nothing: status 1, and the first line says so', async () => {
    const bare = ['replay', 'fixtures/cases/okta.good.xml', '--at', '2026-01-15T09:30:00Z']
    const [itself, given] = await Promise.all([
      run(bare),
      run([...bare, '--certificate', 'certs/demo-okta.pem']),
    ])
    expect(itself.status).to.equal(1)
    expect(itself.stdout).to.match(/^\?\? {2}okta\.good\.xml: would sign in .* NOTHING here proves/)
    expect(given.status).to.equal(0)
    expect(given.stdout).to.match(/^ {4}okta\.good\.xml: signs in/)
  })

  it('a file that is no response is named, with status 2', async () => {
    const ended = await run(['replay', 'README.md'])
    expectUsageError(ended, /^homerealm: README\.md: expected a case \(\.json\), a response/)
  })

  it('unreadable cases are named with file and place, and have status 2', async () => {
    const broken = file('broken.json', '{ "name": "x",\n  "at": }\n')
    const key = file('key.json', '{ "name": "x", "surprise": 1 }')
    const response = file('response.json', '{ "name": "x", "at": "2026-01-15T09:30:00Z" }')
    const all = await Promise.all([
      run(['replay', broken]),
      run(['replay', key]),
      run(['replay', response]),
      run(['replay', join(folder, 'nowhere.json')]),
    ])
    for (const ended of all) expectUsageError(ended, /^homerealm: \S+/)
    expect(all[0].stderr).to.include(broken)
    expect(all[1].stderr).to.match(/surprise/)
    expect(all[2].stderr).to.match(/response/)
  })

  it('a bare captured response is judged at --at with the database, and says what it assumed', async () => {
    const captured = join(cases, 'captured.b64')
    const at = ['--at', isoMillis(deployment.clock.at)]
    const ended = await run(['replay', '--database', ...at, '--acs', deployment.acs, captured], {
      environment: { HOMEREALM_DATA: deployment.dataFolder },
    })
    expect(ended.stderr).to.equal('')
    expect(ended.stdout).to.include('alice@customer.com')
    expect(ended.stdout).to.match(/assumed /)
    expect(ended.status).to.equal(0)
  })
})
