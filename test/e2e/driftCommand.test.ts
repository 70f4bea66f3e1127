import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { expectUsageError, run } from '../support/program.ts'

describe('homerealm users drift', function () {
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
  const environment = () => ({ HOMEREALM_DATA: deployment.dataFolder })
  const here = (...args: string[]) => run(args, { environment: environment() })
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  it('tells the demo’s story: Bob’s case, Carol missing, Dave disabled; and what to do', async () => {
    const details = join(folder, 'details.csv')
    const okta = 'fixtures/csv/demo-okta-users.csv'
    const ended = await here('users', 'drift', okta, '--details', details)
    expect([ended.status, ended.stderr]).to.deep.equal([1, ''])
    expect(ended.stdout).to.match(/^case +1 {2}differs in upper and lower case$/m)
    expect(ended.stdout).to.match(/^ {2}line 3, bob@customer\.com: case\. .*character 1\.$/m)
    expect(ended.stdout).to.match(/^ {2}line 4, carol@customer\.com: onlyThere\.$/m)
    expect(ended.stdout).to.match(/^disabled +1 /m)
    expect(ended.stdout).not.to.match(/==/)
    const who = readFileSync(details, 'utf8').split('\r\n').slice(1, -1)
    expect(who.map((line) => line.split(',')[0])).to.deep.equal(['case', 'onlyThere', 'disabled'])
  })

  it('finds nothing to do in our own export in Okta’s columns: status 0', async () => {
    const out = join(folder, 'export.csv')
    const exported = await here('users', 'export', '--headings', 'okta', '--out', out)
    expect(exported.status).to.equal(0)
    const ended = await here('users', 'drift', out)
    expect([ended.status, ended.stderr]).to.deep.equal([0, ''])
    expect(ended.stdout).to.match(/Nothing to do/)
  })

  it('mends what it found: the file for Okta, and the file that users import takes', async () => {
    const repair = join(folder, 'here.csv')
    const okta = 'fixtures/csv/demo-okta-users.csv'
    const ended = await here('users', 'drift', okta, '--repair-here', repair)
    expect(ended.stdout).to.match(/^The file to import here \(2 people\): /m)
    expect((await here('users', 'import', repair)).status).to.equal(0)
    const again = await here('users', 'drift', okta)
    expect([again.status, again.stderr]).to.deep.equal([0, ''])
  })

  it('prints JSON and nothing else with --json', async () => {
    const okta = file('okta.csv', 'login,immutableId\nzoe@customer.com,zoe-1\n')
    const ended = await here('users', 'drift', okta, '--json')
    expect([ended.status, ended.stderr]).to.deep.equal([1, ''])
    const report = JSON.parse(ended.stdout)
    expect([report.there, report.classes.onlyThere, report.files]).to.deep.equal([1, 1, {}])
    expect(report.examples[0]).to.deep.equal({
      class: 'onlyThere',
      place: 2,
      login: 'zoe@customer.com',
      userPrincipalName: null,
      remark: null,
    })
  })

  it('reads standard input', async () => {
    const input =
      '{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[]}'
    const ended = await run(['users', 'drift', '-'], { environment: environment(), input })
    expect([ended.status, ended.stderr]).to.deep.equal([1, ''])
    expect(ended.stdout).to.match(/^standard input: 0 people there, \d+ users here\.$/m)
  })

  it('with wrong usage or a file that cannot be read: status 2, and no file', async () => {
    const out = join(folder, 'not-made.csv')
    const noAnchor = file('no-anchor.csv', 'login,email\na@customer.com,\n')
    const [bare, missing, wrong, nowhere] = await Promise.all([
      here('users', 'drift'),
      here('users', 'drift', 'nowhere.csv', '--details', out),
      here('users', 'drift', noAnchor, '--details', out),
      here('users', 'drift', noAnchor, '--anchor-column', 'login', '--details', '/nowhere/x.csv'),
    ])
    expectUsageError(bare, /missing required argument 'okta\.csv'/)
    expectUsageError(missing, /nowhere\.csv: it cannot be read: there is no such file/)
    expectUsageError(
      wrong,
      /no-anchor\.csv, line 1: no column is named immutableId; .*--anchor-column/,
    )
    expectUsageError(nowhere, /\/nowhere\/x\.csv: it cannot be written: there is no such file/)
    expect(existsSync(out)).to.equal(false)
  })
})
