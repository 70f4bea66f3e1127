import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { axeFindings, horizontalOverflow } from '../support/pageChecks.ts'
import { Person } from '../support/person.ts'

/** How to come to each page of homerealm, as it is served with its headers. */
const pages: readonly [name: string, status: number, open: (person: Person) => Promise<void>][] = [
  ['the e-mail page', 200, (person) => person.open('/signin')],
  [
    'the e-mail page with a malformed address',
    400,
    (person) => person.open('/signin?login_hint=x'),
  ],
  [
    'the e-mail page with an unknown domain',
    400,
    (person) => person.open('/signin?login_hint=x%40elsewhere.example'),
  ],
  [
    'the page of a managed domain',
    200,
    (person) => person.open('/signin?login_hint=max%40managed.example'),
  ],
  [
    'the hand-over page',
    200,
    async (person) => {
      const empty = { body: '' }
      await person.page.route('**/assets/go.js*', (route) => route.fulfill(empty), { times: 1 })
      await person.open('/signin?login_hint=alice%40customer.com')
    },
  ],
  ['the page of who is signed in', 200, (person) => person.signIn('alice@customer.com')],
  ['the page of a refusal', 403, (person) => person.signIn('bob@customer.com')],
  ['the page of one code', 200, (person) => person.open('/error?code=51004')],
  ['the page of all codes', 200, (person) => person.open('/error')],
  ['the page of a code that is none', 404, (person) => person.open('/error?code=1')],
  ['the page after signing out', 200, (person) => person.open('/signedout')],
  ['the page that is not there', 404, (person) => person.open('/nowhere')],
]

describe('every page of homerealm in a real browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let deployment: Deployment
  before(async () => {
    ;[browser, deployment] = await Promise.all([launchBrowser(), startDeployment()])
  })
  after(async () => {
    await browser?.close()
    await deployment?.close()
  })

  for (const [name, status, open] of pages) {
    it(`${name}: nothing serious for axe, no sideways scroll at 360 px, nothing from elsewhere`, async () => {
      const person = await Person.at(deployment, browser, {
        viewport: { width: 360, height: 740 },
        reducedMotion: 'reduce',
      })
      const { page } = person
      try {
        const shown: { status: number; policy: string | undefined }[] = []
        page.on('response', (response) => {
          if (response.request().isNavigationRequest() && response.status() !== 303) {
            const policy = response.headers()['content-security-policy']
            shown.push({ status: response.status(), policy })
          }
        })
        await open(person)
        const last = shown.at(-1)
        expect(last?.status).to.equal(status)
        expect(last?.policy).to.match(/^default-src 'none'; script-src 'self'; style-src 'self';/)
        expect(await page.getByRole('heading', { level: 1 }).count()).to.equal(1)
        expect(await horizontalOverflow(page)).to.equal(0)
        expect(await axeFindings(page)).to.deep.equal([])
        // The stylesheet came and counts, so that the looks are not those of a page without one.
        expect(await page.evaluate('document.styleSheets.length')).to.equal(1)
        const ours = new Set([deployment.publicUrl, deployment.oktaUrl])
        const origins = person.requested.map((url) => new URL(url).origin)
        expect(origins.filter((origin) => !ours.has(origin))).to.deep.equal([])
        const subresources = await page.evaluate<string[]>(
          "performance.getEntriesByType('resource').map((entry) => entry.name)",
        )
        expect(subresources.length).to.be.greaterThan(0)
        for (const url of subresources) expect(new URL(url).origin).to.equal(deployment.publicUrl)
        const unexpected = person.complaints.filter(
          (text) => !(status >= 400 && text.includes(`status of ${status}`)),
        )
        expect(unexpected).to.deep.equal([])
      } finally {
        await person.close()
      }
    })
  }

  it('no element of any page carries a script or style of its own', async () => {
    const person = await Person.at(deployment, browser)
    try {
      for (const [name, , open] of pages) {
        await open(person)
        const inline = await person.page
          .locator('script:not([src]), style, [style], [onclick], [onload], [onerror], iframe')
          .count()
        expect(inline, name).to.equal(0)
      }
    } finally {
      await person.close()
    }
  })
})
