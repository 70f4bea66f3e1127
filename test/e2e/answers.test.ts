import { expect } from 'chai'
import { isGuid } from '../../src/lib/ids.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { type Answer, detailsOf } from '../support/visitor.ts'

/** A Set-Cookie line as its name and attributes, without the value. */
function cookieShape(line: string): string {
  return line.replace(/=[^;]*/, '').replace(/(Max-Age|Expires)=[^;]*/g, '$1')
}

describe('what every answer carries', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  describe('the cookies', () => {
    it('of the browser survives a cross-site POST, and no script reads it', async () => {
      const answer = await deployment.visitor().fetch('/signin?login_hint=alice%40customer.com')
      const [line = '', ...more] = answer.headers.getSetCookie()
      expect(more).to.deep.equal([])
      expect(cookieShape(line)).to.equal(
        'homerealm-browser; Max-Age; Path=/; Expires; HttpOnly; Secure; SameSite=None',
      )
      expect(line).to.include('Max-Age=900;')
      expect(line).to.match(/^homerealm-browser=[A-Za-z0-9_-]{43};/)
    })

    it('of the session is Lax and HttpOnly; neither names a domain, and neither is kept as it is', async () => {
      const answer = await deployment.signInOverSockets('alice@customer.com')
      const [line = '', ...more] = answer.headers.getSetCookie()
      expect(more).to.deep.equal([])
      expect(cookieShape(line)).to.equal(
        'homerealm-session; Max-Age; Path=/; Expires; HttpOnly; SameSite=Lax',
      )
      const handle = /^homerealm-session=([A-Za-z0-9_-]{43});/.exec(line)?.[1] ?? ''
      expect(await deployment.storage.sessions.session(handle, deployment.clock.at)).to.equal(null)
    })

    it('under https are named __Host- and are Secure, both', async () => {
      const secure = await startDeployment({ publicUrl: 'https://login.example.test' })
      try {
        const visitor = secure.visitor()
        const begun = await visitor.fetch('/signin?login_hint=alice%40customer.com')
        expect(begun.headers.getSetCookie().map(cookieShape)).to.deep.equal([
          '__Host-homerealm-browser; Max-Age; Path=/; Expires; HttpOnly; Secure; SameSite=None',
        ])
        // The demo Okta's form leads to the public address, where nobody is: the response is posted by hand.
        const response = await visitor.atOkta(
          await visitor.begin('alice@customer.com'),
          'alice@customer.com',
        )
        const posted = await visitor.post('/common/saml2', { SAMLResponse: response.samlResponse })
        expect(posted.headers.getSetCookie().map(cookieShape)).to.deep.equal([
          '__Host-homerealm-session; Max-Age; Path=/; Expires; HttpOnly; Secure; SameSite=Lax',
        ])
        expect(posted.headers.get('strict-transport-security')).to.match(/^max-age=\d{8};/)
      } finally {
        await secure.close()
      }
    })
  })

  it('the headers of every page forbid framing, sniffing, caching and everything from elsewhere', async () => {
    const visitor = deployment.visitor()
    await visitor.signIn('alice@customer.com')
    const pages = [
      await visitor.fetch('/signin'),
      await visitor.fetch('/signin?login_hint=alice%40customer.com'),
      await visitor.fetch('/signin?login_hint=max%40managed.example'),
      await visitor.fetch('/signin?login_hint=nobody'),
      await visitor.fetch('/me'),
      await visitor.fetch('/error?code=51004'),
      await visitor.fetch('/signedout'),
      await visitor.fetch('/nowhere'),
      await deployment.signInOverSockets('bob@customer.com'),
    ]
    for (const { url, status, headers } of pages) {
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy, url).to.match(/^default-src 'none'; script-src 'self'; style-src 'self'; /)
      expect(policy, url).to.include("frame-ancestors 'none'")
      expect(policy, url).not.to.match(/unsafe|\*|data:/)
      expect(headers.get('x-content-type-options'), url).to.equal('nosniff')
      expect(headers.get('x-frame-options'), url).to.equal('DENY')
      // A refusal answers a POST, so that Back needs the browser's copy of it; no proxy may keep one.
      const kept = status === 403 ? 'private, no-cache' : 'no-store, no-cache'
      expect(headers.get('cache-control'), url).to.equal(kept)
      expect(headers.get('referrer-policy'), url).to.equal('strict-origin-when-cross-origin')
      expect(headers.get('cross-origin-opener-policy'), url).to.equal('same-origin')
      expect(headers.has('x-powered-by'), url).to.equal(false)
      expect(isGuid(headers.get('x-ms-request-id') ?? ''), url).to.equal(true)
    }
  })

  describe('the ids', () => {
    const correlationOf = (answer: Answer) => detailsOf(answer.body).get('Correlation Id') ?? ''
    const refused = (query: string, headers: Record<string, string> = {}) =>
      deployment.visitor().post(`/common/saml2${query}`, { SAMLResponse: 'QQ' }, headers)

    it('the Request Id of the page is x-ms-request-id, new each time, and leads to the trace', async () => {
      const answers = [await refused(''), await refused('')]
      for (const answer of answers) {
        const shown = detailsOf(answer.body).get('Request Id')
        expect(shown).to.equal(answer.headers.get('x-ms-request-id'))
        expect((await deployment.kept(answer)).correlationId).to.equal(correlationOf(answer))
      }
      const [first, second] = answers.map((answer) => answer.headers.get('x-ms-request-id'))
      expect(first).not.to.equal(second)
    })

    it('client-request-id, in the query or as a header, is the Correlation Id when it is a GUID', async () => {
      const id = '0DDBA11F-1234-4abc-8def-0123456789ab'
      expect(correlationOf(await refused(`?client-request-id=${id}`))).to.equal(id.toLowerCase())
      expect(correlationOf(await refused('', { 'client-request-id': id }))).to.equal(
        id.toLowerCase(),
      )
    })

    it('and is nowhere to be seen when it is none', async () => {
      for (const id of ['"><script>x()</script>', 'hello', `{${crypto.randomUUID()}}`, '']) {
        const answer = await refused(`?${new URLSearchParams({ 'client-request-id': id })}`)
        expect(isGuid(correlationOf(answer)), id).to.equal(true)
        if (id !== '') expect(answer.body).not.to.include(id)
        expect(answer.body).not.to.include('x()')
      }
    })
  })

  it('the details stand in their order, and the Timestamp is the moment of the refusal', async () => {
    const answer = await deployment.signInOverSockets('dave@customer.com')
    const details = detailsOf(answer.body)
    expect([...details.keys()]).to.deep.equal([
      'Request Id',
      'Correlation Id',
      'Timestamp',
      'Message',
    ])
    const moment = `${new Date(deployment.clock.at).toISOString().slice(0, 19)}Z`
    expect(details.get('Timestamp')).to.equal(moment)
    expect(details.get('Message')).to.match(/^AADSTS50057: /)
  })

  it('too many requests of one address get 429 with Retry-After and a page', async () => {
    const strict = await startDeployment({ environment: { HOMEREALM_RATE_PER_MINUTE: '10' } })
    try {
      const visitor = strict.visitor()
      for (let i = 0; i < 10; i++) expect((await visitor.fetch('/signin')).status).to.equal(200)
      const answer = await visitor.fetch('/signin')
      expect(answer.status).to.equal(429)
      expect(answer.aadsts).to.equal(90023)
      expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60)
      // The ACS counts with it; pages that cost nothing do not.
      expect((await visitor.post('/login.srf', {})).status).to.equal(429)
      expect((await visitor.fetch('/error')).status).to.equal(200)
      expect((await visitor.fetch('/healthz')).status).to.equal(200)
    } finally {
      await strict.close()
    }
  })

  it('readyz says whether the database can be reached', async () => {
    const other = await startDeployment()
    try {
      expect((await other.visitor().fetch('/readyz')).body).to.equal('ready\n')
      await other.storage.close()
      const answer = await other.visitor().fetch('/readyz')
      expect([answer.status, answer.body]).to.deep.equal([503, 'not ready\n'])
      expect((await other.visitor().fetch('/healthz')).status).to.equal(200)
    } finally {
      await other.close()
    }
  })

  it('a failure of the server is a page without its cause, which stands in the log under the Request Id', async () => {
    const other = await startDeployment()
    try {
      const visitor = other.visitor()
      await other.storage.close()
      const answer = await visitor.fetch('/signin?login_hint=alice%40customer.com')
      expect([answer.status, answer.aadsts]).to.deep.equal([500, 90033])
      expect(answer.body).not.to.match(/database|sqlite|\.ts\b/i)
      const line = other.logged.find((each) =>
        each.includes(answer.headers.get('x-ms-request-id') ?? 'none'),
      )
      expect(line).to.include('the database was closed')
    } finally {
      await other.close()
    }
  })
})
