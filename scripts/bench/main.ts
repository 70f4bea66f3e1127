import { parseArgs } from 'node:util'
import { driftBench } from './drift.ts'
import { hostileBench } from './hostile.ts'
import { importBench } from './import.ts'
import { lookupBench } from './lookup.ts'
import { memoryBench } from './memory.ts'
import { machine, printed, type Report } from './report.ts'
import { samlBench } from './saml.ts'
import { tokensBench } from './tokens.ts'

interface Benchmark {
  readonly measures: string
  /** How long it takes unless it is told otherwise, in seconds of wall time. */
  readonly seconds: number
  readonly run: (seconds: number) => Promise<Report>
}

const benchmarks: ReadonlyMap<string, Benchmark> = new Map([
  [
    'saml',
    {
      measures: 'verifying a response: homerealm, its peers and the limit of bare cryptography',
      seconds: 60,
      run: samlBench,
    },
  ],
  [
    'hostile',
    {
      measures: 'the CPU time that a hostile body can cost, by family and size',
      seconds: 60,
      run: hostileBench,
    },
  ],
  [
    'memory',
    {
      measures: 'the heap that a session holds after a sign-in with a large response',
      seconds: 30,
      run: memoryBench,
    },
  ],
  [
    'drift',
    {
      measures: 'comparing Okta with the directory: time and memory, 5,000 people for a second',
      seconds: 20,
      run: driftBench,
    },
  ],
  [
    'import',
    {
      measures: 'a million users by CSV against the sqlite3 shell, and sign-ins meanwhile',
      seconds: 125,
      run: importBench,
    },
  ],
  [
    'lookup',
    {
      measures: 'finding users among ten thousand and a million, with --seconds 600 ten million',
      seconds: 60,
      run: lookupBench,
    },
  ],
  [
    'tokens',
    {
      measures: 'code exchanges and whole sign-ins, beside oidc-provider alone',
      seconds: 60,
      run: tokensBench,
    },
  ],
])

const usage = [
  'usage: npm run bench -- NAME [--json] [--seconds N]',
  '',
  ...Array.from(
    benchmarks,
    ([name, { measures, seconds }]) => `  ${name.padEnd(8)} ${measures} (${seconds} s)`,
  ),
  '',
  '--json prints one JSON object instead of tables; what is not installed is null in it.',
  '--seconds gives a benchmark more or less time, 5 seconds at least.',
].join('\n')

const minSeconds = 5
const maxSeconds = 3000

/** Runs the benchmark that the arguments name. Returns the exit status: 0, or 2 for wrong usage. */
export async function main(
  args: readonly string[],
  print: (text: string) => void,
  complain: (text: string) => void,
): Promise<number> {
  const command = parsed(args)
  if (typeof command === 'string') {
    complain(`${command}\n\n${usage}`)
    return 2
  }
  const report = await command.benchmark.run(command.seconds)
  print(printed(command.name, report, machine(), command.json))
  return 0
}

/** What to run, or what is wrong with the arguments. */
function parsed(
  args: readonly string[],
): { name: string; benchmark: Benchmark; seconds: number; json: boolean } | string {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, seconds: { type: 'string' } },
    })
    const [name, ...others] = positionals
    if (name === undefined) return 'Which benchmark?'
    const benchmark = benchmarks.get(name)
    if (benchmark === undefined) return `There is no benchmark "${name}".`
    if (others.length > 0) return `One benchmark at a time: ${positionals.join(', ')}.`
    const seconds = values.seconds === undefined ? benchmark.seconds : Number(values.seconds)
    if (!(seconds >= minSeconds && seconds <= maxSeconds))
      return `--seconds is a number from ${minSeconds} to ${maxSeconds}, not "${values.seconds}".`
    return { name, benchmark, seconds, json: values.json }
  } catch (error) {
    return (error as Error).message
  }
}
