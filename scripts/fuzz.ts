/**
 * `npm run fuzz [-- --minutes N --seed S]`: changes signed responses at random and gives them to the verifier, which must never hand
 * out a value that nobody signed. What the changes are stands in test/support/mutators/.
 */
import './runtime.js'
import { main } from './fuzz/main.ts'

process.exitCode = await main(process.argv.slice(2))
