import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { type Deployment, startDeployment } from '../support/deployment.ts'
import { Person } from '../support/person.ts'

describe('Back and reload at every step of a sign-in', function () {
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
  beforeEach(async () => {
    person = await Person.at(deployment, browser)
  })
  afterEach(() => person?.close())

  it('a reload of the e-mail page, also of one with a problem, shows it again', async () => {
    await person.open('/signin')
    await person.page.reload()
    await person.page.getByLabel('E-mail address').fill('alice')
    await person.page.getByRole('button', { name: 'Next' }).click()
    await person.page.getByRole('alert').waitFor()
    await person.page.reload()
    await person.page.getByRole('alert').waitFor()
    expect(await person.page.getByLabel('E-mail address').inputValue()).to.equal('alice')
  })

  it('Back from the Okta page leads to the e-mail page, and the sign-in can begin anew', async () => {
    await person.open('/signin')
    await person.typeEmail('bob@customer.com')
    await person.page.goBack()
    expect(person.path).to.equal('/signin')
    await person.typeEmail('alice@customer.com')
    await person.signInAtOkta()
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  it('a reload of the Okta page keeps the sign-in going', async () => {
    await person.open('/signin')
    await person.typeEmail('alice@customer.com')
    await person.page.reload()
    await person.signInAtOkta()
    expect(person.path).to.equal('/me')
    expect(person.acsPosts).to.equal(1)
  })

  it('the hand-over page, shown again from the history, asks instead of sending away', async () => {
    // Without its script the page stays in the history, as where somebody stops it in time.
    await person.page.route('**/assets/go.js*', (route) => route.fulfill({ body: '' }), {
      times: 1,
    })
    await person.open('/signin?login_hint=alice%40customer.com')
    await person.page.getByRole('button', { name: 'Continue' }).click()
    await person.atOkta()
    await person.page.goBack()
    await person.page.getByRole('heading', { name: 'You came back' }).waitFor()
    expect(person.isAtOkta).to.equal(false)
    await person.page.getByRole('link', { name: 'Continue' }).click()
    await person.atOkta()
    await person.signInAtOkta()
    expect(person.path).to.equal('/me')
  })

  it('a reload of the hand-over page starts anew and sends on, and the sign-in goes through', async () => {
    await person.page.route('**/assets/go.js*', (route) => route.fulfill({ body: '' }), {
      times: 1,
    })
    await person.open('/signin?login_hint=alice%40customer.com')
    expect(await person.heading()).to.equal('Your organization signs you in')
    await person.page.reload()
    await person.atOkta()
    await person.signInAtOkta()
    expect(person.path).to.equal('/me')
  })

  it('a reload of /me keeps the session and posts nothing again', async () => {
    await person.signIn('alice@customer.com')
    await person.page.reload()
    expect(await person.heading()).to.equal('You are signed in')
    expect(person.acsPosts).to.equal(1)
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  it('Back from /me, all the way and forward again, meets only pages that are right, and the session stays', async () => {
    await person.signIn('alice@customer.com')
    const headings: (string | null)[] = []
    await person.page.goBack()
    headings.push(await person.heading())
    expect(person.isAtOkta).to.equal(true)
    await person.page.goBack()
    headings.push(await person.heading())
    expect(person.path).to.equal('/signin')
    await person.page.goForward()
    expect(person.isAtOkta).to.equal(true)
    await person.page.goForward()
    expect(person.path).to.equal('/me')
    expect(headings).to.deep.equal(['Sign in', 'Sign in'])
    expect(person.acsPosts).to.equal(1)
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  it('Back from /me to the Okta page, and signing in there once more: told that it was used, still signed in', async () => {
    const sessions = () => deployment.verdicts.filter(({ outcome }) => outcome === 'signedIn')
    await person.signIn('alice@customer.com')
    const before = sessions().length
    await person.page.goBack()
    await person.signInAtOkta()
    expect(await person.page.getByRole('alert').textContent()).to.include('was already used')
    expect(sessions().length).to.equal(before)
    expect(await person.signedInAs()).to.equal('alice@customer.com')
    await person.open('/')
    expect(person.path).to.equal('/me')
  })

  it('a reload of a refusal refuses again for the same reason, under a new Request Id', async () => {
    await person.signIn('bob@customer.com')
    const details = person.page.locator('#details dd')
    const [first, , , message] = await details.allTextContents()
    await person.page.reload()
    const [second, , , same] = await details.allTextContents()
    expect(person.acsPosts).to.equal(2)
    expect(same).to.equal(message)
    expect(message).to.match(/^AADSTS51004: /)
    expect(second).not.to.equal(first)
  })

  it('Back from the explanation of its code shows the refusal, and not a question to send a form again', async () => {
    await person.signIn('carol@customer.com')
    const [requestId] = await person.page.locator('#details dd').allTextContents()
    await person.page.getByRole('link', { name: 'What does AADSTS50034 mean?' }).click()
    await person.page.getByRole('heading', { name: 'AADSTS50034' }).waitFor()
    await person.page.goBack()
    expect((await person.page.locator('#details dd').allTextContents())[0]).to.equal(requestId)
  })

  it('Back from a refusal leads to the Okta page, where another account can sign in to the same request', async () => {
    await person.signIn('bob@customer.com')
    await person.page.goBack()
    expect(person.isAtOkta).to.equal(true)
    await person.page.getByLabel('Username').fill('alice@customer.com')
    await person.signInAtOkta()
    expect(await person.signedInAs()).to.equal('alice@customer.com')
  })

  it('Back after signing out shows no page of the session', async () => {
    await person.signIn('alice@customer.com')
    await person.page.getByRole('button', { name: 'Sign out' }).click()
    await person.page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await person.page.goBack()
    expect(person.path).to.equal('/signin')
    expect(await person.page.content()).not.to.include('Alice Archer')
    expect(await person.signedInAs()).to.equal(null)
  })

  it('two tabs that begin at once both come to an end, and the later one holds', async () => {
    const other = await person.anotherTab()
    await person.open('/signin')
    await other.open('/signin')
    await person.typeEmail('alice@customer.com')
    await other.typeEmail('amina.diallo@customer.com')
    await person.signInAtOkta()
    expect(await person.signedInAs()).to.equal('alice@customer.com')
    await other.signInAtOkta()
    expect(await person.signedInAs()).to.equal('amina.diallo@customer.com')
  })
})
