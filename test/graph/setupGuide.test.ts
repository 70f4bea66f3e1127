import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { startGraphSite } from '../support/graphSite.ts'
import { certificateOf } from './certificates.ts'

interface Step {
  readonly cmdlet: string
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly status: number
  /** Members of the answer. */
  readonly answer?: Readonly<Record<string, unknown>>
  readonly error?: Readonly<Record<string, unknown>>
  readonly remembers?: string
  /** The admin puts the answer's record into the DNS. */
  readonly publishes?: boolean
}

describe('the setup guides for Microsoft Graph PowerShell', () => {
  let site: Awaited<ReturnType<typeof startGraphSite>>
  before(async () => {
    site = await startGraphSite()
  })
  after(() => site?.close())

  const text = readFileSync(
    new URL('../../fixtures/graph/setup-guide.json', import.meta.url),
    'utf8',
  )
  const { steps } = JSON.parse(
    text
      .replaceAll('"CERTIFICATE"', JSON.stringify(certificateOf('demo-okta')))
      .replaceAll('"NEXT"', JSON.stringify(certificateOf('next-okta'))),
  ) as { readonly steps: readonly Step[] }
  let remembered = ''

  for (const step of steps) {
    it(step.cmdlet, async () => {
      const { status, body } = await site.graph.call(
        step.method,
        step.path.replace('/ID', `/${remembered}`),
        { body: step.body, headers: { 'User-Agent': 'PowerShell/7.4', ...step.headers } },
      )
      expect(status, JSON.stringify(body)).to.equal(step.status)
      if (status === 204) expect(body).to.equal(null)
      if (step.answer) expect(body).to.deep.include(step.answer)
      if (step.error) expect(body.error).to.deep.include(step.error)
      if (step.remembers) remembered = body[step.remembers]
      if (step.publishes) {
        const [record] = body.value
        site.dns.zone = { [record.label]: { TXT: [[record.text]] } }
      }
    })
  }
})
