#!/usr/bin/env node
// The command `homerealm`. Plain JavaScript, so that a Node too old for the rest can still say what to do.
import '../scripts/runtime.js'

const built = new URL('../dist/main.js', import.meta.url)
const source = new URL('./main.ts', import.meta.url)
// Node refuses to strip types below node_modules, so the published package carries dist/.
const inPackage = import.meta.url.includes('/node_modules/')
const { main } = await import((inPackage ? built : source).href)
process.exitCode = await main(process.argv.slice(2))
