import { expect } from 'chai'
import { hours, minutes } from '../../src/lib/clock.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { eachAssertion } from '../support/identityProvider.ts'

describe('what ends, and when', () => {
  let deployment: Deployment
  beforeEach(async () => {
    deployment = await startDeployment()
  })
  afterEach(() => deployment?.close())
  const alice = () => deployment.person('alice@customer.com')

  it('a request is answered until its fifteen minutes are over, and not after', async () => {
    for (const [after, status] of [
      [minutes(15) - 1, 303],
      [minutes(15), 400],
    ] as const) {
      const visitor = deployment.visitor()
      const { requestId } = await visitor.begin('alice@customer.com')
      deployment.clock.at += after
      const answer = await visitor.deliver(deployment.idp.respond(alice(), requestId))
      expect(answer.status).to.equal(status)
      if (status === 400) {
        expect(await deployment.reason(answer)).to.equal('requestExpired')
        expect(answer.aadsts).to.equal(50089)
        expect(answer.body).to.include('took too long')
      }
    }
  })

  it('a purge removes what is over, and nothing that still counts', async () => {
    const visitor = deployment.visitor()
    const waiting = await visitor.begin('alice@customer.com')
    const used = deployment.idp.respond(
      alice(),
      (await visitor.begin('alice@customer.com')).requestId,
    )
    await visitor.deliver(used)
    await deployment.storage.purge(deployment.clock.at)
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    expect(await deployment.reason(await visitor.deliver(used))).to.equal('responseReplayed')
    const late = await visitor.deliver(deployment.idp.respond(alice(), waiting.requestId))
    expect(late.status).to.equal(303)
  })

  it('a used response stays refused as a replay for as long as it could be valid, and then as expired', async () => {
    const visitor = deployment.visitor()
    const { requestId } = await visitor.begin('alice@customer.com')
    const used = deployment.idp.respond(alice(), requestId)
    await visitor.deliver(used)
    deployment.clock.at += minutes(7) - 1
    await deployment.storage.purge(deployment.clock.at)
    expect(await deployment.reason(await visitor.deliver(used))).to.equal('responseReplayed')
    deployment.clock.at += 1
    expect(await deployment.reason(await visitor.deliver(used))).to.equal('assertionExpired')
  })

  it('a session is over after twelve hours, whatever the browser keeps', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    deployment.clock.at += hours(12) - 1
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    deployment.clock.at += 1
    expect(await visitor.signedInAs()).to.equal(null)
    // And the cookie was taken away with it.
    expect(visitor.jar.get('localhost', 'homerealm-session')).to.equal(null)
  })

  it('a session is over at SessionNotOnOrAfter when that is earlier', async () => {
    const visitor = deployment.visitor()
    const { requestId } = await visitor.begin('alice@customer.com')
    const end = deployment.clock.at + minutes(30)
    const response = deployment.idp.respond(
      alice(),
      requestId,
      eachAssertion(({ authn }) => ({ authn: authn && { ...authn, sessionNotOnOrAfter: end } })),
    )
    const answer = await visitor.deliver(response)
    expect(answer.headers.getSetCookie().join()).to.include(`Max-Age=${30 * 60};`)
    deployment.clock.at = end - 1
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    deployment.clock.at = end
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('a session ends at the next page once its user is disabled', async () => {
    const { directory } = deployment.storage
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const before = await directory.userByPrincipalName('alice@customer.com')
    if (before === null) throw new Error('no Alice')
    const user = { ...before, accountEnabled: false }
    await directory.writeUsers([{ kind: 'update', before, user }])
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('a session ends at the next page once its federation is disabled', async () => {
    const { directory } = deployment.storage
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const federation = await directory.federationByIssuer(deployment.idp.issuer)
    if (federation === null) throw new Error('no federation')
    await directory.putFederation({ ...federation, isEnabled: false })
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('a session is over for good once its user has another ImmutableId', async () => {
    const { directory } = deployment.storage
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const before = await directory.userByPrincipalName('alice@customer.com')
    if (before === null) throw new Error('no Alice')
    const user = { ...before, onPremisesImmutableId: 'b3RoZXI=', lastModifiedDateTime: 1 }
    await directory.writeUsers([{ kind: 'update', before, user }])
    expect(await visitor.signedInAs()).to.equal(null)
    await directory.writeUsers([{ kind: 'update', before: user, user: before }])
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('a session ends at the next page once another federation serves its domain', async () => {
    const { directory } = deployment.storage
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const federation = await directory.federationByIssuer(deployment.idp.issuer)
    const domain = await directory.domain('customer.com')
    if (federation === null || domain === null) throw new Error('no federation of customer.com')
    const other = { ...federation, id: 'other', issuerUri: 'http://www.okta.com/exk2' }
    await directory.putFederation(other)
    await directory.putDomain({ ...domain, federationId: other.id })
    expect(await visitor.signedInAs()).to.equal(null)
  })

  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
  ]) {
    it(`a sign-out that another site sends ends nothing: ${JSON.stringify(headers)}`, async () => {
      const visitor = deployment.visitor()
      await visitor.signIn('alice@customer.com')
      await visitor.fetch('/signout', { method: 'POST', headers })
      expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    })
  }

  it('a sign-out without the cookie, as another site’s form comes, takes no cookie away', async () => {
    const answer = await deployment.visitor().fetch('/signout', { method: 'POST' })
    expect(answer.headers.getSetCookie()).to.deep.equal([])
  })

  it('signing out ends the session at the server, and only by POST', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const handle = visitor.jar.get('localhost', 'homerealm-session') ?? ''
    expect((await visitor.fetch('/signout')).status).to.equal(404)
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
    const left = await visitor.fetch('/signout', { method: 'POST' })
    expect([left.status, left.headers.get('location')]).to.deep.equal([303, '/signedout'])
    visitor.jar.set('localhost', 'homerealm-session', handle)
    expect(await visitor.signedInAs()).to.equal(null)
  })

  it('a trace is kept for twenty-four hours, and then gone', async () => {
    const answer = await deployment.signInOverSockets('bob@customer.com')
    deployment.clock.at += hours(24) - 1
    expect(await deployment.reason(answer)).to.equal('immutableIdMismatch')
    deployment.clock.at += 1
    const requestId = answer.headers.get('x-ms-request-id') ?? ''
    expect(await deployment.storage.traces.trace(requestId, deployment.clock.at)).to.equal(null)
    await deployment.storage.purge(deployment.clock.at + 1)
    // Not even under the clock of then.
    expect(await deployment.storage.traces.trace(requestId, deployment.clock.at - 2)).to.equal(null)
  })
})
