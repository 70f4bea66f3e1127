#!/usr/bin/env node
// The command `homerealm`. Plain JavaScript, so that a Node too old for the rest can still say what to do.
import '../scripts/runtime.js'

// Rows by the million are garbage as soon as they are read. Left to itself V8 keeps a hundred megabytes for them; with a small
// young generation the same work takes the same time. It can be said only when a process starts, so this one starts over where
// that is possible (not on Windows, where the memory is taken instead).
const [command] = process.argv.slice(2)
const youngGeneration = '--max-semi-space-size=4'
if (
  command === 'users' &&
  typeof process.execve === 'function' &&
  process.platform !== 'win32' &&
  !process.execArgv.some((argument) => argument.startsWith('--max-semi-space-size'))
) {
  const { execPath, execArgv, argv } = process
  process.execve(execPath, [execPath, ...execArgv, youngGeneration, ...argv.slice(1)])
}

const built = new URL('../dist/main.js', import.meta.url)
const source = new URL('./main.ts', import.meta.url)
// Node refuses to strip types below node_modules, so the published package carries dist/.
const inPackage = import.meta.url.includes('/node_modules/')
const { main } = await import((inPackage ? built : source).href)
process.exitCode = await main(process.argv.slice(2))
