import { expect } from 'chai'
import { Refusal } from '../../src/aadsts/reasons.ts'
import { urns } from '../../src/admin/scim/names.ts'
import { DatabaseError } from '../../src/storage/databaseError.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Provisioner, provisioner } from './support.ts'

describe('the SCIM door, when the server itself fails', () => {
  let deployment: Deployment
  let client: Provisioner
  beforeEach(async () => {
    deployment = await startDeployment()
    client = await provisioner(deployment)
  })
  afterEach(() => deployment?.close())

  const user = (userName: string, more: object = {}) => ({
    schemas: [urns.user],
    userName,
    ...more,
  })
  const post = (userName: string) =>
    client.send({ method: 'POST', path: '/Users', body: user(userName) })

  /** Transactions of the deployment end with this error from now on. */
  function failWith(error: Error): void {
    Object.assign(deployment.storage.directory, { transaction: () => Promise.reject(error) })
  }

  it('says 503 while the database is held for too long, so that the client tries again', async () => {
    failWith(new DatabaseError('file', 'busy', 'held'))
    const answer = await post('a@managed.example')
    expect([answer.status, answer.body.status]).to.deep.equal([503, '503'])
    expect(answer.headers.get('retry-after')).to.equal('5')
    failWith(new Refusal('tooManyRequests'))
    expect((await post('a@managed.example')).status).to.equal(503)
  })

  it('says 500 and nothing of the cause, which the log has', async () => {
    failWith(new Error('a secret cause'))
    const answer = await post('a@managed.example')
    expect([answer.status, answer.body.status]).to.deep.equal([500, '500'])
    expect(answer.text).not.to.include('secret')
    expect(deployment.logged.join('')).to.include('a secret cause')
  })

  it('goes on with the other operations of a bulk request', async () => {
    const { directory } = deployment.storage
    const { transaction } = directory
    let calls = 0
    Object.assign(directory, {
      transaction: (work: Parameters<typeof transaction>[0]) => {
        calls += 1
        return calls === 2 ? Promise.reject(new Error('once')) : transaction(work)
      },
    })
    const Operations = ['a', 'b', 'c'].map((name) => ({
      method: 'POST',
      path: '/Users',
      bulkId: name,
      data: user(`${name}@managed.example`),
    }))
    const body = { schemas: [urns.bulkRequest], Operations }
    const answer = await client.send({ method: 'POST', path: '/Bulk', body })
    expect(answer.status).to.equal(200)
    expect(answer.body.Operations.map(({ status }: { status: string }) => status)).to.deep.equal([
      '201',
      '500',
      '201',
    ])
  })
})
