// After `tsc -p tsconfig.build.json`: the files that tsc does not copy.
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

for (const folder of ['templates', 'assets', 'styles']) {
  const path = (root) => fileURLToPath(new URL(`../${root}/web/${folder}`, import.meta.url))
  cpSync(path('src'), path('dist'), { recursive: true })
}
