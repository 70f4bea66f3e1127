/**
 * `npm run fixtures`: makes fixtures/cases anew, from nothing but the source and the keys in certs/. Running it twice changes
 * nothing. Cases that no longer have a generator are removed.
 */
import './runtime.js'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fixtureFiles } from '../src/cli/forge/fixtures.ts'
import { writeWholeFiles } from '../src/cli/wholeFiles.ts'

const folder = fileURLToPath(new URL('../fixtures/cases/', import.meta.url))
const files = await fixtureFiles()
mkdirSync(folder, { recursive: true })
writeWholeFiles(
  [...files].map(([name, content]) => [join(folder, name), content]),
  { replace: true },
)
const stale = readdirSync(folder).filter((name) => !files.has(name) && name !== 'README.md')
for (const name of stale) rmSync(join(folder, name))
console.log(`${folder}: ${files.size} files written, ${stale.length} removed`)
