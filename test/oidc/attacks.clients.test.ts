import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { importPKCS8, SignJWT } from 'jose'
import { systemRandom } from '../../src/lib/ids.ts'
import { addApp, changeApp, keyOfPem } from '../../src/oidc/apps.ts'
import type { App } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import {
  askTokens,
  codeFor,
  redeem,
  redirectUri,
  registerApp,
  registerServerApp,
  tokensFor,
} from './support.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const pairOf = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicJwk: publicKey.export({ format: 'jwk' }),
  }
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('attacks: apps that pretend to be another', () => {
  const own = pairOf()
  const foreign = pairOf()
  let deployment: Deployment
  let app: App
  let secret: string
  let thief: App
  let thiefSecret: string
  let spa: App
  let api: App
  before(async () => {
    deployment = await startDeployment()
    const { apps } = deployment.storage
    ;({ app, secret } = await registerServerApp(deployment, { displayName: 'victim' }))
    app = await changeApp(apps, app, { keys: [await keyOfPem(own.publicPem)] })
    ;({ app: thief, secret: thiefSecret } = await registerServerApp(deployment, {
      displayName: 'thief',
    }))
    thief = await changeApp(apps, thief, { keys: [await keyOfPem(foreign.publicPem)] })
    spa = await registerApp(deployment, { displayName: 'spa', allowDeviceCode: true })
    api = await registerApp(deployment, {
      displayName: 'Orders',
      isPublic: false,
      redirectUris: [],
      api: {
        identifierUri: 'api://orders',
        scopes: [{ value: 'Read', description: '' }],
        roles: [
          { value: 'Read.All', description: '' },
          { value: 'Write.All', description: '' },
        ],
      },
    })
  })
  after(() => deployment?.close())

  const now = () => Math.floor(Date.now() / 1000)
  const claimsOf = (change: Record<string, unknown> = {}) => ({
    iss: app.id,
    sub: app.id,
    aud: `${deployment.publicUrl}/${deployment.tenant.id}/oauth2/v2.0/token`,
    jti: randomUUID(),
    exp: now() + 600,
    ...change,
  })
  const signed = async (
    claims: object,
    pem: string = own.privatePem,
    header: Record<string, unknown> = {},
  ) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(await importPKCS8(pem, 'RS256'))
  const hmac = (header: object, claims: object, key: string) => {
    const input = `${part(header)}.${part(claims)}`
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  }
  /** Whoever gets through to the refresh token that is none has proven to be the app. */
  const present = (jwt: string, more: Record<string, string> = {}) =>
    askTokens(deployment, {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_assertion_type: assertionType,
      client_assertion: jwt,
      ...more,
    })

  it('an assertion with the app’s own key is taken, so that the refusals below mean something', async () => {
    expect((await present(await signed(claimsOf()))).body.error_codes).to.deep.equal([70000])
  })

  it('no client assertion counts that another could have made, or that was made for something else', async () => {
    const { publicUrl, tenant } = deployment
    const issuer = `${publicUrl}/${tenant.id}/v2.0`
    const publicPem = own.publicPem
    const kid = String(app.keys[0]?.kid)
    const cases: readonly [what: string, jwt: string][] = [
      ['alg none', `${part({ alg: 'none' })}.${part(claimsOf())}.`],
      ['alg None', `${part({ alg: 'None' })}.${part(claimsOf())}.`],
      ['no alg', `${part({})}.${part(claimsOf())}.AAAA`],
      ['HS256 with the public key', hmac({ alg: 'HS256', kid }, claimsOf(), publicPem)],
      ['HS256 with the placeholder', hmac({ alg: 'HS256' }, claimsOf(), 'kept as a hash')],
      ['HS256 with the secret', hmac({ alg: 'HS256' }, claimsOf(), secret)],
      ['another app’s key', await signed(claimsOf(), foreign.privatePem)],
      ['another app’s key with our kid', await signed(claimsOf(), foreign.privatePem, { kid })],
      [
        'a key in the header',
        await signed(claimsOf(), foreign.privatePem, { jwk: foreign.publicJwk, kid }),
      ],
      [
        'a key behind an address',
        await signed(claimsOf(), foreign.privatePem, { jku: 'http://127.0.0.1:1/', kid }),
      ],
      ['iss of another', await signed(claimsOf({ iss: thief.id }))],
      ['sub of another', await signed(claimsOf({ sub: thief.id }))],
      ['no iss', await signed(claimsOf({ iss: undefined }))],
      ['no jti', await signed(claimsOf({ jti: undefined }))],
      ['jti no text', await signed(claimsOf({ jti: { a: 1 } }))],
      ['no exp', await signed(claimsOf({ exp: undefined }))],
      ['exp no number', await signed(claimsOf({ exp: `${now() + 600}` }))],
      ['exp beyond a day', await signed(claimsOf({ exp: now() + 90_000 }))],
      ['exp never', await signed(claimsOf({ exp: 1e300 }))],
      ['over', await signed(claimsOf({ exp: now() - 60 }))],
      ['not yet', await signed(claimsOf({ nbf: now() + 600 }))],
      ['nbf no number', await signed(claimsOf({ nbf: 'now' }))],
      ['no aud', await signed(claimsOf({ aud: undefined }))],
      [
        'aud another tenant',
        await signed(claimsOf({ aud: issuer.replace(tenant.id, randomUUID()) })),
      ],
      ['aud another host', await signed(claimsOf({ aud: 'https://login.example/token' }))],
      ['aud longer', await signed(claimsOf({ aud: `${issuer}/x` }))],
      ['aud shorter', await signed(claimsOf({ aud: publicUrl }))],
      ['aud an API', await signed(claimsOf({ aud: 'api://orders' }))],
      ['aud no text', await signed(claimsOf({ aud: { [issuer]: true } }))],
      ['nothing', ''],
      ['dots', '...'],
      ['no JWT', 'nonsense'],
      ['five parts', 'a.b.c.d.e'],
    ]
    for (const [what, jwt] of cases) {
      const { status, body } = await present(jwt)
      expect(status, what).to.be.oneOf([400, 401])
      expect(body.error, what).to.be.oneOf([
        'invalid_client',
        'invalid_request',
        'unauthorized_client',
      ])
    }
  })

  it('an app that sends another’s client_id beside its own proof is neither', async () => {
    const jwt = await signed(claimsOf())
    const basic = `Basic ${Buffer.from(`${thief.id}:${thiefSecret}`).toString('base64')}`
    const answers = [
      await present(jwt, { client_id: thief.id }),
      await present(jwt, { client_secret: secret }),
      await askTokens(
        deployment,
        { grant_type: 'client_credentials', scope: 'api://orders/.default', client_id: app.id },
        { authorization: basic },
      ),
      await askTokens(
        deployment,
        {
          grant_type: 'client_credentials',
          scope: 'api://orders/.default',
          client_id: app.id,
          client_secret: secret,
        },
        { authorization: basic },
      ),
    ]
    for (const { status, body } of answers) {
      expect([status, body.error]).to.deep.equal([400, 'invalid_request'])
    }
  })

  it('our own tokens prove no app', async () => {
    const tokens = await tokensFor(deployment, spa)
    for (const jwt of [tokens.id_token, tokens.access_token]) {
      for (const more of [{}, { client_id: spa.id }, { client_id: app.id }]) {
        const { body } = await present(jwt, more as Record<string, string>)
        expect(body.access_token).to.equal(undefined)
        expect(body.error).to.be.oneOf(['invalid_client', 'invalid_request', 'unauthorized_client'])
      }
    }
  })

  it('a secret that is stored, empty, an array, or another app’s is wrong', async () => {
    const stored = (await deployment.storage.apps.app(app.id))?.secrets[0]?.hash ?? ''
    const wrong = [stored, 'kept as a hash', thiefSecret, secret.slice(1), `${secret} `, '%00']
    for (const client_secret of wrong) {
      const { status, body } = await askTokens(deployment, {
        grant_type: 'client_credentials',
        scope: 'api://orders/.default',
        client_id: app.id,
        client_secret,
      })
      expect([status, body.error_codes], client_secret).to.deep.equal([401, [7000215]])
    }
    const none = await askTokens(deployment, {
      grant_type: 'client_credentials',
      scope: 'api://orders/.default',
      client_id: app.id,
      client_secret: '',
    })
    expect([none.status, none.body.access_token]).to.deep.equal([401, undefined])
  })

  it('PKCE binds: no verifier, another’s, or one where none was asked for', async () => {
    const began = await codeFor(deployment, app)
    const other = await codeFor(deployment, app)
    const auth = { client_secret: secret }
    const base = { grant_type: 'authorization_code', client_id: app.id, redirect_uri: redirectUri }
    const tries: readonly Record<string, string>[] = [
      { code: began.code },
      { code: began.code, code_verifier: '' },
      { code: began.code, code_verifier: other.verifier },
      { code: began.code, code_verifier: 'a'.repeat(43) },
    ]
    for (const fields of tries) {
      const { status, body } = await askTokens(deployment, { ...base, ...auth, ...fields })
      expect([status, body.error_codes], JSON.stringify(fields)).to.deep.equal([400, [501481]])
    }
    expect((await redeem(deployment, app, began, auth)).status).to.equal(200)
    // RFC 9700 section 4.8.2: a verifier for a code that was asked for without a challenge means that somebody took it out.
    const bare = await codeFor(deployment, app, { code_challenge: '', code_challenge_method: '' })
    const downgraded = await redeem(deployment, app, bare, auth)
    expect([downgraded.status, downgraded.body.error_codes]).to.deep.equal([400, [501481]])
  })

  it('what one app was given opens nothing for another, under whatever name it is sent', async () => {
    const tokens = await tokensFor(deployment, spa)
    const { code } = await codeFor(deployment, spa)
    const begun = await fetch(`${deployment.publicUrl}/common/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: spa.id, scope: 'openid offline_access' }),
    })
    const { device_code: device } = await begun.json()
    const other = await registerApp(deployment, { displayName: 'other', allowDeviceCode: true })
    const values = [tokens.refresh_token, tokens.access_token, tokens.id_token, code, device]
    for (const client of [other, spa]) {
      for (const value of values) {
        const wrong: readonly Record<string, string>[] = [
          { grant_type: 'refresh_token', refresh_token: value },
          { grant_type: 'device_code', device_code: value },
          {
            grant_type: 'authorization_code',
            code: value,
            redirect_uri: redirectUri,
            code_verifier: 'a'.repeat(43),
          },
        ]
        for (const fields of wrong) {
          const isOwnRefresh = client === spa && fields.refresh_token === tokens.refresh_token
          if (isOwnRefresh) continue
          const { status, body } = await askTokens(deployment, { client_id: client.id, ...fields })
          expect([status, body.access_token]).to.deep.equal([400, undefined])
        }
      }
    }
    const own = { grant_type: 'refresh_token', client_id: spa.id }
    const still = await askTokens(deployment, { ...own, refresh_token: tokens.refresh_token })
    expect(still.status).to.equal(200)
  })

  it('grant types that are not ours, or not the app’s, are refused', async () => {
    for (const [grant_type, code] of [
      ['password', 70003],
      ['implicit', 70003],
      ['urn:ietf:params:oauth:grant-type:jwt-bearer', 70003],
      ['urn:ietf:params:oauth:grant-type:token-exchange', 70003],
      ['__proto__', 70003],
      ['constructor', 70003],
      ['device_code', 700051],
      ['urn:ietf:params:oauth:grant-type:device_code', 700051],
    ] as const) {
      const { body } = await askTokens(deployment, {
        grant_type,
        client_id: app.id,
        client_secret: secret,
        username: 'alice@customer.com',
        password: 'x',
        device_code: 'x',
        assertion: 'x',
      })
      expect(body.error_codes, grant_type).to.deep.equal([code])
    }
  })

  it('an app has in its own name what was granted and is still offered, and can be stopped when its API is gone', async () => {
    const { apps } = deployment.storage
    const rolesNow = async () => {
      const { status, body } = await askTokens(deployment, {
        grant_type: 'client_credentials',
        scope: 'api://orders/.default',
        client_id: app.id,
        client_secret: secret,
      })
      if (status !== 200) return body.error_codes
      const [, payload = ''] = body.access_token.split('.')
      return JSON.parse(Buffer.from(payload, 'base64url').toString()).roles ?? null
    }
    expect(await rolesNow()).to.equal(null)
    app = await changeApp(apps, app, { grantedRoles: [{ api: 'api://orders', role: 'Read.All' }] })
    expect(await rolesNow()).to.deep.equal(['Read.All'])
    const withoutRole = { ...api, api: { ...api.api, roles: [] } } as App
    await apps.putApp(withoutRole)
    expect(await rolesNow()).to.equal(null)
    await apps.putApp({ ...api, isEnabled: false })
    expect(await rolesNow()).to.deep.equal([500011])
    await apps.deleteApp(api.id)
    expect(await rolesNow()).to.deep.equal([500011])
    // An app whose API is gone can still be stopped.
    app = await changeApp(apps, app, { isEnabled: false })
    expect(await rolesNow()).to.deep.equal([7000112])
    app = await changeApp(apps, app, { isEnabled: true })
    // Somebody else's API under the name of the old one has granted nothing.
    await addApp(
      apps,
      { displayName: 'squatter', api: { identifierUri: 'api://orders', scopes: [], roles: [] } },
      { now: deployment.clock.at, random: systemRandom },
    )
    expect(await rolesNow()).to.equal(null)
  })
})
