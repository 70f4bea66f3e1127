// `npm test`: types, lint, imports, then every test, each as a process of its own; stops at the first that fails. Arguments are
// handed on to mocha: `npm test -- --grep audience`.
import './runtime.js'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
if (!existsSync('node_modules')) {
  process.stderr.write('The dependencies are not installed. Run: npm ci\n')
  process.exit(2)
}

const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))
const steps = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint', bin('biome'), ['ci', '--error-on-warnings']],
  ['imports', process.execPath, ['scripts/check-imports.ts']],
  [
    'tests',
    process.execPath,
    [
      fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url)),
      ...process.argv.slice(2),
    ],
  ],
]

for (const [name, command, args] of steps) {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) {
    process.stderr.write(
      `npm test: ${name} failed (${error?.message ?? signal ?? `exit status ${status}`})\n`,
    )
    process.exit(status ?? 1)
  }
}
