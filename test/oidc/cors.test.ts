import { expect } from 'chai'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { askTokens, codeFor, redirectUri, registerApp, registerServerApp } from './support.ts'

const spaOrigin = new URL(redirectUri).origin

describe('browser apps on other origins', () => {
  let deployment: Deployment
  let app: App
  let tokenUrl: string
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'spa' })
    tokenUrl = `${deployment.publicUrl}/${deployment.tenant.id}/oauth2/v2.0/token`
  })
  after(() => deployment?.close())

  const preflight = (url: string, origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
  async function redeemFrom(origin: string, of = app, more: Record<string, string> = {}) {
    const { code, verifier } = await codeFor(deployment, of)
    return askTokens(
      deployment,
      {
        grant_type: 'authorization_code',
        client_id: of.id,
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        ...more,
      },
      { origin },
    )
  }

  it('may redeem codes from a registered spa origin', async () => {
    const asked = await preflight(tokenUrl, spaOrigin)
    expect(asked.status).to.equal(204)
    expect(asked.headers.get('access-control-allow-origin')).to.equal(spaOrigin)
    expect(asked.headers.get('access-control-allow-methods')).to.equal('POST')
    expect(asked.headers.get('access-control-allow-headers')).to.equal('content-type')
    expect(asked.headers.get('vary')).to.match(/Origin/)
    const answer = await redeemFrom(spaOrigin)
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('access-control-allow-origin')).to.equal(spaOrigin)
    expect(answer.headers.get('access-control-allow-credentials')).to.equal(null)
  })

  it('from anywhere else they are not answered', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      deployment.publicUrl,
      `${spaOrigin}:444`,
    ]) {
      const asked = await preflight(tokenUrl, origin)
      expect(asked.headers.get('access-control-allow-origin'), origin).to.equal(null)
      const { status, headers, body } = await redeemFrom(origin)
      expect(headers.get('access-control-allow-origin'), origin).to.equal(null)
      expect([status, body.error_codes], origin).to.deep.equal([400, [9002326]])
    }
  })

  it('the origin of one app is of no use to another', async () => {
    const { app: web, secret } = await registerServerApp(deployment, { displayName: 'web' })
    const { headers, body } = await redeemFrom(spaOrigin, web, { client_secret: secret })
    expect(body.error_codes).to.deep.equal([9002326])
    expect(headers.get('access-control-allow-origin')).to.equal(null)
    const unknown = await askTokens(
      deployment,
      {
        grant_type: 'authorization_code',
        client_id: 'nobody',
        code: 'x',
        redirect_uri: redirectUri,
      },
      { origin: spaOrigin },
    )
    expect(unknown.body.error_codes).to.deep.equal([700016])
    expect(unknown.headers.get('access-control-allow-origin')).to.equal(null)
  })

  it('read discovery and keys from anywhere, and userinfo from where they are registered', async () => {
    const base = `${deployment.publicUrl}/common`
    for (const path of ['/v2.0/.well-known/openid-configuration', '/discovery/v2.0/keys']) {
      const answer = await fetch(base + path, { headers: { origin: 'https://any.example' } })
      expect(answer.headers.get('access-control-allow-origin'), path).to.equal('*')
    }
    const userinfo = `${base}/oidc/userinfo`
    const here = await preflight(userinfo, spaOrigin)
    expect(here.headers.get('access-control-allow-origin')).to.equal(spaOrigin)
    const there = await preflight(userinfo, 'https://evil.example')
    expect(there.headers.get('access-control-allow-origin')).to.equal(null)
  })
})
