import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Deployment } from './deployment.ts'
import { collectComplaints } from './pageChecks.ts'

/** A person in front of a browser of their own (a fresh profile), beside a deployment. */
export class Person {
  readonly page: Page
  /** What the browser reported as errors, except that a page was answered with an error status, which refusals are. */
  readonly complaints: string[]
  /** Every address that was asked for, in order. */
  readonly requested: string[] = []
  /** How often the ACS was posted to. */
  acsPosts = 0
  readonly #context: BrowserContext
  readonly #deployment: Deployment

  private constructor(deployment: Deployment, context: BrowserContext, page: Page) {
    this.#deployment = deployment
    this.#context = context
    this.page = page
    this.complaints = collectComplaints(page)
    page.on('request', (request) => {
      this.requested.push(request.url())
      if (request.method() === 'POST' && request.url() === deployment.acs) this.acsPosts++
    })
  }

  static async at(
    deployment: Deployment,
    browser: Browser,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await browser.newContext(options)
    return new Person(deployment, context, await context.newPage())
  }

  /** Another tab of the same browser. */
  async anotherTab(): Promise<Person> {
    return new Person(this.#deployment, this.#context, await this.#context.newPage())
  }

  close(): Promise<void> {
    return this.#context.close()
  }

  /** Opens a path of homerealm. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.#deployment.publicUrl + path)
  }

  /** The path and query that the browser shows, when it is at homerealm; else the whole address. */
  get path(): string {
    return this.page.url().replace(this.#deployment.publicUrl, '')
  }

  get isAtOkta(): boolean {
    return this.page.url().startsWith(this.#deployment.oktaUrl)
  }

  /** Types an e-mail on the e-mail page, and comes to the demo Okta. */
  async typeEmail(email: string): Promise<void> {
    await this.page.getByLabel('E-mail address').fill(email)
    await this.page.getByRole('button', { name: 'Next' }).click()
    await this.atOkta()
  }

  async atOkta(): Promise<void> {
    await this.page.waitForURL(`${this.#deployment.oktaUrl}/**`)
    await this.page.getByLabel('Password').waitFor()
  }

  /** Signs in at the demo Okta with the name that is filled in; comes to where homerealm sends. */
  async signInAtOkta(fault = ''): Promise<void> {
    await this.page.getByLabel('Password').fill('any')
    if (fault !== '') {
      await this.page.getByText('For testers').click()
      await this.page.getByLabel('What to send instead').selectOption(fault)
    }
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.backHere()
  }

  /** Waits until homerealm's page of the outcome stands: /me, or a refusal at the ACS. */
  async backHere(): Promise<void> {
    await this.page.waitForURL((url) => {
      return url.origin === this.#deployment.publicUrl && /^\/(me|[^/]+\/saml2)$/.test(url.pathname)
    })
  }

  /** The whole way. */
  async signIn(email: string, fault = ''): Promise<void> {
    await this.open('/signin')
    await this.typeEmail(email)
    await this.signInAtOkta(fault)
  }

  heading(): Promise<string | null> {
    return this.page.getByRole('heading', { level: 1 }).textContent()
  }

  /** Whether this browser's session holds, asked beside the page: who it is, or null. */
  async signedInAs(): Promise<string | null> {
    const answer = await this.#context.request.get(`${this.#deployment.publicUrl}/me`)
    return /<title>Signed in as ([^ ]+) /.exec(await answer.text())?.[1] ?? null
  }
}
