/**
 * Writes the README's reference tables from the code they describe, and the programs of docs/apps.md from their files (`npm run
 * docs`). A test fails when they differ.
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

/** The README with every table between its markers made anew. */
export function withTables(readme: string): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const pattern = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- /table -->)`)
    if (!pattern.test(text)) throw new Error(`README.md has no place for the table "${name}"`)
    return text.replace(pattern, (_all, start: string, end: string) => `${start}${table()}\n${end}`)
  }, readme)
}

const tables: Record<string, () => string> = {
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
}

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
      '`src/config.ts`, `app.ts`, `main.ts`',
      'parsed configuration; the composition root with the whole route table; the process entry.',
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
    ['README.md', withTables],
    ['docs/apps.md', withPrograms],
  ] as const) {
    const file = `${dirname(fileURLToPath(import.meta.url))}/../${name}`
    writeFileSync(file, renew(readFileSync(file, 'utf8')))
  }
}
