import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { type Provisioner, provisioner } from '../scim/support.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'

describe('cursors that a client made itself', () => {
  let deployment: Deployment
  let client: Provisioner
  before(async () => {
    deployment = await startDeployment()
    client = await provisioner(deployment)
  })
  after(() => deployment?.close())

  /** Of a list without filter, as the door writes them. */
  const cursorOf = (scope: string, order: unknown, value: unknown) => {
    const asked = JSON.stringify([`${scope} of ${client.app.id}`, null, null, false])
    const query = createHash('sha256').update(asked).digest('base64url')
    return Buffer.from(JSON.stringify([query, order, value, 'id', 3])).toString('base64url')
  }

  it('are refused for an order that the list has not, and never a fault inside', async () => {
    const orders = ['userPrincipalName', 'displayName', 'mail', 'id', '1; DROP TABLE users', null]
    for (const [path, scope, known] of [
      ['/Groups', 'groups', ['displayName']],
      ['/Users', 'users', ['userPrincipalName', 'displayName', 'mail']],
    ] as const) {
      for (const order of orders) {
        for (const value of ['a', '\ud800', '\u0000', 7]) {
          const { status, body } = await client.send({
            path: `${path}?cursor=${cursorOf(scope, order, value)}`,
          })
          const isSound = typeof value === 'string' && known.some((each) => each === order)
          expect([status, body.scimType], `${path} ${order} ${value}`).to.deep.equal(
            isSound ? [200, undefined] : [400, 'invalidCursor'],
          )
        }
      }
    }
    expect(deployment.logged.filter((line) => line.includes('unexpected error'))).to.deep.equal([])
  })
})
