import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'
import { expectUsageError, run } from '../support/program.ts'

const wrong = 'AAAAAAAAAAAAAAAAAAAAAA=='

describe('imports as the admin sees them', function () {
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
  const users = (...args: string[]) =>
    run(['users', ...args], { environment: { HOMEREALM_DATA: deployment.dataFolder } })
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('a wrong ImmutableId is traced to its file and line, shown, and undone; then the person is in', async () => {
    const csv = file('okta-0107.csv', `login,immutableId\nalice@customer.com,${wrong}\n`)
    const imported = await users('import', csv)
    expect(imported.status, imported.stderr).to.equal(0)
    const id = /import (\d+);/.exec(imported.stderr)?.[1] ?? ''

    const refused = await deployment.signInOverSockets('alice@customer.com')
    expect(await deployment.reason(refused)).to.equal('immutableIdMismatch')
    const requestId = refused.headers.get('x-ms-request-id') ?? ''
    const trace = await run(['trace', requestId], {
      environment: { HOMEREALM_DATA: deployment.dataFolder },
    })
    expect(trace.stdout).to.contain('The stored ImmutableId is from okta-0107.csv, line 2.')
    expect(refused.body).not.to.contain('okta-0107')

    const shown = await users('show', 'ALICE@customer.com')
    expect(shown.stdout).to.match(
      /onPremisesImmutableId +A+== +import \d+: okta-0107\.csv, line 2\n/,
    )
    const listed = JSON.parse((await users('imports', '--json')).stdout)
    expect(listed[0]).to.include({ id: Number(id), file: 'okta-0107.csv', changedCount: 1 })

    const undone = await users('undo', id)
    expect([undone.status, undone.stderr]).to.deep.equal([0, ''])
    expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)
    expect((await users('undo', id)).status).to.equal(1)
  })

  it('what stands in the way of an undo is said, and so are mistakes in the options', async () => {
    const first = file('first.csv', 'login,department\nzoe@customer.com,Sales\n')
    const second = file('second.csv', 'login,department\nzoe@customer.com,HR\n')
    const id = /import (\d+);/.exec((await users('import', first)).stderr)?.[1] ?? ''
    await users('import', second)
    const refused = await users('undo', id)
    expect(refused.status).to.equal(1)
    expect(refused.stderr).to.match(
      /line 2: zoe@customer\.com was changed since, by import \d+ \(second\.csv, line 2\)/,
    )
    expectUsageError(await users('undo', 'x'), /no number of an import/)
    expectUsageError(await users('import', first, '--delete-missing'), /needs --domain/)
    expectUsageError(await users('show', 'nobody@customer.com'), /no user nobody/)
  })

  it('the domain’s users who are not listed go only when their number is confirmed', async () => {
    const list = file('list.csv', 'login\nalice@customer.com\n')
    const args = ['import', list, '--delete-missing', '--domain', 'customer.com']
    const stopped = await users(...args)
    expect(stopped.status).to.equal(1)
    const number = /--confirm-deletions (\d+)/.exec(stopped.stderr)?.[1] ?? ''
    const done = await users(...args, '--confirm-deletions', number)
    expect(done.status, done.stderr).to.equal(0)
    expect(done.stdout).to.contain(`${number} removed, 1 as they were`)
    expect((await deployment.signInOverSockets('alice@customer.com')).status).to.equal(303)
  })

  for (const headings of ['graph', 'okta', 'entra']) {
    it(`an export with ${headings} headings, imported again, changes nothing`, async () => {
      const out = join(folder, `${headings}.csv`)
      expect((await users('export', '--headings', headings, '--out', out)).status).to.equal(0)
      const report = JSON.parse((await users('import', out, '--json')).stdout)
      expect(report).to.include({ createdCount: 0, changedCount: 0, rejectedCount: 0 })
      expect(report.unchangedCount).to.be.above(0)
    })
  }
})
