import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { type Deployment, startDeployment } from '../support/deployment.ts'

/** A POST whose body never comes: it keeps its place until the server gives up on it. */
async function heldPost(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.write(
    'POST /login.srf HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nS',
  )
  return socket
}

describe('requests at work at once', () => {
  let deployment: Deployment
  const held: Socket[] = []
  before(async () => {
    deployment = await startDeployment()
  })
  after(async () => {
    for (const socket of held) socket.destroy()
    await deployment?.close()
  })

  it('are bounded for each address, and one that gives its places back is served again', async () => {
    const { port } = new URL(deployment.publicUrl)
    for (let n = 0; n < 100; n += 1) held.push(await heldPost(Number(port)))
    let answer = await deployment.visitor().fetch('/signin')
    for (let n = 0; n < 50 && answer.status === 200; n += 1) {
      answer = await deployment.visitor().fetch('/signin')
    }
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '1'])
    for (const socket of held.splice(0)) socket.destroy()
    while (answer.status === 503) answer = await deployment.visitor().fetch('/signin')
    expect(answer.status).to.equal(200)
  })

  it('a path that cannot be decoded is the sender’s fault: no error in the log', async () => {
    const answer = await deployment.visitor().post('/%E0%A4%A/saml2', { SAMLResponse: 'x' })
    expect([answer.status, answer.aadsts]).to.deep.equal([400, 90023])
    expect(deployment.logged.join('')).to.not.contain('unexpected error')
  })
})
