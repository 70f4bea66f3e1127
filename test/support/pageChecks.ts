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

/** What a person can reach: the visible links, buttons and fields, in the order of the document. */
const controls = `[...document.querySelectorAll('a[href], button, input, select, summary')]
  .filter((one) => one.checkVisibility())
  .map((one) => one.id || one.textContent.trim())`

const focused = `(() => {
  const one = document.activeElement
  if (one === document.body) return null
  const style = getComputedStyle(one)
  const visible = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  return { name: one.id || one.textContent.trim(), visible }
})()`

/** A walk with the Tab key through all controls of a page. */
export interface KeyboardWalk {
  /** The controls in the order of the document, from the one that the walk began at. */
  readonly expected: readonly string[]
  readonly reached: readonly string[]
  /** Those on which the focus was not to be seen. */
  readonly unseen: readonly string[]
}

export async function walkByKeyboard(page: Page): Promise<KeyboardWalk> {
  const inOrder = await page.evaluate<string[]>(controls)
  const reached: string[] = []
  const unseen: string[] = []
  // Where the field has the focus at first, the walk begins there; after the last control it goes on at the first.
  for (let step = 0; step < inOrder.length + 2 && reached.length < inOrder.length; step++) {
    const now = await page.evaluate<{ name: string; visible: boolean } | null>(focused)
    if (now) {
      reached.push(now.name)
      if (!now.visible) unseen.push(now.name)
    }
    await page.keyboard.press('Tab')
  }
  const first = Math.max(0, inOrder.indexOf(reached[0] ?? ''))
  return { expected: [...inOrder.slice(first), ...inOrder.slice(0, first)], reached, unseen }
}
