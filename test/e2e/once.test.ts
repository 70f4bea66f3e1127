import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { type Deployment, newDataFolder, startDeployment } from '../support/deployment.ts'

describe('a response signs in once, and only where its sign-in began', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('fifty parallel posts of one response give one session', async () => {
    const visitor = deployment.visitor()
    const response = await visitor.atOkta(
      await visitor.begin('alice@customer.com'),
      'alice@customer.com',
    )
    const cookie = visitor.jar.header(new URL(deployment.publicUrl))
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => {
        const one = deployment.visitor()
        return one.post(response.acs, { SAMLResponse: response.samlResponse }, { cookie })
      }),
    )
    const sessions = answers.flatMap((answer) =>
      answer.headers.getSetCookie().filter((line) => line.startsWith('homerealm-session=')),
    )
    expect(sessions.length).to.equal(1)
    expect(answers.filter(({ status }) => status === 303).length).to.equal(1)
    const refused = answers.filter(({ status }) => status !== 303)
    const reasons = await Promise.all(refused.map((answer) => deployment.reason(answer)))
    expect(reasons).to.deep.equal(Array.from({ length: 49 }, () => 'responseReplayed'))
    expect(new Set(refused.map(({ aadsts }) => aadsts))).to.deep.equal(new Set([500089]))
  })

  it('two responses to one request sign in once', async () => {
    const visitor = deployment.visitor()
    const begun = await visitor.begin('alice@customer.com')
    const responses = [
      await visitor.atOkta(begun, 'alice@customer.com'),
      await visitor.atOkta(begun, 'alice@customer.com'),
    ]
    const answers = await Promise.all(responses.map((response) => visitor.deliver(response)))
    const outcomes = await Promise.all(
      answers.map(async (answer) => (await deployment.kept(answer)).reason),
    )
    expect(outcomes.toSorted()).to.deep.equal([null, 'requestUnknown'].toSorted())
  })

  it('a response that the visitor of another browser posts is refused, and the right browser can still post it', async () => {
    const right = deployment.visitor()
    const response = await right.atOkta(
      await right.begin('alice@customer.com'),
      'alice@customer.com',
    )

    const withoutCookie = await deployment.visitor().deliver(response)
    expect(await deployment.reason(withoutCookie)).to.equal('browserMismatch')
    expect(withoutCookie.aadsts).to.equal(50089)
    expect(withoutCookie.headers.getSetCookie()).to.deep.equal([])

    const other = deployment.visitor()
    await other.begin('bob@customer.com')
    expect(await deployment.reason(await other.deliver(response))).to.equal('browserMismatch')
    expect(await other.signedInAs()).to.equal(null)

    expect((await right.deliver(response)).status).to.equal(303)
    expect(await right.signedInAs()).to.equal('alice@customer.com')
  })

  it('a browser that carries its cookie twice is told apart from none', async () => {
    const visitor = deployment.visitor()
    const response = await visitor.atOkta(
      await visitor.begin('alice@customer.com'),
      'alice@customer.com',
    )
    const handle = visitor.jar.get('localhost', 'homerealm-browser')
    const other = `homerealm-browser=${'A'.repeat(43)}`
    const twice = await deployment.visitor().post(
      response.acs,
      { SAMLResponse: response.samlResponse },
      {
        cookie: `homerealm-browser=${handle}; ${other}`,
      },
    )
    expect(await deployment.reason(twice)).to.equal('browserMismatch')
  })

  it('an unsigned or garbled response that names a waiting request does not use it up', async () => {
    const visitor = deployment.visitor()
    const begun = await visitor.begin('alice@customer.com')
    const alice = deployment.person('alice@customer.com')

    const unsigned = deployment.idp.respond(alice, begun.requestId, (spec) => ({
      ...spec,
      signed: 'none',
    }))
    expect(await deployment.reason(await visitor.deliver(unsigned))).to.equal('notSigned')

    const genuine = deployment.idp.respond(alice, begun.requestId)
    const garbled = Buffer.from(genuine.samlResponse, 'base64')
      .toString('utf8')
      .replace(/(?<=<ds:SignatureValue>)./g, (letter) => (letter === 'A' ? 'B' : 'A'))
    const posted = { ...genuine, samlResponse: Buffer.from(garbled).toString('base64') }
    expect(await deployment.reason(await visitor.deliver(posted))).to.equal('signatureInvalid')

    const xml = `<Response InResponseTo="${begun.requestId}">`
    const broken = { ...genuine, samlResponse: Buffer.from(xml).toString('base64') }
    expect(await deployment.reason(await visitor.deliver(broken))).to.equal('notWellFormed')

    expect((await visitor.deliver(genuine)).status).to.equal(303)
    expect(await visitor.signedInAs()).to.equal('alice@customer.com')
  })

  it('a refused response can be posted again, and is refused for the same reason', async () => {
    const visitor = deployment.visitor()
    const response = await visitor.atOkta(
      await visitor.begin('bob@customer.com'),
      'bob@customer.com',
    )
    for (const answer of [await visitor.deliver(response), await visitor.deliver(response)]) {
      expect(answer.aadsts).to.equal(51004)
      expect(await deployment.reason(answer)).to.equal('immutableIdMismatch')
    }
  })

  it('a second sign-in of a browser takes the place of the first', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const first = visitor.jar.get('localhost', 'homerealm-session')
    await visitor.signIn('amina.diallo@customer.com')
    expect(await visitor.signedInAs()).to.equal('amina.diallo@customer.com')
    const old = deployment.visitor()
    old.jar.set('localhost', 'homerealm-session', first ?? '')
    expect(await old.signedInAs()).to.equal(null)
  })

  it('a replay after a restart on the same data is refused, and sessions outlive the restart', async () => {
    const dataFolder = newDataFolder()
    try {
      const first = await startDeployment({ dataFolder })
      const visitor = first.visitor()
      const used = await visitor.atOkta(
        await visitor.begin('alice@customer.com'),
        'alice@customer.com',
      )
      expect((await visitor.deliver(used)).status).to.equal(303)
      const waiting = await visitor.atOkta(
        await visitor.begin('alice@customer.com'),
        'alice@customer.com',
      )
      await first.close()

      const second = await startDeployment({ dataFolder, publicUrl: first.publicUrl })
      try {
        expect(second.tenant).to.deep.equal(first.tenant)
        const same = second.visitor()
        for (const name of ['homerealm-browser', 'homerealm-session']) {
          same.jar.set('localhost', name, visitor.jar.get('localhost', name) ?? '')
        }
        expect(await same.signedInAs()).to.equal('alice@customer.com')
        const replayed = await same.post(new URL(used.acs).pathname, {
          SAMLResponse: used.samlResponse,
        })
        expect(await second.reason(replayed)).to.equal('responseReplayed')
        // One that was still on its way is taken: the request outlived the restart too.
        const late = await same.post(new URL(waiting.acs).pathname, {
          SAMLResponse: waiting.samlResponse,
        })
        expect(late.status).to.equal(303)
      } finally {
        await second.close()
      }
    } finally {
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })
})
