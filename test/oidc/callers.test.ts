import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, SignJWT } from 'jose'
import { changeApp } from '../../src/oidc/apps.ts'
import { callerReasons } from '../../src/oidc/callers.ts'
import {
  type DirectoryRole,
  directoryIdentifier,
  withDirectoryApi,
} from '../../src/oidc/directoryApi.ts'
import { MOST_REFUSALS } from '../../src/oidc/refusalLimit.ts'
import type { App } from '../../src/oidc/types.ts'
import { type CallerProbe, startProbe } from '../support/callerProbe.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { askTokens, registerApp, registerServerApp, tokensFor } from './support.ts'

const generic = {
  error: { status: 401, message: 'Access token is missing, invalid or expired.' },
}

describe('callers of the administration APIs, by access token', () => {
  let deployment: Deployment
  let probe: CallerProbe
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())
  beforeEach(async () => {
    probe = await startProbe(deployment)
  })
  afterEach(() => probe?.close())

  const apps = () => withDirectoryApi(deployment.storage.apps, deployment.publicUrl)
  const grant = (app: App, ...roles: DirectoryRole[]) =>
    changeApp(apps(), app, {
      grantedRoles: roles.map((role) => ({ api: directoryIdentifier, role })),
    })

  /** An app with these roles, and its token from the token endpoint. */
  async function appWith(...roles: DirectoryRole[]) {
    const made = await registerServerApp(deployment, { displayName: roles.join(' ') || 'nothing' })
    const app = await grant(made.app, ...roles)
    const token = async () => {
      const { body } = await askTokens(deployment, {
        grant_type: 'client_credentials',
        client_id: app.id,
        client_secret: made.secret,
        scope: 'https://graph.microsoft.com/.default',
      })
      return body.access_token as string
    }
    return { app, secret: made.secret, token: await token(), another: token }
  }

  /** A token signed by this server's own key, as it would sign it with other claims. */
  async function forged(
    token: string,
    change: Record<string, unknown>,
    header: Record<string, unknown> = {},
  ): Promise<string> {
    const { keys } = await deployment.keyRing.current()
    const key = keys.signing.find(({ alg }) => alg === (header.alg ?? 'RS256'))
    if (key === undefined) throw new Error('no key')
    const claims = { ...decodeJwt(token), ...change }
    const kept = Object.entries(claims).filter(([, value]) => value !== undefined)
    return new SignJWT(Object.fromEntries(kept))
      .setProtectedHeader({
        ...decodeProtectedHeader(token),
        alg: 'RS256',
        kid: key.kid,
        ...header,
      })
      .sign(await importJWK(key.privateJwk, key.alg))
  }

  /** The answer is the one that everybody hears; the log alone knows why. */
  async function expectRefused(bearer: string, reason: string): Promise<void> {
    const answer = await probe.call('/v1.0/users', bearer)
    expect(answer, reason).to.deep.equal({
      status: 401,
      challenge: `Bearer realm="${deployment.publicUrl}", error="invalid_token"`,
      retryAfter: null,
      body: generic,
    })
    expect(probe.reasons().at(-1)).to.equal(reason)
    expect(JSON.stringify(probe.refused)).not.to.include(bearer)
  }

  it('a token of the token endpoint tells who calls, with which roles', async () => {
    const { app, token } = await appWith('User.Read.All', 'Scim.Provision')
    const { status, body } = await probe.call('/v1.0/users', token)
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      appId: app.id,
      appName: 'User.Read.All Scim.Provision',
      roles: ['User.Read.All', 'Scim.Provision'],
      scim: null,
      apiKeyId: null,
    })
    expect((await probe.call('/scim/v2/Users', token, 'POST')).status).to.equal(200)
    expect(probe.refused).to.deep.equal([])
  })

  it('GET needs the Read role and the rest ReadWrite, which includes Read', async () => {
    const reader = (await appWith('User.Read.All')).token
    const writer = (await appWith('User.ReadWrite.All')).token
    const status = async (path: string, token: string, method: string) =>
      (await probe.call(path, token, method)).status
    for (const method of ['GET', 'HEAD']) {
      expect(await status('/v1.0/users', reader, method), method).to.equal(200)
      expect(await status('/v1.0/users', writer, method), method).to.equal(200)
    }
    for (const method of ['POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      expect(await status('/v1.0/users', reader, method), method).to.equal(403)
      expect(await status('/v1.0/users', writer, method), method).to.equal(200)
    }
    expect(await status('/v1.0/either', reader, 'GET')).to.equal(200)
    expect(await status('/v1.0/either', writer, 'GET')).to.equal(200)
    expect(await status('/v1.0/domains', writer, 'GET')).to.equal(403)
    expect(await status('/scim/v2/Users', writer, 'GET')).to.equal(403)
  })

  it('who lacks the role hears 403 and which would do; the log names the app', async () => {
    const { app, token } = await appWith()
    const answer = await probe.call('/v1.0/users?$top=1', token, 'DELETE')
    expect(answer).to.deep.equal({
      status: 403,
      challenge: `Bearer realm="${deployment.publicUrl}", error="insufficient_scope", scope="User.ReadWrite.All"`,
      retryAfter: null,
      body: {
        error: { status: 403, message: 'Insufficient privileges to complete the operation.' },
      },
    })
    expect(probe.refused).to.have.length(1)
    expect(probe.refused[0]).to.deep.include({
      reason: 'roleMissing',
      detail: 'needs User.ReadWrite.All',
      appId: app.id,
      apiKeyId: null,
      method: 'DELETE',
      path: '/v1.0/users',
    })
    expect(probe.refused[0]?.requestId).to.match(/^[0-9a-f-]{36}$/)
    const either = await probe.call('/v1.0/either', token)
    expect(either.challenge).to.include('scope="Domain.Read.All User.Read.All"')
  })

  it('what counts is what is granted now: a role taken away is gone, one that came later needs a new token', async () => {
    const { app, token, another } = await appWith('User.ReadWrite.All')
    expect((await probe.call('/v1.0/users', token, 'POST')).status).to.equal(200)
    await grant(app, 'User.Read.All')
    const status = async (bearer: string) => (await probe.call('/v1.0/users', bearer)).status
    expect(await status(token)).to.equal(403)
    expect(await status(await another())).to.equal(200)
    await grant(app)
    expect(await status(token)).to.equal(403)
    expect(probe.reasons()).to.deep.equal(['roleMissing', 'roleMissing'])
  })

  it('an app that is disabled or removed is nobody, whatever its token says', async () => {
    const { app, token } = await appWith('User.Read.All')
    await changeApp(apps(), app, { isEnabled: false })
    await expectRefused(token, 'appDisabled')
    await changeApp(apps(), app, { isEnabled: true })
    expect((await probe.call('/v1.0/users', token)).status).to.equal(200)
    await apps().deleteApp(app.id)
    await expectRefused(token, 'tokenAppUnknown')
  })

  it('tokens of this server for something else, or for a person, are refused', async () => {
    const scopes = [{ value: 'Read', description: '' }]
    const roles = [{ value: 'User.Read.All', description: '' }]
    await registerApp(deployment, {
      displayName: 'Orders',
      api: { identifierUri: 'api://orders', scopes, roles },
    })
    const granted = { api: 'api://orders', role: 'User.Read.All' }
    const { app, secret } = await registerServerApp(deployment, {
      displayName: 'client of Orders',
      grantedRoles: [granted],
    })
    const { body } = await askTokens(deployment, {
      grant_type: 'client_credentials',
      client_id: app.id,
      client_secret: secret,
      scope: 'api://orders/.default',
    })
    await expectRefused(body.access_token, 'tokenAudience')

    const page = await registerApp(deployment, {
      displayName: 'page',
      grantedScopes: [{ api: 'api://orders', scope: 'Read' }],
    })
    const delegated = await tokensFor(deployment, page, { scope: 'openid api://orders/Read' })
    await expectRefused(delegated.access_token, 'tokenAudience')
    await expectRefused(delegated.id_token, 'tokenKind')
    const userinfo = await tokensFor(deployment, page, { scope: 'openid offline_access' })
    await expectRefused(userinfo.access_token, 'tokenAudience')
    await expectRefused(userinfo.refresh_token, 'tokenMalformed')

    // What no endpoint of this server makes: the same, signed for the right audience.
    const aud = deployment.publicUrl
    await expectRefused(await forged(delegated.access_token, { aud }), 'tokenNotOfApp')
    await expectRefused(await forged(delegated.id_token, { aud }), 'tokenKind')
    const { token } = await appWith('User.Read.All')
    await expectRefused(await forged(token, { scp: 'User.Read' }), 'tokenNotOfApp')
    await expectRefused(await forged(token, { idtyp: 'user' }), 'tokenNotOfApp')
  })

  it('each claim counts', async () => {
    const { token } = await appWith('User.Read.All')
    const now = Math.floor(Date.now() / 1000)
    const other = `${deployment.publicUrl}/7c9e6679-7425-40de-944b-e07fc1f90ae7/v2.0`
    expect((await probe.call('/v1.0/users', await forged(token, {}))).status).to.equal(200)
    for (const [change, reason] of [
      [{ iss: other }, 'tokenIssuer'],
      [{ iss: 'https://login.microsoftonline.com/common/v2.0' }, 'tokenIssuer'],
      [{ iss: undefined }, 'tokenIssuer'],
      [{ aud: directoryIdentifier }, 'tokenAudience'],
      [{ aud: `${deployment.publicUrl}/` }, 'tokenAudience'],
      [{ aud: [deployment.publicUrl, 'api://orders'] }, 'tokenAudience'],
      [{ aud: [deployment.publicUrl] }, 'tokenAudience'],
      [{ exp: now - 60 }, 'tokenExpired'],
      [{ exp: undefined }, 'tokenClaims'],
      [{ exp: 'tomorrow' }, 'tokenClaims'],
      [{ nbf: now + 600 }, 'tokenNotYetValid'],
      [{ client_id: undefined }, 'tokenClaims'],
      [{ client_id: 5 }, 'tokenClaims'],
      [{ client_id: '__proto__' }, 'tokenAppUnknown'],
    ] as const) {
      await expectRefused(await forged(token, change), reason)
    }
    for (const typ of ['JWT', undefined, 'logout+jwt']) {
      await expectRefused(await forged(token, {}, { typ }), 'tokenKind')
    }
    for (const roles of [undefined, 'User.Read.All', [], ['user.read.all'], [['User.Read.All']]]) {
      const { status } = await probe.call('/v1.0/users', await forged(token, { roles }))
      expect(status, JSON.stringify(roles)).to.equal(403)
    }
  })

  it('only RS256 by a key that is published counts', async () => {
    const { token } = await appWith('User.Read.All')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const { keys } = await deployment.keyRing.current()
    const [own] = keys.signing
    if (own === undefined) throw new Error('no key')
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const mac = (text: string) =>
      createHmac('sha256', JSON.stringify(own.publicJwk)).update(text).digest('base64url')

    const none = encoded({ alg: 'none', typ: 'at+jwt' })
    for (const text of [`${none}.${payload}.`, `${none}.${payload}.${signature}`]) {
      await expectRefused(text, 'tokenAlgorithm')
    }
    const hs256 = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid: own.kid })}.${payload}`
    await expectRefused(`${hs256}.${mac(hs256)}`, 'tokenAlgorithm')
    await deployment.ensureKeys(['ES256'])
    await expectRefused(await forged(token, {}, { alg: 'ES256' }), 'tokenAlgorithm')

    const { privateKey } = await generateKeyPair('RS256')
    const stranger = (kid: string) =>
      new SignJWT(decodeJwt(token))
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid })
        .sign(privateKey)
    await expectRefused(await stranger(own.kid), 'tokenSignature')
    await expectRefused(await stranger('theirs'), 'tokenKeyUnknown')
    await expectRefused(
      await forged(token, {}, { jwk: own.publicJwk, kid: 'x' }),
      'tokenKeyUnknown',
    )

    const changed = Buffer.from(payload, 'base64url')
      .toString()
      .replace('User.Read.All', 'User.ReadWrite.All')
    await expectRefused(
      `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`,
      'tokenSignature',
    )
    await expectRefused(`${header}.${payload}.`, 'tokenSignature')
  })

  it('garbage, several headers and long ones are refused before anything is looked up', async () => {
    const { token } = await appWith('User.Read.All')
    for (const text of ['x', 'a.b.c', 'e30.e30.e30', '..', 'a.b.c.d.e', `${token}.x`]) {
      await expectRefused(text, 'tokenMalformed')
    }
    const malformed: (readonly string[])[] = [
      ['Bearer'],
      ['Bearer '],
      [`Basic ${token}`],
      [token],
      [`Bearer ${token} x`],
      [`Bearer  ${token}`],
      [`Bearer "${token}"`],
      [`Bearer ${token}, Bearer ${token}`],
      [`Bearer ${token}`, `Bearer ${token}`],
      [`Bearer ${token}`, 'Basic eDp4'],
      [`Bearer ${'a'.repeat(9000)}`],
    ]
    for (const values of malformed) {
      const { status, body } = await probe.call('/v1.0/users', values)
      expect([status, body], values.join().slice(0, 40)).to.deep.equal([401, generic])
      expect(probe.reasons().at(-1), values.join().slice(0, 40)).to.equal('credentialMalformed')
    }
    const none = await probe.call('/v1.0/users', null)
    expect([none.status, none.body]).to.deep.equal([401, generic])
    // RFC 6750 section 3.1: no error code where no token came.
    expect(none.challenge).to.equal(`Bearer realm="${deployment.publicUrl}"`)
    expect(probe.reasons().at(-1)).to.equal('credentialMissing')
    expect((await probe.call('/v1.0/users', [`bEARER ${token}`])).status).to.equal(200)
    // 20 KB do not get past Node's own limit for all headers.
    const told = probe.refused.length
    const { status } = await probe.call('/v1.0/users', 'a'.repeat(20_000))
    expect([status, probe.refused.length]).to.deep.equal([431, told])
  })

  it('whoever keeps failing is told to wait and fills no log; a right token is never held up', async () => {
    const { token } = await appWith('User.Read.All')
    for (let n = 0; n < MOST_REFUSALS; n += 1) {
      expect((await probe.call('/v1.0/users', 'x')).status).to.equal(401)
    }
    const late = await probe.call('/v1.0/users', 'x')
    expect([late.status, late.retryAfter, late.challenge]).to.deep.equal([429, '60', null])
    expect(late.body.error.status).to.equal(429)
    expect(probe.refused).to.have.length(MOST_REFUSALS)
    expect((await probe.call('/v1.0/users', token)).status).to.equal(200)
    deployment.clock.at += 60_000
    expect((await probe.call('/v1.0/users', 'x')).status).to.equal(401)
    deployment.clock.at -= 60_000
  })

  it('an app that keeps asking for what it may not is told to wait, too, and is served with what it may', async () => {
    const { token } = await appWith('User.Read.All')
    const other = (await appWith('User.Read.All')).token
    for (let n = 0; n < MOST_REFUSALS; n += 1) {
      expect((await probe.call('/v1.0/domains', token)).status).to.equal(403)
    }
    const late = await probe.call('/v1.0/domains', token)
    expect([late.status, late.retryAfter]).to.deep.equal([429, '60'])
    expect(probe.refused).to.have.length(MOST_REFUSALS)
    expect((await probe.call('/v1.0/users', token)).status).to.equal(200)
    expect((await probe.call('/v1.0/domains', other)).status).to.equal(403)
  })

  it('a route without a guard serves nobody', async () => {
    const { token } = await appWith('User.Read.All')
    expect((await probe.call('/unguarded', token)).status).to.equal(500)
  })

  it('a token ends when its key is revoked, and goes on through an ordinary rotation', async () => {
    const { token } = await appWith('User.Read.All')
    await deployment.keyRing.rotate('RS256')
    expect((await probe.call('/v1.0/users', token)).status).to.equal(200)
    await deployment.keyRing.rotate('RS256', { revoke: true })
    await expectRefused(token, 'tokenKeyUnknown')
  })

  it('every reason has words for the log', () => {
    for (const [reason, words] of Object.entries(callerReasons)) {
      expect(words, reason).to.match(/^\S.{10,}$/)
    }
  })
})
