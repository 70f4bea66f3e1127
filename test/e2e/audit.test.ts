import { expect } from 'chai'
import type { AuditRecord } from '../../src/directory/audit.ts'
import type { User } from '../../src/directory/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { addManaged, enrol, sendPassword as send } from '../support/managed.ts'
import { run } from '../support/program.ts'

describe('the audit of a deployment', function () {
  this.timeout(60_000)
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())
  const homerealm = (...args: string[]) =>
    run(args, { environment: { HOMEREALM_DATA: deployment.dataFolder } })
  const linesOf = (stdout: string): AuditRecord[] =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))

  /** The records of a user when there are as many: the server writes them beside its answers. */
  async function recordsOf({ id }: User, count: number): Promise<readonly AuditRecord[]> {
    const { audit } = deployment.storage.directory
    for (;;) {
      const found = await audit.latest(100, { targetId: id })
      if (found.length >= count) return found
      await new Promise((go) => setTimeout(go, 5))
    }
  }

  it('has what the demo made, by whom and through which door', async () => {
    const { audit } = deployment.storage.directory
    const records = await audit.latest(50)
    expect(new Set(records.map(({ who }) => who))).to.deep.equal(
      new Set(['homerealm', 'homerealm demo']),
    )
    const actions = new Set(records.map(({ action }) => action))
    expect(actions).to.include.all.keys('domainsChanged', 'usersImported', 'keysRotated')
  })

  it('has what people change at their sign-in: a new password, a second factor, a recovery code', async () => {
    const user = await addManaged(deployment, { credentials: { mustChangePassword: true } })
    const visitor = deployment.visitor()
    await send(visitor, user.userPrincipalName)
    const password = 'a brand new one'
    await visitor.post('/signin/new-password', { password, repeated: password })
    await visitor.post('/me/second-factor', {})
    const { codes } = await enrol(visitor, deployment.clock.at)
    const again = deployment.visitor()
    await send(again, user.userPrincipalName, password)
    await again.post('/signin/code', { code: codes[0] ?? '' })
    expect(await again.signedInAs()).to.equal(user.userPrincipalName)

    const records = await recordsOf(user, 3)
    expect(records.map(({ after }) => Object.keys(after ?? {}))).to.deep.equal([
      ['passwordSetAt', 'mustChangePassword'],
      ['secondFactorSince', 'recoveryCodesLeft'],
      ['recoveryCodesLeft'],
    ])
    for (const { who, door, action } of records) {
      expect([who, door, action]).to.deep.equal([
        ...[user.userPrincipalName, 'server', 'credentialsChanged'],
      ])
    }
    for (const secret of [password, ...codes]) {
      expect(JSON.stringify(records)).not.to.include(secret)
    }
  })

  it('is the same for a user who goes, comes back by undo, and signs in again', async () => {
    const alice = 'alice@customer.com'
    const before = await deployment.storage.directory.userByPrincipalName(alice)
    const removed = await homerealm('users', 'remove', alice, '--yes')
    expect(removed.status, removed.stderr).to.equal(0)
    const refused = await deployment.signInOverSockets(alice)
    expect(await deployment.reason(refused)).to.equal('userNotFound')
    const id = /audit undo (\d+)/.exec(removed.stdout)?.[1] ?? ''
    const undone = await homerealm('audit', 'undo', id)
    expect([undone.status, undone.stderr]).to.deep.equal([0, ''])
    const back = await deployment.storage.directory.userByPrincipalName(alice)
    expect(back?.id).to.equal(before?.id)
    expect((await deployment.signInOverSockets(alice)).status).to.equal(303)
    const { stdout } = await homerealm('audit', '--json', '--user', alice)
    const records = linesOf(stdout)
    expect(records.map(({ action, door }) => [action, door])).to.deep.equal([
      ['userDeleted', 'commandLine'],
      ['userCreated', 'commandLine'],
    ])
    expect(records[1]?.undoes).to.equal(Number(id))
  })

  it('records what commands change beside the directory, too', async () => {
    const marked = await addManaged(deployment)
    expect(
      (await homerealm('users', 'break-glass', 'add', marked.userPrincipalName)).status,
    ).to.equal(0)
    expect(
      (await homerealm('apps', 'add', 'Orders', '--identifier-uri', 'api://orders', '--no-secret'))
        .status,
    ).to.equal(0)
    const [record] = await recordsOf(marked, 1)
    expect(record).to.include({ door: 'commandLine' })
    expect(record?.after).to.deep.equal({ isBreakGlass: true })
    const [last] = linesOf(
      (await homerealm('audit', '--json', '--door', 'commandLine')).stdout,
    ).slice(-1)
    expect(last).to.include({ action: 'appCreated' })
    expect(last?.target.name).to.equal('Orders')
  })
})
