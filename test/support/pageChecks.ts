import axe from 'axe-core'
import type { Page } from 'playwright-core'

// What runs inside the page is given as text: the project's types know no DOM.

/** Serious and critical findings of axe, one line each, and colours whose contrast axe could not decide. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`)
  const results = await page.evaluate<axe.AxeResults>('axe.run()')
  const bad = results.violations.filter(
    ({ impact }) => impact === 'serious' || impact === 'critical',
  )
  const undecided = results.incomplete.filter(({ id }) => id === 'color-contrast')
  return [...bad, ...undecided].map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.html).join(' | ')})`,
  )
}

/** By how many CSS pixels the page is wider than the window; 0 when nothing scrolls sideways. */
export async function horizontalOverflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
}

/** Collects script errors, and everything the browser reports as an error: blocked by the policy, not found ... */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}
