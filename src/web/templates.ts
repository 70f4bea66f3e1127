import { readdirSync, readFileSync } from 'node:fs'
import { Eta } from 'eta/core'
import { asset } from './assets.ts'

const folder = new URL('./templates/', import.meta.url)

// All templates are read and compiled when the module is loaded: a page never waits for a file, and a broken one stops the
// start instead of a sign-in. Escaping is Eta's default (& < > " '); only layout.eta writes text raw, the page's own HTML.
const eta = new Eta({ autoEscape: true, cache: true })
for (const file of readdirSync(folder)) {
  if (file.endsWith('.eta')) {
    eta.loadTemplate(
      `@${file.slice(0, -'.eta'.length)}`,
      readFileSync(new URL(file, folder), 'utf8'),
    )
  }
}

const links = {
  style: asset('style.css').url,
  favicon: asset('favicon.svg').url,
  go: asset('go.js').url,
  copy: asset('copy.js').url,
  demo: asset('demo.js').url,
  leave: asset('leave.js').url,
}

/** A complete HTML document from the template of that name in the layout. */
export function render(
  name: string,
  view: { readonly title: string; readonly [name: string]: unknown },
): string {
  return eta.render(`@${name}`, { ...view, links })
}
