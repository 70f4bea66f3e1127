import { expect } from 'chai'
import { readDemoOktaUsers } from '../../src/cli/server/demoTenant.ts'
import { faults } from '../../src/demo-okta/faults/index.ts'
import type { User } from '../../src/directory/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, detailsOf } from '../support/visitor.ts'

const hostile =
  '"\'><script>alert(1)</script>\r\nSet-Cookie: evil=1\u202e{{7*7}}<img src=x onerror=y>'

/** Whether a hostile text came through as markup or as a line of its own. */
function expectTame({ body, headers }: Pick<Answer, 'body' | 'headers'>): void {
  expect(body).not.to.include('<script>alert')
  expect(body).not.to.include('<img')
  expect(body).not.to.include('{{7*7}}<')
  expect(headers.getSetCookie().join()).not.to.include('evil')
}

describe('nothing hostile comes back, and nothing secret goes out', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('hostile values in every parameter never come back unescaped', async () => {
    const visitor = deployment.visitor()
    const encoded = encodeURIComponent(hostile)
    const answers = [
      await visitor.fetch(`/signin?login_hint=${encoded}`),
      await visitor.fetch(`/signin?login_hint=${encodeURIComponent(`${hostile}@customer.com`)}`),
      await visitor.fetch(`/signin?login_hint=${encodeURIComponent(`a@${hostile}.com`)}`),
      await visitor.fetch(`/signin?domain_hint=${encoded}&whr=${encoded}`),
      await visitor.fetch(`/signin?client-request-id=${encoded}&RelayState=${encoded}`),
      await visitor.fetch(`/error?code=${encoded}`),
      await visitor.fetch(`/${encoded}`),
      await visitor.post(`/${encoded}/saml2`, { SAMLResponse: hostile }),
      await visitor.post('/common/saml2', { SAMLResponse: hostile, RelayState: hostile }),
      await visitor.post('/signin', { username: hostile }),
    ]
    for (const answer of answers) expectTame(answer)
  })

  it('a RelayState leads nowhere: after the sign-in comes /me', async () => {
    for (const relayState of [hostile, 'https://evil.example/', '//evil.example', 'javascript:x']) {
      const visitor = deployment.visitor()
      const carried = await visitor.atOkta(
        await visitor.begin('alice@customer.com'),
        'alice@customer.com',
      )
      const answer = await visitor.post(carried.acs, {
        SAMLResponse: carried.samlResponse,
        RelayState: relayState,
      })
      expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/me'])
      expectTame(answer)
    }
  })

  it('the status message of an identity provider stands in the trace, and neither on the page nor in the log', async () => {
    const visitor = deployment.visitor()
    const { requestId } = await visitor.begin('alice@customer.com')
    const message = `<script>alert(1)</script> denied\n{"level":"error","msg":"forged line"}`
    const answer = await visitor.deliver(
      deployment.idp.respond(deployment.person('alice@customer.com'), requestId, (spec) => ({
        ...spec,
        assertions: [],
        signed: 'response',
        status: {
          code: 'urn:oasis:names:tc:SAML:2.0:status:Responder',
          subCode: 'urn:oasis:names:tc:SAML:2.0:status:RequestDenied',
          message,
        },
      })),
    )
    expect(await deployment.reason(answer)).to.equal('statusNotSuccess')
    expectTame(answer)
    expect(answer.body).not.to.include('denied')
    const log = deployment.logged.join('')
    expect(log).not.to.include('alert(1)')
    expect(log).not.to.include('forged line')
    expect(JSON.stringify((await deployment.kept(answer)).trace)).to.include('forged line')
  })

  it('claims and names that are markup are text on /me', async () => {
    const visitor = deployment.visitor()
    const { requestId } = await visitor.begin('alice@customer.com')
    const said = hostile.replace(/\r\n/, ' ')
    const person = { ...deployment.person('alice@customer.com'), firstName: said, groups: [said] }
    const answer = await visitor.deliver(deployment.idp.respond(person, requestId))
    expect(answer.status).to.equal(303)
    const me = await visitor.fetch('/me')
    expectTame(me)
    expect(me.body).to.include('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('every line of the log is one JSON object, whatever was sent', async () => {
    for (const line of deployment.logged) {
      expect(line.indexOf('\n')).to.equal(line.length - 1)
      expect(JSON.parse(line)).to.be.an('object')
    }
    expect(deployment.logged.length).to.be.greaterThan(5)
  })

  it('no page and no line of the log holds a response, or the ImmutableId of another person', async () => {
    const stored: User[] = []
    for await (const user of deployment.storage.directory.users()) stored.push(user)
    const people = readDemoOktaUsers()
    const secrets = new Map<string, string>()
    for (const user of stored) secrets.set(user.onPremisesImmutableId ?? '', user.userPrincipalName)
    const before = deployment.logged.length

    const attempts: [person: string, fault: string][] = [
      ...['alice', 'bob', 'carol', 'dave'].map((name): [string, string] => [
        `${name}@customer.com`,
        '',
      ]),
      ...[...faults.keys()]
        .filter((fault) => fault !== 'replay')
        .map((fault): [string, string] => ['alice@customer.com', fault]),
    ]
    const responses: string[] = []
    const pages: { person: string; answer: Answer }[] = []
    for (const [person, fault] of attempts) {
      const visitor = deployment.visitor()
      const carried = await visitor.atOkta(await visitor.begin(person), person, fault)
      responses.push(carried.samlResponse)
      pages.push({ person, answer: await visitor.deliver(carried) })
    }

    for (const { person, answer } of pages) {
      const sent = people.find(({ login }) => login === person)?.nameId
      for (const [secret, owner] of secrets) {
        if (secret === '' || (owner === person && secret === sent)) continue
        expect(answer.body.includes(secret), `${person} sees the value of ${owner}`).to.equal(false)
      }
      for (const { login } of people) {
        if (login !== person) expect(answer.body, person).not.to.include(login)
      }
      // Only what the person sent themselves may be quoted back.
      expect([...detailsOf(answer.body).values()].join()).not.to.include('<')
    }

    const log = deployment.logged.slice(before).join('')
    expect(deployment.logged.length - before).to.equal(attempts.length)
    for (const { nameId, login } of people) {
      expect(log.includes(nameId), `the NameID of ${login} is in the log`).to.equal(false)
      expect(log.includes(login), `${login} is in the log`).to.equal(false)
    }
    for (const [secret] of secrets) if (secret !== '') expect(log.includes(secret)).to.equal(false)
    for (const response of responses) expect(log.includes(response.slice(0, 60))).to.equal(false)
    expect(log).not.to.include('homerealm-')
  })
})
