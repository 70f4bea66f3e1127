import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { emailPage } from '../../src/web/pages.ts'
import { launchBrowser } from '../support/browser.ts'
import {
  axeFindings,
  collectComplaints,
  horizontalOverflow,
  walkByKeyboard,
} from '../support/pageChecks.ts'
import { type PageServer, servePages } from '../support/pageServer.ts'
import { pagesOf } from './pagesOf.ts'
import * as samples from './samples.ts'

const hostile =
  '"><x-hostile onclick=x></x-hostile><script>document.title="owned"</script><img src=x onerror=y>'

describe('pages in a real browser', () => {
  let browser: Browser
  let server: PageServer

  before(async () => {
    browser = await launchBrowser()
    server = await servePages(({ url }) => {
      if (url === '/hostile') {
        const people = [{ email: hostile, note: hostile }]
        const problem = { headline: hostile, advice: hostile, message: hostile }
        return {
          html: emailPage({ tenantName: hostile, value: hostile, problem, demo: { people } }),
        }
      }
      if (url.startsWith('/long/')) {
        const make = pagesOf[decodeURIComponent(url.slice('/long/'.length))]
        return make && { html: make('W'.repeat(300)) }
      }
      const make = samples.everyPage.get(url.slice(1))
      return make && { html: make() }
    })
  })
  after(async () => {
    await browser?.close()
    await server?.close()
  })

  /** Opens a page, does something with it, and expects that the browser had nothing to complain about. */
  async function onPage(
    name: string,
    options: BrowserContextOptions,
    doing: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options)
    try {
      const page = await context.newPage()
      const complaints = collectComplaints(page)
      // The page that submits itself is looked at as it is without its script; what the script does is shown in go.test.ts.
      await page.route('**/assets/go.js*', (route) => route.fulfill({ body: '' }))
      await page.goto(`${server.origin}/${name}`)
      await doing(page)
      expect(complaints).to.deep.equal([])
    } finally {
      await context.close()
    }
  }

  for (const name of samples.everyPage.keys()) {
    it(`axe finds nothing serious on "${name}", light and wide, dark and narrow`, async () => {
      await onPage(
        name,
        { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' },
        async (page) => {
          expect(await axeFindings(page)).to.deep.equal([])
          await page.setViewportSize({ width: 360, height: 740 })
          await page.emulateMedia({ colorScheme: 'dark' })
          expect(await axeFindings(page)).to.deep.equal([])
        },
      )
    })

    it(`"${name}" does not scroll sideways at 360 and at 320 pixels`, async () => {
      await onPage(name, { viewport: { width: 360, height: 740 } }, async (page) => {
        expect(await horizontalOverflow(page)).to.equal(0)
        await page.setViewportSize({ width: 320, height: 568 })
        expect(await horizontalOverflow(page)).to.equal(0)
      })
    })

    it(`every control of "${name}" is reached by the Tab key, in order, and shows its focus`, async () => {
      await onPage(name, {}, async (page) => {
        const { expected, reached, unseen } = await walkByKeyboard(page)
        expect(reached).to.deep.equal(expected)
        expect(unseen, 'controls whose focus does not show').to.deep.equal([])
      })
    })
  }

  it('a text that is one long word widens no page', async () => {
    for (const name of Object.keys(pagesOf)) {
      await onPage(`long/${name}`, { viewport: { width: 320, height: 568 } }, async (page) => {
        expect(await horizontalOverflow(page), name).to.equal(0)
      })
    }
  })

  it('hostile texts stay texts for the browser’s own parser', async () => {
    await onPage('hostile', {}, async (page) => {
      expect(await page.locator('x-hostile, img, script:not([src])').count()).to.equal(0)
      expect(await page.title()).to.equal(`Error: ${hostile} · homerealm`)
      expect(await page.locator('#username').inputValue()).to.equal(hostile)
    })
  })

  it('the e-mail field has the focus at once, and Enter sends it', async () => {
    await onPage('email', {}, async (page) => {
      await page.route('**/signin', (route) => route.fulfill({ body: 'sent' }))
      await page.locator('#username:focus').waitFor()
      await page.keyboard.type('alice@customer.com')
      const [request] = await Promise.all([
        page.waitForRequest('**/signin'),
        page.keyboard.press('Enter'),
      ])
      expect(request.method()).to.equal('POST')
      expect(request.postData()).to.equal('username=alice%40customer.com')
    })
  })

  it('a demo person fills in the field, and signs in at once where there are no scripts', async () => {
    await onPage('email-demo', {}, async (page) => {
      await page.getByRole('button', { name: 'bob@customer.com' }).click()
      expect(await page.locator('#username').inputValue()).to.equal('bob@customer.com')
      expect(await page.evaluate('document.activeElement.id')).to.equal('username')
    })
    await onPage('email-demo', { javaScriptEnabled: false }, async (page) => {
      const link = page.getByRole('link', { name: 'bob@customer.com' })
      expect(await link.getAttribute('href')).to.equal('/signin?login_hint=bob%40customer.com')
    })
  })

  it('the page of a refusal prints its four lines, and no buttons', async () => {
    await onPage('refused', { colorScheme: 'dark' }, async (page) => {
      await page.emulateMedia({ media: 'print' })
      for (const label of ['Request Id', 'Correlation Id', 'Timestamp', 'Message']) {
        expect(await page.getByText(label, { exact: true }).isVisible(), label).to.equal(true)
      }
      expect(await page.getByRole('button').count()).to.equal(0)
      expect(await page.evaluate('getComputedStyle(document.body).color')).to.equal('rgb(0, 0, 0)')
    })
  })

  it('nothing moves for those who asked for less motion', async () => {
    await onPage('send', { reducedMotion: 'reduce' }, async (page) => {
      await page.evaluate('document.getElementById("progress").hidden = false')
      expect(await page.evaluate('document.getAnimations().length')).to.equal(0)
    })
  })

  it('no page asked for an asset that is not there', () => {
    expect(server.missing).to.deep.equal([])
  })
})
