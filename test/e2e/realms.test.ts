import { expect } from 'chai'
import type { User } from '../../src/directory/types.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { actionOf } from '../support/visitor.ts'

describe('the realm of an e-mail, over sockets', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  /** Adds a user like Alice under another name; gives the person as the demo Okta would know them. */
  async function addUser(userPrincipalName: string) {
    const { directory } = deployment.storage
    const like = (await directory.userByPrincipalName('alice@customer.com')) as User
    const nameId = systemRandom(16).toString('base64')
    const user = {
      ...like,
      id: newGuid(systemRandom),
      userPrincipalName,
      onPremisesImmutableId: nameId,
    }
    await directory.writeUsers([{ kind: 'create', user }])
    return { ...deployment.person('alice@customer.com'), login: userPrincipalName, nameId }
  }

  for (const [what, upn] of [
    ['a subdomain inherits the federation of its parent', 'eve@emea.customer.com'],
    ['a second domain shares the federation', 'fay@customer.co.uk'],
  ] as const) {
    it(what, async () => {
      const person = await addUser(upn)
      const visitor = deployment.visitor()
      const begun = await visitor.begin(upn)
      expect(begun.action.startsWith(`${deployment.ssoUrl}?`)).to.equal(true)
      const answer = await visitor.deliver(deployment.idp.respond(person, begun.requestId))
      expect(answer.status).to.equal(303)
      expect(await visitor.signedInAs()).to.equal(upn)
    })
  }

  it('upper case, white space around, and an international name for a subdomain change nothing', async () => {
    for (const email of [' ALICE@Customer.COM ', 'alice@CUSTOMER.com', 'alice@BÜRO.customer.com']) {
      const { action } = await deployment.visitor().begin(email)
      expect(action.startsWith(`${deployment.ssoUrl}?`), email).to.equal(true)
    }
  })

  it('the e-mail goes along as username and login_hint, as it was typed', async () => {
    const { action } = await deployment.visitor().begin('Alice+x@customer.com')
    const query = new URL(action).searchParams
    expect(query.get('username')).to.equal('Alice+x@customer.com')
    expect(query.get('login_hint')).to.equal('Alice+x@customer.com')
  })

  for (const [what, email, aadsts] of [
    ['malformed', 'alice', 90013],
    ['of an unknown domain', 'alice@elsewhere.example', 50059],
    ['of a domain that only ends like one of ours', 'alice@notcustomer.com', 50059],
    ['of a domain that holds ours at its beginning', 'alice@customer.com.evil.example', 50059],
  ] as const) {
    it(`an e-mail ${what} gets the e-mail page with AADSTS${aadsts}, and no cookie`, async () => {
      const query = new URLSearchParams({ login_hint: email })
      const answer = await deployment.visitor().fetch(`/signin?${query}`)
      expect(answer.status).to.equal(400)
      expect(answer.body).to.include(`AADSTS${aadsts}: `)
      expect(answer.body).to.include(`value="${email}"`)
      expect(answer.headers.getSetCookie()).to.deep.equal([])
    })
  }

  it('an e-mail of a managed domain gets the password page, and no cookie', async () => {
    const answer = await deployment.visitor().fetch('/signin?login_hint=max%40managed.example')
    expect(answer.status).to.equal(200)
    expect(actionOf(answer.body)).to.equal('/signin/password')
    expect(answer.headers.getSetCookie()).to.deep.equal([])
  })

  for (const query of [
    'domain_hint=customer.com',
    'whr=CUSTOMER.co.uk',
    'domain_hint=emea.customer.com',
  ]) {
    it(`${query} skips the e-mail page`, async () => {
      const answer = await deployment.visitor().fetch(`/signin?${query}`)
      expect(actionOf(answer.body)).to.equal(deployment.ssoUrl)
    })
  }

  for (const query of [
    'domain_hint=elsewhere.example',
    'whr=managed.example',
    'domain_hint=',
    'domain_hint=%00',
  ]) {
    it(`${query} shows no error`, async () => {
      const answer = await deployment.visitor().fetch(`/signin?${query}`)
      expect(answer.status).to.equal(200)
      expect(answer.body).not.to.include('role="alert"')
    })
  }

  it('a hint that is given twice is no hint', async () => {
    const twice = 'login_hint=alice%40customer.com&login_hint=bob%40customer.com'
    const answer = await deployment.visitor().fetch(`/signin?${twice}`)
    expect(actionOf(answer.body)).to.equal('/signin')
  })

  it('the posted form answers by a redirect that carries the e-mail', async () => {
    const answer = await deployment.visitor().post('/signin', { username: ' alice@customer.com ' })
    expect(answer.status).to.equal(303)
    expect(answer.headers.get('location')).to.equal('/signin?login_hint=alice%40customer.com')
  })

  it('with the Redirect binding the browser is sent on, and its answer signs in', async () => {
    const { directory } = deployment.storage
    const federation = await directory.federationByIssuer(deployment.idp.issuer)
    if (federation === null) throw new Error('no federation')
    await directory.putFederation({ ...federation, requestBinding: 'redirect' })
    try {
      const visitor = deployment.visitor()
      const sent = await visitor.fetch('/signin?login_hint=alice%40customer.com')
      expect(sent.status).to.equal(302)
      const location = new URL(sent.headers.get('location') ?? '')
      expect(location.origin + location.pathname).to.equal(deployment.ssoUrl)
      expect(location.searchParams.has('SAMLRequest')).to.equal(true)
      const page = await visitor.fetch(location.href)
      expect(page.status).to.equal(200)
      expect(page.body).to.include('value="alice@customer.com"')
    } finally {
      await directory.putFederation(federation)
    }
  })
})
