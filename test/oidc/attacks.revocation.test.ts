import { expect } from 'chai'
import type { User } from '../../src/directory/types.ts'
import { newGuid, systemRandom } from '../../src/lib/ids.ts'
import type { App } from '../../src/oidc/types.ts'
import { passwordHasher } from '../../src/signin/password/hash.ts'
import { setPassword } from '../../src/signin/password/service.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { fieldOf } from '../support/visitor.ts'
import {
  answered,
  askTokens,
  authorizeUrl,
  browse,
  pkce,
  redeem,
  registerApp,
  tokensFor,
} from './support.ts'

const hasher = passwordHasher(systemRandom, { logN: 10, r: 8, p: 1 })

describe('attacks: tokens that outlive what their sign-in rested on', () => {
  let deployment: Deployment
  let app: App
  before(async () => {
    deployment = await startDeployment()
    app = await registerApp(deployment, { displayName: 'long-lived' })
  })
  after(() => deployment?.close())

  const refresh = (token: string) =>
    askTokens(deployment, { grant_type: 'refresh_token', client_id: app.id, refresh_token: token })
  const userinfo = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const path = `${deployment.publicUrl}/${deployment.tenant.id}/oidc/userinfo`
    return (await fetch(path, { headers })).status
  }
  const alice = async () => {
    const user = await deployment.storage.directory.userByPrincipalName('alice@customer.com')
    return user as User
  }

  /** A managed user who signs in to the app with a password. */
  async function managedTokens() {
    const { directory } = deployment.storage
    const id = newGuid(systemRandom)
    const user: User = {
      ...(await alice()),
      id,
      userPrincipalName: `u${id.slice(0, 8)}@managed.example`,
      onPremisesImmutableId: null,
    }
    await directory.writeUsers([{ kind: 'create', user }])
    await change(user, 'correct horse battery', deployment.clock.at - 1000)
    const visitor = deployment.visitor()
    const { verifier, params } = pkce()
    const hint = { login_hint: user.userPrincipalName }
    const page = await browse(visitor, authorizeUrl(deployment, app, { ...params, ...hint }))
    const sent = await visitor.post('/signin/password', {
      username: user.userPrincipalName,
      password: 'correct horse battery',
      return_to: fieldOf(page.body, 'return_to') ?? '',
    })
    const code = answered(await browse(visitor, sent)).get('code') ?? ''
    return { user, visitor, redeemed: () => redeem(deployment, app, { code, verifier }) }
  }

  const change = async (user: User, password: string, now = deployment.clock.at) =>
    expect(
      await setPassword(
        user,
        password,
        { mustChange: false, now },
        { ...deployment.storage, hasher },
      ),
    ).to.equal(null)

  const changes: readonly [what: string, change: (user: User) => Promise<() => Promise<void>>][] = [
    [
      'the ImmutableId is another',
      async (user) => {
        const { directory } = deployment.storage
        const moved = { ...user, onPremisesImmutableId: 'AAAAAAAAAAAAAAAAAAAAAA==' }
        await directory.writeUsers([{ kind: 'update', before: user, user: moved }])
        return () => directory.writeUsers([{ kind: 'update', before: moved, user }])
      },
    ],
    [
      'the ImmutableId is taken away',
      async (user) => {
        const { directory } = deployment.storage
        const without = { ...user, onPremisesImmutableId: null }
        await directory.writeUsers([{ kind: 'update', before: user, user: without }])
        return () => directory.writeUsers([{ kind: 'update', before: without, user }])
      },
    ],
    [
      'the domain is managed now',
      async () => {
        const { directory } = deployment.storage
        const domain = await directory.domain('customer.com')
        if (domain === null) throw new Error('no such domain')
        await directory.putDomain({
          ...domain,
          authenticationType: 'Managed',
          federationId: null,
        })
        return () => directory.putDomain(domain)
      },
    ],
    [
      'another federation serves the domain',
      async () => {
        const { directory } = deployment.storage
        const domain = await directory.domain('customer.com')
        const federation = await directory.federation(domain?.federationId ?? '')
        if (domain === null || federation === null) throw new Error('no such domain')
        const id = newGuid(systemRandom)
        await directory.putFederation({ ...federation, id, issuerUri: `urn:other:${id}` })
        await directory.putDomain({ ...domain, federationId: id })
        return () => directory.putDomain(domain)
      },
    ],
    [
      'the UPN is in another domain',
      async (user) => {
        const { directory } = deployment.storage
        const moved = { ...user, userPrincipalName: 'alice.moved@managed.example' }
        await directory.writeUsers([{ kind: 'update', before: user, user: moved }])
        return () => directory.writeUsers([{ kind: 'update', before: moved, user }])
      },
    ],
  ]
  for (const [what, apply] of changes) {
    it(`${what}: a refresh token gives nothing, userinfo tells nothing`, async () => {
      const tokens = await tokensFor(deployment, app)
      expect(await userinfo(tokens.access_token)).to.equal(200)
      const undo = await apply(await alice())
      try {
        const { status, body } = await refresh(tokens.refresh_token)
        expect([status, body.error, body.error_codes]).to.deep.equal([
          400,
          'invalid_grant',
          [50173],
        ])
        expect(await userinfo(tokens.access_token)).to.equal(401)
      } finally {
        await undo()
      }
    })
  }

  it('a new password ends the refresh tokens of the old one, and the code that was on its way', async () => {
    const first = await managedTokens()
    const { body } = await first.redeemed()
    expect((await refresh(body.refresh_token)).status).to.equal(200)
    const onItsWay = await managedTokens()
    const again = await managedTokens()
    const { body: fresh } = await again.redeemed()
    for (const { user } of [onItsWay, again]) await change(user, 'another horse battery')
    const late = await onItsWay.redeemed()
    expect([late.status, late.body.error_codes]).to.deep.equal([400, [50173]])
    expect((await refresh(fresh.refresh_token)).body.error_codes).to.deep.equal([50173])
    expect(await userinfo(fresh.access_token)).to.equal(401)
  })

  it('a disabled user’s tokens tell and give nothing', async () => {
    const { user, redeemed } = await managedTokens()
    const { body } = await redeemed()
    const { directory } = deployment.storage
    const disabled = { ...user, accountEnabled: false }
    await directory.writeUsers([{ kind: 'update', before: user, user: disabled }])
    expect((await refresh(body.refresh_token)).body.error_codes).to.deep.equal([50057])
    expect(await userinfo(body.access_token)).to.equal(401)
  })
})
