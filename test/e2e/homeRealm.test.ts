import { expect } from 'chai'
import { type Deployment, startDeployment } from '../support/deployment.ts'

describe('home-realm discovery, as clients ask it over sockets', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  const get = (path: string) => deployment.visitor().fetch(path)
  const post = (body: string, type = 'application/json; charset=UTF-8') =>
    deployment.visitor().fetch('/common/GetCredentialType', {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    })
  const json = async (path: string) => JSON.parse((await get(path)).body)

  it('userrealm takes the name in the path or as a parameter, in any case of the path', async () => {
    for (const path of [
      '/common/userrealm/alice%40customer.com?api-version=2.1',
      '/common/UserRealm/alice@customer.com?api-version=2.1',
      '/common/userrealm/?user=alice%40customer.com&api-version=2.1&stsRequest=x&checkForMicrosoftAccount=false',
      '/common/userrealm?user=alice%40customer.com&api-version=2.1',
    ]) {
      const answer = await json(path)
      expect(answer, path).to.include({ NameSpaceType: 'Federated', Login: 'alice@customer.com' })
      expect(answer.AuthURL).to.equal(`${deployment.ssoUrl}?username=alice%40customer.com`)
    }
    const one = await json('/common/userrealm/alice@customer.com')
    expect(one).to.include({ ver: '1.0', account_type: 'Federated' })
  })

  it('answers as JSON that nobody keeps, with our ids', async () => {
    const { headers } = await get('/getuserrealm.srf?login=alice%40customer.com&json=1')
    expect(headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(headers.get('cache-control')).to.include('no-store')
    expect(headers.get('x-ms-request-id')).to.match(/^[0-9a-f-]{36}$/)
  })

  it('getuserrealm.srf tells federated, managed and unknown apart', async () => {
    const types = ['alice@customer.com', 'x@managed.example', 'x@elsewhere.example', 'x', '']
    const answers = types.map((login) =>
      json(`/getuserrealm.srf?${new URLSearchParams({ login, json: '1' })}`),
    )
    const said = (await Promise.all(answers)).map(({ NameSpaceType }) => NameSpaceType)
    expect(said).to.deep.equal(['Federated', 'Managed', 'Unknown', 'Unknown', 'Unknown'])
  })

  it('nobody learns who exists: a stranger of a known domain is answered as its users are', async () => {
    const { directory } = deployment.storage
    expect(await directory.userByPrincipalName('alice@customer.com')).not.to.equal(null)
    expect(await directory.userByPrincipalName('zoe99@customer.com')).to.equal(null)
    const asked = async (name: string) => {
      const login = encodeURIComponent(name)
      const answers = [
        await get(`/common/userrealm/${login}?api-version=1.0`),
        await get(`/common/userrealm/${login}?api-version=2.1`),
        await get(`/getuserrealm.srf?login=${login}&json=1`),
        await post(JSON.stringify({ username: name })),
      ]
      return answers.map(({ status, body }) => [
        status,
        body.replaceAll(name, 'NAME').replaceAll(encodeURIComponent(name), 'NAME'),
      ])
    }
    expect(await asked('zoe99@customer.com')).to.deep.equal(await asked('alice@customer.com'))
  })

  it('GetCredentialType gives the flow token back, and leads to the identity provider', async () => {
    const { status, body } = await post(
      JSON.stringify({
        username: ' alice@customer.com ',
        isOtherIdpSupported: true,
        flowToken: 'AQABAAEAAAD-',
      }),
    )
    expect(status).to.equal(200)
    const answer = JSON.parse(body)
    expect(answer).to.include({ Username: 'alice@customer.com', FlowToken: 'AQABAAEAAAD-' })
    expect(answer.Credentials.FederationRedirectUrl).to.equal(
      `${deployment.ssoUrl}?username=alice%40customer.com`,
    )
  })

  for (const [what, path, status, aadsts] of [
    ['a version that nobody knows', '/common/userrealm/a@customer.com?api-version=3.0', 400, 90023],
    ['GET where POST is served', '/common/GetCredentialType', 405, 900561],
  ] as const) {
    it(`${what} is refused with AADSTS${aadsts} as JSON`, async () => {
      const answer = await get(path)
      const said = JSON.parse(answer.body)
      expect(answer.status).to.equal(status)
      expect(said.error_codes).to.deep.equal([aadsts])
      expect(said.error_description).to.match(
        /^AADSTS\d+: .*\r\nTrace ID: \S+\r\nCorrelation ID: \S+\r\nTimestamp: .*Z$/,
      )
      expect(said.trace_id).to.equal(answer.headers.get('x-ms-request-id'))
      expect(said.timestamp).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
    })
  }

  for (const [what, body, type] of [
    ['no JSON', 'username=alice', undefined],
    ['a list', '["alice@customer.com"]', undefined],
    ['no username', '{}', undefined],
    ['a username that is no text', '{"username":{"$ne":null}}', undefined],
    [
      'a prototype in place of members',
      '{"__proto__":{"username":"alice@customer.com"}}',
      undefined,
    ],
    ['another content type', '{"username":"alice@customer.com"}', 'text/plain'],
    ['more than 64 KiB', `{"username":"a","x":"${'x'.repeat(65_536)}"}`, undefined],
  ] as const) {
    it(`GetCredentialType refuses ${what}`, async () => {
      const answer = await post(body, type)
      expect(answer.status).to.equal(400)
      expect(JSON.parse(answer.body).error_codes).to.deep.equal([90023])
    })
  }

  it('hostile names are Unknown, never an error', async () => {
    for (const path of [
      '/common/userrealm/%FF',
      '/common/userrealm/%00@customer.com',
      '/common/userrealm/..%2f..%2fetc@x',
      `/common/userrealm/${'a'.repeat(5000)}@customer.com`,
      '/common/userrealm/?user=a@customer.com&user=b@customer.com',
    ]) {
      const answer = await get(path)
      expect([answer.status, JSON.parse(answer.body).account_type], path).to.deep.equal([
        200,
        'Unknown',
      ])
    }
  })

  it('the rate limit of sign-ins counts these, too', async () => {
    const strict = await startDeployment({ environment: { HOMEREALM_RATE_PER_MINUTE: '10' } })
    try {
      const ask = () => strict.visitor().fetch('/common/userrealm/a@customer.com')
      for (let i = 0; i < 10; i++) expect((await ask()).status).to.equal(200)
      for (const path of ['/common/userrealm/', '/getuserrealm.srf', '/common/GetCredentialType']) {
        expect((await strict.visitor().fetch(path)).status, path).to.equal(429)
      }
    } finally {
      await strict.close()
    }
  })
})
