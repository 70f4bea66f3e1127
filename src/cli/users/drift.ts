import { SingleBar } from 'cli-progress'
import type { Command } from 'commander'
import { type CsvSource, csvFile } from '../../admin/csv/lines.ts'
import { compareDirectories, type DriftProgress } from '../../admin/drift/compare.ts'
import { formatDriftReport } from '../../admin/drift/report.ts'
import { principalNameKey } from '../../directory/upn.ts'
import { systemRandom } from '../../lib/ids.ts'
import { openComparison } from '../../storage/sqlite/comparison.ts'
import { withStore } from '../domains/command.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options {
  readonly details?: string
  readonly repairOkta?: string
  readonly repairHere?: string
  readonly powershell?: string
  readonly anchorColumn?: string
  readonly json?: boolean
}

/** Exit status after Ctrl-C, as shells expect it: 128 + SIGINT. */
const INTERRUPTED = 130

/** `homerealm users drift OKTA.csv` */
export function addDriftCommand(users: Command, surroundings: Surroundings): void {
  users
    .command('drift')
    .description('what does not match between Okta and the directory; both are only read')
    .argument(
      '<okta.csv>',
      'CSV as Okta exports or imports it, or SCIM ListResponses (JSON); - for standard input',
    )
    .option('--details <file>', 'write everybody who is not equal here, as CSV')
    .option('--repair-okta <file>', 'write the CSV that gives Okta the ImmutableIds from here')
    .option('--repair-here <file>', 'write the CSV for users import, with the ImmutableIds of Okta')
    .option('--powershell <file>', 'write the same for an Entra tenant, as Graph PowerShell')
    .option('--anchor-column <name>', 'the column or attribute that Okta sends as NameID')
    .option('--json', 'print the report as JSON')
    .action((file: string, { json, anchorColumn, ...outputs }: Options) =>
      withStore(surroundings, true, async (store) => {
        const progress = progressLine(surroundings)
        const comparison = openComparison(principalNameKey)
        try {
          const source = file === '-' ? standardInput(surroundings.interrupted) : csvFile(file)
          const report = await compareDirectories(store, source, comparison, {
            random: systemRandom,
            outputs,
            signal: surroundings.interrupted,
            onProgress: progress.at,
            ...(anchorColumn !== undefined && { anchorColumn }),
          })
          progress.end()
          surroundings.print(
            json ? JSON.stringify(report, null, 2) : printable(formatDriftReport(report)),
          )
          surroundings.exit(report.differing > 0 ? 1 : 0)
        } catch (error) {
          progress.end()
          const { aborted, reason } = surroundings.interrupted
          if (!aborted || error !== reason) throw error
          surroundings.complain('Interrupted: no file was written.')
          surroundings.exit(INTERRUPTED)
        } finally {
          comparison.close()
        }
      }),
    )
}

/** Standard input as it comes. Ctrl-C is heard while nothing comes; reading then rejects with the signal's reason. */
function standardInput(signal: AbortSignal): CsvSource {
  return {
    name: 'standard input',
    async *open() {
      const stop = (): void => void process.stdin.destroy(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        yield* process.stdin as AsyncIterable<Buffer>
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

/** A bar on a terminal, a line now and then elsewhere; both on standard error. */
function progressLine({ isTerminal, complain }: Surroundings) {
  const every = 250_000
  let told = { phase: '', people: 0 }
  let bar: SingleBar | null = null
  return {
    at({ phase, people, total }: DriftProgress): void {
      if (isTerminal) {
        if (bar === null || told.phase !== phase) {
          bar?.stop()
          bar = startedBar(phase, total)
        }
        bar.update(people)
        told = { phase, people }
        return
      }
      if (told.phase !== phase) told = { phase, people: 0 }
      if (people - told.people < every) return
      told = { phase, people }
      complain(`${phase}: ${people} people${total === null ? '' : ` of ${total}`}`)
    },
    end: () => bar?.stop(),
  }
}

function startedBar(phase: string, total: number | null): SingleBar {
  const format =
    total === null
      ? `${phase} {value} people`
      : `${phase} [{bar}] {percentage}%, {eta_formatted} left`
  const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true })
  bar.start(total ?? 0, 0)
  return bar
}
