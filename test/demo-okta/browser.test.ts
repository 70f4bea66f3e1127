import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { axeFindings, collectComplaints, horizontalOverflow } from '../support/pageChecks.ts'
import { alice, parse, text } from './scene.ts'
import { startAcs, startSite } from './site.ts'

describe("the demo Okta's pages in a browser", function () {
  this.timeout(60_000)
  let browser: Browser
  let site: Awaited<ReturnType<typeof startSite>>
  let acs: Awaited<ReturnType<typeof startAcs>>

  before(async () => {
    browser = await launchBrowser()
    acs = await startAcs()
    site = await startSite({ acs: acs.url })
  })
  after(async () => {
    await browser?.close()
    await site?.close()
    acs?.close()
  })

  async function open(path: string, options = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 }, ...options })
    const page = await context.newPage()
    await page.goto(site.baseUrl + path)
    return page
  }
  const sso = '/app/demo_homerealm/exkdemo1/sso/saml'
  const lastNameId = () => {
    const sent = acs.received.at(-1)?.get('SAMLResponse') ?? ''
    return text(parse(Buffer.from(sent, 'base64').toString()), 'NameID')
  }

  it('signs in by keyboard alone, and the response goes off by itself to the ACS on another site', async () => {
    const page = await open(`${sso}?username=${alice.login}`)
    const complaints = collectComplaints(page)
    await page.keyboard.type('secret')
    await page.keyboard.press('Enter')
    await page.waitForURL(acs.url)
    expect(lastNameId()).to.equal(alice.nameId)
    expect(complaints).to.deep.equal([])
    await page.context().close()
  })

  it('works without JavaScript, by a button', async () => {
    const page = await open(sso, { javaScriptEnabled: false })
    const before = acs.received.length
    await page.getByLabel('Username').fill('Bob@customer.com')
    await page.getByText('For testers').click()
    await page.getByLabel('What to send instead').selectOption('nameid-tampered')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(acs.received.length).to.equal(before)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(acs.url)
    expect(lastNameId(), "the first other person's").to.equal(alice.nameId)
    await page.context().close()
  })

  it('has nothing that axe finds serious, no complaint and no sideways scroll at 360 px', async () => {
    for (const [path, act] of [
      ['/', async () => undefined],
      [sso, async (page: Page) => page.getByText('For testers').click()],
      [
        sso,
        async (page: Page) => {
          await page.getByLabel('Username').fill(`${'nobody'.repeat(20)}@customer.com`)
          await page.getByRole('button', { name: 'Sign in' }).click()
          await page.getByText('Unable to sign in').waitFor()
        },
      ],
      [`${sso}?SAMLRequest=x`, async () => undefined],
    ] as const) {
      const page = await open(path)
      await act(page)
      expect(await axeFindings(page), path).to.deep.equal([])
      expect(await horizontalOverflow(page), path).to.equal(0)
      await page.context().close()
    }
  })
})
