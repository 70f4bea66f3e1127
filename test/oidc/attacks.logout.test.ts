import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import type { Visitor } from '../support/visitor.ts'
import { codeFor, redeem, redirectUri, registerApp } from './support.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('attacks: sign-out', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'app' })
  })
  after(() => deployment?.close())

  async function signedIn(of = app): Promise<{ visitor: Visitor; idToken: string }> {
    const began = await codeFor(deployment, of)
    const { body } = await redeem(deployment, of, began)
    return { visitor: began.visitor, idToken: body.id_token }
  }
  const leave = (visitor: Visitor, params: Record<string, string>) =>
    visitor.fetch(`/common/oauth2/v2.0/logout?${new URLSearchParams(params)}`)

  /** An app's server that answers a back-channel call, and what it was sent. */
  async function listening(answer: RequestListener) {
    const received: { readonly url: string; readonly body: string }[] = []
    const listener = createServer(async (req, res) => {
      let body = ''
      for await (const chunk of req) body += chunk
      received.push({ url: req.url ?? '', body })
      answer(req, res)
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}`,
      received,
      close: () => {
        listener.closeAllConnections()
        listener.close()
      },
    }
  }

  it('nobody is signed out unasked by a token that is forged, another person’s, or of another kind', async () => {
    const backend = await listening((_req, res) => res.writeHead(200).end())
    try {
      const back = await registerApp(deployment, {
        displayName: 'back',
        backChannelLogoutUri: `${backend.url}/logout`,
      })
      const first = await signedIn(back)
      await leave(first.visitor, { id_token_hint: first.idToken })
      const logoutToken = new URLSearchParams(backend.received[0]?.body).get('logout_token') ?? ''
      expect(decodeJwt(logoutToken).aud).to.equal(back.id)

      const { visitor, idToken } = await signedIn(back)
      const [header = '', payload = ''] = idToken.split('.')
      const ofOther = deployment.visitor()
      await ofOther.signIn('amina.diallo@customer.com')
      const hints = [
        logoutToken,
        `${part({ alg: 'none' })}.${payload}.`,
        `${header}.${payload}.AAAA`,
        'nonsense',
      ]
      for (const id_token_hint of hints) {
        const page = await leave(visitor, { id_token_hint })
        expect(page.body, id_token_hint.slice(0, 30)).to.include('Do you want to sign out?')
      }
      const page = await leave(ofOther, { id_token_hint: idToken })
      expect(page.body).to.include('Do you want to sign out?')
      expect(await visitor.signedInAs()).to.equal('alice@customer.com')
      expect(await ofOther.signedInAs()).to.equal('amina.diallo@customer.com')
    } finally {
      backend.close()
    }
  })

  it('a sign-out leads to a registered address, or stays here', async () => {
    const tricks = [
      `${redirectUri}/`,
      `${redirectUri}?x`,
      `${redirectUri}#x`,
      redirectUri.replace('routty.example', 'routty.example.evil.example'),
      redirectUri.replace('https://', 'https://evil.example\\@'),
      redirectUri.replace('https:', 'http:'),
      redirectUri.toUpperCase(),
      'https://evil.example/',
      '//evil.example/',
      'javascript:alert(1)',
      '/\\evil.example',
    ]
    for (const uri of tricks) {
      const { visitor, idToken } = await signedIn()
      const more = { post_logout_redirect_uri: uri, state: 'x' }
      for (const params of [{ id_token_hint: idToken, ...more }, more]) {
        const { headers } = await leave(visitor, params)
        expect(headers.get('location'), uri).to.equal('/signedout')
      }
    }
    const { visitor, idToken } = await signedIn()
    const twice = new URLSearchParams({ id_token_hint: idToken })
    for (const uri of [redirectUri, 'https://evil.example/']) {
      twice.append('post_logout_redirect_uri', uri)
    }
    const answer = await visitor.fetch(`/common/oauth2/v2.0/logout?${twice}`)
    expect(answer.headers.get('location')).to.equal('/signedout')
  })

  it('a state cannot write into the address beyond its own value', async () => {
    const { visitor, idToken } = await signedIn()
    const state = 'a&code=stolen#b\r\nSet-Cookie: evil=1'
    const { headers } = await leave(visitor, {
      id_token_hint: idToken,
      post_logout_redirect_uri: redirectUri,
      state,
    })
    const url = new URL(headers.get('location') ?? '')
    expect([...url.searchParams]).to.deep.equal([['state', state]])
    expect([url.hash, headers.getSetCookie().join().includes('evil')]).to.deep.equal(['', false])
  })

  it('a back channel that redirects is not followed, and one that talks without end holds nobody up', async () => {
    const inner = await listening((_req, res) => res.writeHead(200).end())
    const redirecting = await listening((_req, res) =>
      res.writeHead(307, { location: `${inner.url}/internal` }).end(),
    )
    const endless = await listening((_req, res) => {
      res.writeHead(200)
      const timer = setInterval(() => res.write('x'.repeat(65_536)), 5)
      res.on('close', () => clearInterval(timer))
    })
    try {
      const visitor = deployment.visitor()
      let idToken = ''
      for (const { url } of [redirecting, endless]) {
        const back = await registerApp(deployment, {
          displayName: `behind ${url}`,
          backChannelLogoutUri: `${url}/logout`,
        })
        const began = await codeFor(deployment, back, {}, visitor)
        idToken = (await redeem(deployment, back, began)).body.id_token
      }
      const answer = await leave(visitor, { id_token_hint: idToken })
      expect(answer.headers.get('location')).to.equal('/signedout')
      expect([redirecting.received.length, endless.received.length]).to.deep.equal([1, 1])
      expect(inner.received).to.deep.equal([])
      expect(deployment.logged.some((line) => line.includes('answered 307'))).to.equal(true)
      expect(await visitor.signedInAs()).to.equal(null)
    } finally {
      for (const each of [inner, redirecting, endless]) each.close()
    }
  })

  it('the ID token of one who has left signs nobody out who came after in the same browser', async () => {
    const { visitor, idToken } = await signedIn()
    await leave(visitor, { id_token_hint: idToken })
    await visitor.signIn('amina.diallo@customer.com')
    const page = await leave(visitor, { id_token_hint: idToken })
    expect(page.body).to.include('Do you want to sign out?')
  })
})
