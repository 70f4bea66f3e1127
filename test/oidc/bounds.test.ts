import { expect } from 'chai'
import { recordAdapter } from '../../src/oidc/adapter.ts'
import { AadstsError } from '../../src/oidc/errors.ts'
import type { App } from '../../src/oidc/types.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { authorizeUrl, browse, pkce, registerApp } from './support.ts'

describe('what strangers can make', () => {
  it('is refused with 90055 and 429 when there is too much of it, and what is there goes on', async () => {
    const { providerRecords } = memoryStorage({ principalNameKey: (name) => name })
    const bound = { owner: 'network', ofOwner: 10, ofAll: 2 }
    const adapter = recordAdapter(
      'Interaction',
      providerRecords,
      () => 0,
      () => bound,
    )
    await adapter.upsert('1', { kind: 'Interaction' }, 3600)
    await adapter.upsert('2', { kind: 'Interaction' }, 3600)
    const error = await adapter.upsert('3', { kind: 'Interaction' }, 3600)?.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(AadstsError).and.include({ aadsts: 90055, statusCode: 429 })
    expect(error).to.include({ allow_redirect: false })
    await adapter.upsert('1', { kind: 'Interaction', result: {} }, 3600)
    expect(await adapter.find('3')).to.equal(undefined)
  })

  describe('at the authorization endpoint', () => {
    let deployment: Deployment
    let app: App
    before(async () => {
      deployment = await startDeployment({
        environment: { HOMEREALM_TRUST_PROXY: '1', HOMEREALM_RATE_PER_MINUTE: '100000' },
      })
      app = await registerApp(deployment, { displayName: 'flooded' })
    })
    after(() => deployment?.close())

    const ask = (from: string, visitor = deployment.visitor()) =>
      visitor.fetch(authorizeUrl(deployment, app, pkce().params), {
        headers: { 'x-forwarded-for': from },
      })

    it('pushes out what the same network made, and nobody else’s sign-in', async function () {
      this.timeout(120_000)
      const [alice, neighbour] = [deployment.visitor(), deployment.visitor()]
      const ofAlice = await ask('192.0.2.7', alice)
      const ofNeighbour = await ask('2001:db8::1', neighbour)
      deployment.clock.at += 1000
      for (let n = 0; n < 5000; n += 50) {
        const flood = Array.from({ length: 50 }, (_, m) => ask(`2001:db8::${n + m + 2}`))
        for (const { status } of await Promise.all(flood)) expect(status).to.equal(303)
      }
      const gone = await neighbour.fetch(ofNeighbour.headers.get('location') ?? '')
      expect(gone.aadsts).to.equal(50089)
      const going = await alice.fetch(ofAlice.headers.get('location') ?? '')
      const page = await browse(alice, going)
      expect(page.body).to.include('name="username"')
      const left = await ask('2001:db8::5')
      expect(left.status).to.equal(303)
    })

    it('a request without a sign-in leaves its interaction behind, and no other record', async () => {
      const { providerRecords } = deployment.storage
      const kinds: string[] = []
      const { put, putBounded } = providerRecords
      Object.assign(providerRecords, {
        put: (record: Parameters<typeof put>[0]) => {
          kinds.push(record.kind)
          return put(record)
        },
        putBounded: (...args: Parameters<typeof putBounded>) => {
          kinds.push(`bounded ${args[0].kind}`)
          return putBounded(...args)
        },
      })
      try {
        await ask('192.0.2.8')
      } finally {
        Object.assign(providerRecords, { put, putBounded })
      }
      expect(kinds).to.deep.equal(['bounded Interaction'])
    })
  })
})
