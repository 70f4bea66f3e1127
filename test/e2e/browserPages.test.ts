import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { codeAt } from '../support/authenticator.ts'
import { launchBrowser } from '../support/browser.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { addManaged, rightPassword } from '../support/managed.ts'
import { axeFindings, horizontalOverflow, walkByKeyboard } from '../support/pageChecks.ts'
import { Person } from '../support/person.ts'
import { enrolByPage, pageTable } from './pageTable.ts'

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

  for (const { name, status, open, reloaded } of pageTable) {
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
        await open(person, deployment)
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
        await page.setViewportSize({ width: 1280, height: 800 })
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await axeFindings(page)).to.deep.equal([])
        const unexpected = person.complaints.filter(
          (text) => !(status >= 400 && text.includes(`status of ${status}`)),
        )
        expect(unexpected).to.deep.equal([])
      } finally {
        await person.close()
      }
    })

    it(`${name}: all of it by the keyboard, and a reload is no riddle`, async () => {
      const person = await Person.at(deployment, browser)
      try {
        await open(person, deployment)
        const heading = await person.heading()
        const { expected, reached, unseen } = await walkByKeyboard(person.page)
        expect(reached).to.deep.equal(expected)
        expect(unseen, 'controls whose focus does not show').to.deep.equal([])
        const again = await person.page.reload()
        expect(again?.status()).to.equal(reloaded?.status ?? status)
        expect(await person.heading()).to.equal(reloaded?.heading ?? heading)
      } finally {
        await person.close()
      }
    })
  }

  it('no element of any page carries a script or style of its own', async () => {
    for (const { name, open } of pageTable) {
      const person = await Person.at(deployment, browser)
      try {
        await open(person, deployment)
        const inline = await person.page
          .locator('script:not([src]), style, [style], [onclick], [onload], [onerror], iframe')
          .count()
        expect(inline, name).to.equal(0)
      } finally {
        await person.close()
      }
    }
  })

  describe('a managed user whose password must be changed and who needs a second factor', () => {
    let person: Person
    let upn: string
    beforeEach(async () => {
      person = await Person.at(deployment, browser)
      const credentials = { mustChangePassword: true, requireMfa: true }
      upn = (await addManaged(deployment, { credentials })).userPrincipalName
    })
    afterEach(() => person?.close())

    const type = (text: string) => person.page.keyboard.type(text)
    /** By Tab to the control of this name, as somebody without a mouse. */
    async function tabTo(name: string): Promise<void> {
      const { page } = person
      const control = page.getByRole('textbox', { name }).or(page.getByRole('link', { name }))
      for (let step = 0; step < 12; step++) {
        if (await control.evaluate((one) => one.matches(':focus'))) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab never came to ${name}`)
    }
    const enter = async (heading: string) => {
      await person.page.keyboard.press('Enter')
      await person.page.getByRole('heading', { name: heading }).waitFor()
    }

    it('does it all by the keyboard, and next time signs in with a code', async () => {
      const { page } = person
      await person.open('/signin')
      await page.locator('#username:focus').waitFor()
      await type(upn)
      await enter('Enter password')
      await page.locator('#password:focus').waitFor()
      await type(rightPassword)
      await enter('Set up an authenticator app')
      const secret = (await page.locator('.secret').textContent()) ?? ''
      const picture = page.getByRole('img', { name: 'QR code for the authenticator app' })
      expect(await picture.isVisible()).to.equal(true)
      await tabTo('Code')
      await type(codeAt(secret, deployment.clock.at))
      await enter('Keep your recovery codes')
      const codes = await page.locator('.recovery-codes code').allTextContents()
      expect(codes.length).to.be.greaterThan(7)
      await tabTo('I have kept them')
      await enter('Choose a new password')
      await tabTo('New password')
      await type('a longer one of my own')
      await tabTo('The same once more')
      await type('a longer one of my own')
      await enter('You are signed in')
      expect(await person.signedInAs()).to.equal(upn)
      expect(await page.getByText('pwd, mfa', { exact: true }).count()).to.equal(1)

      const other = await Person.at(deployment, browser)
      try {
        await other.open(`/signin?login_hint=${encodeURIComponent(upn)}`)
        await other.page.locator('#password:focus').waitFor()
        await other.page.keyboard.type('a longer one of my own')
        await other.page.keyboard.press('Enter')
        await other.page.getByRole('heading', { name: 'Enter code' }).waitFor()
        await other.page.locator('#code:focus').waitFor()
        await other.page.keyboard.type(codes[0] ?? '')
        await other.page.keyboard.press('Enter')
        await other.page.getByRole('heading', { name: 'You are signed in' }).waitFor()
        expect(other.complaints).to.deep.equal([])
      } finally {
        await other.close()
      }
      expect(person.complaints).to.deep.equal([])
    })

    it('meets no page by Back that is used up: each leads to where something can be done', async () => {
      const { page } = person
      await person.open(`/signin?login_hint=${encodeURIComponent(upn)}`)
      await page.getByLabel('Password').fill(rightPassword)
      await enter('Set up an authenticator app')
      await page.goBack()
      expect(await person.heading()).to.equal('Enter password')
      await page.goForward()
      expect(await person.heading()).to.equal('Set up an authenticator app')
      await enrolByPage(person, deployment)
      await page.getByRole('link', { name: 'I have kept them' }).click()
      await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
      await page.reload()
      expect(await person.heading()).to.equal('Choose a new password')
      for (const label of ['New password', 'The same once more']) {
        await page.getByLabel(label).fill('a longer one of my own')
      }
      await enter('You are signed in')
      await page.goBack()
      expect([person.path, await person.heading()]).to.deep.equal(['/signin', 'Sign in'])
      expect(await person.signedInAs()).to.equal(upn)
    })
  })
})
