import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { SignJWT } from 'jose'
import { registerApp, tokensFor } from '../oidc/support.ts'
import { freePort, type Site, startSite } from './support.ts'

describe('an API that checks access tokens with jose, over TLS', function () {
  this.timeout(120_000)
  let site: Site
  let api: string
  let spa: Awaited<ReturnType<typeof registerApp>>
  before(async () => {
    site = await startSite()
    await site.register('Orders')
    api = (await site.serve('api.ts', await freePort(), { ISSUER: site.issuer })).origin
    const grantedScopes = [{ api: 'api://orders', scope: 'Orders.Read' }]
    spa = await registerApp(site, { displayName: 'SPA', grantedScopes })
  })
  after(() => site?.close())

  async function ask(token?: string) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(`${api}/orders`, { headers })
    return {
      status: answer.status,
      challenge: answer.headers.get('www-authenticate'),
      body: await answer.text(),
    }
  }
  const invalid = { status: 401, challenge: 'Bearer error="invalid_token"', body: '' }

  it('serves a person whose app was given the scope', async () => {
    const scope = 'openid api://orders/Orders.Read'
    const { access_token } = await tokensFor(site, spa, { scope })
    expect(JSON.parse((await ask(access_token)).body)).to.deep.equal({
      reader: 'Alice Archer',
      orders: ['4711'],
    })
  })

  it('asks for a token when none came', async () => {
    expect(await ask()).to.deep.equal({ status: 401, challenge: 'Bearer', body: '' })
  })

  it('refuses the token of another API, an ID token, and a changed or foreign one', async () => {
    const scope = 'openid api://orders/Orders.Read'
    const own = await tokensFor(site, spa)
    const { access_token, id_token } = await tokensFor(site, spa, { scope })
    const [header, payload] = access_token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const forged = (kid: string) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(privateKey)
    const published = JSON.parse(Buffer.from(header, 'base64url').toString()).kid
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
    for (const token of [
      own.access_token,
      id_token,
      `${header}.${Buffer.from(JSON.stringify({ ...claims, scp: 'All' })).toString('base64url')}.${access_token.split('.')[2]}`,
      await forged(published),
      await forged(randomUUID()),
      unsigned,
      'nonsense',
    ]) {
      expect(await ask(token)).to.deep.equal(invalid)
    }
  })

  it('refuses an app that was granted no role', async () => {
    const { clientId, secret } = await site.register('Nightly')
    const token = async () => {
      const answer = await fetch(`${site.publicUrl}/${site.tenant.id}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          ...{ grant_type: 'client_credentials', scope: 'api://orders/.default' },
          ...{ client_id: clientId, client_secret: secret ?? '' },
        }),
      })
      return (await answer.json()).access_token as string
    }
    expect(await ask(await token())).to.include({ status: 200 })
    const app = await site.storage.apps.app(clientId)
    if (app === null) throw new Error('no app')
    await site.storage.apps.putApp({ ...app, grantedRoles: [] })
    const challenge = 'Bearer error="insufficient_scope"'
    expect(await ask(await token())).to.deep.equal({ status: 403, challenge, body: '' })
  })
})
