/**
 * Writes the reference tables of the README and docs/reasons.md from the code they describe, and the programs of docs/apps.md from
 * their files (`npm run docs`). A test fails when they differ.
 */
import './runtime.js'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalogueEntry } from '../src/aadsts/catalogue.ts'
import { aadstsCode, type Reason, reasons } from '../src/aadsts/reasons.ts'
import { options } from '../src/configOptions.ts'
import { withPrograms } from './docs-programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where each table stands. */
export const pages = {
  'README.md': ['configuration', 'layout'],
  'docs/reasons.md': ['reasons'],
} as const satisfies Record<string, readonly (keyof typeof tables)[]>

/** A page with every table between its markers made anew. Throws Error when a table has no place in it. */
export function withTables(page: keyof typeof pages, before: string): string {
  return pages[page].reduce((text, name) => {
    const pattern = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- /table -->)`)
    if (!pattern.test(text)) throw new Error(`${page} has no place for the table "${name}"`)
    return text.replace(
      pattern,
      (_all, start: string, end: string) => `${start}${tables[name]()}\n${end}`,
    )
  }, before)
}

const tables = {
  configuration: () =>
    markdown(
      ['variable', 'default', 'what'],
      Object.entries(options).map(([name, { fallback, doc }]) => [
        `\`${name}\``,
        fallback === '' ? '' : `\`${fallback}\``,
        doc,
      ]),
    ),
  reasons: () =>
    markdown(
      ['reason', 'AADSTS', 'what to change'],
      Object.keys(reasons).map((name) => {
        const reason = name as Reason
        const code = aadstsCode(reason)
        return [`\`${reason}\``, `${code} ${catalogueEntry(code)?.symbol}`, reasons[reason].remedy]
      }),
    ),
  layout: () => markdown(['folder', 'what it owns'], layoutRows()),
} satisfies Record<string, () => string>

/** What each room says of itself in the comment it opens with. */
function layoutRows(): string[][] {
  const rows = new Map<string, string>()
  for (const file of globSync('src/*/**/*.ts', { cwd: root }).sort()) {
    const room = file.split(/[\\/]/)[1] ?? ''
    const opening = new RegExp(`^/\\*\\*\n \\* ${room}/: ([^]*?)(?:\n \\*\n|\n \\*/)`).exec(
      readFileSync(`${root}/${file}`, 'utf8'),
    )
    const sentence = opening?.[1]?.replace(/\n \* /g, ' ').split(/(?<=\.) (?=[A-Z])/)[0]
    if (sentence) rows.set(`\`src/${room}/\``, sentence)
  }
  return [
    ...rows,
    [
      '`src/config.ts`, `assembly.ts`, `app.ts`, `main.ts`',
      'parsed configuration; the parts of the server made from it; the composition root with the whole route table; the process entry.',
    ],
    [
      '`fixtures/`, `certs/`',
      'cases and CSV files for replay, tests and the demo; public test keys.',
    ],
    [
      '`test/`, `scripts/`, `docs/`',
      'the tests, by room; checks, generators and the admins’ scripts; the longer explanations.',
    ],
  ]
}

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

if (basename(process.argv[1] ?? '') === basename(fileURLToPath(import.meta.url))) {
  for (const [name, renew] of [
    ['README.md', (text) => withTables('README.md', text)],
    ['docs/reasons.md', (text) => withTables('docs/reasons.md', text)],
    ['docs/apps.md', withPrograms],
  ] as const satisfies [string, (text: string) => string][]) {
    const file = `${dirname(fileURLToPath(import.meta.url))}/../${name}`
    writeFileSync(file, renew(readFileSync(file, 'utf8')))
  }
}
