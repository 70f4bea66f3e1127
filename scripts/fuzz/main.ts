/**
 * fuzz/: the long run of the mutation fuzzer. The bounded one in test/saml/mutations.test.ts shares mutators, documents and the
 * property with it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { examine } from '../../test/support/examine.ts'
import { signedKinds } from '../../test/support/signedKinds.ts'
import { type Finding, fuzz } from './fuzz.ts'
import { progressLine, summary } from './report.ts'

const usage = `usage: npm run fuzz [-- --minutes N] [--seed S]
       npm run fuzz -- --again FILE

  --minutes N   how long, from 0.1 to 10000 (10)
  --seed S      where the choices begin, from 0 to 4294967295 (another one each time); the same seed makes the same changes
  --again FILE  judges the document of a finding once more

Exit status: 0 nothing found, 1 a finding, which is written to a file in .tmp/, 2 wrong usage.`

const findings = '.tmp'
const millisBetweenLines = 10_000

/** Runs the command that the arguments name. Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const command = parsed(args)
  if (typeof command === 'string') {
    process.stderr.write(`${command}\n\n${usage}\n`)
    return 2
  }
  return 'again' in command ? again(command.again) : run(command.minutes, command.seed)
}

type Command = { readonly again: string } | { readonly minutes: number; readonly seed: number }

function parsed(args: readonly string[]): Command | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string' },
        again: { type: 'string' },
      },
    })
    const minutes = Number(values.minutes)
    const seed = Number(values.seed ?? Date.now() % 2 ** 32)
    if (!(minutes >= 0.1 && minutes <= 10_000))
      return `--minutes is a number from 0.1 to 10000, not "${values.minutes}".`
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
      return `--seed is a whole number from 0 to 4294967295, not "${values.seed}".`
    return values.again === undefined ? { minutes, seed } : { again: values.again }
  } catch (error) {
    return (error as Error).message
  }
}

async function run(minutes: number, seed: number): Promise<number> {
  const kinds = signedKinds()
  console.log(`seed ${seed}, ${minutes} minutes, ${kinds.length} kinds of signed responses`)
  const start = performance.now()
  let nextLine = millisBetweenLines
  let isInterrupted = false
  process.once('SIGINT', () => {
    isInterrupted = true
  })
  const result = await fuzz(kinds, seed, (tally) => {
    const elapsed = performance.now() - start
    if (elapsed >= nextLine) {
      console.log(progressLine(tally, elapsed))
      nextLine = elapsed + millisBetweenLines
    }
    return !isInterrupted && elapsed < minutes * 60_000
  })
  console.log(summary(result.tally, performance.now() - start))
  if (result.finding === null) return 0
  const file = keep(result.finding)
  console.error(
    `\nFOUND: ${result.finding.what}\nkept in ${file}; see it again: npm run fuzz -- --again ${file}`,
  )
  return 1
}

function keep(finding: Finding): string {
  mkdirSync(findings, { recursive: true })
  const file = join(findings, `fuzz-${finding.seed}-${finding.number}.json`)
  writeFileSync(file, `${JSON.stringify(finding, null, 2)}\n`)
  return file
}

/** Signatures and encryption are random in part, so a finding is its document; the seed only makes the same changes. */
function again(file: string): number {
  const finding = read(file)
  const kind = signedKinds().find(({ name }) => name === finding?.kind)
  if (finding === null || kind === undefined) {
    process.stderr.write(`${file} is no finding of this fuzzer.\n`)
    return 2
  }
  const outcome = examine(finding.field, kind)
  console.log(outcome.is === 'finding' ? outcome.what : JSON.stringify(outcome))
  return outcome.is === 'finding' ? 1 : 0
}

function read(file: string): Pick<Finding, 'kind' | 'field'> | null {
  try {
    const { kind, field } = JSON.parse(readFileSync(file, 'utf8'))
    return typeof kind === 'string' && typeof field === 'string' ? { kind, field } : null
  } catch {
    return null
  }
}
