import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { hours, minutes } from '../../src/lib/clock.ts'
import { PUBLISH_AHEAD } from '../../src/oidc/keys.ts'
import { type App, type SigningAlg, signingAlgs } from '../../src/oidc/types.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { run } from '../support/program.ts'
import type { Visitor } from '../support/visitor.ts'
import { codeFor, redeem, registerApp } from './support.ts'

/** So many code exchanges at once, by each app. */
const AT_ONCE = 4
const STEP = minutes(20)

interface Issued {
  readonly token: string
  readonly audience: string
}

describe('keys that rotate again and again under load', function () {
  this.timeout(120_000)
  let deployment: Deployment
  let base: string
  let apps: readonly App[]
  let visitors: readonly Visitor[]
  before(async () => {
    // A command works by the real clock. The server's is behind, so that its time comes to what commands made.
    deployment = await startDeployment({ at: Date.now() - hours(3) })
    base = `${deployment.publicUrl}/${deployment.tenant.id}`
    await deployment.ensureKeys(signingAlgs)
    apps = await Promise.all(
      signingAlgs.map((alg) =>
        registerApp(deployment, { displayName: alg, idTokenSigningAlg: alg }),
      ),
    )
    visitors = Array.from({ length: AT_ONCE }, () => deployment.visitor())
    // The demo Okta's certificate begins today.
    deployment.clock.at += hours(3)
    await Promise.all(visitors.map((visitor) => visitor.signIn('alice@customer.com')))
    deployment.clock.at -= hours(3)
  })
  after(() => deployment?.close())

  /** An API that keeps the key set for just as long as it may, and never asks again before, not even for a key that it does not know. */
  function api() {
    const url = new URL(`${base}/discovery/v2.0/keys`)
    let keys: ReturnType<typeof createRemoteJWKSet> | null = null
    let until = 0
    return async ({ token, audience }: Issued) => {
      if (keys === null || deployment.clock.at >= until) {
        const age = (await fetch(url)).headers.get('cache-control')?.match(/max-age=(\d+)/)?.[1]
        until = deployment.clock.at + Number(age) * 1000
        keys = createRemoteJWKSet(url, {
          cooldownDuration: Number.POSITIVE_INFINITY,
          cacheMaxAge: Number.POSITIVE_INFINITY,
        })
      }
      await jwtVerify(token, keys, { issuer: `${base}/v2.0`, audience })
    }
  }

  async function exchange(app: App, visitor: Visitor): Promise<readonly Issued[]> {
    const { body, status } = await redeem(
      deployment,
      app,
      await codeFor(deployment, app, {}, visitor),
    )
    if (status !== 200) throw new Error(JSON.stringify(body))
    return [
      { token: body.id_token, audience: app.id },
      { token: body.access_token, audience: `${base}/oidc/userinfo` },
    ]
  }

  const byCommand = async (alg: SigningAlg) => {
    const environment = { HOMEREALM_DATA: deployment.dataFolder }
    const { status, stderr } = await run(['keys', 'rotate', '--alg', alg], { environment })
    if (status !== 0) throw new Error(stderr)
  }

  it('no API fails one validation, whichever algorithm, by command or by schedule', async () => {
    const apis: ReturnType<typeof api>[] = []
    const issued: Issued[] = []
    const failures: string[] = []
    let validated = 0
    const validate = async (one: Issued) => {
      await Promise.all(
        apis.map((valid) =>
          valid(one).then(
            () => {
              validated += 1
            },
            (error) => failures.push(`at ${deployment.clock.at}: ${error}`),
          ),
        ),
      )
    }
    const steps = (hours(3) + PUBLISH_AHEAD + hours(3) + PUBLISH_AHEAD) / STEP
    for (let step = 0; step <= steps; step += 1) {
      // Another API begins now: each keeps another set of keys from here on.
      if (step % 4 === 0) apis.push(api())
      // Some ask for the keys just before the next ones are made.
      await Promise.all(issued.slice(-1).map(validate))
      const rotations: Promise<unknown>[] = []
      if ([1, 4, 7].includes(step)) rotations.push(...signingAlgs.map(byCommand))
      if (step > 2 * (PUBLISH_AHEAD / STEP)) {
        rotations.push(deployment.keyRing.rotateWhenDue(hours(2)))
      }
      const load = apps.flatMap((app) =>
        visitors.map(async (visitor) => {
          const fresh = await exchange(app, visitor)
          issued.push(...fresh)
          await Promise.all(fresh.map(validate))
        }),
      )
      await Promise.all([...load, ...rotations])
      // What was signed before is looked at again, as long as it is good.
      await Promise.all(issued.filter((_, index) => index % 7 === step % 7).map(validate))
      deployment.clock.at += STEP
    }
    expect(failures).to.deep.equal([])
    expect(validated).to.be.greaterThan(issued.length)
    for (const alg of signingAlgs) {
      const headers = issued.map(({ token }) => decodeProtectedHeader(token))
      const used = new Set(headers.filter((header) => header.alg === alg).map(({ kid }) => kid))
      // The first, one of those by command (the newest signs), and those of the schedule.
      expect(used.size, alg).to.be.greaterThan(2)
    }
  })
})
