import { rmSync } from 'node:fs'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { loadOrMakeDemoTls } from '../../src/cli/server/demoTls.ts'
import { systemRandom } from '../../src/lib/ids.ts'
import { launchBrowser } from '../support/browser.ts'
import { newDataFolder } from '../support/deployment.ts'
import { axeFindings, horizontalOverflow, walkByKeyboard } from '../support/pageChecks.ts'
import { Person } from '../support/person.ts'
import { type Site, startSite } from './site.ts'

for (const scheme of ['http', 'https'] as const) {
  describe(`the whole story from Routty in a real browser, over ${scheme}`, function () {
    this.timeout(60_000)
    let folder: string
    let browser: Browser
    let site: Site
    let base: string
    let person: Person
    before(async () => {
      folder = newDataFolder()
      const making = { now: Date.now(), random: systemRandom }
      const tls = scheme === 'https' ? await loadOrMakeDemoTls(folder, making) : null
      ;[browser, site] = await Promise.all([launchBrowser(), startSite(tls)])
      base = site.routty.baseUrl
    })
    after(async () => {
      await browser?.close()
      await site?.close()
      rmSync(folder, { recursive: true, force: true })
    })
    beforeEach(async () => {
      // The browser trusts the demo's authority as a person would have it do.
      person = await Person.at(site.deployment, browser, { ignoreHTTPSErrors: true })
    })
    afterEach(async () => {
      await person?.close()
      expect(site.failures).to.deep.equal([])
    })

    const press = (name: string) => person.page.getByRole('button', { name, exact: true }).click()
    const heading = (name: string) => person.page.getByRole('heading', { name, level: 1 }).waitFor()
    async function enterPassword(): Promise<void> {
      await person.atOkta()
      await person.page.getByLabel('Password').fill('any')
      await press('Sign in')
    }
    async function signInAs(email: string): Promise<void> {
      await person.page.goto(base)
      await person.page.getByRole('link', { name: email }).click()
      await enterPassword()
    }

    it('app, homerealm, Okta, homerealm, app: each on an origin of its own, and nobody else', async () => {
      const { page } = person
      expect(base).to.match(new RegExp(`^${scheme}://127\\.0\\.0\\.1:\\d+$`))
      await page.goto(base)
      await page.getByRole('link', { name: 'Sign in', exact: true }).click()
      await person.typeEmail('alice@customer.com')
      await enterPassword()
      await heading('Hello, Alice Archer')
      const { publicUrl, oktaUrl } = site.deployment
      const way = person.requested
        .map((url) => new URL(url).origin)
        .filter((origin, index, all) => origin !== all[index - 1])
      expect(way).to.deep.equal([base, publicUrl, oktaUrl, publicUrl, base])
      expect(page.url()).to.equal(`${base}/`)
      expect(person.complaints).to.deep.equal([])
    })

    it('a second visit needs no page of homerealm: silently, she is in', async () => {
      await signInAs('alice@customer.com')
      await heading('Hello, Alice Archer')
      await person.page.context().clearCookies({ name: /routty/ })
      await person.page.goto(base)
      await person.page.getByRole('link', { name: 'Ask silently' }).click()
      await heading('Hello, Alice Archer')
      expect(person.acsPosts).to.equal(1)
    })

    it('asked silently with nobody there, it says login_required, and the button goes on', async () => {
      await person.page.goto(base)
      await person.page.getByRole('link', { name: 'Ask silently' }).click()
      await heading('Nobody is signed in at homerealm')
      expect(await person.page.getByText(/^AADSTS50058: /).isVisible()).to.equal(true)
      await person.page.getByRole('link', { name: 'Sign in', exact: true }).click()
      await person.typeEmail('alice@customer.com')
      await enterPassword()
      await heading('Hello, Alice Archer')
    })

    it('Bob reads AADSTS51004 at homerealm, starts again as Alice, and comes to Routty', async () => {
      const { page } = person
      await signInAs('bob@customer.com')
      await page.waitForURL(site.deployment.acs)
      expect(await page.locator('#details dd').last().textContent()).to.match(/^AADSTS51004: /)
      await page.getByRole('link', { name: 'Start again' }).click()
      await person.typeEmail('alice@customer.com')
      await enterPassword()
      await heading('Hello, Alice Archer')
    })

    it('renews, asks userinfo, and a reload repeats neither', async () => {
      const { page } = person
      await signInAs('alice@customer.com')
      await press('Renew')
      await page.getByText('Renewed so far: 1.').waitFor()
      await page.reload()
      await page.getByText('Renewed so far: 1.').waitFor()
      await press('Ask')
      await page.getByRole('heading', { name: 'Userinfo', exact: true }).waitFor()
      expect(await page.getByRole('status').textContent()).to.include('Userinfo answered')
      expect(person.complaints).to.deep.equal([])
    })

    it('signs out of all, and Back shows no token', async () => {
      const { page } = person
      await signInAs('alice@customer.com')
      await heading('Hello, Alice Archer')
      await press('Sign out')
      await page.waitForURL(`${base}/signed-out`)
      await heading('You are signed out')
      expect(await person.signedInAs()).to.equal(null)
      await page.goBack().catch(() => null)
      await page.waitForLoadState()
      expect(await page.content()).not.to.include('Alice Archer')
      const tab = await person.anotherTab()
      await tab.page.goto(base)
      expect(await tab.heading()).to.equal('Where to today?')
      expect(person.complaints).to.deep.equal([])
    })

    it('signing out at homerealm signs out of Routty, by its frame', async () => {
      const { page } = person
      await signInAs('alice@customer.com')
      await heading('Hello, Alice Archer')
      await person.open('/me')
      await press('Sign out')
      await heading('You are signed out')
      await page.goto(base)
      await heading('Where to today?')
      expect(person.complaints).to.deep.equal([])
    })

    it('Back from the tokens, and the callback by hand once more, end at pages that say so', async () => {
      const { page } = person
      const answers: string[] = []
      page.on('request', (request) => {
        if (request.url().startsWith(`${base}/callback`)) answers.push(request.url())
      })
      await signInAs('alice@customer.com')
      await heading('Hello, Alice Archer')
      expect(answers).to.have.length(1)
      // It may end at a page of the identity provider that the browser does not send a form to again by itself.
      await page.goBack().catch(() => null)
      expect(answers).to.have.length(1)
      // In a tab of its own: the first may still be busy with a page that it must not ask for again.
      const tab = await person.anotherTab()
      for (const again of [() => tab.page.goto(answers[0] ?? ''), () => tab.page.reload()]) {
        expect((await again())?.status()).to.equal(400)
        expect(await tab.heading()).to.equal('This answer was used already')
        expect(await tab.page.getByText('You are still signed in').isVisible()).to.equal(true)
      }
      await tab.page.getByRole('link', { name: 'Go to your tokens' }).click()
      await tab.page.getByRole('heading', { name: 'Hello, Alice Archer' }).waitFor()
      // In another browser the same address opens nothing.
      const other = await Person.at(site.deployment, browser, { ignoreHTTPSErrors: true })
      try {
        await other.page.goto(answers[0] ?? '')
        expect(await other.heading()).to.equal('This browser asked for no such answer')
      } finally {
        await other.close()
      }
    })

    if (scheme === 'http') {
      const pages: readonly [name: string, status: number, open: () => Promise<unknown>][] = [
        ['the start', 200, () => person.page.goto(base)],
        [
          'the tokens',
          200,
          async () => {
            await signInAs('alice@customer.com')
            await press('Renew')
            await person.page.getByText('Renewed so far: 1.').waitFor()
            await press('Ask')
            await person.page.getByText('Userinfo answered').waitFor()
          },
        ],
        ['a sign-in that failed', 400, () => person.page.goto(`${base}/signin?prompt=none`)],
        ['an answer that nobody waits for', 400, () => person.page.goto(`${base}/callback?code=x`)],
        ['signed out', 200, () => person.page.goto(`${base}/signed-out`)],
        ['no such page', 404, () => person.page.goto(`${base}/nowhere`)],
      ]
      for (const [name, status, open] of pages) {
        it(`"${name}": axe, 360 px, keyboard, no complaint of the browser`, async () => {
          const { page } = person
          await page.setViewportSize({ width: 360, height: 740 })
          await open()
          expect(await horizontalOverflow(page)).to.equal(0)
          expect(await axeFindings(page)).to.deep.equal([])
          await page.setViewportSize({ width: 1280, height: 800 })
          await page.emulateMedia({ colorScheme: 'dark' })
          expect(await axeFindings(page)).to.deep.equal([])
          const { expected, reached, unseen } = await walkByKeyboard(page)
          expect(reached).to.deep.equal(expected)
          expect(unseen).to.deep.equal([])
          expect(await page.evaluate('document.styleSheets.length')).to.equal(1)
          const unexpected = person.complaints.filter(
            (text) => !(status >= 400 && text.includes(`status of ${status}`)),
          )
          expect(unexpected).to.deep.equal([])
        })
      }
    }
  })
}
