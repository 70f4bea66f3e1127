import { expect } from 'chai'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { formActionTo } from '../../src/web/headers.ts'
import { emailPage, refusedPage, sendToIdpPage } from '../../src/web/pages.ts'
import { launchBrowser } from '../support/browser.ts'
import { collectComplaints } from '../support/pageChecks.ts'
import { type PageServer, servePages } from '../support/pageServer.ts'
import * as samples from './samples.ts'

describe('scripts of the pages in a real browser', () => {
  let browser: Browser
  let identityProvider: PageServer
  let server: PageServer
  let context: BrowserContext
  let page: Page
  let complaints: string[]

  /** Where the identity provider sends on: another origin, as a custom domain is. */
  const elsewhere = () => `${identityProvider.origin.replace('127.0.0.1', 'localhost')}/login`
  const ends = new Map([
    ['/send-nowhere', '/no-answer'],
    ['/send-redirected', '/redirecting'],
  ])

  before(async () => {
    browser = await launchBrowser()
    identityProvider = await servePages(({ url }) => {
      if (url === '/no-answer') return { html: '', status: 204 }
      if (url === '/redirecting') return { html: '', redirect: elsewhere() }
      return { html: '<!doctype html><title>identity provider</title>' }
    })
    server = await servePages(({ url }) => {
      if (url === '/signin') return { html: emailPage(samples.email) }
      if (url === '/refused') return { html: refusedPage(samples.refused) }
      const action = `${identityProvider.origin}${ends.get(url) ?? '/sso'}`
      return {
        html: sendToIdpPage({ ...samples.send, action }),
        formAction: formActionTo(action),
      }
    })
  })
  after(async () => {
    await browser?.close()
    await server?.close()
    await identityProvider?.close()
  })
  beforeEach(async () => {
    identityProvider.received.length = 0
    context = await browser.newContext()
    page = await context.newPage()
    complaints = collectComplaints(page)
  })
  afterEach(async () => {
    await context.close()
  })

  describe('go.js', () => {
    const posted = 'SAMLRequest=PHNhbWxwOkF1dGhuUmVxdWVzdC8%2B&RelayState=b0R4'

    it('submits the form once, across sites, within the policy', async () => {
      await page.goto(`${server.origin}/send`)
      await page.waitForURL(`${identityProvider.origin}/sso`)
      expect(identityProvider.received).to.deep.equal([
        { method: 'POST', url: '/sso', body: posted },
      ])
      expect(complaints).to.deep.equal([])
    })

    it('leaves no step in the history: Back leads to the e-mail page', async () => {
      await page.goto(`${server.origin}/signin`)
      await page.goto(`${server.origin}/send`)
      await page.waitForURL(`${identityProvider.origin}/sso`)
      await page.goBack()
      expect(page.url()).to.equal(`${server.origin}/signin`)
      expect(identityProvider.received).to.have.length(1)
    })

    it('asks the one who comes back to the page, and does not submit again', async () => {
      await comeBack()
      await page.getByRole('heading', { name: 'You came back' }).waitFor()
      expect(await page.title()).to.equal('You came back · homerealm')
      expect(await page.getByRole('button', { name: 'Continue' }).count()).to.equal(0)
      expect(identityProvider.received).to.have.length(1)
    })

    it('offers a new request and another address to the one who came back', async () => {
      await comeBack()
      await page.getByText('Continue to the sign-in page of customer.com once more').waitFor()
      const again = page.getByRole('link', { name: 'Continue' })
      const other = page.getByRole('link', { name: 'Use another address' })
      expect(await again.getAttribute('href')).to.equal('/signin?login_hint=alice%40customer.com')
      expect(await other.getAttribute('href')).to.equal('/signin')
    })

    it('says where the way goes while the identity provider is slow, and asks after a restored page', async () => {
      await page.goto(`${server.origin}/send-nowhere`, { waitUntil: 'commit' })
      await page
        .getByRole('status')
        .getByText('Taking you to your organization’s sign-in page')
        .waitFor()
      expect(identityProvider.received).to.have.length(1)
      await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
      await page.getByRole('heading', { name: 'You came back' }).waitFor()
      expect(identityProvider.received).to.have.length(1)
    })

    it('lets the identity provider redirect to a host of another name after the POST', async () => {
      await page.goto(`${server.origin}/send-redirected`)
      await page.waitForURL(elsewhere())
      expect(await page.title()).to.equal('identity provider')
      expect(complaints).to.deep.equal([])
    })

    it('is not needed: the button does the same', async () => {
      const plain = await browser.newContext({ javaScriptEnabled: false })
      const silent = await plain.newPage()
      await silent.goto(`${server.origin}/send`)
      await silent.getByRole('button', { name: 'Continue' }).click()
      await silent.waitForURL(`${identityProvider.origin}/sso`)
      expect(identityProvider.received.map(({ body }) => body)).to.deep.equal([posted])
      await plain.close()
    })

    /** Leaves the page by its button, as a step of its own in the history, and goes back to it. */
    async function comeBack(): Promise<void> {
      // Not kept: a browser that goes back takes what it has.
      const nothing = { body: '', headers: { 'cache-control': 'no-store' } }
      await page.route('**/assets/go.js*', (route) => route.fulfill(nothing))
      await page.goto(`${server.origin}/send`)
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.waitForURL(`${identityProvider.origin}/sso`)
      await page.unrouteAll()
      await page.goBack()
    }
  })

  describe('copy.js', () => {
    const { requestId, correlationId, message } = samples.refused
    const lines = [
      `Request Id: ${requestId}`,
      `Correlation Id: ${correlationId}`,
      'Timestamp: 2026-01-15T09:30:00Z',
      `Message: ${message}`,
    ].join('\n')

    beforeEach(async () => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    })

    it('copies the four lines as text and says so', async () => {
      await page.goto(`${server.origin}/refused`)
      await page.getByRole('button', { name: 'Copy details' }).click()
      await page.getByRole('status').getByText('Copied', { exact: true }).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).to.equal(lines)
      expect(complaints).to.deep.equal([])
    })

    it('copies by selection where the browser offers no clipboard, and keeps the focus', async () => {
      await page.addInitScript(
        'Object.defineProperty(navigator, "clipboard", { value: undefined })',
      )
      await page.goto(`${server.origin}/refused`)
      await page.getByRole('button', { name: 'Copy details' }).click()
      await page.getByRole('status').getByText('Copied', { exact: true }).waitFor()
      expect(await page.evaluate('document.activeElement.id')).to.equal('copy')
      const reader = await context.newPage()
      await reader.goto(`${server.origin}/signin`)
      await reader.bringToFront()
      expect(await reader.evaluate('navigator.clipboard.readText()')).to.equal(lines)
      expect(complaints).to.deep.equal([])
    })

    it('says what to do instead where copying is refused', async () => {
      await page.addInitScript(
        'Object.defineProperty(navigator, "clipboard", { value: undefined }); document.execCommand = () => false',
      )
      await page.goto(`${server.origin}/refused`)
      await page.getByRole('button', { name: 'Copy details' }).click()
      await page.getByRole('status').getByText('Select the four lines').waitFor()
    })

    it('shows no button where no script runs', async () => {
      const plain = await browser.newContext({ javaScriptEnabled: false })
      const silent = await plain.newPage()
      await silent.goto(`${server.origin}/refused`)
      expect(await silent.getByRole('button').count()).to.equal(0)
      expect(await silent.getByText(requestId).isVisible()).to.equal(true)
      await plain.close()
    })
  })
})
