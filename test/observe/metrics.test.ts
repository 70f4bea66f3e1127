import { expect } from 'chai'
import { createMetrics } from '../../src/observe/metrics.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'

/** The value of a line of Prometheus' text format; undefined when there is no such line. */
function sampleOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

describe('the metrics', () => {
  let deployment: Deployment
  let base: string
  const metrics = async () => (await fetch(`${base}/metrics`)).text()

  before(async () => {
    deployment = await startDeployment({ environment: { HOMEREALM_TELEMETRY_PORT: '0' } })
    base = `http://127.0.0.1:${deployment.telemetryPort}`
  })
  after(() => deployment.close())

  it('count sign-ins by outcome, reason and federation', async () => {
    await deployment.signInOverSockets('alice@customer.com')
    await deployment.signInOverSockets('alice@customer.com')
    await deployment.signInOverSockets('bob@customer.com')
    const text = await metrics()
    const [federation] = await deployment.storage.directory.federations()
    const name = federation?.displayName
    const series = (outcome: string, reason: string) =>
      `homerealm_signins_total{outcome="${outcome}",reason="${reason}",federation="${name}"}`
    expect(sampleOf(text, series('signedIn', ''))).to.equal(2)
    expect(sampleOf(text, series('refused', 'immutableIdMismatch'))).to.equal(1)
    expect(sampleOf(text, 'homerealm_signin_seconds_count')).to.equal(3)
  })

  it('tell when each certificate runs out, as it stands at the moment', async () => {
    const { directory } = deployment.storage
    const [federation] = await directory.federations()
    if (federation === undefined) throw new Error('the demo has a federation')
    const series = (slot: string) =>
      `homerealm_certificate_not_after_seconds{federation="${federation.displayName}",slot="${slot}"}`
    const first = await metrics()
    expect(sampleOf(first, series('signingCertificate'))).to.be.above(deployment.clock.at / 1000)
    expect(sampleOf(first, series('nextSigningCertificate'))).to.equal(undefined)
    const nextSigningCertificate = federation.signingCertificate
    await directory.putFederation({ ...federation, nextSigningCertificate })
    const second = await metrics()
    expect(sampleOf(second, series('nextSigningCertificate'))).to.equal(
      sampleOf(second, series('signingCertificate')),
    )
    await directory.putFederation(federation)
    expect(sampleOf(await metrics(), series('nextSigningCertificate'))).to.equal(undefined)
  })

  it('count apps that are refused', async () => {
    const app = 'client_id=00000000-0000-4000-8000-000000000000'
    await deployment.visitor().fetch(`/common/oauth2/v2.0/authorize?${app}&response_type=code`)
    const text = await metrics()
    expect(sampleOf(text, 'homerealm_app_refusals_total{aadsts="700016"}')).to.equal(1)
  })

  it('and health answer on their own port alone, and nothing else does there', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(`${base}${path}`)).status, path).to.equal(200)
      expect((await deployment.visitor().fetch(path)).status, path).to.equal(404)
    }
    for (const path of ['/signin', '/', '/v1.0/users']) {
      expect((await fetch(`${base}${path}`)).status, path).to.equal(404)
    }
  })

  it('are not there unless a port is set', async () => {
    const plain = await startDeployment()
    try {
      expect(plain.telemetryPort).to.equal(null)
      expect((await plain.visitor().fetch('/metrics')).status).to.equal(404)
    } finally {
      await plain.close()
    }
  })

  it('say nothing of what a stranger sends, and name no person', async () => {
    await deployment.signInOverSockets('carol@customer.com')
    const text = await metrics()
    expect(text).not.to.match(/carol|alice|@customer/)
  })

  it('that cannot be gathered are an error of theirs, not of the process', async () => {
    const broken = createMetrics(() => Promise.reject(new Error('the database is gone')))
    const outcome = await broken.text().then(
      () => 'gathered',
      (error: Error) => error.message,
    )
    expect(outcome).to.equal('the database is gone')
  })
})
