import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { isGuid } from '../../src/lib/ids.ts'
import { launchBrowser } from '../support/browser.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { Person } from '../support/person.ts'

describe('signing in with a real browser', function () {
  this.timeout(60_000)
  let browser: Browser
  let deployment: Deployment
  let person: Person
  before(async () => {
    ;[browser, deployment] = await Promise.all([launchBrowser(), startDeployment()])
  })
  after(async () => {
    await browser?.close()
    await deployment?.close()
  })
  const someone = async (options = {}) => {
    person = await Person.at(deployment, browser, options)
    return person
  }
  afterEach(() => person?.close())

  it('Alice types her e-mail, signs in at her Okta, and is in', async () => {
    const { page } = await someone()
    await person.open('/')
    expect(person.path).to.equal('/signin')
    await person.typeEmail('alice@customer.com')
    expect(await page.getByLabel('Username').inputValue()).to.equal('alice@customer.com')
    await person.signInAtOkta()
    expect(person.path).to.equal('/me')
    expect(await person.heading()).to.equal('You are signed in')
    for (const text of ['Alice Archer', 'IDPEmail', 'NameID format', 'signature']) {
      expect(await page.getByText(text, { exact: true }).first().isVisible(), text).to.equal(true)
    }
    expect(await page.locator('ol.trace li.pass').count()).to.be.greaterThan(10)
    expect(await page.locator('ol.trace li.fail').count()).to.equal(0)
    expect(person.complaints).to.deep.equal([])
    expect(person.acsPosts).to.equal(1)
    // The front door now leads to her page.
    await person.open('/')
    expect(person.path).to.equal('/me')
  })

  for (const [name, code, sentence] of [
    ['bob', 51004, /identifier that does not belong to your account/],
    ['carol', 50034, /there is no account for you here/],
    ['dave', 50057, /has been disabled/],
  ] as const) {
    it(`${name} is refused with AADSTS${code}, on a page that says what to do`, async () => {
      const { page } = await someone()
      await person.signIn(`${name}@customer.com`)
      expect(await person.heading()).to.equal('Sorry, but we’re having trouble signing you in.')
      expect(await page.getByRole('alert').textContent()).to.match(sentence)
      const names = await page.locator('#details dt').allTextContents()
      expect(names).to.deep.equal(['Request Id', 'Correlation Id', 'Timestamp', 'Message'])
      const [requestId = '', correlationId = '', timestamp, message] = await page
        .locator('#details dd')
        .allTextContents()
      expect(isGuid(requestId) && isGuid(correlationId)).to.equal(true)
      expect(timestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(message).to.match(new RegExp(`^AADSTS${code}: `))
      const kept = await deployment.storage.traces.trace(requestId, deployment.clock.at)
      expect(kept?.aadsts).to.equal(code)
      expect(await person.signedInAs()).to.equal(null)
      // And the page leads on: to what the code means, and back to the start.
      await page.getByRole('link', { name: `What does AADSTS${code} mean?` }).click()
      expect(await person.heading()).to.equal(`AADSTS${code}`)
      await page.goBack()
      await page.getByRole('link', { name: 'Start again' }).click()
      expect(person.path).to.equal('/signin')
    })
  }

  it('the button copies the four lines of a refusal', async () => {
    const { page } = await someone({ permissions: ['clipboard-read', 'clipboard-write'] })
    await person.signIn('bob@customer.com')
    await page.getByRole('button', { name: 'Copy details' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    const lines = (await page.evaluate<string>('navigator.clipboard.readText()')).split('\n')
    const requestId = await page.locator('#details dd').first().textContent()
    expect(lines[0]).to.equal(`Request Id: ${requestId}`)
    expect(lines.map((line) => line.split(':')[0])).to.deep.equal([
      'Request Id',
      'Correlation Id',
      'Timestamp',
      'Message',
    ])
    expect(lines[3]).to.match(/^Message: AADSTS51004: /)
  })

  for (const [fault, code] of [
    ['expired', 500089],
    ['audience-other', 500089],
    ['unsigned', 50008],
    ['foreign-key', 5000811],
    ['xsw3', 50008],
    ['unsolicited', 50089],
    ['status-request-denied', 500082],
  ] as const) {
    it(`the fault "${fault}" of the demo Okta's menu is refused with AADSTS${code}`, async () => {
      const { page } = await someone()
      await person.signIn('alice@customer.com', fault)
      const message = await page.locator('#details dd').last().textContent()
      expect(message).to.match(new RegExp(`^AADSTS${code}: `))
      expect(await person.signedInAs()).to.equal(null)
    })
  }

  it('the fault "replay" is refused, and leaves the session that the response opened', async () => {
    const { page } = await someone()
    await person.signIn('alice@customer.com')
    await person.signIn('alice@customer.com', 'replay')
    expect(await page.locator('#details dd').last().textContent()).to.match(/^AADSTS500089: /)
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  for (const query of [
    'login_hint=alice%40customer.com',
    'domain_hint=customer.com',
    'whr=customer.com',
  ]) {
    it(`${query} skips the e-mail page`, async () => {
      const { page } = await someone()
      await person.open(`/signin?${query}`)
      await person.atOkta()
      await page.getByLabel('Username').fill('alice@customer.com')
      await person.signInAtOkta()
      expect(person.path).to.equal('/me')
    })
  }

  it('an address that does not fit is said so beside the field, which keeps it', async () => {
    const { page } = await someone()
    await person.open('/signin')
    const field = page.getByLabel('E-mail address')
    for (const [typed, said] of [
      ['alice', 'Enter a valid e-mail address.'],
      ['alice@elsewhere.example', 'We don’t know the domain of that address.'],
    ] as const) {
      await field.fill(typed)
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('alert').getByText(said).waitFor()
      expect(await field.inputValue()).to.equal(typed)
      expect(await field.getAttribute('aria-invalid')).to.equal('true')
    }
    await field.fill('max@managed.example')
    await field.press('Enter')
    await page.getByRole('heading', { name: 'Enter password' }).waitFor()
    await page.getByRole('link', { name: 'Use another address' }).click()
    expect(person.path).to.equal('/signin')
  })

  it('signing out leads to a page that says so, and /me then to the sign-in', async () => {
    const { page } = await someone()
    await person.open('/me')
    expect(person.path).to.equal('/signin')
    await person.signIn('alice@customer.com')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(person.path).to.equal('/signedout')
    expect((await page.context().cookies()).map(({ name }) => name)).to.deep.equal([
      'homerealm-browser',
    ])
    await person.open('/me')
    expect(person.path).to.equal('/signin')
  })

  it('without JavaScript the buttons lead the same way', async () => {
    const { page } = await someone({ javaScriptEnabled: false })
    await person.open('/signin')
    await page.getByLabel('E-mail address').fill('alice@customer.com')
    await page.getByRole('button', { name: 'Next' }).click()
    expect(await person.heading()).to.equal('Your organization signs you in')
    await page.getByRole('button', { name: 'Continue' }).click()
    await person.atOkta()
    await page.getByLabel('Password').fill('any')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await person.backHere()
    expect(person.path).to.equal('/me')
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await person.heading()).to.equal('You are signed out')
  })

  it('the keyboard alone leads the same way', async () => {
    const { page } = await someone()
    await person.open('/signin')
    await page.locator('#username:focus').waitFor()
    await page.keyboard.type('alice@customer.com')
    await page.keyboard.press('Enter')
    await person.atOkta()
    await page.locator('#password:focus').waitFor()
    await page.keyboard.type('any')
    await page.keyboard.press('Enter')
    await person.backHere()
    expect(person.path).to.equal('/me')
    // The first thing that Tab reaches on the page is the way out.
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  it('with the Redirect binding the browser follows from the posted form to the identity provider', async () => {
    const { directory } = deployment.storage
    const federation = await directory.federationByIssuer(deployment.idp.issuer)
    if (federation === null) throw new Error('no federation')
    await directory.putFederation({ ...federation, requestBinding: 'redirect' })
    try {
      await someone()
      await person.signIn('alice@customer.com')
      expect(person.path).to.equal('/me')
      expect(person.complaints).to.deep.equal([])
    } finally {
      await directory.putFederation(federation)
    }
  })
})
