import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/** What the browser is started with. The package's own `args` switch web security off, so they are not used. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts the Chromium that ships inside its registry package. One for a test file: start it in `before`, close it in `after`, and
 * give each test a context of its own (`browser.newContext()`), which is a fresh profile.
 */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: await chromium.executablePath(), args: flags })
}
