/**
 * `npm run bench -- NAME [--json] [--seconds N]`: measures, and prints ratios of one run. What each benchmark measures, and what came of
 * it, stands in docs/benchmarks.md.
 */
import './runtime.js'
import { main } from './bench/main.ts'

process.exitCode = await main(
  process.argv.slice(2),
  (text) => process.stdout.write(`${text}\n`),
  (text) => process.stderr.write(`${text}\n`),
)
