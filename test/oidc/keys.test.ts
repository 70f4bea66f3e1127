import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { principalNameKey } from '../../src/directory/upn.ts'
import { hours } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { sealer } from '../../src/lib/seal.ts'
import { createKeyRing } from '../../src/oidc/keyRing.ts'
import { KeyError, LONGEST_ACCESS_TOKEN, PUBLISH_AHEAD } from '../../src/oidc/keys.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { registerApp, tokensFor } from './support.ts'

const start = Date.UTC(2026, 0, 15, 9, 30)

function ring(store = memoryStorage({ principalNameKey }).keys, root = Buffer.alloc(32, 1)) {
  const at = { now: start }
  const keySealer = sealer(root, 'signing keys', systemRandom)
  const made = createKeyRing({
    store,
    sealer: keySealer,
    clock: () => at.now,
    random: systemRandom,
  })
  return { ring: made, at, store }
}

describe('signing keys', () => {
  it('are made once, however many nodes start at once, and stored sealed', async () => {
    const { store } = ring()
    await Promise.all(Array.from({ length: 5 }, () => ring(store).ring.ensure(['RS256', 'ES256'])))
    const stored = await store.keys()
    expect(stored.map(({ alg }) => alg).toSorted()).to.deep.equal(['ES256', 'RS256', 'pairwise'])
    for (const key of stored) {
      expect(key.sealedPrivateJwk).to.match(/^1\.[\w-]+$/)
      expect(key.publicJwk).not.to.include('"d"')
    }
    const { keys } = await ring(store).ring.current()
    expect(keys.pairwiseSecret).to.have.length(32)
    expect(keys.signing.every(({ privateJwk }) => typeof privateJwk.d === 'string')).to.equal(true)
  })

  it('open with no other key-encryption key, and the message says what to do', async () => {
    const { store, ring: first } = ring()
    await first.ensure(['RS256'])
    try {
      await ring(store, Buffer.alloc(32, 2)).ring.current()
      expect.fail('opened')
    } catch (error) {
      expect(error).to.be.instanceOf(KeyError)
      expect(String(error)).to.include('HOMEREALM_KEY_ENCRYPTION_KEY')
    }
  })

  it('rotate with overlap: published before they sign, and after, until the last token is over', async () => {
    const { ring: keyRing, at, store } = ring()
    await keyRing.ensure(['RS256'])
    const kids = async () => (await keyRing.current()).keys.signing.map(({ kid }) => kid)
    const [old] = await kids()
    const { version } = await keyRing.current()
    const made = await keyRing.rotate('RS256')
    expect(await kids()).to.deep.equal([old, made.kid])
    expect((await keyRing.current()).version).not.to.equal(version)
    at.now = start + PUBLISH_AHEAD - 1
    expect((await kids())[0]).to.equal(old)
    at.now = start + PUBLISH_AHEAD
    expect(await kids()).to.deep.equal([made.kid, old])
    at.now = start + PUBLISH_AHEAD + LONGEST_ACCESS_TOKEN
    expect(await kids()).to.deep.equal([made.kid, old])
    at.now += hours(1)
    expect(await kids()).to.deep.equal([made.kid])
    await keyRing.rotate('RS256')
    expect((await store.keys()).map(({ kid }) => kid)).not.to.include(old)
  })

  it('are revoked when they are in wrong hands: the new one alone signs and is published, at once', async () => {
    const { ring: keyRing } = ring()
    await keyRing.ensure(['RS256'])
    const made = await keyRing.rotate('RS256', { revoke: true })
    const { keys } = await keyRing.current()
    expect(keys.signing.map(({ kid }) => kid)).to.deep.equal([made.kid])
  })

  it('rotate by age, once, on whichever node comes first; the secret behind sub never does', async () => {
    const { ring: keyRing, at, store } = ring()
    await keyRing.ensure(['RS256', 'PS256'])
    const { pairwiseSecret } = (await keyRing.current()).keys
    expect(await keyRing.rotateWhenDue(hours(24))).to.deep.equal([])
    at.now += hours(24)
    const other = ring(store)
    other.at.now = at.now
    const rotated = await Promise.all([
      keyRing.rotateWhenDue(hours(24)),
      other.ring.rotateWhenDue(hours(24)),
    ])
    expect(rotated.flat().toSorted()).to.deep.equal(['PS256', 'RS256'])
    const { keys } = await keyRing.current()
    expect(keys.signing).to.have.length(4)
    expect(keys.pairwiseSecret.equals(pairwiseSecret)).to.equal(true)
  })

  it('of ten rotations at once none is lost', async () => {
    const { ring: keyRing, store } = ring()
    await keyRing.ensure(['ES256'])
    const made = await Promise.all(
      Array.from({ length: 10 }, () => ring(store).ring.rotate('ES256')),
    )
    const kids = (await store.keys()).map(({ kid }) => kid)
    expect(kids).to.include.members(made.map(({ kid }) => kid))
  })
})

describe('a rotation while the server runs', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await startDeployment()
  })
  after(() => deployment?.close())

  it('is picked up without a restart, and no token fails validation at any moment of it', async () => {
    const app = await registerApp(deployment, {})
    const base = `${deployment.publicUrl}/${deployment.tenant.id}`
    const keysUrl = new URL(`${base}/discovery/v2.0/keys`)
    // A client that asks for the keys once and keeps them for as long as it is told to.
    const ageOfKeys = Number(
      /max-age=(\d+)/.exec((await fetch(keysUrl)).headers.get('cache-control') ?? '')?.[1],
    )
    expect(ageOfKeys * 1000).to.be.lessThan(PUBLISH_AHEAD)
    const cached = async () =>
      createRemoteJWKSet(keysUrl, { cooldownDuration: 1e9, cacheMaxAge: 1e9 })
    const issue = async () => (await tokensFor(deployment, app)).id_token as string
    const valid = async (keys: Awaited<ReturnType<typeof cached>>, token: string) =>
      jwtVerify(token, keys, { issuer: `${base}/v2.0`, audience: app.id })

    const before = await cached()
    const first = await issue()
    await valid(before, first)
    // By another process, as the command line does it.
    const made = await deployment.keyRing.rotate('RS256')
    const during = await cached()
    const second = await issue()
    for (const keys of [before, during])
      for (const token of [first, second]) await valid(keys, token)
    expect(decodeProtectedHeader(second).kid).not.to.equal(made.kid)
    deployment.clock.at += PUBLISH_AHEAD
    const third = await issue()
    expect(decodeProtectedHeader(third).kid).to.equal(made.kid)
    const after = await cached()
    // Whoever asked for the keys after the new one was published, or asks now, can check all of them.
    for (const keys of [during, after])
      for (const token of [first, second, third]) await valid(keys, token)
  })
})
